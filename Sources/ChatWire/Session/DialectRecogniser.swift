/// Finds out which dialect the client of a new connection speaks (PROTOCOL.md 9.1).
///
/// Hand in what arrives until the dialect is found; then make the session of that dialect and hand
/// it `sessionBytes`: all bytes from the start for a native one, whose decoder finds the frame and
/// reports what stands before it, and those from the first valid frame on for a classic one.
///
/// Each candidate is looked at once when its header is there and once when its payload is, so a
/// hostile client costs no more than 4 KiB of offsets. Bounded: a frame that is to be recognised
/// obeys the limits of a server before the handshake, so no more than about 8 KiB are needed.
public struct DialectRecogniser: Sendable {
  /// What is known.
  public enum Recognition: Sendable, Hashable {
    /// More bytes are needed.
    case undecided
    /// The first valid frame begins at this offset.
    case found(Dialect, offset: Int)
    /// No frame of either dialect begins in the first 4 KiB.
    case nothing
  }

  /// A plausible header whose frame is not complete.
  private struct Candidate: Sendable {
    var dialect: Dialect
    var offset: Int
    var endOffset: Int
  }

  /// All bytes from the start.
  public private(set) var bytes: [UInt8] = []
  /// What is known by now.
  public private(set) var recognition = Recognition.undecided
  private let checksum: CRC32
  /// The first offset that was not looked at.
  private var position = 0
  private var candidates: [Candidate] = []

  /// The longest payload that a client may send before its session is open.
  public static func limit(_ dialect: Dialect) -> Int {
    switch dialect {
    case .native: FrameLimits.controlPayloadMax
    case .classic: ClassicServerConfiguration.handshakePayloadMax
    }
  }

  /// A recogniser for a connection that has just been made.
  public init(checksum: CRC32) {
    self.checksum = checksum
  }

  /// What the session of the dialect that was found begins with.
  public var sessionBytes: ArraySlice<UInt8> {
    guard case .found(.classic, let offset) = recognition else { return bytes[...] }
    return bytes[offset...]
  }

  /// Takes more bytes; once something is known, they are only kept.
  public mutating func receive(_ chunk: RawSpan) -> Recognition {
    unsafe chunk.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    guard recognition == .undecided else { return recognition }
    if !lookAgain() { lookOn() }
    if recognition == .undecided, position > FrameLimits.recognitionMax, candidates.isEmpty {
      recognition = .nothing
    }
    return recognition
  }

  /// Looks at candidates whose bytes are there now; true if one is a frame.
  private mutating func lookAgain() -> Bool {
    var kept = 0
    for candidate in candidates {
      if candidate.endOffset > bytes.count {
        candidates[kept] = candidate
        kept += 1
        continue
      }
      let probe = probe(candidate.dialect, at: candidate.offset)
      switch probe {
      case .valid:
        recognition = .found(candidate.dialect, offset: candidate.offset)
        return true
      case .incomplete(let endOffset):
        candidates[kept] = candidate
        candidates[kept].endOffset = endOffset
        kept += 1
      case .invalid: break
      }
    }
    candidates.removeSubrange(kept...)
    return false
  }

  /// Looks at offsets that were not looked at, as far as a header's first byte is there.
  private mutating func lookOn() {
    while position < bytes.count, position <= FrameLimits.recognitionMax {
      defer { position += 1 }
      // Frames within the limits begin with a zero byte.
      guard bytes[position] == 0 else { continue }
      for dialect in [Dialect.native, .classic] {
        switch probe(dialect, at: position) {
        case .valid:
          recognition = .found(dialect, offset: position)
          return
        case .incomplete(let endOffset): keep(dialect, endOffset: endOffset)
        case .invalid: break
        }
      }
    }
  }

  /// Remembers a candidate at `position`; with too many the oldest is given up, as in section 2.3.
  private mutating func keep(_ dialect: Dialect, endOffset: Int) {
    candidates.append(Candidate(dialect: dialect, offset: position, endOffset: endOffset))
    if candidates.count > FrameLimits.candidatesMax { candidates.removeFirst() }
  }

  private func probe(_ dialect: Dialect, at offset: Int) -> FrameProbe {
    unsafe FrameProbe(
      dialect, in: bytes.span.bytes, at: offset, limit: Self.limit(dialect), checksum: checksum)
  }
}
