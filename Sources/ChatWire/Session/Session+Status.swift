extension Session {
  /// Where the session stands now.
  public var status: SessionStatus {
    var status = SessionStatus()
    status.base = sender.base
    status.next = sender.next
    status.sendWindow = sender.sendWindow
    status.queuedMessageCount = sender.queue.count
    status.queuedByteCount = sender.queue.byteCount
    status.acknowledgedMessageCount = sender.acknowledgedMessageCount
    status.smoothedRoundTrip = sender.timeout.smoothedNanoseconds.map { .nanoseconds($0) }
    status.roundTripVariation = .nanoseconds(sender.timeout.variationNanoseconds)
    status.retransmissionTimeout = .nanoseconds(sender.timeout.nanoseconds)
    status.nextExpected = receiver.nextExpected
    status.receiveWindow = Int(receiver.advertisedWindow)
    status.bufferedFrameCount = receiver.bufferedFrameCount
    status.bufferedByteCount = receiver.bufferedByteCount
    status.framesSent = sender.firstTransmissionCount
    status.framesRetransmitted = sender.retransmissionCount
    status.framesReceived = framesReceived
    status.corruptFramesReceived = corruptFramesReceived
    status.messagesDelivered = messagesDelivered
    return status
  }

  /// The timer that runs out first; nil while nothing is in flight.
  public var retransmissionTimer: RetransmissionTimer? {
    sender.earliestTimer.map {
      RetransmissionTimer(sequence: $0.sequence, deadline: $0.deadline, whole: $0.whole)
    }
  }
}
