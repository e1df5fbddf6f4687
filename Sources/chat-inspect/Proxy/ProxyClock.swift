internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// The time of a proxy: one clock that never goes back, read once for everything that happens
/// together, as the core counts it and as the trace shows it.
struct ProxyClock {
  /// Nanoseconds since 1970 at the monotonic clock's beginning, as they were at the start.
  private let offset: Int64
  /// Now.
  private(set) var now: Instant

  init() {
    now = Instant(nanoseconds: Clock.monotonicNanoseconds())
    offset = Clock.realNanoseconds() - now.nanoseconds
  }

  /// Looks at the clock.
  mutating func read() {
    now = max(now, Instant(nanoseconds: Clock.monotonicNanoseconds()))
  }

  /// Now, as the trace shows it.
  var time: TraceTime { TraceTime(nanoseconds: offset &+ now.nanoseconds) }
}
