public import ChatWire

// Every part of a simulation that draws has a generator of its own, seeded from the seed of the run
// and a purpose, so that one part that draws more does not shift what the others draw.

extension SplitMix64 {
  /// A seed of its own for one purpose within a run.
  public static func seed(_ seed: UInt64, purpose: UInt64) -> UInt64 {
    var mixer = SplitMix64(seed: seed ^ purpose &* 0xD6E8_FEB8_6659_FD93)
    return mixer.next()
  }

  /// A number below a bound; 0 if the bound is 0.
  public mutating func below(_ bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number of a range.
  public mutating func within(_ range: ClosedRange<Int>) -> Int {
    let (count, overflow) = (range.upperBound &- range.lowerBound).addingReportingOverflow(1)
    return range.lowerBound &+ below(overflow ? .max : count)
  }

  /// True with a probability of so many percent; draws nothing if the answer is certain.
  public mutating func chance(_ percent: Int) -> Bool {
    if percent <= 0 { return false }
    if percent >= 100 { return true }
    return below(100) < percent
  }
}
