/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// The upper 64 bits of an IPv6 address; 0 for IPv4.
  public var high: UInt64
  /// The lower 64 bits of an IPv6 address; the 32 bits of an IPv4 address.
  public var low: UInt64
  /// Which kind it is.
  public var isIPv6: Bool

  /// An IPv4 address from its 32 bits, most significant first.
  @inline(__always)
  public init(ipv4 bits: UInt32) {
    high = 0
    low = UInt64(bits)
    isIPv6 = false
  }

  /// An IPv6 address from its halves, most significant first.
  @inline(__always)
  public init(ipv6High high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
    isIPv6 = true
  }

  /// An address from its parts.
  init(high: UInt64, low: UInt64, isIPv6: Bool) {
    self.high = high
    self.low = low
    self.isIPv6 = isIPv6
  }

  /// Dotted decimal, or the canonical text of RFC 5952.
  public var description: String {
    isIPv6 ? ipv6Text : Self.dotted(UInt32(truncatingIfNeeded: low))
  }

  private static func dotted(_ bits: UInt32) -> String {
    "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
  }

  private var ipv6Text: String {
    // RFC 5952 section 5: addresses known to hold an IPv4 address end in it.
    if high == 0, low >> 32 == 0xFFFF {
      return "::ffff:" + Self.dotted(UInt32(truncatingIfNeeded: low))
    }
    let zeros = longestRunOfZeros
    var text = ""
    var index = 0
    while index < 8 {
      if zeros.count >= 2, index == zeros.lowerBound {
        text += "::"
        index = zeros.upperBound
      } else {
        if !text.isEmpty, !text.hasSuffix("::") { text += ":" }
        text += String(group(index), radix: 16)
        index += 1
      }
    }
    return text
  }

  /// One of the eight 16-bit groups, from the left.
  private func group(_ index: Int) -> UInt16 {
    let half = index < 4 ? high : low
    return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
  }

  /// The first of the longest runs of groups that are zero; may be empty.
  private var longestRunOfZeros: Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in 0..<8 {
      if group(index) != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest
  }
}

extension IPAddress: Comparable {
  /// Orders IPv4 before IPv6, and within each by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    if left.isIPv6 != right.isIPv6 { return right.isIPv6 }
    return left.high != right.high ? left.high < right.high : left.low < right.low
  }
}

/// One end of a TCP connection.
public struct Endpoint: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The address.
  public var address: IPAddress
  /// The TCP port.
  public var port: UInt16

  /// Makes an endpoint.
  @inline(__always)
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// `127.0.0.1:5000` or `[::1]:5000`.
  public var description: String {
    address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
  }

  /// Orders by address, then by port.
  public static func < (left: Endpoint, right: Endpoint) -> Bool {
    left.address != right.address ? left.address < right.address : left.port < right.port
  }
}
