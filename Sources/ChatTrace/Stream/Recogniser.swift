import ChatWire

/// Looks for the first valid frame of either dialect in one direction (PROTOCOL.md section 9.1).
///
/// Where the beginning of the stream is known, frames are looked for at each offset of the first 4
/// KiB, and the bytes are kept, to be decoded from the beginning once the dialect is known. Where
/// it is not (mid-stream), or bytes are missing, a decoder of each dialect tries, because a frame
/// may begin anywhere in up to 64 KiB; what each has found is kept until one is right.
struct Recogniser: Sendable {
  /// What was found.
  enum Result {
    case undecided
    case found(Dialect)
    /// This direction carries something else.
    case givenUp
  }

  /// What a decoder has found before it was known to be the right one.
  enum Finding: Sendable {
    case unit(DecodedUnit, payload: [UInt8])
    case gap(offset: UInt64, length: UInt64)
  }

  /// A decoder of one dialect, and what it has found.
  fileprivate struct Attempt: Sendable {
    var decoder: FrameDecoder
    var findings: [Finding] = []
    /// Headers of which one stands just where another one's payload ends, while no payload was
    /// captured whole.
    var chain = 0
    var chainEnd: UInt64?
  }

  /// The bytes from the beginning; used while `isAligned`.
  private(set) var bytes: [UInt8] = []
  /// True while the beginning is known and no byte is missing.
  private(set) var isAligned: Bool
  private var attempts: [Attempt] = []
  private var searched = 0

  /// How many bytes are searched where the beginning is not known: two of the longest native
  /// frames.
  static let searchMax = 2 * (FrameLimits.nativePayloadMax + 12)
  /// How many bytes are kept for a first frame that is not complete yet.
  static let keptMax = FrameLimits.nativePayloadMax + 12 + FrameLimits.recognitionMax
  /// How many findings without a frame among them are kept.
  static let findingsMax = 256
  /// So many incomplete frames in a row, each where the one before ends, are no accident.
  static let chainMin = 3

  init(isAligned: Bool) {
    self.isAligned = isAligned
    if !isAligned { attempt(isAligned: false) }
  }

  private mutating func attempt(isAligned: Bool) {
    attempts = [Dialect.native, .classic].map {
      Attempt(decoder: FrameDecoder($0, discardLimit: nil, isAligned: isAligned))
    }
  }

  /// Takes more bytes.
  mutating func receive(_ chunk: RawSpan, checksum: CRC32) -> Result {
    if isAligned {
      unsafe chunk.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
      return lookAtBeginning(checksum)
    }
    searched += chunk.byteCount
    for index in attempts.indices {
      attempts[index].decoder.append(chunk)
      attempts[index].run(checksum)
    }
    return result()
  }

  /// Bytes are missing here.
  mutating func gap(offset: UInt64, length: UInt64, checksum: CRC32) -> Result {
    if isAligned {
      isAligned = false
      attempt(isAligned: true)
      let kept = bytes
      bytes = []
      searched = kept.count
      for index in attempts.indices {
        unsafe attempts[index].decoder.append(kept.span.bytes)
        attempts[index].run(checksum)
      }
    }
    for index in attempts.indices {
      attempts[index].gap(offset: offset, length: length, checksum)
    }
    return result()
  }

  /// The decoder that goes on in this direction, and what it has found so far; feed it `bytes` if
  /// `isAligned`.
  func decoder(_ dialect: Dialect) -> (decoder: FrameDecoder, findings: [Finding]) {
    let attempt = attempts.first { $0.decoder.dialect == dialect }
    return (
      attempt?.decoder ?? FrameDecoder(dialect, discardLimit: nil), attempt?.findings ?? []
    )
  }

  private func result() -> Result {
    var best: (dialect: Dialect, offset: UInt64)?
    for attempt in attempts {
      guard let offset = attempt.firstFrame else { continue }
      if best == nil || offset < best?.offset ?? 0 { best = (attempt.decoder.dialect, offset) }
    }
    if let best { return .found(best.dialect) }
    if let attempt = attempts.first(where: { $0.chain >= Self.chainMin }) {
      return .found(attempt.decoder.dialect)
    }
    let isTooLong =
      searched > Self.searchMax || attempts.contains { $0.findings.count > Self.findingsMax }
    return isTooLong ? .givenUp : .undecided
  }

  private func lookAtBeginning(_ checksum: CRC32) -> Result {
    var isWaiting = false
    let last = min(bytes.count - 11, FrameLimits.recognitionMax)
    var offset = 0
    while offset <= last {
      if bytes[offset] <= 1 {
        for dialect in [Dialect.native, .classic] {
          switch look(dialect, at: offset, checksum) {
          case .valid: return .found(dialect)
          case .incomplete: isWaiting = true
          case .invalid: break
          }
        }
      }
      offset += 1
    }
    if bytes.count <= FrameLimits.recognitionMax { return .undecided }
    return isWaiting && bytes.count <= Self.keptMax ? .undecided : .givenUp
  }

  private func look(_ dialect: Dialect, at offset: Int, _ checksum: CRC32) -> FrameProbe {
    unsafe FrameProbe(
      dialect, in: bytes.span.bytes, at: offset, limit: FrameLimits.payloadMax(dialect),
      checksum: checksum)
  }
}

extension Recogniser.Attempt {
  /// Where the first valid frame begins.
  fileprivate var firstFrame: UInt64? {
    for finding in findings {
      if case .unit(let unit, _) = finding, unit.kind == .frame { return unit.offset }
    }
    return nil
  }

  /// Takes every unit that there is by now.
  fileprivate mutating func run(_ checksum: CRC32) {
    let nothing: [UInt8] = []
    var position = 0
    while let unit = unsafe decoder.next(
      in: nothing.span.bytes, position: &position, checksum: checksum)
    {
      keep(unit)
    }
  }

  fileprivate mutating func gap(offset: UInt64, length: UInt64, _ checksum: CRC32) {
    if let unit = decoder.settle(checksum: checksum) { keep(unit) }
    run(checksum)
    if let unit = decoder.gap(length, checksum: checksum) { keep(unit) }
    findings.append(.gap(offset: offset, length: length))
  }

  private mutating func keep(_ unit: DecodedUnit) {
    let end = unit.payloadOffset + unit.payloadCount
    let payload =
      unit.payloadCount > 0 && end <= decoder.buffer.count
      ? Array(decoder.buffer[unit.payloadOffset..<end]) : []
    findings.append(.unit(unit, payload: payload))
    guard unit.kind == .unverified else { return }
    chain = chainEnd == unit.offset || chain == 0 && unit.offset == 0 ? chain + 1 : 0
    chainEnd =
      unit.offset &+ UInt64(decoder.dialect.headerSize) &+ UInt64(unit.header.length)
  }
}
