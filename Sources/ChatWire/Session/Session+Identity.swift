// For exploring all that can happen to a pair of sessions: when are two states the same?

extension Session {
  /// Feeds a hasher all that decides what the session does from now on.
  ///
  /// Two sessions of one configuration that feed the same behave the same.
  package func hashState(into hasher: inout Hasher) {
    hasher.combine(phase)
    hasher.combine(receiver)
    hasher.combine(sender)
    hasher.combine(end)
    hasher.combine(handshake.isOpeningDue)
    hasher.combine(handshake.isCompletionDue)
    hasher.combine(handshake.openingCount)
    hasher.combine(handshake.openedAt)
    hasher.combine(handshake.repeatDeadline)
    hasher.combine(handshake.limitDeadline)
    hasher.combine(closing.isFinQueued)
    hasher.combine(closing.isFinSent)
    hasher.combine(closing.peerReason)
    hasher.combine(closing.limitDeadline)
    hasher.combine(closing.lingerDeadline)
    hasher.combine(pongDue)
    hasher.combine(isPingDue)
    hasher.combine(pingCount)
    hasher.combine(heardAt)
    hasher.combine(pingDeadline)
    hasher.combine(probeDeadline)
    hasher.combine(isStreamEnded)
    hasher.combine(decoder.buffer)
    hasher.combine(decoder.offset)
    hasher.combine(assembler.isOpen)
    hasher.combine(assembler.bytes)
  }
}
