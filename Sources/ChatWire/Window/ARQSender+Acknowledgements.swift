// What ACKs and NACKs do to a sender (PROTOCOL.md sections 4 and 4.3).

extension ARQSender {
  /// Takes an ACK or a NACK with a valid checksum.
  package mutating func acknowledge(
    isNack: Bool, sequence: SequenceNumber, payload: AcknowledgementPayload, at now: Instant
  ) {
    let isStale = payload.nextExpected.precedes(base)
    let count = isStale ? 0 : base.distance(to: payload.nextExpected)
    // "one whose nextExpected lies beyond next is ignored whole"
    guard count <= inFlightCount else { return }
    // Read before the frame is forgotten.
    let answered = isNack ? nil : freshTransmission(of: sequence, at: now)
    if !isNack { sampleRoundTrip(sequence, at: now) }
    if !isStale {
      advertisedWindow = Int(payload.window)
      if count > 0 { release(count, at: now) }
    }
    switch mode {
    case .goBackN:
      // Of a stale one the sequence counts only in Selective Repeat (section 4).
      if isNack, !isStale { nackGoBackN(sequence, at: now) }
    case .selectiveRepeat:
      if isNack {
        nackSelectiveRepeat(sequence, at: now)
      } else {
        mark(sequence, at: now)
        if let answered { retransmitOvertaken(by: answered) }
      }
    }
  }

  func isInFlight(_ sequence: SequenceNumber) -> Bool {
    base.distance(to: sequence) < inFlightCount
  }

  /// "measured on frames that were sent once (Karn)" (section 4.4).
  private mutating func sampleRoundTrip(_ sequence: SequenceNumber, at now: Instant) {
    guard isInFlight(sequence) else { return }
    let place = frames.place(sequence)
    guard frames[place].transmissionCount == 1, !frames[place].isMarked else { return }
    timeout.sample(
      nanoseconds: Instant(nanoseconds: frames[place].sentAt).nanoseconds(to: now))
  }

  /// Which transmission the acknowledgement of a single frame answers; nil if it is no news, or
  /// not known.
  ///
  /// What comes less than half a round trip after a copy was sent answers an earlier transmission.
  /// Taken for an answer to the copy, it would declare lost what was sent in the same burst and is
  /// still on its way.
  private func freshTransmission(of sequence: SequenceNumber, at now: Instant) -> UInt64? {
    guard mode == .selectiveRepeat, isInFlight(sequence) else { return nil }
    let place = frames.place(sequence)
    if frames[place].transmissionCount > 1, damped(place, at: now) != nil { return nil }
    return frames[place].isMarked ? nil : frames[place].transmissionNumber
  }

  // MARK: received

  /// The first frames in flight were received.
  private mutating func release(_ count: Int, at now: Instant) {
    for _ in 0..<count { releaseBase() }
    baseMoved(at: now)
  }

  /// Forgets the frame at `base`.
  private mutating func releaseBase() {
    let place = frames.place(base)
    if mode == .selectiveRepeat, !frames[place].isMarked { unlink(place) }
    if frames[place].isLast { acknowledgedMessageCount &+= 1 }
    // Others may hold the message's bytes; this frame need not.
    frames[place].bytes = []
    base = base.next
  }

  /// Looks after what depends on `base`.
  private mutating func baseMoved(at now: Instant) {
    baseMoves &+= 1
    switch mode {
    case .goBackN:
      if resendPoint.precedes(base) {
        // The pass goes on behind what has arrived.
        resendPoint = base
        resendCause = .goBack
      }
      if delayedNack.precedes(base) { delayedNackDeadline = .max }
      startBaseTimer(at: now)
    case .selectiveRepeat:
      // "base moves over every marked frame"
      while base != next, frames[frames.place(base)].isMarked { releaseBase() }
      if base == next { deadline = .distantFuture }
    }
  }

  /// Selective Repeat: one frame was received.
  private mutating func mark(_ sequence: SequenceNumber, at now: Instant) {
    guard isInFlight(sequence) else { return }
    let place = frames.place(sequence)
    guard !frames[place].isMarked else { return }
    unlink(place)
    frames[place].isMarked = true
    if sequence == base { baseMoved(at: now) }
  }

  private mutating func unlink(_ place: Int32) {
    if frames[place].isQueued {
      frames.remove(place, from: &queued)
      frames[place].isQueued = false
    } else {
      frames.remove(place, from: &inFlight)
    }
  }

  // MARK: asked for again

  /// "if n is in flight, retransmit n and every frame after it up to next" (section 4.3).
  private mutating func nackGoBackN(_ sequence: SequenceNumber, at now: Instant) {
    guard isInFlight(sequence) else { return }
    // It is about to be sent again anyway.
    if resendPoint != next, !sequence.precedes(resendPoint) { return }
    if let due = damped(frames.place(sequence), at: now) {
      if delayedNackDeadline == .max || sequence.precedes(delayedNack) {
        delayedNack = sequence
        delayedNackDeadline = due
      }
      updateDeadlineGoBackN()
    } else {
      goBack(to: sequence, cause: .nack)
    }
  }

  /// "if n is in flight and not marked, retransmit n alone" (section 4.3).
  private mutating func nackSelectiveRepeat(_ sequence: SequenceNumber, at now: Instant) {
    guard isInFlight(sequence) else { return }
    let place = frames.place(sequence)
    guard !frames[place].isMarked, !frames[place].isQueued else { return }
    if let due = damped(place, at: now) {
      frames[place].nackDeadline = due
      deadline = min(deadline, Instant(nanoseconds: due))
    } else {
      queue(place, cause: .nack)
    }
  }

  /// When a NACK for a frame that was sent a moment ago is obeyed; nil if at once.
  private func damped(_ place: Int32, at now: Instant) -> Int64? {
    guard let damping = timeout.dampingNanoseconds else { return nil }
    let sentAt = Instant(nanoseconds: frames[place].sentAt)
    guard sentAt.nanoseconds(to: now) < damping else { return nil }
    return sentAt.advanced(byNanoseconds: timeout.delayedNackNanoseconds).nanoseconds
  }

  /// "every unmarked frame in flight whose latest transmission came at least 3 transmissions before
  /// that frame's is lost" (section 4.3, fast retransmit).
  private mutating func retransmitOvertaken(by answered: UInt64) {
    while inFlight.first != FrameList.none,
      frames[inFlight.first].transmissionNumber &+ 3 <= answered, !isExhausted
    {
      queue(inFlight.first, cause: .fast)
    }
  }
}
