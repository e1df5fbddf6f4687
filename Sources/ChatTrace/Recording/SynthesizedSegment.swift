// A proxy never sees the packets of its connections, only their bytes. These are packets that could
// have carried them.

/// A TCP segment to be written as an IP packet.
struct SynthesizedSegment {
  var source: Endpoint
  var destination: Endpoint
  var sequenceNumber: UInt32
  var acknowledgementNumber: UInt32
  var flags: TCPFlags

  /// The most payload of a segment: what fits in IPv4 fits in IPv6.
  static let payloadMax = 65_535 - 20 - 20
  /// Bytes of the largest headers.
  static let headerByteCountMax = 40 + 28
  /// A SYN says that windows count in 128 bytes, and how large segments may be.
  private static let windowShift: UInt8 = 7

  /// Appends the packet.
  func append(to bytes: inout [UInt8], payload: RawSpan) {
    let isIPv6 = source.address.isIPv6 || destination.address.isIPv6
    let isOpening = flags.contains(.syn)
    let tcpCount = (isOpening ? 28 : 20) + payload.byteCount
    var sum: UInt64
    if isIPv6 {
      sum = appendIPv6(to: &bytes, tcpCount: tcpCount)
    } else {
      sum = appendIPv4(to: &bytes, tcpCount: tcpCount)
    }
    let start = bytes.count
    bytes.append(big: source.port)
    bytes.append(big: destination.port)
    bytes.append(big: sequenceNumber)
    bytes.append(big: acknowledgementNumber)
    bytes.append(isOpening ? 7 << 4 : 5 << 4)
    bytes.append(flags.rawValue)
    bytes.append(big: UInt16.max)
    bytes.append(big: UInt32(0))
    if isOpening {
      bytes.append(big: UInt16(0x0204))
      bytes.append(big: UInt16(Self.payloadMax))
      bytes.append(big: UInt32(0x0103_0300) | UInt32(Self.windowShift))
    }
    unsafe payload.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    sum &+= unsafe bytes.span.bytes.extracting(start..<bytes.count).internetSum
    sum &+= UInt64(tcpCount &+ 6)
    let checksum = ~Self.folded(sum)
    bytes[start + 16] = UInt8(truncatingIfNeeded: checksum >> 8)
    bytes[start + 17] = UInt8(truncatingIfNeeded: checksum)
  }

  /// Appends the IPv4 header; gives the sum of the addresses.
  private func appendIPv4(to bytes: inout [UInt8], tcpCount: Int) -> UInt64 {
    let start = bytes.count
    bytes.append(big: UInt16(0x4500))
    bytes.append(big: UInt16(truncatingIfNeeded: 20 + tcpCount))
    // No identification is needed by what is never fragmented.
    bytes.append(big: UInt32(0x0000_4000))
    bytes.append(big: UInt32(0x4006_0000))
    bytes.append(big: UInt32(truncatingIfNeeded: source.address.low))
    bytes.append(big: UInt32(truncatingIfNeeded: destination.address.low))
    let addresses = unsafe bytes.span.bytes.extracting(start + 12..<start + 20).internetSum
    let checksum = ~Self.folded(
      unsafe bytes.span.bytes.extracting(start..<start + 20).internetSum)
    bytes[start + 10] = UInt8(truncatingIfNeeded: checksum >> 8)
    bytes[start + 11] = UInt8(truncatingIfNeeded: checksum)
    return addresses
  }

  /// Appends the IPv6 header; gives the sum of the addresses.
  private func appendIPv6(to bytes: inout [UInt8], tcpCount: Int) -> UInt64 {
    bytes.append(big: UInt32(0x6000_0000))
    bytes.append(big: UInt16(truncatingIfNeeded: tcpCount))
    bytes.append(big: UInt16(0x0640))
    let start = bytes.count
    for address in [source.address.asIPv6, destination.address.asIPv6] {
      bytes.append(big: address.high)
      bytes.append(big: address.low)
    }
    return unsafe bytes.span.bytes.extracting(start..<bytes.count).internetSum
  }

  /// The sum of RFC 1071 in 16 bits.
  static func folded(_ sum: UInt64) -> UInt16 {
    var sum = sum
    while sum > 0xFFFF { sum = sum >> 16 &+ sum & 0xFFFF }
    return UInt16(truncatingIfNeeded: sum)
  }
}

extension IPAddress {
  /// The address itself, or an IPv4 address as IPv6 writes it: a connection has one kind.
  fileprivate var asIPv6: IPAddress {
    isIPv6 ? self : IPAddress(ipv6High: 0, low: 0xFFFF_0000_0000 | low)
  }
}

extension RawSpan {
  /// The ones' complement sum of the bytes as 16-bit numbers, the highest byte first; an odd byte
  /// at the end is the higher one.
  fileprivate var internetSum: UInt64 {
    // The sum does not depend on the order of bytes but for being swapped in the end (RFC 1071).
    var sum: UInt64 = 0
    var offset = 0
    while offset &+ 4 <= byteCount {
      sum &+= UInt64(uint32(at: offset, .little))
      offset &+= 4
    }
    if offset &+ 2 <= byteCount {
      sum &+= UInt64(uint16(at: offset, .little))
      offset &+= 2
    }
    if offset < byteCount { sum &+= UInt64(uint8(at: offset)) }
    return UInt64(SynthesizedSegment.folded(sum).byteSwapped)
  }
}
