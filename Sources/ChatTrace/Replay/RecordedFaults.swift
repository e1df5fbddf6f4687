public import ChatWire

/// Finds in a recording what was done to which frame, as a ledger that can be done again.
///
/// A recording says what a rule did, but not which bit it flipped or how many copies it made: that
/// is read from what was sent on.
public struct RecordedFaults: TraceSink {
  /// What was done; complete once the trace is finished.
  public private(set) var ledger = FaultLedger(seed: 0, rules: FaultRules())
  /// Acts that are in the recording and cannot be done again: those by hand, and those of which
  /// too little is known.
  public private(set) var unknownCount = 0

  /// Frames with acts that something may still have to be found out about, or be decided.
  private static let keptMax = 4_096

  private struct Kept {
    var identity: FrameIdentity
    /// Where it lies in its direction.
    var offset: UInt64
    /// As it arrived.
    var bytes: [UInt8]
    /// Entries of the ledger that a copy explains.
    var corruptions: [Int] = []
    var duplication: Int?
    var copyCount = 0
  }

  private var identifiers: [Int: FrameIdentifier] = [:]
  /// The frame that was recorded last.
  private var last: (number: UInt64, stream: Int, frame: Kept)?
  /// Frames that were changed or sent several times, by connection; the oldest first.
  private var kept: [Int: BothWays<[Kept]>] = [:]

  /// Nothing was done yet.
  public init() {}

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    switch event.kind {
    case .frame: frame(event, payload)
    case .fault: fault(event)
    case .tcp, .gap, .junk, .session, .summary: break
    }
  }

  /// Finishes the ledger.
  public mutating func finish(_ summary: TraceSummary) {
    last = nil
    var unfinished = 0
    for ways in kept.values {
      for direction in [Direction.clientToServer, .serverToClient] {
        for frame in ways[direction] where frame.copyCount == 0 {
          unfinished += frame.corruptions.count
        }
      }
    }
    unknownCount += unfinished
    kept = [:]
  }

  // MARK: frames

  private mutating func frame(_ event: TraceEvent, _ payload: RawSpan) {
    let header = FrameHeader(
      length: UInt32(clamping: event.length), typeCode: event.typeCode, sequence: event.sequence,
      checksum: 0, flags: event.flags)
    let identified =
      identifiers[event.stream, default: FrameIdentifier(connection: event.stream)].identify(
        header, payload: payload, dialect: event.dialect, isGood: event.checksum == .good,
        direction: event.direction)
    var bytes: [UInt8] = []
    if event.disposition == .corrupted || event.disposition == .duplicated {
      switch event.dialect {
      case .native: encodeFrame(header, payload: payload, into: &bytes, checksum: CRC32())
      case .classic:
        encodeClassicFrame(
          ClassicType(rawValue: event.typeCode), sequence: event.sequence,
          payload: unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }, isLast: event.flags != 0,
          into: &bytes)
      }
    }
    last = (
      event.frame, event.stream,
      Kept(identity: identified.identity, offset: event.offset, bytes: bytes)
    )
  }

  private mutating func fault(_ event: TraceEvent) {
    guard let rule = event.rule, let action = event.action else { return }
    guard rule != TappedAct.interceptionRule else {
      unknownCount += 1
      return
    }
    if event.frame == 0 {
      end(event, rule, TappedAction(action))
      return
    }
    guard var last, last.number == event.frame, last.stream == event.stream else {
      unknownCount += 1
      return
    }
    let entry = ledger.entries.count
    let change: FaultAct.Change
    switch TappedAction(action) {
    case .drop: change = .drop
    case .delay(let nanoseconds): change = .delay(.nanoseconds(nanoseconds))
    case .reorder(let gap): change = .reorder(gap: max(1, gap))
    case .bandwidth(let rate): change = .bandwidth(rate)
    case .reset: change = .reset
    case .duplicate:
      change = .duplicate(copies: 1)
      last.frame.duplication = entry
    case .corrupt(let part):
      // Beyond the end of every frame, until a copy shows which it was.
      change = .corrupt(FramePart(part), byte: .max, bit: 0)
      last.frame.corruptions.append(entry)
    case .slowClose, .hold, .release, .alter, .other:
      unknownCount += 1
      return
    }
    ledger.entries.append(
      FaultLedger.Entry(identity: last.frame.identity, act: FaultAct(rule: rule, change)))
    keep(last.frame, event.stream, event.direction)
    self.last = last
  }

  private mutating func end(_ event: TraceEvent, _ rule: String, _ action: TappedAction) {
    guard case .slowClose(let nanoseconds) = action else {
      unknownCount += 1
      return
    }
    ledger.record(
      [FaultAct(rule: rule, .slowClose(.nanoseconds(nanoseconds)))], endOf: event.direction,
      connection: event.stream)
  }

  private mutating func keep(_ frame: Kept, _ stream: Int, _ direction: Direction) {
    guard !frame.corruptions.isEmpty || frame.duplication != nil else { return }
    var frames = kept[stream] ?? BothWays([], [])
    if frames[direction].last?.offset == frame.offset { frames[direction].removeLast() }
    frames[direction].append(frame)
    if frames[direction].count > Self.keptMax {
      frames[direction].removeFirst(Self.keptMax / 2)
    }
    kept[stream] = frames
  }

  // MARK: what was sent on

  /// Takes what was sent on, which shows what was changed.
  public mutating func passed(_ passage: Passage, bytes: RawSpan) {
    guard let origin = passage.origin, var frames = kept[passage.stream],
      let index = frames[passage.direction].lastIndex(where: { $0.offset == origin })
    else { return }
    var frame = frames[passage.direction][index]
    frame.copyCount += 1
    if frame.copyCount == 1 {
      explain(frame, bytes)
    } else if let entry = frame.duplication {
      ledger.entries[entry].act.change = .duplicate(
        copies: min(frame.copyCount - 1, Int(FaultLimits.copiesMax)))
    }
    frames[passage.direction][index] = frame
    kept[passage.stream] = frames
  }

  /// Finds the bits that were flipped: one for each act, in the order of the bytes.
  private mutating func explain(_ frame: Kept, _ bytes: RawSpan) {
    var entries = frame.corruptions[...]
    for offset in 0..<min(frame.bytes.count, bytes.byteCount) {
      var difference = frame.bytes[offset] ^ bytes.uint8(at: offset)
      while difference != 0, let entry = entries.first {
        let bit = difference.trailingZeroBitCount
        difference &= difference - 1
        guard case .corrupt(let part, _, _) = ledger.entries[entry].act.change else { continue }
        ledger.entries[entry].act.change = .corrupt(part, byte: offset, bit: bit)
        entries.removeFirst()
      }
    }
    unknownCount += entries.count
  }
}

extension FramePart {
  fileprivate init(_ part: TappedAction.Part?) {
    self =
      switch part {
      case .payload?, nil: .payload
      case .checksum?: .checksum
      case .header?: .header
      case .length?: .length
      }
  }
}
