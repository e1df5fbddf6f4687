/// A moment on the clock of whoever drives a session: nanoseconds since any fixed beginning.
///
/// The core has no clock: a program hands in its monotonic clock, a simulation its virtual one.
/// Arithmetic saturates, so a deadline that is very far away is `distantFuture` and no input traps.
@frozen
public struct Instant: Sendable, Hashable, Comparable {
  /// Nanoseconds since the beginning.
  public var nanoseconds: Int64

  /// Makes a moment from nanoseconds since the beginning.
  @inlinable
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The beginning.
  @inlinable
  public static var zero: Instant { Instant(nanoseconds: 0) }

  /// Later than any moment: a deadline that never comes.
  @inlinable
  public static var distantFuture: Instant { Instant(nanoseconds: .max) }

  /// The moment so much later.
  @inlinable
  public func advanced(by duration: Duration) -> Instant {
    advanced(byNanoseconds: duration.nanoseconds)
  }

  /// The moment so many nanoseconds later.
  @inlinable
  public func advanced(byNanoseconds count: Int64) -> Instant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
    return Instant(nanoseconds: overflow ? (count < 0 ? .min : .max) : sum)
  }

  /// Nanoseconds from this moment to another, negative if that one is earlier.
  @inlinable
  public func nanoseconds(to other: Instant) -> Int64 {
    let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
    return overflow ? (other.nanoseconds < nanoseconds ? .min : .max) : difference
  }

  /// The time from this moment to another.
  @inlinable
  public func duration(to other: Instant) -> Duration {
    .nanoseconds(nanoseconds(to: other))
  }

  /// Orders by time.
  @inlinable
  public static func < (earlier: Instant, later: Instant) -> Bool {
    earlier.nanoseconds < later.nanoseconds
  }
}

extension Duration {
  /// The whole of it in nanoseconds; what does not fit is as much as does.
  @inlinable
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || carry ? (seconds < 0 ? .min : .max) : sum
  }
}
