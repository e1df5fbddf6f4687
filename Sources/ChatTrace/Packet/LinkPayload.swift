/// What a link-layer header says about what follows it.
struct LinkPayload {
  enum Content {
    case ipv4, ipv6
    /// IP; the version is in its first four bits.
    case ip
    case other
    /// The packet ends within its link-layer header, which has at least `headerLength` + 1 bytes.
    case incomplete
  }

  var content: Content
  /// Bytes before what follows.
  var headerLength: Int

  /// VLAN tags that are followed; more are not found in nature.
  private static let tagCountMax = 16

  /// Reads the link-layer header of a packet.
  @inline(__always)
  init(of bytes: RawSpan, _ packet: PacketRegion, _ linkType: LinkType) {
    // Nearly all packets: Ethernet with IP right inside.
    if linkType == .ethernet, packet.capturedCount >= 14 {
      let type = bytes.uint16(at: packet.offset &+ 12, .big)
      if type == EtherType.ipv4 {
        self.init(.ipv4, 14)
      } else {
        self.init(of: bytes, packet, etherType: type, 14)
      }
    } else {
      self.init(ofRare: bytes, packet, linkType)
    }
  }

  private init(_ content: Content, _ headerLength: Int) {
    self.content = content
    self.headerLength = headerLength
  }

  private init(ofRare bytes: RawSpan, _ packet: PacketRegion, _ linkType: LinkType) {
    let headerLength: Int
    let typeOffset: Int
    switch linkType {
    case .rawIP, .rawIP12, .rawIP14:
      self.init(.ip, 0)
      return
    case .ipv4:
      self.init(.ipv4, 0)
      return
    case .ipv6:
      self.init(.ipv6, 0)
      return
    case .null, .loop:
      self.init(ofLoopback: bytes, packet)
      return
    case .ethernet: (headerLength, typeOffset) = (14, 12)
    case .linuxSLL: (headerLength, typeOffset) = (16, 14)
    case .linuxSLL2: (headerLength, typeOffset) = (20, 0)
    default:
      self.init(.other, 0)
      return
    }
    guard packet.capturedCount >= headerLength else {
      self.init(.incomplete, headerLength &- 1)
      return
    }
    let type = bytes.uint16(at: packet.offset &+ typeOffset, .big)
    self.init(of: bytes, packet, etherType: type, headerLength)
  }

  /// BSD loopback: an address family of four bytes, in one byte order or the other.
  private init(ofLoopback bytes: RawSpan, _ packet: PacketRegion) {
    guard packet.capturedCount >= 4 else {
      self.init(.incomplete, 3)
      return
    }
    // Families are small numbers, so the upper half tells the byte order.
    let family = bytes.uint32(at: packet.offset, .little)
    switch family <= 0xFFFF ? family : family.byteSwapped {
    case 2: self.init(.ipv4, 4)
    // AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of macOS.
    case 10, 24, 28, 30: self.init(.ipv6, 4)
    default: self.init(.other, 4)
    }
  }

  /// Follows an EtherType through VLAN tags and other thin headers, of which the first begins at
  /// `start`.
  private init(
    of bytes: RawSpan, _ packet: PacketRegion, etherType: UInt16, _ start: Int
  ) {
    var type = etherType
    var length = start
    for _ in 0...Self.tagCountMax {
      let offset = packet.offset &+ length
      let captured = packet.capturedCount &- length
      let headerLength: Int
      switch type {
      case EtherType.ipv4:
        self.init(.ipv4, length)
        return
      case EtherType.ipv6:
        self.init(.ipv6, length)
        return
      case 0x8100, 0x88A8, 0x9100, 0x9200, 0x9300: headerLength = 4
      case EtherType.pppoeSession, 0...1500: headerLength = 8
      default:
        self.init(.other, length)
        return
      }
      guard captured >= headerLength else {
        self.init(.incomplete, length &+ headerLength &- 1)
        return
      }
      if headerLength == 4 {
        type = bytes.uint16(at: offset &+ 2, .big)
      } else if type == EtherType.pppoeSession {
        type = EtherType(ppp: bytes.uint16(at: offset &+ 6, .big)).rawValue
      } else {
        // IEEE 802.3: a length (or, in cooked captures, "LLC") and then LLC and SNAP.
        guard bytes.uint32(at: offset, .big) == 0xAAAA_0300,
          bytes.uint16(at: offset &+ 4, .big) == 0
        else {
          self.init(.other, length)
          return
        }
        type = bytes.uint16(at: offset &+ 6, .big)
      }
      length &+= headerLength
    }
    self.init(.other, length)
  }
}

/// The EtherTypes that lead to IP.
private struct EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86DD
  static let pppoeSession: UInt16 = 0x8864

  var rawValue: UInt16

  /// The EtherType of what a PPP protocol number announces; one that leads nowhere for all but IP.
  init(ppp number: UInt16) {
    rawValue =
      switch number {
      case 0x0021: Self.ipv4
      case 0x0057: Self.ipv6
      default: 0xFFFF
      }
  }
}
