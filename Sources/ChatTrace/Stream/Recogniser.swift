import ChatWire

/// Looks for the first valid frame of either dialect in one direction (PROTOCOL.md section 9.1).
///
/// Where the beginning of the stream is known, frames are looked for at each offset of the first 4
/// KiB, and the bytes are kept, to be decoded from the beginning once the dialect is known. Where
/// it is not (mid-stream, after a gap), a decoder of each dialect searches, because a frame may
/// begin anywhere in up to 64 KiB.
struct Recogniser: Sendable {
  /// What was found.
  enum Result {
    case undecided
    case found(Dialect)
    /// This direction carries something else.
    case givenUp
  }

  /// The bytes from the beginning; used while `isAligned`.
  private(set) var bytes: [UInt8] = []
  /// True while the beginning is known and no byte is missing.
  private(set) var isAligned: Bool
  /// Gaps before the dialect was known.
  private(set) var gaps: [(offset: UInt64, length: UInt64)] = []
  private var searching: [FrameDecoder] = []
  private var searched = 0

  /// How many bytes are searched where the beginning is not known: two of the longest native
  /// frames.
  static let searchMax = 2 * (FrameLimits.nativePayloadMax + 12)
  /// How many bytes are kept for a first frame that is not complete yet.
  static let keptMax = FrameLimits.nativePayloadMax + 12 + FrameLimits.recognitionMax
  static let gapsMax = 64

  init(isAligned: Bool) {
    self.isAligned = isAligned
    if !isAligned { search(from: 0) }
  }

  private mutating func search(from offset: UInt64) {
    isAligned = false
    searching = [Dialect.native, .classic].map {
      FrameDecoder($0, discardLimit: nil, isAligned: false, at: offset)
    }
  }

  /// Takes more bytes.
  mutating func receive(_ chunk: RawSpan, checksum: CRC32) -> Result {
    if isAligned {
      unsafe chunk.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
      return lookAtBeginning(checksum)
    }
    searched += chunk.byteCount
    var best: (dialect: Dialect, offset: UInt64)?
    for index in searching.indices {
      searching[index].append(chunk)
      var probe = searching[index]
      var position = 0
      let empty = chunk.extracting(0..<0)
      while let unit = probe.next(in: empty, position: &position, checksum: checksum) {
        guard unit.kind == .frame else { continue }
        if best == nil || unit.offset < best?.offset ?? 0 { best = (probe.dialect, unit.offset) }
        break
      }
      if best == nil { searching[index] = probe }
    }
    if let best { return .found(best.dialect) }
    return searched > Self.searchMax ? .givenUp : .undecided
  }

  /// Bytes are missing here.
  mutating func gap(offset: UInt64, length: UInt64, checksum: CRC32) {
    if gaps.count < Self.gapsMax { gaps.append((offset, length)) }
    if isAligned {
      // What came before is too little to tell; go on behind the gap.
      bytes = []
      search(from: offset + length)
    } else {
      for index in searching.indices { _ = searching[index].gap(length, checksum: checksum) }
    }
  }

  /// The decoder that goes on in this direction; feed it `bytes` if `isAligned`.
  func decoder(_ dialect: Dialect) -> FrameDecoder {
    searching.first { $0.dialect == dialect } ?? FrameDecoder(dialect, discardLimit: nil)
  }

  private func lookAtBeginning(_ checksum: CRC32) -> Result {
    var isWaiting = false
    let last = min(bytes.count - 11, FrameLimits.recognitionMax)
    var offset = 0
    while offset <= last {
      if bytes[offset] <= 1 {
        for dialect in [Dialect.native, .classic] {
          switch look(dialect, at: offset, checksum) {
          case .found(let dialect): return .found(dialect)
          case .undecided: isWaiting = true
          case .givenUp: break
          }
        }
      }
      offset += 1
    }
    if bytes.count <= FrameLimits.recognitionMax { return .undecided }
    return isWaiting && bytes.count <= Self.keptMax ? .undecided : .givenUp
  }

  private func look(_ dialect: Dialect, at offset: Int, _ checksum: CRC32) -> Result {
    guard let header = unsafe FrameHeader(dialect, in: bytes.span.bytes, at: offset) else {
      return .undecided
    }
    guard header.isPlausible(dialect, limit: FrameLimits.payloadMax(dialect)) else {
      return .givenUp
    }
    let payload = offset + dialect.headerSize
    let end = payload + Int(header.length)
    guard end <= bytes.count else { return .undecided }
    let span = unsafe bytes.span.bytes.extracting(payload..<end)
    let isValid =
      switch dialect {
      case .native: checksum.frameChecksum(header: header, payload: span) == header.checksum
      case .classic: classicChecksum(of: span) == header.checksum
      }
    return isValid ? .found(dialect) : .givenUp
  }
}
