// What a session does next. The order is the protocol's: what the peer has sent is looked at frame
// by frame; answers go before messages, and retransmissions before new frames.

extension Session {
  /// What to do next; call it until it says `.wait` or `.ended`.
  ///
  /// - Parameter bytes: a frame to be transmitted is appended here.
  public mutating func nextOutput(at now: Instant, into bytes: inout [UInt8]) -> SessionOutput {
    while true {
      if phase == .ended { return .ended(end ?? SessionOutcome(.abrupt)) }
      if hasAnnouncement, let output = nextAnnouncement() { return output }
      if let error = closing.error { return .transmit(transmitError(error, into: &bytes)) }
      if phase == .deciding {
        // The rest of what the client sent has to wait for the decision.
        if expire(at: now) { continue }
        return .wait(until: nextDeadline)
      }
      if let transmission = nextControlFrame(at: now, into: &bytes) {
        return .transmit(transmission)
      }
      if deliverBuffered(at: now) || receiveNextFrame(at: now) { continue }
      if isStreamEnded {
        endStream()
        continue
      }
      if expire(at: now) { continue }
      if phase == .established {
        if let transmission = nextSequencedFrame(at: now, into: &bytes) {
          return .transmit(transmission)
        }
        if sender.isExhausted {
          exhausted()
          continue
        }
        if probeClosedWindow(at: now) { continue }
        if isDone {
          finishUp(at: now)
          continue
        }
      }
      return .wait(until: nextDeadline)
    }
  }

  private mutating func nextAnnouncement() -> SessionOutput? {
    if isEstablishmentDue, let parameters {
      isEstablishmentDue = false
      return .established(parameters)
    }
    hasAnnouncement = false
    return announcement.take()
  }

  // MARK: frames

  /// Appends the control frame that is due first.
  private mutating func nextControlFrame(
    at now: Instant, into bytes: inout [UInt8]
  ) -> Transmission? {
    if handshake.isFrameDue, let transmission = nextHandshakeFrame(at: now, into: &bytes) {
      return transmission
    }
    if let pong = pongDue {
      pongDue = nil
      return transmit(.pong, sequence: SequenceNumber(0), pong, into: &bytes)
    }
    if let answer = receiver.answers.next() {
      let word = UInt64(answer.nextExpected.rawValue) << 16 | UInt64(answer.window)
      return transmit(
        answer.isNack ? .nack : .ack, sequence: answer.sequence, word, byteCount: 4, into: &bytes)
    }
    if isPingDue {
      isPingDue = false
      pingCount &+= 1
      return transmit(.ping, sequence: SequenceNumber(0), pingCount, into: &bytes)
    }
    return nil
  }

  private mutating func nextSequencedFrame(
    at now: Instant, into bytes: inout [UInt8]
  ) -> Transmission? {
    guard !sender.isExhausted,
      let transmission = sender.nextFrame(at: now, into: &bytes, checksum: checksum)
    else { return nil }
    if transmission.type == .fin, transmission.isLast {
      closing.isFinSent = true
      startClosing(at: now)
    }
    return transmission
  }

  func transmit(
    _ type: FrameType, sequence: SequenceNumber, _ payload: [UInt8], into bytes: inout [UInt8]
  ) -> Transmission {
    let start = bytes.count
    let header = FrameHeader(
      length: 0, typeCode: type.rawValue, sequence: sequence.rawValue, checksum: 0, flags: 0)
    unsafe encodeFrame(header, payload: payload.span.bytes, into: &bytes, checksum: checksum)
    return Transmission(
      type: type, sequence: sequence, byteCount: bytes.count - start, isLast: false,
      cause: .control)
  }

  /// Appends a control frame whose payload is the lowest bytes of a number, without allocating.
  private func transmit(
    _ type: FrameType, sequence: SequenceNumber, _ payload: UInt64, byteCount: Int = 8,
    into bytes: inout [UInt8]
  ) -> Transmission {
    let header = FrameHeader(
      length: 0, typeCode: type.rawValue, sequence: sequence.rawValue, checksum: 0, flags: 0)
    var bigEndian = (payload << UInt64(64 - 8 * byteCount)).bigEndian
    unsafe withUnsafeBytes(of: &bigEndian) { buffer in
      let span = unsafe RawSpan(_unsafeBytes: buffer).extracting(first: byteCount)
      encodeFrame(header, payload: span, into: &bytes, checksum: checksum)
    }
    return Transmission(
      type: type, sequence: sequence, byteCount: Dialect.native.headerSize + byteCount,
      isLast: false,
      cause: .control)
  }

  // MARK: time

  /// Does what the timers that have run out demand; false if none has.
  private mutating func expire(at now: Instant) -> Bool {
    if now >= handshake.limitDeadline {
      handshake.limitDeadline = .distantFuture
      fail(.handshakeTimeout, "The handshake took too long.")
      return true
    }
    if now >= handshake.repeatDeadline {
      handshake.repeatDeadline = .distantFuture
      handshake.isOpeningDue = true
      return true
    }
    if now >= closing.lingerDeadline {
      become(ended: SessionOutcome(.clean, text: closing.peerReason ?? ""))
      return true
    }
    guard phase == .established else { return false }
    if now >= closing.limitDeadline {
      closing.limitDeadline = .distantFuture
      fail(.idleTimeout, "The session could not be finished in time.")
      return true
    }
    if now >= pingDeadline {
      expireSilence(at: now)
      return true
    }
    if now >= sender.deadline {
      sender.expire(at: now)
      if sender.isExhausted { exhausted() }
      return true
    }
    return false
  }

  private mutating func expireSilence(at now: Instant) {
    if now >= heardAt.advanced(by: tuning.idleLimit) {
      pingDeadline = .distantFuture
      fail(.idleTimeout, "Nothing was heard for too long.")
    } else {
      isPingDue = true
      pingDeadline = min(
        later(tuning.pingRepeat, than: now), heardAt.advanced(by: tuning.idleLimit))
    }
  }

  /// The next time for what is repeated so often; never now, or a drain would not end.
  func later(_ interval: Duration, than now: Instant) -> Instant {
    now.advanced(byNanoseconds: max(1, interval.nanoseconds))
  }

  private mutating func exhausted() {
    fail(.retriesExhausted, "A frame was retransmitted too often without an acknowledgement.")
  }

  /// "A sender held back by A = 0 with nothing in flight sends PING at once and then every
  /// retransmission timeout, without doubling" (section 4).
  private mutating func probeClosedWindow(at now: Instant) -> Bool {
    guard sender.isHeldByClosedWindow else {
      probeDeadline = .distantFuture
      return false
    }
    guard probeDeadline == .distantFuture || now >= probeDeadline else { return false }
    isPingDue = true
    probeDeadline = now.advanced(byNanoseconds: sender.timeout.nanoseconds)
    return true
  }

  /// Both sides have said goodbye and everything was acknowledged.
  private mutating func finishUp(at now: Instant) {
    switch role {
    case .client: become(ended: SessionOutcome(.clean, text: closing.peerReason ?? ""))
    case .server:
      // "so that its last acknowledgements can be repeated" (section 7)
      phase = .lingering
      closing.limitDeadline = .distantFuture
      closing.lingerDeadline = now.advanced(by: tuning.lingerLimit)
    }
  }

  /// When something happens without bytes or commands.
  private var nextDeadline: Instant {
    switch phase {
    case .ended: .distantFuture
    case .listening, .deciding, .synSent, .synReceived:
      min(handshake.limitDeadline, handshake.repeatDeadline)
    case .lingering: closing.lingerDeadline
    case .established:
      min(
        min(closing.limitDeadline, pingDeadline), min(sender.deadline, probeDeadline))
    }
  }
}
