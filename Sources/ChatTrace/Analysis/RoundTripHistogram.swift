/// Counts durations in buckets that are at most 3 % wide, in little memory: thousands of streams
/// have one each.
///
/// Logarithmic with 32 linear steps an octave, as HdrHistogram does it. Only the range of buckets
/// that was used is stored. The smallest and the largest value are exact.
public struct RoundTripHistogram: Sendable {
  /// How many were counted.
  public private(set) var count: UInt64 = 0
  /// The smallest, in nanoseconds.
  public private(set) var minimum = Int64.max
  /// The largest, in nanoseconds.
  public private(set) var maximum: Int64 = 0
  /// The first few durations as they are: most streams have no more.
  private var samples: [Int64] = []
  private var firstBucket = 0
  private var counts: [UInt32] = []

  private static let stepBits = 5
  private static let samplesMax = 32

  /// An empty histogram.
  public init() {}

  /// Counts a duration in nanoseconds.
  public mutating func add(_ nanoseconds: Int64) {
    let value = max(0, nanoseconds)
    count &+= 1
    if value < minimum { minimum = value }
    if value > maximum { maximum = value }
    if counts.isEmpty {
      if samples.count < Self.samplesMax {
        samples.append(value)
        return
      }
      spread()
    }
    place(value)
  }

  /// Puts the samples into buckets.
  private mutating func spread() {
    for sample in samples { place(sample) }
    samples = []
  }

  private mutating func place(_ value: Int64) {
    let bucket = Self.bucket(of: value)
    let index = bucket &- firstBucket
    if index >= 0, index < counts.count {
      counts[index] &+= 1
    } else {
      extend(to: bucket)
      counts[bucket - firstBucket] &+= 1
    }
  }

  /// Adds everything that another one has counted.
  public mutating func add(_ other: RoundTripHistogram) {
    guard other.count > 0 else { return }
    count += other.count
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    spread()
    for sample in other.samples { place(sample) }
    guard !other.counts.isEmpty else { return }
    extend(to: other.firstBucket)
    extend(to: other.firstBucket + other.counts.count - 1)
    for index in other.counts.indices {
      counts[other.firstBucket + index - firstBucket] &+= other.counts[index]
    }
  }

  /// The duration in nanoseconds below or at which a share of all lies, in thousandths: 500 is the
  /// median.
  public func quantile(thousandths: UInt64) -> Int64? {
    guard count > 0 else { return nil }
    let rank = max(1, (count &* thousandths &+ 999) / 1_000)
    if counts.isEmpty { return samples.sorted()[Int(rank) - 1] }
    var seen: UInt64 = 0
    for index in counts.indices {
      seen += UInt64(counts[index])
      if seen >= rank {
        return min(maximum, max(minimum, Self.middle(of: firstBucket + index)))
      }
    }
    return maximum
  }

  private mutating func extend(to bucket: Int) {
    if counts.isEmpty {
      firstBucket = bucket
      counts = [0]
    } else if bucket < firstBucket {
      counts.insert(contentsOf: repeatElement(0, count: firstBucket - bucket), at: 0)
      firstBucket = bucket
    } else if bucket >= firstBucket + counts.count {
      counts.append(
        contentsOf: repeatElement(0, count: bucket - firstBucket - counts.count + 1))
    }
  }

  private static func bucket(of value: Int64) -> Int {
    guard value >= 1 << stepBits else { return Int(value) }
    let shift = 63 - value.leadingZeroBitCount - stepBits
    return (shift << stepBits) + Int(value >> Int64(shift))
  }

  private static func middle(of bucket: Int) -> Int64 {
    guard bucket >= 2 << stepBits else { return Int64(bucket) }
    let shift = (bucket >> stepBits) - 1
    let low = Int64(bucket - (shift << stepBits)) << Int64(shift)
    return low + (Int64(1) << Int64(shift)) / 2
  }
}
