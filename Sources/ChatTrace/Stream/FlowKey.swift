/// Two endpoints as numbers to compare and hash: the source first, or the lower first.
struct FlowKey: Equatable, Sendable {
  var firstHigh: UInt64 = 0
  var firstLow: UInt64 = 0
  var secondHigh: UInt64 = 0
  var secondLow: UInt64 = 0
  /// Port and kind of address of both.
  var firstTag: UInt32 = 0
  var secondTag: UInt32 = 0

  /// The key of no connection.
  init() {}

  @inline(__always)
  init(_ first: Endpoint, _ second: Endpoint) {
    firstHigh = first.address.high
    firstLow = first.address.low
    secondHigh = second.address.high
    secondLow = second.address.low
    firstTag = UInt32(first.port) | (first.address.isIPv6 ? 0x10000 : 0)
    secondTag = UInt32(second.port) | (second.address.isIPv6 ? 0x10000 : 0)
  }

  @inline(__always)
  func isReverse(of other: Self) -> Bool {
    firstLow == other.secondLow && secondLow == other.firstLow && firstTag == other.secondTag
      && secondTag == other.firstTag && firstHigh == other.secondHigh
      && secondHigh == other.firstHigh
  }

  var reversed: Self {
    var result = self
    swap(&result.firstHigh, &result.secondHigh)
    swap(&result.firstLow, &result.secondLow)
    swap(&result.firstTag, &result.secondTag)
    return result
  }

  /// True if the first endpoint is the lower one.
  var isOrdered: Bool {
    if firstLow != secondLow { return firstLow < secondLow }
    if firstTag != secondTag { return firstTag < secondTag }
    return firstHigh <= secondHigh
  }

  /// Multiplies words to 128 bits and folds them; every word is mixed with the seed first, so that
  /// another seed parts what collides.
  @inline(__always)
  func hash(seed: UInt64) -> UInt32 {
    let ports = UInt64(firstTag) << 32 | UInt64(secondTag)
    let low = Self.fold(firstLow ^ seed ^ 0xA076_1D64_78BD_642F, secondLow ^ 0xE703_7ED1_A0B4_28DB)
    let high = Self.fold(
      firstHigh ^ seed ^ 0x8EBC_6AF0_9C88_C6E3, secondHigh ^ 0x5899_65CC_7537_4CC3)
    let all = Self.fold(low ^ ports ^ seed, high ^ 0x1D8E_4E27_C47D_124F)
    return UInt32(truncatingIfNeeded: all ^ (all >> 32))
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
