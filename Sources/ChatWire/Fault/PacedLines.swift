/// The lines of limited rate that the frames of one direction pass: one for each rule with a
/// bandwidth.
package struct PacedLines: Sendable {
  /// A rule by its text, for a ledger has no more; `occurrence` counts those with the same text
  /// that act on one frame.
  private struct Key: Hashable {
    var rule: String
    var occurrence: Int
  }

  /// Until when each line is taken.
  private var busyUntil: [Key: Instant] = [:]

  /// More lines than this are looked through for some that are free.
  private static let linesMax = FaultLimits.rulesMax

  /// Lines that are all free.
  package init() {}

  /// Puts bytes on the line of a rule from a moment on; gives when it has carried them.
  package mutating func carry(
    _ byteCount: Int, rule: String, occurrence: Int, rate: FaultRate, from start: Instant
  ) -> Instant {
    let key = Key(rule: rule, occurrence: occurrence)
    let begin = max(start, busyUntil[key] ?? start)
    if busyUntil.count >= Self.linesMax { busyUntil = busyUntil.filter { $0.value > start } }
    let end = begin.advanced(by: rate.time(for: byteCount))
    busyUntil[key] = end
    return end
  }
}
