/// How long to wait before a process is started again: nothing, then a tenth of a second, and twice
/// as long each time, up to two seconds.
struct RestartDelay {
  private var nanoseconds: Int64 = 0

  mutating func next() -> Int64 {
    defer { nanoseconds = min(2_000_000_000, max(100_000_000, 2 * nanoseconds)) }
    return nanoseconds
  }

  /// The process has achieved something.
  mutating func reset() {
    nanoseconds = 0
  }
}
