// The timers of a sender, and the limits of its patience (PROTOCOL.md section 4.4).

extension ARQSender {
  /// Time has passed: frames whose timer has run out, and delayed NACKs, are due to be sent again.
  package mutating func expire(at now: Instant) {
    guard now >= deadline else { return }
    switch mode {
    case .goBackN: expireGoBackN(at: now)
    case .selectiveRepeat: expireSelectiveRepeat(at: now)
    }
  }

  private mutating func expireGoBackN(at now: Instant) {
    if baseDeadline <= now.nanoseconds {
      // It starts again when `base` is sent.
      baseDeadline = .max
      guard countTimeout(frames.place(base)) else { return }
      goBack(to: base, cause: .timeout)
    }
    if delayedNackDeadline <= now.nanoseconds {
      delayedNackDeadline = .max
      if isInFlight(delayedNack) { goBack(to: delayedNack, cause: .nack) }
    }
    updateDeadlineGoBackN()
  }

  /// Sends everything from a frame in flight on again.
  mutating func goBack(to sequence: SequenceNumber, cause: Transmission.Cause) {
    // A pass that begins at an earlier frame comes to this one.
    if resendPoint != next, !sequence.precedes(resendPoint) { return }
    resendPoint = sequence
    resendCause = cause
  }

  private mutating func expireSelectiveRepeat(at now: Instant) {
    var earliest = Int64.max
    var place = inFlight.first
    while place != FrameList.none {
      let after = frames[place].after
      if frames[place].deadline <= now.nanoseconds {
        guard countTimeout(place) else { return }
        queue(place, cause: .timeout)
      } else if frames[place].nackDeadline <= now.nanoseconds {
        queue(place, cause: .nack)
      } else {
        earliest = min(earliest, frames[place].deadline, frames[place].nackDeadline)
      }
      place = after
    }
    deadline = Instant(nanoseconds: earliest)
  }

  /// Selective Repeat: puts a frame in flight among those that are sent again.
  mutating func queue(_ place: Int32, cause: Transmission.Cause) {
    guard countRetransmission(place) else { return }
    frames.remove(place, from: &inFlight)
    frames.append(place, to: &queued)
    frames[place].isQueued = true
    frames[place].cause = cause
    frames[place].deadline = .max
    frames[place].nackDeadline = .max
  }

  // MARK: patience

  /// Counts a timeout of a frame; false if it has had as many as it may.
  private mutating func countTimeout(_ place: Int32) -> Bool {
    refreshCounts(place)
    if Int(frames[place].timerRetryCount) >= timerRetriesMax {
      isExhausted = true
      return false
    }
    if frames[place].timerRetryCount < .max { frames[place].timerRetryCount += 1 }
    if frames[place].doublingCount < .max { frames[place].doublingCount += 1 }
    return true
  }

  /// Counts a retransmission of a frame; false if it has had as many as it may.
  mutating func countRetransmission(_ place: Int32) -> Bool {
    refreshCounts(place)
    if Int(frames[place].retransmissionCount) >= retransmissionsMax {
      isExhausted = true
      return false
    }
    if frames[place].retransmissionCount < .max { frames[place].retransmissionCount += 1 }
    return true
  }

  /// Forgets what was counted before `base` moved last.
  ///
  /// "since it was sent or, in Go-Back-N, since it became `base`" (section 4.4).
  private mutating func refreshCounts(_ place: Int32) {
    guard frames[place].baseMoves != baseMoves else { return }
    frames[place].baseMoves = baseMoves
    frames[place].retransmissionCount = 0
    frames[place].doublingCount = 0
    if mode == .goBackN { frames[place].timerRetryCount = 0 }
  }

  /// Go-Back-N: the timer of `base` begins anew.
  mutating func startBaseTimer(at now: Instant) {
    guard base != next else {
      baseDeadline = .max
      updateDeadlineGoBackN()
      return
    }
    let wait = timeoutNanoseconds(frames.place(base))
    baseDeadline = now.advanced(byNanoseconds: wait).nanoseconds
    updateDeadlineGoBackN()
  }

  /// The timeout of a frame: doubled for each of its timeouts since `base` moved.
  func timeoutNanoseconds(_ place: Int32) -> Int64 {
    let isCurrent = frames[place].baseMoves == baseMoves
    return timeout.nanoseconds(doubled: isCurrent ? Int(frames[place].doublingCount) : 0)
  }

  /// The frame in flight whose timer runs out first, when, and how long the timer was.
  ///
  /// In Selective Repeat it looks at every frame in flight.
  package var earliestTimer: (sequence: SequenceNumber, deadline: Instant, whole: Duration)? {
    switch mode {
    case .goBackN:
      guard baseDeadline < .max else { return nil }
      return timer(of: base, baseDeadline)
    case .selectiveRepeat:
      var earliest: (offset: Int, deadline: Int64)?
      for offset in 0..<inFlightCount {
        let place = frames.place(base.advanced(by: offset))
        guard !frames[place].isMarked, !frames[place].isQueued else { continue }
        let deadline = frames[place].deadline
        if deadline < earliest?.deadline ?? .max { earliest = (offset, deadline) }
      }
      return earliest.map { timer(of: base.advanced(by: $0.offset), $0.deadline) }
    }
  }

  private func timer(
    of sequence: SequenceNumber, _ deadline: Int64
  ) -> (sequence: SequenceNumber, deadline: Instant, whole: Duration) {
    let whole = timeoutNanoseconds(frames.place(sequence))
    return (sequence, Instant(nanoseconds: deadline), .nanoseconds(whole))
  }

  mutating func updateDeadlineGoBackN() {
    deadline = Instant(nanoseconds: min(baseDeadline, delayedNackDeadline))
  }
}
