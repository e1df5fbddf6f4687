import ChatWire

// The ACKs and NACKs of a peer: those that its receiver owes, in this order.

extension EndpointJudge {
  /// The receiver begins with the session.
  mutating func beginAnswers() {
    guard hypotheses.isEmpty, !hasAnswered, isInSession else { return }
    arrived.start(firstReceived)
    statedPosition = arrived.frontier
    var first = ReceiverHypothesis(
      ARQReceiver(
        mode: handshake.mode, windowSize: handshake.window, capacity: handshake.window,
        nextExpected: firstReceived))
    // What came before is not answered.
    first.inputCount = inputBase
    while first.inputCount < inputBase + inputs.count,
      !inputs[first.inputCount - inputBase].isInSession
    {
      first.inputCount += 1
    }
    hypotheses = [first]
  }

  /// It has sent an ACK or a NACK.
  mutating func sentAnswer(_ frame: ObservedFrame, payload: RawSpan) {
    guard let statement = AcknowledgementPayload(decoding: payload), maySend(frame) else { return }
    let seen = SeenAnswer(
      isNack: frame.type == .nack, sequence: SequenceNumber(frame.sequence),
      nextExpected: statement.nextExpected, window: statement.window)
    if Int(seen.window) > handshake.window {
      report(
        .windowAdvertised, frame, because: [handshake.synAckReference],
        expected: "a window of at most \(handshake.window)", found: "a window of \(seen.window)")
    }
    if hypotheses.isEmpty { beginAnswers() }
    guard !hypotheses.isEmpty, checkStatement(seen, frame) else { return }
    match(seen, frame)
    hasAnswered = true
    lastAnswer = seen
    lastAnswerTime = frame.time
  }

  /// What it can say at all, whatever it was sent last: checks that no hidden fault explains.
  private mutating func checkStatement(_ seen: SeenAnswer, _ frame: ObservedFrame) -> Bool {
    let due = arrived.position(seen.nextExpected)
    if due > arrived.frontier {
      let isUnsent = due > arrived.end
      report(
        isUnsent ? .acknowledgedUnsent : .acknowledgedUnreceived, frame,
        expected: "nextExpected \(UInt16(truncatingIfNeeded: arrived.frontier)) at most",
        found: "nextExpected \(seen.nextExpected.rawValue): "
          + (isUnsent
            ? "frames that were never sent to it"
            : "frame \(UInt16(truncatingIfNeeded: arrived.frontier)) never reached it"))
      return false
    }
    let answered = arrived.position(seen.sequence)
    if !seen.isNack, answered >= due, !arrived.contains(answered) {
      report(
        .acknowledgedUnreceived, frame,
        expected: "the sequence of a frame that has reached it",
        found: "an ACK of frame \(seen.sequence.rawValue), which never reached it")
      return false
    }
    if comesLate(seen) { return false }
    if isStatementKnown, due < statedPosition {
      report(
        .acknowledgementWithdrawn, frame,
        expected: "nextExpected \(UInt16(truncatingIfNeeded: statedPosition)) at least",
        found: "nextExpected \(seen.nextExpected.rawValue), after it had said more",
        explanations: .outgoing)
      return false
    }
    if seen.isNack, answered < due {
      report(
        .nackReceived, frame, expected: "a NACK of a frame from nextExpected on",
        found: "a NACK of frame \(seen.sequence.rawValue), which its nextExpected says it has")
      return false
    }
    isStatementKnown = true
    statedPosition = max(statedPosition, due)
    return true
  }

  /// Finds the answer among those that are due.
  private mutating func match(_ seen: SeenAnswer, _ frame: ObservedFrame) {
    addSmallerReceiver(seen)
    var certain = Int.max
    var isMatched = [false, false]
    for index in hypotheses.indices {
      guard let due = hypotheses[index].next(seen, inputs, from: inputBase) else { continue }
      certain = min(certain, due.input + 1)
      answerDelayMax = max(answerDelayMax, TraceTime.elapsed(from: due.time, to: frame.time))
      noteAnswered(due, at: frame.time)
      isMatched[index] = true
    }
    if certain < .max {
      if hypotheses.count == 2, isMatched[0] != isMatched[1] {
        hypotheses.remove(at: isMatched[0] ? 1 : 0)
      }
      announcements.removeAll(keepingCapacity: true)
      certainInputCount = max(certainInputCount, certain)
      pruneInputs()
      return
    }
    // The opening of a window may be said at any time.
    if !seen.isNack, seen.sequence.next == seen.nextExpected,
      hypotheses.contains(where: { $0.standing == seen.nextExpected })
    {
      if announcements.count < 64 { announcements.append(seen) }
      return
    }
    if hasAnswered, let last = lastAnswer, last.isNack == seen.isNack,
      last.sequence == seen.sequence, last.nextExpected == seen.nextExpected
    {
      report(
        ProvisionalFinding(
          rule: .acknowledgementDoubled, frame: frame.reference, expected: "one \(seen.name)",
          found: "the same \(seen.name) twice in a row: sent twice, or doubled on its way",
          isNetwork: true))
      return
    }
    if leaveOut(until: seen, frame) { return }
    unexpected(seen, frame)
  }

  /// One that holds less than W says so from its first ACK on.
  private mutating func addSmallerReceiver(_ seen: SeenAnswer) {
    guard !hasAnswered, seen.window > 0, Int(seen.window) < handshake.window,
      handshake.mode == .selectiveRepeat, var smaller = hypotheses.first, smaller.isSettled
    else { return }
    smaller.receiver = ARQReceiver(
      mode: handshake.mode, windowSize: handshake.window, capacity: Int(seen.window),
      nextExpected: firstReceived)
    hypotheses.append(smaller)
  }

  /// Answers that were due before this one were left out.
  private mutating func leaveOut(until seen: SeenAnswer, _ frame: ObservedFrame) -> Bool {
    for hypothesis in hypotheses {
      var candidate = hypothesis
      candidate.takeAll(inputs, from: inputBase)
      guard let place = candidate.place(of: seen) else { continue }
      for due in candidate.due[candidate.head..<place] {
        if let index = announcements.firstIndex(where: { $0.matches(due.answer) }) {
          announcements.remove(at: index)
        } else {
          leftOut(due, frame)
        }
      }
      let due = candidate.due[place]
      candidate.head = place
      _ = candidate.pop()
      noteAnswered(due, at: frame.time)
      certainInputCount = max(certainInputCount, due.input + 1)
      hypotheses = [candidate]
      announcements.removeAll(keepingCapacity: true)
      pruneInputs()
      return true
    }
    return false
  }

  /// True if it was due before, and missed: answers were overtaken on their way.
  private mutating func comesLate(_ seen: SeenAnswer) -> Bool {
    guard let index = missed.firstIndex(where: { seen.matches($0) }) else { return false }
    let isNext = hypotheses.contains { !$0.isSettled && seen.matches($0.due[$0.head].answer) }
    guard !isNext else { return false }
    missed.remove(at: index)
    evidence.insert(.outgoing)
    return true
  }

  private mutating func leftOut(_ due: DueAnswer, _ frame: ObservedFrame) {
    if missed.count >= 64 { missed.removeFirst() }
    missed.append(due.answer)
    // An answer that came only after the second copy may have been the second's: then the first
    // copy has not come through.
    let answeredAt = answerTimes[due.answer.key] ?? .min
    let isAmbiguous =
      !due.answer.isNack && (due.occasion == .old || due.occasion == .known)
      && answeredAt >= due.time
    var finding = ProvisionalFinding(
      rule: due.answer.isNack ? .nackMissing : .acknowledgementMissing, frame: due.reference,
      because: [frame.reference], expected: due.answer.words + ", for \(due.occasion.words)",
      found: isAmbiguous
        ? "one answer to two copies, after both: one of the copies, or an answer, was lost"
        : "no answer to it, although a later frame was answered")
    finding.place = due.occasion.place(handshake.mode)
    finding.explanations = [.incoming, .outgoing]
    finding.isNetwork = isAmbiguous
    report(finding)
  }

  /// An answer that nothing has asked for: says what is wrong with it.
  private mutating func unexpected(_ seen: SeenAnswer, _ frame: ObservedFrame) {
    var candidate = hypotheses[0]
    candidate.takeAll(inputs, from: inputBase)
    let all = candidate.due[candidate.head...]
    let like = all.firstIndex {
      $0.answer.isNack == seen.isNack && $0.answer.sequence == seen.sequence
    }
    let sameStand = all.firstIndex {
      $0.answer.isNack == seen.isNack && $0.answer.nextExpected == seen.nextExpected
    }
    var finding = ProvisionalFinding(
      rule: seen.isNack ? .nackUnasked : .acknowledgementUnasked, frame: frame.reference,
      expected: hypotheses[0].isSettled && all.isEmpty
        ? "no answer: nothing has come that asks for one"
        : all.first.map { $0.answer.words } ?? "nothing",
      found: seen.words)
    finding.explanations = [.incoming, .outgoing]
    if let place = like ?? sameStand {
      let due = all[place]
      finding.rule =
        like != nil
        ? seen.isNack ? .nackNextExpected : .acknowledgementNextExpected
        : seen.isNack ? .nackSequence : .acknowledgementSequence
      finding.expected = due.answer.words + ", for \(due.occasion.words)"
      finding.because = [due.reference]
      if like == nil { finding.place = due.occasion.place(handshake.mode) }
      if place == all.startIndex {
        // It stands for the one that was due.
        candidate.head = place
        _ = candidate.pop()
        hypotheses = [candidate]
        certainInputCount = max(certainInputCount, due.input + 1)
      }
    } else if seen.isNack, arrived.contains(arrived.position(seen.sequence)) {
      finding.rule = .nackReceived
      finding.found += ", which has reached it undamaged"
      // It says itself that it has not got what was sent to it.
      if !acknowledgedAlone.contains(arrived.position(seen.sequence)) {
        evidence.insert(.incoming)
      }
    }
    report(finding)
  }

  private mutating func noteAnswered(_ due: DueAnswer, at time: Int64) {
    if answerTimes.count > 4_096 { answerTimes.removeAll(keepingCapacity: true) }
    answerTimes[due.answer.key] = time
    guard !due.answer.isNack, handshake.mode == .selectiveRepeat else { return }
    if acknowledgedAlone.count > 65_536 { acknowledgedAlone.removeAll() }
    acknowledgedAlone.insert(arrived.position(due.answer.sequence))
  }

  /// It sends, but does not answer what came long ago.
  mutating func checkSilence(_ frame: ObservedFrame) {
    guard !isSilenceSaid, var hypothesis = hypotheses.first,
      TraceTime.elapsed(from: lastAnswerTime, to: frame.time) > Self.patienceNanoseconds
    else { return }
    // Not everything that has come asks for an answer.
    while hypothesis.isSettled, hypothesis.inputCount < inputBase + inputs.count {
      hypothesis.take(inputs[hypothesis.inputCount - inputBase])
    }
    guard !hypothesis.isSettled else { return }
    let due = hypothesis.due[hypothesis.head]
    guard TraceTime.elapsed(from: due.time, to: frame.time) > Self.patienceNanoseconds else {
      return
    }
    isSilenceSaid = true
    report(
      .answersMissing, frame, because: [due.reference],
      expected: "an answer to what came more than 10 s ago",
      found: "\(frame.type.name), and no answer", explanations: [.incoming, .outgoing])
  }

  /// Nobody is that slow who sends other things meanwhile.
  static let patienceNanoseconds: Int64 = 10_000_000_000
}

extension ReceiverHypothesis {
  /// Deals with inputs until something is due; takes that if it is what was seen.
  mutating func next(
    _ seen: SeenAnswer, _ inputs: [PeerInput], from inputBase: Int
  ) -> DueAnswer? {
    while isSettled, inputCount < inputBase + inputs.count {
      take(inputs[inputCount - inputBase])
    }
    guard !isSettled, seen.matches(due[head].answer) else { return nil }
    return pop()
  }

  /// Deals with everything that has come.
  mutating func takeAll(_ inputs: [PeerInput], from inputBase: Int) {
    while inputCount < inputBase + inputs.count { take(inputs[inputCount - inputBase]) }
  }

  func place(of seen: SeenAnswer) -> Int? {
    due[head...].firstIndex { seen.matches($0.answer) }
  }
}

extension Answer {
  /// Equal for equal answers, whatever the window.
  var key: UInt64 {
    UInt64(sequence.rawValue) << 17 | UInt64(nextExpected.rawValue) << 1 | (isNack ? 1 : 0)
  }
}
