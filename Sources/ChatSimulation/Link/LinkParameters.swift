/// How one direction of a link treats frames before any fault.
public struct LinkParameters: Sendable, Hashable {
  /// Bytes per second that the line takes; nil if a frame takes no time to be written.
  public var bytesPerSecond: Int?
  /// The time from the end of the line's sending to the arrival.
  public var latency = Duration.milliseconds(10)
  /// The most that is added to the latency of a frame; order is preserved, as TCP does.
  public var jitter = Duration.zero
  /// How many frames may wait for the line before one more is lost; nil if there is no limit.
  public var queueLimit: Int?

  /// A line of 10 ms without jitter, limits or loss.
  public init() {}
}
