package import ChatWire

extension SimulationChecks {
  /// Memory and answers: a session has done all that it had to do for now.
  package mutating func quiet(_ side: Session.Role, _ status: SessionStatus, at now: Instant) {
    let units = sides[side].unitCount
    let answers = sides[side].controlCount
    sides[side].unitCount = 0
    sides[side].controlCount = 0
    let window = agreement?.windowSize ?? 1
    // A frame is answered by an ACK and at most a NACK for each number before it; a session on its
    // own repeats a handshake frame or PING, and opens its window.
    let answersMax = units * (window + 2) + 4
    if answers > answersMax {
      report(
        .memory, side, at: now,
        "answers \(units) frames with \(answers) frames; at most \(answersMax) can be due.")
    }
    if let sentence = sides[side].receiver?.quiet() {
      report(.acknowledgement, side, at: now, sentence)
    }
    if status.bufferedFrameCount > window {
      report(
        .window, side, at: now,
        "holds \(status.bufferedFrameCount) frames, but the window is \(window).")
    }
    if status.bufferedByteCount > receiveBufferSizeMax[side] {
      report(
        .memory, side, at: now,
        "holds \(status.bufferedByteCount) bytes of frames that came out of order; its bound is "
          + "\(receiveBufferSizeMax[side]).")
    }
    // Beyond what it was asked to send there are only a goodbye and a few notices of its own.
    if status.queuedByteCount > sides[side].sent.byteCount + 4_096 {
      report(
        .memory, side, at: now,
        "has \(status.queuedByteCount) bytes in its queue, but was asked to send "
          + "\(sides[side].sent.byteCount).")
    }
    requireProbe(side, status, at: now)
    if let sender = sides[side].sender, sender.inFlightCount > window {
      report(
        .window, side, at: now,
        "has \(sender.inFlightCount) frames in flight, but the window is \(window).")
    }
  }

  /// "A sender held back by A = 0 with nothing in flight sends PING at once" (PROTOCOL.md 4).
  private mutating func requireProbe(
    _ side: Session.Role, _ status: SessionStatus, at now: Instant
  ) {
    guard let sender = sides[side].sender, sides[side].isEstablished, sender.advertised == 0,
      sender.inFlightCount == 0, status.queuedMessageCount > 0
    else {
      sides[side].hasProbed = false
      return
    }
    if !sides[side].hasProbed {
      report(.progress, side, at: now, "is held back by a closed window and does not probe it.")
    }
  }

  /// A session says that it is over.
  package mutating func ended(_ side: Session.Role, _ end: SessionOutcome, at now: Instant) {
    guard sides[side].end == nil else {
      return report(.ending, side, at: now, "ends twice.")
    }
    sides[side].end = end
    switch end.ending {
    case .clean: requireEverything(side, at: now)
    case .failed, .failedByPeer:
      if end.code == nil {
        report(.ending, side, at: now, "ends with an ERROR that has no code.")
      }
    case .unconfirmed, .abrupt: break
    }
  }

  /// A side that ends well has got everything, and the other has got everything of it.
  private mutating func requireEverything(_ side: Session.Role, at now: Instant) {
    for receiver in Session.Role.both {
      let sent = sides[receiver.opposite].sent.messages.count
      let delivered = sides[receiver].delivery.deliveredCount
      if delivered < sent {
        report(
          .delivery, side, at: now,
          "ends well, but the \(receiver.name) has only \(delivered) of the \(sent) messages "
            + "that were sent to it.")
      }
    }
  }

  /// Both sessions are over: they must agree on it.
  ///
  /// `isDisturbed`: the script closed TCP or cut the line, so an abrupt end is nobody's fault.
  package mutating func finished(isDisturbed: Bool, at now: Instant) {
    for side in Session.Role.both {
      guard let end = sides[side].end, let other = sides[side.opposite].end else { continue }
      switch end.ending {
      case .unconfirmed where other.ending != .failed: requireEverything(side, at: now)
      case .abrupt where !isDisturbed && other.ending != .failed:
        report(
          .ending, side, at: now,
          "ends because TCP was closed without a goodbye, but the other side did not fail.")
      case .failedByPeer where other.ending != .failed:
        report(.ending, side, at: now, "ends by an ERROR that the other side did not send.")
      case .failedByPeer where end.code != other.code:
        report(
          .ending, side, at: now,
          "ends with ERROR \(end.code?.rawValue ?? 0), but the other sent "
            + "\(other.code?.rawValue ?? 0).")
      case .failed where !isDue(end.code):
        report(
          .ending, side, at: now,
          "ends with ERROR \(end.code?.rawValue ?? 0) (\(end.code?.name ?? "")): \(end.text)")
      default: break
      }
    }
  }

  /// An honest peer and a bad line lead to no other errors: 5 and 6 when time runs out, 8 when
  /// retries do.
  private func isDue(_ code: ErrorCode?) -> Bool {
    switch code {
    case .handshakeTimeout?, .idleTimeout?, .retriesExhausted?: hasLimits
    case let code?: errorsAsked.contains(code)
    case nil: false
    }
  }
}
