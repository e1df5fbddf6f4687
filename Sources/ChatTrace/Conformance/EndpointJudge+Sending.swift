import ChatWire

// The sequenced frames of a peer: their numbers, the window, and why they are sent again.

extension EndpointJudge {
  // MARK: what it hears

  /// An ACK or a NACK was sent to it.
  mutating func heard(_ frame: ObservedFrame, payload: RawSpan) {
    guard sent.isStarted, let statement = AcknowledgementPayload(decoding: payload) else { return }
    let input = inputBase + inputs.count - 1
    let due = sent.position(statement.nextExpected)
    guard due <= sent.next else { return }
    let isStale = due < sent.base
    if !isStale {
      let limit = due + min(Int64(handshake.window), Int64(statement.window))
      while let last = sent.heard.last, last.limit <= limit { sent.heard.removeLast() }
      sent.heard.append(
        SentWindow.Heard(input: input, limit: limit, reference: frame.reference))
      if sent.heard.count > 4_096 { sent.heard.removeFirst(2_048) }
      sent.limitMax = max(sent.limitMax, limit)
      var position = max(sent.base, sent.start)
      while position < due {
        acknowledge(position, by: frame, input: input)
        position += 1
      }
      sent.base = max(sent.base, due)
    }
    let answered = sent.position(SequenceNumber(frame.sequence))
    if frame.type == .nack, answered >= sent.next, sent.earlyNacks.count < 256 {
      sent.earlyNacks.append(answered)
    }
    guard answered < sent.next, let index = sent.index(answered) else { return }
    if frame.type == .nack {
      guard answered >= due, !isStale || handshake.mode == .selectiveRepeat else { return }
      sent.records[index].nackCount += 1
      sent.records[index].nackTime = frame.time
      sent.records[index].nackReference = frame.reference
    } else if handshake.mode == .selectiveRepeat {
      acknowledge(answered, by: frame, input: input)
      sent.noteAcknowledgedAlone(answered, input: input)
    }
  }

  private mutating func acknowledge(_ position: Int64, by frame: ObservedFrame, input: Int) {
    guard let index = sent.index(position), sent.records[index].ackInput == .max else { return }
    sent.records[index].ackInput = input
    sent.records[index].ackTime = frame.time
    sent.records[index].ackReference = frame.reference
    if !sent.records[index].isEverResent, sent.records[index].isSeen {
      sent.roundTripMax = max(
        sent.roundTripMax,
        TraceTime.elapsed(from: sent.records[index].firstTime, to: frame.time))
    }
  }

  // MARK: what it sends

  mutating func sentSequenced(_ frame: ObservedFrame, payload: RawSpan) {
    guard maySend(frame) else { return }
    if !sent.isStarted {
      sent.isStarted = true
      sent.first = 65_536 + Int64(firstSent.rawValue)
      sent.next = sent.first
      sent.start = sent.first
      sent.base = sent.first
      sent.limitMax = sent.first + Int64(handshake.window)
      sent.heard = [SentWindow.Heard(input: -1, limit: sent.limitMax, reference: .none)]
      messages.start(at: sent.first)
    }
    let position = sent.position(SequenceNumber(frame.sequence))
    if position >= sent.next {
      sentNew(frame, at: position, payload: payload)
    } else {
      sentAgain(frame, at: position, payload: payload)
    }
    sent.transmissionCount += 1
    sent.lastPosition = position
    if position >= sent.first { messages.take(frame, at: position, payload: payload) }
    takeMessageFindings()
  }

  private mutating func sentNew(_ frame: ObservedFrame, at position: Int64, payload: RawSpan) {
    if position > sent.next {
      guard position - sent.next < 16_384, sent.next > sent.first || position - sent.next < 1_024
      else {
        report(
          sent.next == sent.first ? .firstSequence : .sequenceSkipped, frame,
          expected: "sequence \(UInt16(truncatingIfNeeded: sent.next))",
          found: "sequence \(frame.sequence)", explanations: .outgoing)
        lose("its sequence numbers make no sense")
        return
      }
      passOver(to: position, frame)
    } else if frame.isRetransmission {
      // A timer may have run out for a first copy that was lost before it was seen.
      let gap = TraceTime.elapsed(from: lastSentTime, to: frame.time)
      if gap >= Self.timeoutFloor { evidence.insert(.outgoing) }
      report(
        .retransmissionFlaggedFirst, frame,
        expected: "the first copy of frame \(frame.sequence), without RETRANSMISSION",
        found: "a copy with RETRANSMISSION, and none before it", explanations: .outgoing)
    }
    checkWindow(frame, at: position)
    checkPass(frame)
    checkNacks(frame)
    var record = SentWindow.Record(
      type: frame.type, isLast: frame.isLast, byteCount: frame.byteCount,
      payloadChecksum: frame.payloadChecksum, first: frame.reference, latest: frame.reference,
      firstTime: frame.time, latestTime: frame.time, transmission: sent.transmissionCount)
    if !sent.earlyNacks.isEmpty {
      record.nackCount = UInt32(sent.earlyNacks.count { $0 == position })
      sent.earlyNacks.removeAll { $0 <= position }
    }
    sent.append(record)
  }

  /// Numbers were passed over: they may still come, if their first copies were lost unseen.
  private mutating func passOver(to position: Int64, _ frame: ObservedFrame) {
    while sent.next < position {
      if sent.skips.count < 1_024 {
        sent.skips.append((sent.next, frame.reference, frame.time))
      }
      var record = SentWindow.Record(
        type: frame.type, isLast: false, byteCount: 0, payloadChecksum: 0, first: .none,
        latest: .none, firstTime: frame.time, latestTime: frame.time,
        transmission: sent.transmissionCount)
      record.isSeen = false
      sent.append(record)
    }
  }

  private mutating func checkWindow(_ frame: ObservedFrame, at position: Int64) {
    // What it has dealt with for certain is past.
    while sent.heard.count > 1, sent.heard[1].input < certainInputCount {
      sent.heard.removeFirst()
    }
    if position >= sent.limitMax {
      report(
        .windowOverrun, frame, because: [sent.heard.last?.reference ?? .none],
        expected:
          "at most frame \(UInt16(truncatingIfNeeded: sent.limitMax &- 1)), by all that was "
          + "acknowledged",
        found: "frame \(frame.sequence)")
      // Once for each frame too many.
      sent.limitMax = position + 1
      return
    }
    // They descend, so the first of those that are left is the farthest.
    guard let limit = sent.heard.first?.limit, position >= limit else { return }
    report(
      .windowClosed, frame, because: [sent.heard[0].reference],
      expected:
        "at most frame \(UInt16(truncatingIfNeeded: limit &- 1)), by the window that it has "
        + "been told last",
      found: "frame \(frame.sequence)", explanations: .incoming)
    sent.heard[0].limit = position + 1
  }

  /// Go-Back-N: a pass that has begun goes on to its end, or to where the ACKs have come.
  private mutating func checkPass(_ frame: ObservedFrame) {
    guard let pass = sent.pass else { return }
    sent.pass = nil
    guard max(pass, sent.base) < sent.next else { return }
    report(
      .goBackIncomplete, frame, because: [sent.passReference],
      expected: "frame \(UInt16(truncatingIfNeeded: max(pass, sent.base))) again, and what follows "
        + "it, before new frames",
      found: "the new frame \(frame.sequence)", explanations: [.incoming, .outgoing])
  }

  /// A NACK that has waited long, while new frames were sent.
  private mutating func checkNacks(_ frame: ObservedFrame) {
    var position = max(sent.base, sent.start)
    let end = min(sent.next, position + 64)
    while position < end {
      if let index = sent.index(position) { checkNack(index, position, frame) }
      position += 1
    }
  }

  private mutating func checkNack(_ index: Int, _ position: Int64, _ frame: ObservedFrame) {
    let record = sent.records[index]
    guard record.nackCount > record.obeyedCount, record.ackInput == .max, !record.isNackReported,
      record.latestTime <= record.nackTime
    else { return }
    // What follows others closely may have waited with them on a slow line, since before the NACK.
    guard TraceTime.elapsed(from: lastSentTime, to: frame.time) > Self.pauseNanoseconds else {
      return
    }
    // It may wait for 1.25 round trips after it has sent the frame last.
    let (trips, overflow) = (answerDelayMax &+ sent.roundTripMax).multipliedReportingOverflow(by: 3)
    let patience = overflow ? .max : trips &+ Self.timeoutFloor
    let waited = TraceTime.elapsed(from: record.nackTime, to: frame.time)
    guard waited > patience else { return }
    sent.records[index].isNackReported = true
    report(
      .nackIgnored, frame, because: [record.latest, record.nackReference],
      expected: "frame \(UInt16(truncatingIfNeeded: position)) again",
      found:
        "the new frame \(frame.sequence) \(Duration.nanoseconds(waited).unitText) after the NACK",
      explanations: [.incoming, .outgoing])
  }

  /// No line is so slow that two frames in a row are that far apart, in nanoseconds.
  static let pauseNanoseconds: Int64 = 500_000_000

  /// The floor of the retransmission timeout (section 4.4).
  static let timeoutFloor: Int64 = 100_000_000
}
