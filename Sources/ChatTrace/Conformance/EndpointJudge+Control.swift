import ChatWire

// What a frame has to be like by itself, and the control frames that have rules of their own.

extension EndpointJudge {
  /// Checks what needs no past.
  mutating func checkFrame(_ frame: ObservedFrame, payload: RawSpan) {
    let reserved = frame.flags & ~(FrameHeader.lastFlag | FrameHeader.retransmissionFlag)
    if reserved != 0 {
      report(
        .flagsReserved, frame, expected: "flags 0 to 3", found: "flags \(frame.flags)")
    }
    let type = frame.type
    if !isSent(type) {
      report(
        .typeOfOtherRole, frame, expected: "a type that a \(role.conformanceName) sends",
        found: "\(type.name)")
    }
    guard !type.isSequenced, type.isPlausible else { return }
    if frame.isLast {
      report(.lastOnControl, frame, expected: "LAST clear", found: "\(type.name) with LAST")
    }
    if frame.isRetransmission {
      report(
        .flagsReserved, frame, expected: "RETRANSMISSION clear on a control frame",
        found: "\(type.name) with RETRANSMISSION")
    }
    if frame.byteCount > FrameLimits.controlPayloadMax {
      report(
        .controlTooLong, frame, expected: "at most 1024 bytes", found: "\(frame.byteCount) bytes")
    }
    switch type {
    case .ack, .nack:
      if frame.byteCount != AcknowledgementPayload.byteCount {
        report(.answerLength, frame, expected: "4 bytes", found: "\(frame.byteCount) bytes")
      }
    case .ping, .pong, .error:
      if type != .error, frame.byteCount != 8 {
        report(.pingLength, frame, expected: "8 bytes", found: "\(frame.byteCount) bytes")
      }
      if frame.sequence != 0 {
        report(
          .controlSequence, frame, expected: "sequence 0", found: "sequence \(frame.sequence)")
      }
    default: break
    }
  }

  /// True if the types of section 2.2 let its role send a type.
  private func isSent(_ type: FrameType) -> Bool {
    switch type {
    case .syn, .handshakeAck, .nick, .who: role == .client
    case .synAck, .roster, .notice: role == .server
    default: true
    }
  }

  mutating func sentPong(_ frame: ObservedFrame, payload: RawSpan) {
    guard payload.byteCount == 8 else { return }
    let number = payload.number(0..<8)
    guard let place = pings.firstIndex(where: { $0.payload == number }) else {
      let isRepeated = lastPong == number
      report(
        .pongUnasked, frame, because: [pings.first?.reference ?? .none],
        expected: pings.isEmpty ? "no PONG: nothing has asked for one" : "the bytes of the PING",
        found: isRepeated ? "the same PONG again" : "a PONG with other bytes",
        explanations: isRepeated ? [.incoming, .outgoing] : .incoming)
      return
    }
    lastPong = number
    for ping in pings[..<place] { missingPong(ping, frame) }
    certainInputCount = max(certainInputCount, pings[place].input + 1)
    pings.removeFirst(place + 1)
  }

  /// What it has answered came behind a PING that it has not.
  mutating func checkPings(_ frame: ObservedFrame) {
    while let ping = pings.first, ping.input + 1 < certainInputCount {
      missingPong(ping, frame)
      pings.removeFirst()
    }
  }

  private mutating func missingPong(_ ping: SeenPing, _ frame: ObservedFrame) {
    report(
      ProvisionalFinding(
        rule: .pongMissing, frame: ping.reference, because: [frame.reference],
        expected: "a PONG", found: "no PONG, although what came behind it was answered",
        explanations: [.incoming, .outgoing]))
  }

  mutating func sentError(_ frame: ObservedFrame, payload: RawSpan) {
    errorSent = frame.reference
    let code = payload.byteCount > 0 ? payload.uint8(at: 0) : 0
    if (1...11).contains(code) { return }
    report(.errorCode, frame, expected: "a code from 1 to 11", found: "code \(code)")
  }

  /// What was found in its messages.
  mutating func takeMessageFindings() {
    guard !messages.findings.isEmpty else { return }
    for finding in messages.findings { report(finding) }
    messages.findings = []
  }
}
