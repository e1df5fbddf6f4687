internal import ChatWire

/// Reads what a side receives, with a decoder of its own: the frames that its session must have
/// understood by now.
struct WireWatch: Sendable {
  private var decoder: FrameDecoder
  private let checksum: CRC32

  init(limit: Int, checksum: CRC32) {
    decoder = FrameDecoder(.native, limit: limit)
    self.checksum = checksum
  }

  /// The longest payload that it takes.
  var limit: Int {
    get { decoder.limit }
    set { decoder.limit = newValue }
  }

  /// The next frame with a good checksum in what was received.
  ///
  /// The payload is copied into `payload`. `position` begins at 0 for each chunk.
  mutating func nextFrame(
    in chunk: RawSpan, position: inout Int, payload: inout [UInt8], unitCount: inout Int
  ) -> FrameHeader? {
    while let unit = decoder.next(in: chunk, position: &position, checksum: checksum) {
      unitCount += 1
      guard unit.kind == .frame else { continue }
      payload.removeAll(keepingCapacity: true)
      let range = unit.payloadOffset..<unit.payloadOffset + unit.payloadCount
      if unit.isBuffered {
        payload += decoder.buffer[range]
      } else {
        unsafe chunk.extracting(range).withUnsafeBytes { unsafe payload.append(contentsOf: $0) }
      }
      return unit.header
    }
    return nil
  }
}
