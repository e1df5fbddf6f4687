import ChatWire

// What an examination comes to once the whole trace is known, and how frames are found again.

extension StreamExamination.Result {
  /// The verdict, now that it is known whether the capture has the beginning of the connection.
  func verdict(by line: TraceSummary.Stream?, room: [Finding]) -> ConformanceStream {
    var stream = stream
    if !room.isEmpty {
      stream.findings = (stream.findings + room).sorted { $0.frame < $1.frame }
      stream.serverVerdict = .violated
    }
    guard let line else { return stream }
    let ledgers = [line.clientToServer, line.serverToClient]
    var isOrderKnown = true
    if ledgers.contains(where: { $0.gapBytes > 0 }) {
      isOrderKnown = false
      stream.doubts.append("the capture does not have all of the bytes")
    } else if ledgers.contains(where: { $0.undecidedBytes > 0 }), beginsWithSyn {
      stream.doubts.append("the capture ends, or begins, within a frame")
    } else if line.verdict == .inconclusive || isBeginningDoubtful {
      isOrderKnown = false
      stream.doubts.append("the capture does not have the beginning of the connection")
    }
    if line.isDisordered {
      isOrderKnown = false
      stream.doubts.append("packets are not in the order in which they were sent")
    }
    guard !stream.doubts.isEmpty else { return stream }
    if !isOrderKnown {
      stream.findings.removeAll { $0.blame == .peer && $0.rule.needsOrder }
    }
    for side in [Session.Role.client, .server] {
      let isBroken = stream.findings.contains { $0.side == side && $0.blame == .peer }
      if side == .client {
        stream.clientVerdict = isBroken ? .violated : .inconclusive
      } else {
        stream.serverVerdict = isBroken ? .violated : .inconclusive
      }
    }
    return stream
  }
}

/// What the bytes that were passed on in a direction are copies of.
struct PassageOrigins: Sendable {
  private var runs: [(start: UInt64, origin: UInt64?)] = []
  private var end: UInt64 = 0

  /// Appends a passage; what lies before `start` is not asked for any more.
  mutating func append(_ passage: Passage, byteCount: Int, from start: UInt64) {
    while runs.count > 1, runs[1].start <= start { runs.removeFirst() }
    runs.append((end, passage.origin))
    end += UInt64(byteCount)
  }

  func origin(of offset: UInt64) -> UInt64? {
    guard let run = runs.last(where: { $0.start <= offset }), let origin = run.origin else {
      return nil
    }
    return origin + (offset - run.start)
  }
}

/// Where frames of a direction begin, and their numbers.
struct FramePlaces: Sendable {
  private var offsets: [UInt64] = []
  private var frames: [UInt64] = []

  mutating func append(_ offset: UInt64, _ frame: UInt64) {
    guard offsets.last.map({ $0 < offset }) ?? true else { return }
    offsets.append(offset)
    frames.append(frame)
  }

  /// The frame that begins at an offset, or is there; 0 if none is known.
  func frame(at offset: UInt64) -> UInt64 {
    var low = 0
    var high = offsets.count
    while low < high {
      let middle = (low + high) / 2
      if offsets[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? frames[low - 1] : 0
  }
}

extension ObservedFrame {
  init(_ event: TraceEvent, _ state: State) {
    self.init(
      state: state, type: FrameType(rawValue: event.typeCode), sequence: event.sequence,
      flags: event.flags, byteCount: Int(clamping: event.length),
      time: event.time?.nanoseconds ?? 0, reference: FrameReference(frame: event.frame))
  }
}

extension Session.Role {
  /// `client` or `server`.
  var conformanceName: String {
    switch self {
    case .client: "client"
    case .server: "server"
    }
  }
}
