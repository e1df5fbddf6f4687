/// When to say how many records were dropped: at once, then at most once a minute.
struct DropReport {
  private var saidCount: UInt64 = 0
  private var notBefore: Int64 = 0
  /// When there may be something to say again; nil: not until more is dropped.
  private(set) var nextMoment: Int64?

  /// How many to speak of now, of those dropped since the beginning.
  mutating func take(of droppedCount: UInt64, at now: Int64) -> UInt64? {
    nextMoment = nil
    guard droppedCount > saidCount else { return nil }
    guard now >= notBefore else {
      nextMoment = notBefore
      return nil
    }
    defer { saidCount = droppedCount }
    notBefore = now + 60_000_000_000
    return droppedCount - saidCount
  }
}
