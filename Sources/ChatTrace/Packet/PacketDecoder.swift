/// Finds the TCP segment in a captured packet: link layer, IPv4 or IPv6, TCP.
///
/// It reads borrowed bytes in place and keeps nothing of them, except fragments of TCP packets,
/// which it holds, within bounds, until they are complete. Every sequence of bytes is decoded to
/// some outcome.
public struct PacketDecoder: Sendable {
  /// The TCP packet that the last fragment completed; `TCPSegment.payloadOffset` counts from its
  /// start.
  ///
  /// It stays until the next packet is completed so.
  public private(set) var reassembled: [UInt8] = []

  private var fragments = FragmentReassembler()

  /// Longer packets are not believed.
  ///
  /// It bounds what a record whose original length is damaged can claim to be missing.
  static let packetLengthMax = 16 << 20

  /// IPv6 headers between the first one and TCP that are followed.
  static let extensionHeaderCountMax = 16

  /// A decoder that holds no fragments.
  public init() {}

  /// Decodes the packet that `record` describes in `bytes`.
  public mutating func decode(_ bytes: RawSpan, record: CaptureRecord) -> PacketOutcome {
    let offset = record.offset
    let length = record.capturedLength
    guard offset >= 0, length >= 0, offset <= bytes.byteCount, length <= bytes.byteCount &- offset
    else { return .malformed }
    let packet = PacketRegion(
      offset: offset, capturedEnd: offset &+ length,
      wireEnd: offset &+ max(length, min(record.originalLength, Self.packetLengthMax)))
    let payload = LinkPayload(of: bytes, packet, record.linkType)
    let internet = packet.dropping(payload.headerLength)
    switch payload.content {
    case .ipv4: return ipv4(bytes, internet, record.time)
    case .ipv6: return ipv6(bytes, internet, record.time)
    case .ip:
      guard internet.capturedCount >= 1 else { return internet.shortfall(1) }
      let isIPv6 = bytes.uint8(at: internet.offset) >> 4 == 6
      return isIPv6 ? ipv6(bytes, internet, record.time) : ipv4(bytes, internet, record.time)
    case .other: return .other
    case .incomplete: return internet.shortfall(1)
    }
  }

  // MARK: IPv4

  @inline(__always)
  private mutating func ipv4(
    _ bytes: RawSpan, _ packet: PacketRegion, _ time: TraceTime?
  ) -> PacketOutcome {
    if let segment = Self.plainSegment(bytes, packet) { return .segment(segment) }
    return ipv4Slowly(bytes, packet, time)
  }

  /// IPv4 without options or fragmentation, TCP, both headers captured: nearly all packets there
  /// are.
  ///
  /// Nil for all others. The headers are checked once, as one view of 40 bytes, instead of at each
  /// load.
  @inline(__always)
  private static func plainSegment(_ bytes: RawSpan, _ packet: PacketRegion) -> TCPSegment? {
    guard packet.capturedCount >= 40 else { return nil }
    let start = packet.offset
    let headers = bytes.extracting(start..<start &+ 40)
    let totalLength = Int(headers.uint16(at: 2, .big))
    let tcpHeaderLength = Int(headers.uint8(at: 32) >> 4) &* 4
    let payloadOffset = start &+ 20 &+ tcpHeaderLength
    let end = start &+ totalLength
    guard headers.uint8(at: 0) == 0x45, headers.uint8(at: 9) == IPProtocol.tcp,
      headers.uint16(at: 6, .big) & 0x3FFF == 0, tcpHeaderLength >= 20, payloadOffset <= end,
      payloadOffset <= packet.capturedEnd
    else { return nil }
    let payloadEnd = min(end, packet.capturedEnd)
    return TCPSegment(
      source: Endpoint(
        address: IPAddress(ipv4: headers.uint32(at: 12, .big)), port: headers.uint16(at: 20, .big)),
      destination: Endpoint(
        address: IPAddress(ipv4: headers.uint32(at: 16, .big)), port: headers.uint16(at: 22, .big)),
      sequenceNumber: headers.uint32(at: 24, .big),
      acknowledgementNumber: headers.uint32(at: 28, .big),
      flags: TCPFlags(rawValue: headers.uint8(at: 33)), window: headers.uint16(at: 34, .big),
      payloadOffset: payloadOffset, payloadLength: payloadEnd &- payloadOffset,
      missingLength: end &- payloadEnd)
  }

  private mutating func ipv4Slowly(
    _ bytes: RawSpan, _ packet: PacketRegion, _ time: TraceTime?
  ) -> PacketOutcome {
    guard packet.capturedCount >= 20 else { return packet.shortfall(20) }
    let start = packet.offset
    let versionAndLength = bytes.uint8(at: start)
    let headerLength = Int(versionAndLength & 15) &* 4
    let totalLength = Int(bytes.uint16(at: start &+ 2, .big))
    // 0: the packet was captured before the network card cut it up (TCP segmentation offload).
    let end = totalLength == 0 ? packet.wireEnd : start &+ totalLength
    guard versionAndLength >> 4 == 4, headerLength >= 20, start &+ headerLength <= end
    else { return .malformed }
    let payload = packet.ending(at: end).dropping(headerLength)
    let source = IPAddress(ipv4: bytes.uint32(at: start &+ 12, .big))
    let destination = IPAddress(ipv4: bytes.uint32(at: start &+ 16, .big))
    let protocolNumber = bytes.uint8(at: start &+ 9)
    let flagsAndOffset = bytes.uint16(at: start &+ 6, .big)
    if flagsAndOffset & 0x3FFF == 0, protocolNumber == IPProtocol.tcp {
      return Self.tcp(bytes, payload, from: source, to: destination, isReassembled: false)
    }
    guard protocolNumber == IPProtocol.tcp || protocolNumber == IPProtocol.authentication
    else { return .other }
    guard flagsAndOffset & 0x3FFF != 0 else {
      return transport(bytes, payload, protocolNumber, from: source, to: destination, time)
    }
    let fragment = IPFragment(
      packet: IPFragment.Packet(
        source: source, destination: destination,
        identification: UInt32(bytes.uint16(at: start &+ 4, .big)), protocolNumber: protocolNumber),
      offset: Int(flagsAndOffset & 0x1FFF) &* 8, isLast: flagsAndOffset & 0x2000 == 0,
      protocolNumber: protocolNumber, content: payload)
    return add(fragment, bytes, time)
  }

  // MARK: IPv6

  private mutating func ipv6(
    _ bytes: RawSpan, _ packet: PacketRegion, _ time: TraceTime?
  ) -> PacketOutcome {
    guard packet.capturedCount >= 40 else { return packet.shortfall(40) }
    let start = packet.offset
    guard bytes.uint8(at: start) >> 4 == 6 else { return .malformed }
    let payloadLength = Int(bytes.uint16(at: start &+ 4, .big))
    // 0: a jumbogram, or captured before segmentation offload.
    let end = payloadLength == 0 ? packet.wireEnd : start &+ 40 &+ payloadLength
    let payload = packet.ending(at: end).dropping(40)
    let source = IPAddress(
      ipv6High: bytes.uint64(at: start &+ 8, .big), low: bytes.uint64(at: start &+ 16, .big))
    let destination = IPAddress(
      ipv6High: bytes.uint64(at: start &+ 24, .big), low: bytes.uint64(at: start &+ 32, .big))
    let nextHeader = bytes.uint8(at: start &+ 6)
    if nextHeader == IPProtocol.tcp {
      return Self.tcp(bytes, payload, from: source, to: destination, isReassembled: false)
    }
    return transport(bytes, payload, nextHeader, from: source, to: destination, time)
  }

  /// Follows IPv6 extension headers, and the Authentication Header of both versions, up to TCP.
  private mutating func transport(
    _ bytes: RawSpan, _ payload: PacketRegion, _ protocolNumber: UInt8, from source: IPAddress,
    to destination: IPAddress, _ time: TraceTime?, isReassembled: Bool = false
  ) -> PacketOutcome {
    var region = payload
    var protocolNumber = protocolNumber
    for _ in 0..<Self.extensionHeaderCountMax {
      if protocolNumber == IPProtocol.tcp {
        return Self.tcp(bytes, region, from: source, to: destination, isReassembled: isReassembled)
      }
      guard IPProtocol.isExtensionHeader(protocolNumber) else { return .other }
      guard region.capturedCount >= 8 else { return region.shortfall(8) }
      let nextHeader = bytes.uint8(at: region.offset)
      if protocolNumber == IPProtocol.fragment {
        let offsetAndFlags = bytes.uint16(at: region.offset &+ 2, .big)
        // An "atomic" fragment is a whole packet (RFC 6946).
        if offsetAndFlags & 0xFFF9 != 0 {
          guard !isReassembled else { return .malformed }
          let fragment = IPFragment(
            packet: IPFragment.Packet(
              source: source, destination: destination,
              identification: bytes.uint32(at: region.offset &+ 4, .big), protocolNumber: 0),
            offset: Int(offsetAndFlags & 0xFFF8), isLast: offsetAndFlags & 1 == 0,
            protocolNumber: nextHeader, content: region.dropping(8))
          return add(fragment, bytes, time)
        }
      }
      let units = Int(bytes.uint8(at: region.offset &+ 1))
      let length =
        switch protocolNumber {
        case IPProtocol.fragment: 8
        case IPProtocol.authentication: (units &+ 2) &* 4
        default: (units &+ 1) &* 8
        }
      guard length <= region.wireCount else { return .malformed }
      region.offset &+= length
      protocolNumber = nextHeader
    }
    return .other
  }

  /// Holds a fragment; if it completes its packet, decodes that.
  private mutating func add(
    _ fragment: IPFragment, _ bytes: RawSpan, _ time: TraceTime?
  ) -> PacketOutcome {
    switch fragments.add(fragment, in: bytes, at: time) {
    case .held: return .fragmentHeld
    case .refused: return .malformed
    case .complete(let datagram):
      let region = PacketRegion(
        offset: 0, capturedEnd: datagram.bytes.count, wireEnd: datagram.totalLength)
      let outcome = transport(
        unsafe datagram.bytes.span.bytes, region, datagram.protocolNumber,
        from: fragment.packet.source, to: fragment.packet.destination, time, isReassembled: true)
      reassembled = datagram.bytes
      return outcome
    }
  }

  // MARK: TCP

  @inline(__always)
  private static func tcp(
    _ bytes: RawSpan, _ segment: PacketRegion, from source: IPAddress, to destination: IPAddress,
    isReassembled: Bool
  ) -> PacketOutcome {
    guard segment.capturedCount >= 20 else { return segment.shortfall(20) }
    let start = segment.offset
    let headerLength = Int(bytes.uint8(at: start &+ 12) >> 4) &* 4
    guard headerLength >= 20, headerLength <= segment.wireCount else { return .malformed }
    // Options that the snap length cut off do not matter: the payload begins after what was
    // captured.
    let payloadOffset = min(start &+ headerLength, segment.capturedEnd)
    let payloadLength = segment.capturedEnd &- payloadOffset
    return .segment(
      TCPSegment(
        source: Endpoint(address: source, port: bytes.uint16(at: start, .big)),
        destination: Endpoint(address: destination, port: bytes.uint16(at: start &+ 2, .big)),
        sequenceNumber: bytes.uint32(at: start &+ 4, .big),
        acknowledgementNumber: bytes.uint32(at: start &+ 8, .big),
        flags: TCPFlags(rawValue: bytes.uint8(at: start &+ 13)),
        window: bytes.uint16(at: start &+ 14, .big), payloadOffset: payloadOffset,
        payloadLength: payloadLength,
        missingLength: segment.wireCount &- headerLength &- payloadLength,
        isReassembled: isReassembled))
  }
}

/// The protocol numbers that matter on the way to TCP.
enum IPProtocol {
  static let tcp: UInt8 = 6
  static let fragment: UInt8 = 44
  static let authentication: UInt8 = 51

  /// True for the headers that may stand between IPv6 and TCP.
  static func isExtensionHeader(_ number: UInt8) -> Bool {
    switch number {
    case 0, 43, 60, 135, 139, 140, fragment, authentication: true
    default: false
    }
  }
}
