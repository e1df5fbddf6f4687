/// What a captured packet begins with: the link-layer header type, numbered as in capture files.
///
/// The numbers are those of <https://www.tcpdump.org/linktypes.html>.
public struct LinkType: RawRepresentable, Equatable, Hashable, Sendable {
  /// The number in the file.
  public var rawValue: UInt32

  /// Makes a link type from its number; every number is one, known or not.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// BSD loopback: the address family in the byte order of the machine that captured.
  public static let null = LinkType(rawValue: 0)
  /// Ethernet.
  public static let ethernet = LinkType(rawValue: 1)
  /// Raw IP, as written by systems whose DLT_RAW is 12.
  public static let rawIP12 = LinkType(rawValue: 12)
  /// Raw IP, as written by OpenBSD.
  public static let rawIP14 = LinkType(rawValue: 14)
  /// Raw IP, version 4 or 6.
  public static let rawIP = LinkType(rawValue: 101)
  /// OpenBSD loopback: the address family in network byte order.
  public static let loop = LinkType(rawValue: 108)
  /// Linux "cooked" capture, version 1.
  public static let linuxSLL = LinkType(rawValue: 113)
  /// Raw IPv4.
  public static let ipv4 = LinkType(rawValue: 228)
  /// Raw IPv6.
  public static let ipv6 = LinkType(rawValue: 229)
  /// Linux "cooked" capture, version 2.
  public static let linuxSLL2 = LinkType(rawValue: 276)

  /// True if `PacketDecoder` looks inside packets of this type; all others are counted only.
  public var isDecoded: Bool {
    switch self {
    case .null, .ethernet, .rawIP12, .rawIP14, .rawIP, .loop, .linuxSLL, .ipv4, .ipv6, .linuxSLL2:
      true
    default: false
    }
  }

  /// The name for messages.
  public var name: String {
    switch rawValue {
    case 0: "BSD loopback"
    case 1: "Ethernet"
    case 6: "Token Ring"
    case 9: "PPP"
    case 12, 14, 101: "raw IP"
    case 105: "IEEE 802.11"
    case 108: "OpenBSD loopback"
    case 113: "Linux cooked v1"
    case 127: "IEEE 802.11 with radiotap"
    case 189, 220: "USB"
    case 228: "raw IPv4"
    case 229: "raw IPv6"
    case 239: "NFLOG"
    case 276: "Linux cooked v2"
    default: "link type \(rawValue)"
    }
  }
}
