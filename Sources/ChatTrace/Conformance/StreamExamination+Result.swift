import ChatWire

// What an examination comes to once the whole trace is known.

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
