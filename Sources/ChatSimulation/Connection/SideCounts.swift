public import ChatWire

/// What one side of a connection has done.
public struct SideCounts: Sendable, Hashable {
  /// Control frames sent.
  public var controlFramesSent = 0
  /// Sequenced frames sent for the first time.
  public var firstTransmissions = 0
  /// Copies sent, by cause in the order of `Transmission.Cause.allCases`.
  private var copies = [Int](repeating: 0, count: Transmission.Cause.allCases.count)
  /// Bytes of all frames sent.
  public var bytesSent = 0
  /// When each message was delivered to this side.
  public var deliveryTimes: [Instant] = []
  /// Bytes of the messages delivered to this side.
  public var bytesDelivered = 0
  /// When this side first knew that all of its messages have arrived, and how many those were.
  public var allAcknowledged: (time: Instant, count: Int)? {
    acknowledgedTime.map { ($0, acknowledgedCount) }
  }
  private var acknowledgedTime: Instant?
  private var acknowledgedCount = 0
  /// When its handshake was complete.
  public var establishedTime: Instant?
  /// How its session ended, and when.
  public var end: SessionOutcome?
  /// When its session ended.
  public var endTime: Instant?
  /// The most frames that waited in a queue because one before them was missing.
  public var bufferedFrameMax = 0

  /// Nothing yet.
  public init() {}

  /// Copies sent for a reason.
  public func copies(_ cause: Transmission.Cause) -> Int { copies[Int(cause.rawValue)] }

  /// Copies sent for whatever reason.
  public var retransmissions: Int { copies.reduce(0, +) }

  /// Sequenced frames sent, copies included.
  public var sequencedFramesSent: Int { firstTransmissions + retransmissions }

  mutating func count(_ transmission: Transmission) {
    bytesSent &+= transmission.byteCount
    switch transmission.cause {
    case .control: controlFramesSent += 1
    case .first: firstTransmissions += 1
    case .timeout, .nack, .fast, .goBack: copies[Int(transmission.cause.rawValue)] += 1
    }
  }

  /// What the session says about itself when it comes to rest.
  mutating func note(_ status: SessionStatus, at now: Instant) {
    bufferedFrameMax = max(bufferedFrameMax, status.bufferedFrameCount)
    guard status.acknowledgedMessageCount > acknowledgedCount else { return }
    acknowledgedCount = status.acknowledgedMessageCount
    acknowledgedTime = now
  }
}
