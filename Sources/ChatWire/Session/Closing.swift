/// What an end of a session knows of its end (PROTOCOL.md section 7).
struct Closing: Sendable {
  /// Our FIN is in the queue, or was sent.
  var isFinQueued = false
  /// Our FIN was sent.
  var isFinSent = false
  /// The reason of the peer's FIN, once it was delivered.
  var peerReason: String?
  /// An ERROR that has to be sent.
  var error: CodedText?
  /// When closing has taken too long.
  var limitDeadline = Instant.distantFuture
  /// Server: when it stops waiting for the client to close.
  var lingerDeadline = Instant.distantFuture
}

extension Session {
  /// Puts our FIN behind everything that waits.
  mutating func queueFin(_ reason: [UInt8]) {
    sender.queue.append(.fin, reason)
    closing.isFinQueued = true
  }

  /// The peer's FIN was delivered.
  mutating func receiveFin(reason: String, at now: Instant) {
    closing.peerReason = reason
    startClosing(at: now)
    // "On the peer's FIN (delivered in order) it sends its own FIN in the same way."
    if !closing.isFinQueued { queueFin([]) }
  }

  /// "A side that is not done 60 s after it has sent or delivered a FIN ends the session".
  mutating func startClosing(at now: Instant) {
    if closing.limitDeadline == .distantFuture {
      closing.limitDeadline = now.advanced(by: tuning.closingLimit)
    }
  }

  /// True if its FIN is acknowledged and it has delivered the peer's (section 7).
  var isDone: Bool { closing.isFinSent && closing.peerReason != nil && sender.isIdle }

  /// The session is over.
  mutating func become(ended end: SessionOutcome) {
    phase = .ended
    self.end = end
    sender.queue.removeAll()
    decoder = FrameDecoder(.native, limit: FrameLimits.controlPayloadMax)
  }

  /// TCP is closed in the peer's direction, and everything that it sent was looked at.
  mutating func endStream() {
    let end: SessionOutcome
    if let reason = closing.peerReason, closing.isFinSent {
      // "End of file with own frames unacknowledged, after both FINs were sent, is a clean end
      // whose delivery is unconfirmed".
      end = SessionOutcome(sender.isIdle ? .clean : .unconfirmed, text: reason)
    } else {
      end = SessionOutcome(.abrupt)
    }
    become(ended: end)
  }

  /// Takes the peer's ERROR.
  mutating func receiveError(_ payload: RawSpan) {
    let code = payload.byteCount > 0 ? payload.byte(0) : 0
    let text = payload.byteCount > 1 ? payload.text(1..<payload.byteCount) ?? "" : ""
    become(ended: SessionOutcome(.failedByPeer, code: ErrorCode(rawValue: code), text: text))
  }

  /// Appends our ERROR, after which the session is over.
  mutating func transmitError(_ error: CodedText, into bytes: inout [UInt8]) -> Transmission {
    var payload: [UInt8] = []
    error.encode(into: &payload)
    if payload.count > FrameLimits.controlPayloadMax {
      payload = [error.code]
    }
    become(
      ended: SessionOutcome(.failed, code: ErrorCode(rawValue: error.code), text: error.text))
    return transmit(.error, sequence: SequenceNumber(0), payload, into: &bytes)
  }
}
