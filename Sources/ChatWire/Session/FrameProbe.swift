/// What stands at one offset of some bytes, looked at as the beginning of a frame.
public enum FrameProbe: Sendable, Hashable {
  /// A complete frame with a plausible header and a valid checksum.
  case valid
  /// It may become one; so many bytes are needed, counted from the beginning of all.
  case incomplete(endOffset: Int)
  /// No frame begins there.
  case invalid

  /// Looks at the bytes from `offset` on, for a receiver with this limit.
  public init(
    _ dialect: Dialect, in bytes: RawSpan, at offset: Int, limit: Int, checksum: CRC32
  ) {
    guard let header = FrameHeader(dialect, in: bytes, at: offset) else {
      self = .incomplete(endOffset: offset &+ dialect.headerSize)
      return
    }
    guard header.isPlausible(dialect, limit: limit) else {
      self = .invalid
      return
    }
    let start = offset &+ dialect.headerSize
    let end = start &+ Int(header.length)
    guard end <= bytes.byteCount else {
      self = .incomplete(endOffset: end)
      return
    }
    let payload = bytes.extracting(start..<end)
    let isValid =
      switch dialect {
      case .native: checksum.frameChecksum(header: header, payload: payload) == header.checksum
      case .classic: classicChecksum(of: payload) == header.checksum
      }
    self = isValid ? .valid : .invalid
  }
}
