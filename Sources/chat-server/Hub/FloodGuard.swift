internal import ChatWire

/// Keeps one client from filling the room: so many messages a second in the long run, ten seconds'
/// worth at once.
///
/// A message that is refused is answered, so that its sender knows; of many in a row only the first
/// of each second, with the number of those before.
struct FloodGuard: Sendable {
  private let messagesPerSecond: Int64
  private let capacity: Int64
  /// In billionths of a message, which is what a nanosecond brings at one a second.
  private var balance: Int64
  private var updatedAt: Instant
  /// Refused and not said yet.
  private var unsaidCount = 0
  private var nextNotice = Instant(nanoseconds: .min)

  private static let unit: Int64 = 1_000_000_000

  /// With a rate of 0 everything passes.
  init(messagesPerSecond: Int, at now: Instant) {
    self.messagesPerSecond = Int64(min(max(messagesPerSecond, 0), 1_000_000))
    capacity = self.messagesPerSecond * 10 * Self.unit
    balance = capacity
    updatedAt = now
  }

  /// A message has come: true if it may pass.
  mutating func admit(at now: Instant) -> Bool {
    guard messagesPerSecond > 0 else { return true }
    let elapsed = min(max(0, updatedAt.nanoseconds(to: now)), 10 * Self.unit)
    balance = min(capacity, balance + elapsed * messagesPerSecond)
    updatedAt = now
    guard balance >= Self.unit else {
      unsaidCount += 1
      return false
    }
    balance -= Self.unit
    return true
  }

  /// What the client is to be told now, if anything.
  mutating func notice(at now: Instant) -> String? {
    guard unsaidCount > 0, now >= nextNotice else { return nil }
    let count = unsaidCount
    unsaidCount = 0
    nextNotice = now.advanced(by: .seconds(1))
    let what = count == 1 ? "This message was" : "\(count) messages were"
    return "\(what) not passed on: more than \(messagesPerSecond) a second are too many."
  }

  /// When there will be something to tell.
  var deadline: Instant { unsaidCount > 0 ? nextNotice : .distantFuture }
}
