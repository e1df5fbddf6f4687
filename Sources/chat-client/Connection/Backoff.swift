/// How long to wait before the next attempt to connect: longer each time, and never the same for
/// all clients of a server that has come back.
struct Backoff {
  /// Half a second first, half a minute in the end.
  static let steps: [Duration] = [
    .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(15),
    .seconds(30),
  ]

  private var failureCount = 0

  /// An attempt has succeeded.
  mutating func reset() {
    failureCount = 0
  }

  /// The time before the next attempt: the step, give or take a fifth.
  mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let step = Self.steps[min(failureCount, Self.steps.count - 1)]
    failureCount += 1
    return step * Int.random(in: 80...120, using: &random) / 100
  }
}
