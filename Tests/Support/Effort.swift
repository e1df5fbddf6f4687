import Foundation

/// How many times over property tests try their random cases: `CHAT_TEST_EFFORT=20 make test` for a
/// long run.
public let effort = max(
  1, ProcessInfo.processInfo.environment["CHAT_TEST_EFFORT"].flatMap { Int($0) } ?? 1)
