/// Where a session stands: for status lines, for a picture of its windows, and for checkers.
public struct SessionStatus: Sendable, Hashable {
  // MARK: what it sends

  /// The oldest unacknowledged sequence number.
  public var base = SequenceNumber(0)
  /// The next sequence number to use.
  public var next = SequenceNumber(0)
  /// How many frames may be in flight now: the smaller of the negotiated and the advertised window.
  public var sendWindow = 0
  /// Messages that wait, in whole or in part, to be sent for the first time.
  public var queuedMessageCount = 0
  /// Bytes of them.
  public var queuedByteCount = 0
  /// Messages of which every frame was acknowledged.
  public var acknowledgedMessageCount = 0
  /// The smoothed round-trip time, once one was measured.
  public var smoothedRoundTrip: Duration?
  /// How much round trips vary.
  public var roundTripVariation = Duration.zero
  /// The retransmission timeout in force.
  public var retransmissionTimeout = Duration.seconds(1)

  // MARK: what it receives

  /// The lowest sequence number not yet received in order.
  public var nextExpected = SequenceNumber(0)
  /// The window that it advertises, in frames.
  public var receiveWindow = 0
  /// Frames that are kept because one before them is missing.
  public var bufferedFrameCount = 0
  /// Bytes of them.
  public var bufferedByteCount = 0

  // MARK: counts

  /// Sequenced frames sent for the first time.
  public var framesSent = 0
  /// Sequenced frames sent again.
  public var framesRetransmitted = 0
  /// Frames received with a good checksum.
  public var framesReceived = 0
  /// Corrupt frames and runs of bytes that are none.
  public var corruptFramesReceived = 0
  /// Messages delivered.
  public var messagesDelivered = 0

  /// Frames in flight: sent and not known to be received in order.
  public var inFlightCount: Int { base.distance(to: next) }

  /// Nothing yet.
  public init() {}
}

/// The retransmission timer of a session that runs out first.
public struct RetransmissionTimer: Sendable, Hashable {
  /// The frame that is sent again then.
  public var sequence: SequenceNumber
  /// When it runs out.
  public var deadline: Instant
  /// How long it was at its start.
  public var whole: Duration
}
