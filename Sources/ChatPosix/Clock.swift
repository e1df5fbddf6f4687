internal import Glibc

/// The clocks of the machine.
public enum Clock {
  /// Nanoseconds of the clock that never goes back.
  public static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Nanoseconds since 1970 UTC.
  public static func realNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
