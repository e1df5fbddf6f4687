import ChatWire

// Copies of frames: what they have to be like, and why they may be sent.

extension EndpointJudge {
  mutating func sentAgain(_ frame: ObservedFrame, at position: Int64, payload: RawSpan) {
    guard position >= sent.first else {
      report(
        .firstSequence, frame,
        expected: "sequence \(UInt16(truncatingIfNeeded: sent.first)) or later",
        found: "sequence \(frame.sequence)")
      return
    }
    guard let index = sent.index(position) else { return }
    guard sent.records[index].isSeen else {
      firstCopy(frame, index, position)
      return
    }
    let record = sent.records[index]
    if record.type != frame.type || record.isLast != frame.isLast
      || record.byteCount != frame.byteCount || record.payloadChecksum != frame.payloadChecksum
    {
      report(
        .retransmissionDiffers, frame, because: [record.first],
        expected: "the same frame again", found: difference(record, frame))
    }
    let gap = TraceTime.elapsed(from: record.latestTime, to: frame.time)
    if sent.lastPosition == position, gap < Self.doubledWithin {
      // One frame, twice: made so on its way, if anything can have happened there.
      evidence.insert(.outgoing)
      report(
        frame.isRetransmission ? .retransmissionUncaused : .retransmissionUnflagged, frame,
        because: [record.latest], expected: "the frame once", found: "the same frame twice",
        explanations: .outgoing)
    } else if !frame.isRetransmission {
      report(
        .retransmissionUnflagged, frame, because: [record.latest],
        expected: "RETRANSMISSION set on this copy", found: "RETRANSMISSION clear",
        explanations: .outgoing)
    } else {
      checkCause(frame, index, position, gap: gap)
    }
    sent.records[index].latest = frame.reference
    sent.records[index].latestTime = frame.time
    sent.records[index].transmission = sent.transmissionCount
    sent.records[index].isEverResent = true
    countCopy(frame, index)
  }

  /// Copies so near to each other were doubled on the way, in nanoseconds.
  static let doubledWithin: Int64 = 50_000

  /// What was passed over comes now: its first copy was lost, or overtaken, before it was seen.
  private mutating func firstCopy(_ frame: ObservedFrame, _ index: Int, _ position: Int64) {
    evidence.insert(.outgoing)
    sent.skips.removeAll { $0.position == position }
    let old = sent.records[index]
    sent.records[index] = SentWindow.Record(
      type: frame.type, isLast: frame.isLast, byteCount: frame.byteCount,
      payloadChecksum: frame.payloadChecksum, first: frame.reference, latest: frame.reference,
      firstTime: frame.time, latestTime: frame.time, transmission: sent.transmissionCount)
    sent.records[index].nackCount = old.nackCount
    sent.records[index].obeyedCount = old.nackCount
    sent.records[index].isEverResent = true
    if frame.isRetransmission { beginPass(at: position, frame) }
  }

  private func difference(_ record: SentWindow.Record, _ frame: ObservedFrame) -> String {
    if record.type != frame.type { return "\(frame.type.name) instead of \(record.type.name)" }
    if record.isLast != frame.isLast {
      return frame.isLast ? "LAST is set now" : "LAST is clear now"
    }
    if record.byteCount != frame.byteCount {
      return "\(frame.byteCount) bytes instead of \(record.byteCount)"
    }
    return "other bytes"
  }

  private mutating func countCopy(_ frame: ObservedFrame, _ index: Int) {
    if sent.records[index].copiesSinceBase != sent.base {
      sent.records[index].copiesSinceBase = sent.base
      sent.records[index].copyCount = 0
    }
    sent.records[index].copyCount += 1
    guard sent.records[index].copyCount == 101 else { return }
    report(
      .retransmissionsExhausted, frame, because: [sent.records[index].first],
      expected: "ERROR 8", found: "the 101st retransmission of frame \(frame.sequence)")
  }

  // MARK: causes

  private mutating func checkCause(
    _ frame: ObservedFrame, _ index: Int, _ position: Int64, gap: Int64
  ) {
    if isKnownAcknowledged(sent.records[index], position, at: frame.time, gap: gap) {
      report(
        .retransmissionAcknowledged, frame,
        because: [sent.records[index].latest, sent.records[index].ackReference],
        expected: "no copy of frame \(frame.sequence), which is acknowledged",
        found: "a retransmission", explanations: [.incoming, .outgoing])
      return
    }
    switch handshake.mode {
    case .goBackN: checkCauseGoBackN(frame, index, position, gap: gap)
    case .selectiveRepeat: checkCauseSelectiveRepeat(frame, index, gap: gap)
    }
  }

  /// True if it must have heard the acknowledgement when it sent the copy.
  private func isKnownAcknowledged(
    _ record: SentWindow.Record, _ position: Int64, at time: Int64, gap: Int64
  ) -> Bool {
    guard record.ackInput < .max else { return false }
    if record.ackInput < certainInputCount { return true }
    // A peer that has slept obeys first what came before the acknowledgement.
    guard sent.pass == nil, newestNack(at: position) == nil, !sent.isLost(record) else {
      return false
    }
    let since = TraceTime.elapsed(from: record.ackTime, to: time)
    // A timer has no part in what comes sooner; what comes later may be from a peer that slept.
    if gap < Self.timeoutFloor - 10_000_000 {
      return answerDelayMax > 0 && since > answerDelayMax.doubled + 5_000_000
    }
    return since > answerDelayMax.doubled.doubled + 2_000_000_000
  }

  private mutating func checkCauseSelectiveRepeat(
    _ frame: ObservedFrame, _ index: Int, gap: Int64
  ) {
    let record = sent.records[index]
    // This comes first: a NACK that is obeyed after such a copy needs its own cause.
    if sent.isLost(record) { return }
    if record.nackCount > record.obeyedCount {
      // A timer may be behind it too; then the NACK is obeyed by another copy.
      if gap < Self.fixedTimeoutFloor { sent.records[index].obeyedCount += 1 }
      return
    }
    timerOnly(frame, record, gap: gap)
  }

  private mutating func checkCauseGoBackN(
    _ frame: ObservedFrame, _ index: Int, _ position: Int64, gap: Int64
  ) {
    let record = sent.records[index]
    if let pass = sent.pass, position == pass || position > pass && position <= sent.base {
      beginPass(at: position, frame, isNew: false)
      return
    }
    if let nack = newestNack(at: position) {
      if gap < Self.fixedTimeoutFloor { sent.records[nack].obeyedCount += 1 }
      beginPass(at: position, frame)
      return
    }
    beginPass(at: position, frame)
    // The timer is that of `base`: of any that it may know of.
    if position <= sent.base || record.ackInput < .max {
      timerOnly(frame, record, gap: gap)
      return
    }
    report(
      .retransmissionUncaused, frame,
      because: [record.latest],
      expected: "a pass that begins at a NACK or at the oldest frame not acknowledged, "
        + "\(UInt16(truncatingIfNeeded: sent.base))",
      found: "a retransmission of frame \(frame.sequence)", explanations: [.incoming, .outgoing])
  }

  /// A NACK that has not been obeyed: of the frame, or of one before it that is acknowledged by
  /// now, so that the pass goes on here.
  private func newestNack(at position: Int64) -> Int? {
    var candidate = position
    let first = max(sent.start, position - Int64(handshake.window))
    while candidate >= first, candidate == position || position <= sent.base {
      if let index = sent.index(candidate),
        sent.records[index].nackCount > sent.records[index].obeyedCount
      {
        return index
      }
      candidate -= 1
    }
    return nil
  }

  /// Go-Back-N: what follows is sent again as well.
  private mutating func beginPass(at position: Int64, _ frame: ObservedFrame, isNew: Bool = true) {
    guard handshake.mode == .goBackN else { return }
    if isNew { sent.passReference = frame.reference }
    sent.pass = position + 1 < sent.next ? position + 1 : nil
  }

  /// Only a timer can be behind it.
  private mutating func timerOnly(
    _ frame: ObservedFrame, _ record: SentWindow.Record, gap: Int64
  ) {
    guard gap < Self.timeoutFloor - 10_000_000, sent.uncaused.count < 1_000 else { return }
    sent.uncaused.append(
      (frame.reference, record.latest, gap, "a retransmission of frame \(frame.sequence)"))
  }

  // MARK: the end

  mutating func finishSending(at time: Int64) {
    // A fixed timeout may be shorter than the floor; then it is so again and again.
    let gaps = sent.uncaused.map(\.gap)
    let isTimer =
      gaps.count >= 3 && (gaps.max() ?? 0) <= (gaps.min() ?? 0).doubled + 20_000_000
      && (gaps.min() ?? 0) >= 1_000_000
    // What takes long on its way may have been sent farther apart than it was seen.
    let delay = min(max(answerDelayMax, handshake.answerDelay), Self.timeoutFloor)
    for copy in sent.uncaused
    where !isTimer && copy.gap < Self.fixedTimeoutFloor
      && copy.gap + delay < Self.timeoutFloor - 10_000_000
    {
      report(
        ProvisionalFinding(
          rule: .retransmissionUncaused, frame: copy.frame, because: [copy.copy],
          expected: "a NACK, later ACKs, or at least \(Self.timeoutFloor / 1_000_000) ms",
          found: copy.words + " after \(Duration.nanoseconds(copy.gap).unitText)",
          explanations: [.incoming, .outgoing]))
    }
    for skip in sent.skips {
      guard let index = sent.index(skip.position) else { continue }
      let record = sent.records[index]
      let isAsked = record.nackCount > 0 && lastSentTime > record.nackTime
      let isLate =
        TraceTime.elapsed(from: skip.time, to: lastSentTime) > Self.patienceNanoseconds * 2
      guard isAsked || isLate else {
        addDoubt(
          "frame \(UInt16(truncatingIfNeeded: skip.position)) was never seen; it may have been "
            + "lost before the capture")
        continue
      }
      report(
        ProvisionalFinding(
          rule: skip.position == sent.first ? .firstSequence : .sequenceSkipped,
          frame: skip.frame, because: [record.nackReference].filter { $0 != .none },
          expected: "sequence \(UInt16(truncatingIfNeeded: skip.position))",
          found: "a later one, and this one never", explanations: .outgoing))
    }
    for (offset, record) in sent.records.enumerated()
    where record.nackCount > record.obeyedCount && record.ackInput == .max
      && !record.isNackReported && record.latestTime <= record.nackTime
    {
      // A computed timeout is at most 10 s.
      guard TraceTime.elapsed(from: record.nackTime, to: time) > Self.patienceNanoseconds * 2,
        TraceTime.elapsed(from: record.nackTime, to: lastSentTime) > Self.patienceNanoseconds
      else { continue }
      report(
        ProvisionalFinding(
          rule: .nackIgnored, frame: record.nackReference, because: [record.latest],
          expected: "frame \(UInt16(truncatingIfNeeded: sent.start + Int64(offset))) again",
          found: "nothing of it any more", explanations: [.incoming, .outgoing]))
    }
  }

  /// No timer of anybody is shorter, in nanoseconds.
  static let fixedTimeoutFloor: Int64 = 20_000_000

  mutating func addDoubt(_ doubt: String) {
    if doubts.count < 8, !doubts.contains(doubt) { doubts.append(doubt) }
  }
}

extension Int64 {
  fileprivate var doubled: Int64 { multipliedReportingOverflow(by: 2).overflow ? .max : self * 2 }
}
