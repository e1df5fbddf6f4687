/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable {
  /// The first 64 bits of an IPv6 address; 0 for IPv4.
  public var high: UInt64
  /// The last 64 bits of an IPv6 address, or the 32 bits of an IPv4 address.
  public var low: UInt64
  /// Which of the two it is.
  public var isIPv6: Bool

  /// Makes an address from its bits.
  public init(high: UInt64, low: UInt64, isIPv6: Bool) {
    self.high = high
    self.low = low
    self.isIPv6 = isIPv6
  }
}
