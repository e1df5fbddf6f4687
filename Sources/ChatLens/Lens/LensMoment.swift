public import ChatTrace

/// A record of the trace, and how the clocks stood when it was made.
public struct LensMoment: Sendable {
  /// The record.
  public var event: TraceEvent
  /// The round trip and the timer then; nil where there is no session.
  public var timing: LensTiming?

  /// Makes a moment.
  public init(_ event: TraceEvent, _ timing: LensTiming? = nil) {
    self.event = event
    self.timing = timing
  }
}

/// The round trip as the client estimates it, and its retransmission timer.
public struct LensTiming: Sendable, Hashable {
  /// The retransmission timer that runs out first.
  public struct Timer: Sendable, Hashable {
    /// The frame that is sent again then.
    public var sequence: UInt16
    /// What is left, not below zero.
    public var left: Duration
    /// What there was at its start.
    public var whole: Duration

    /// Makes a timer.
    public init(sequence: UInt16, left: Duration, whole: Duration) {
      self.sequence = sequence
      self.left = left
      self.whole = whole
    }
  }

  /// The smoothed round-trip time; nil before the first was measured.
  public var roundTrip: Duration?
  /// How much round trips vary.
  public var variation: Duration
  /// The retransmission timeout in force.
  public var timeout: Duration
  /// Nil while nothing is on its way.
  public var timer: Timer?

  /// Makes one.
  public init(roundTrip: Duration?, variation: Duration, timeout: Duration, timer: Timer?) {
    self.roundTrip = roundTrip
    self.variation = variation
    self.timeout = timeout
    self.timer = timer
  }
}
