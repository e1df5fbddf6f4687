/// The retransmission timeout of RFC 6298 (PROTOCOL.md section 4.4): alpha 1/8, beta 1/4, K = 4.
///
/// Samples are for the caller to choose by Karn's rule: only frames that were sent once. Doubling
/// after a timeout is the sender's affair too, for it is per frame in Selective Repeat.
package struct RetransmissionTimeout: Sendable, Hashable {
  /// The timeout before the first sample, in nanoseconds.
  package static let initialNanoseconds: Int64 = 1_000_000_000
  /// The shortest timeout.
  package static let floorNanoseconds: Int64 = 100_000_000
  /// The longest timeout, doubled or not.
  package static let ceilingNanoseconds: Int64 = 10_000_000_000
  /// No round trip is taken to be longer than this: an hour.
  private static let sampleMaxNanoseconds: Int64 = 3_600_000_000_000

  /// The smoothed round-trip time; nil before the first sample.
  package private(set) var smoothedNanoseconds: Int64?
  /// How much round trips vary.
  package private(set) var variationNanoseconds: Int64 = 0
  /// A timeout that was configured in place of the computed one.
  package let fixedNanoseconds: Int64?

  /// A timeout without samples.
  package init(fixed: Duration? = nil) {
    fixedNanoseconds = fixed.map { max(1, $0.nanoseconds) }
  }

  /// Takes a round trip into account.
  package mutating func sample(nanoseconds: Int64) {
    let roundTrip = min(max(0, nanoseconds), Self.sampleMaxNanoseconds)
    if let smoothed = smoothedNanoseconds {
      variationNanoseconds = (3 * variationNanoseconds + abs(smoothed - roundTrip)) / 4
      smoothedNanoseconds = (7 * smoothed + roundTrip) / 8
    } else {
      smoothedNanoseconds = roundTrip
      variationNanoseconds = roundTrip / 2
    }
  }

  /// The timeout, before any doubling.
  package var nanoseconds: Int64 {
    if let fixedNanoseconds { return fixedNanoseconds }
    guard let smoothedNanoseconds else { return Self.initialNanoseconds }
    return min(
      max(smoothedNanoseconds + 4 * variationNanoseconds, Self.floorNanoseconds),
      Self.ceilingNanoseconds)
  }

  /// The timeout after so many consecutive timeouts.
  package func nanoseconds(doubled count: Int) -> Int64 {
    if let fixedNanoseconds { return fixedNanoseconds }
    // The floor times 2^7 is above the ceiling.
    return min(nanoseconds << Int64(min(count, 7)), Self.ceilingNanoseconds)
  }

  /// A NACK is not obeyed at once so soon after a transmission (section 4.3); nil while no round
  /// trip was measured.
  package var dampingNanoseconds: Int64? { smoothedNanoseconds.map { $0 / 2 } }

  /// A NACK that was not obeyed at once is obeyed so long after the transmission.
  package var delayedNackNanoseconds: Int64 { (smoothedNanoseconds ?? 0) * 5 / 4 }
}
