import ChatTrace
import Testing

@Suite struct PacketLinkTests {
  typealias Build = PacketBuilder

  static let hello = Array("hello".utf8)
  static let packet4 = Build.ipv4(Build.tcp(hello))
  static let packet6 = Build.ipv6(Build.tcp(hello))

  @Test func `a segment says what its headers say`() {
    let segment = TCPSegment(
      source: Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 5000),
      destination: Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 41_000),
      sequenceNumber: 0x0102_0304, acknowledgementNumber: 0xA0B0_C0D0, flags: [.push, .ack],
      window: 512, payloadOffset: 40, payloadLength: 5)
    #expect(decode(Self.packet4, .rawIP) == .segment(segment))

    var segment6 = segment
    segment6.source.address = IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: 1)
    segment6.destination.address = IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: 2)
    segment6.payloadOffset = 60
    #expect(decode(Self.packet6, .rawIP) == .segment(segment6))
  }

  @Test func `raw IP of every number holds both versions`() {
    for linkType in [12, 14, 101].map(LinkType.init) {
      #expect(payload(Self.packet4, linkType) == Self.hello)
      #expect(payload(Self.packet6, linkType) == Self.hello)
    }
    #expect(payload(Self.packet4, .ipv4) == Self.hello)
    #expect(payload(Self.packet6, .ipv6) == Self.hello)
    #expect(decode(Self.packet6, .ipv4) == .malformed)
    #expect(decode(Self.packet4, .ipv6) == .malformed)
    #expect(decode([0x50] + Self.packet4.dropFirst(), .rawIP) == .malformed)
  }

  @Test func `Ethernet is followed through any tags`() {
    for tags in [
      [], [0x8100], [0x88A8, 0x8100], [0x9100, 0x8100], [0x8100, 0x8100, 0x8100, 0x88A8],
    ] as [[UInt16]] {
      #expect(payload(Build.ethernet(Self.packet4, tags: tags)) == Self.hello)
      #expect(payload(Build.ethernet(Self.packet6, type: 0x86DD, tags: tags)) == Self.hello)
    }
    let endless = [UInt16](repeating: 0x8100, count: 1000)
    #expect(decode(Build.ethernet(Self.packet4, tags: endless)) == .other)
  }

  @Test func `Ethernet with LLC and SNAP, or PPPoE, holds IP`() {
    let length = UInt16(Self.packet4.count + 8)
    let snap = [0xAA, 0xAA, 3, 0, 0, 0, 8, 0] + Self.packet4
    #expect(payload(Build.ethernet(snap, type: length)) == Self.hello)
    #expect(payload(Build.ethernet(snap, type: length, tags: [0x8100])) == Self.hello)
    let bridge = [0x42, 0x42, 3, 0, 0, 0, 8, 0] + Self.packet4
    #expect(decode(Build.ethernet(bridge, type: length)) == .other)

    let session = [0x11, 0, 0, 1] + Build.network([UInt16(Self.packet4.count + 2)])
    let ppp = session + [0, 0x21] + Self.packet4
    #expect(payload(Build.ethernet(ppp, type: 0x8864)) == Self.hello)
    #expect(
      payload(Build.ethernet(session + [0, 0x57] + Self.packet6, type: 0x8864)) == Self.hello)
    #expect(
      decode(Build.ethernet(session + [0xC0, 0x21] + Self.packet4, type: 0x8864)) == .other)
  }

  @Test func `Linux cooked captures of both versions hold IP`() {
    func cooked1(_ type: UInt16) -> [UInt8] {
      Build.network([0, 772, 6, 0, 0, 0, 0, type])
    }
    func cooked2(_ type: UInt16) -> [UInt8] {
      Build.network([type, 0, 0, 1, 772]) + [0, 6] + Build.network([0, 0, 0, 0])
    }
    #expect(payload(cooked1(0x0800) + Self.packet4, .linuxSLL) == Self.hello)
    #expect(payload(cooked1(0x86DD) + Self.packet6, .linuxSLL) == Self.hello)
    #expect(payload(cooked2(0x0800) + Self.packet4, .linuxSLL2) == Self.hello)
    #expect(payload(cooked2(0x86DD) + Self.packet6, .linuxSLL2) == Self.hello)
    let tagged = Build.network([7, 0x0800]) + Self.packet4
    #expect(payload(cooked1(0x8100) + tagged, .linuxSLL) == Self.hello)
    #expect(payload(cooked2(0x8100) + tagged, .linuxSLL2) == Self.hello)
    #expect(decode(cooked1(0x0806) + Self.packet4, .linuxSLL) == .other)
    #expect(decode(cooked2(0x0806) + Self.packet4, .linuxSLL2) == .other)
  }

  @Test func `loopback families of every system are known in both byte orders`() {
    for linkType in [LinkType.null, .loop] {
      for (family, packet) in [
        (2, Self.packet4), (10, Self.packet6), (24, Self.packet6), (28, Self.packet6),
        (30, Self.packet6),
      ] as [(UInt8, [UInt8])] {
        #expect(payload([family, 0, 0, 0] + packet, linkType) == Self.hello)
        #expect(payload([0, 0, 0, family] + packet, linkType) == Self.hello)
      }
      #expect(decode([7, 0, 0, 0] + Self.packet4, linkType) == .other)
    }
  }

  @Test func `unknown link types and protocols are other`() {
    #expect(decode(Build.ethernet(Self.packet4), LinkType(rawValue: 147)) == .other)
    #expect(decode(Build.ethernet(Self.packet4, type: 0x0806)) == .other)
    #expect(decode(Build.ethernet(Build.ipv4([1, 2, 3], protocolNumber: 17))) == .other)
    #expect(decode(Build.ipv6([1, 2, 3], nextHeader: 58), .rawIP) == .other)
    #expect(LinkType(rawValue: 147).name == "link type 147")
    #expect(!LinkType(rawValue: 147).isDecoded)
    #expect(LinkType.linuxSLL2.isDecoded)
  }

  @Test func `a record that does not lie in the span is malformed`() {
    var decoder = PacketDecoder()
    let packet = Self.packet4
    for (offset, length) in [
      (-1, 10), (0, -1), (0, 46), (46, 0), (.max, 1), (1, .max), (.min, .min), (40, 6),
    ] {
      let record = CaptureRecord(
        time: nil, linkType: .rawIP, offset: offset, capturedLength: length, originalLength: .max)
      #expect(decoder.decode(packet.span.bytes, record: record) == .malformed)
    }
  }

  @Test func `a packet is found at its offset`() {
    var decoder = PacketDecoder()
    let bytes = [1, 2, 3] + Self.packet4 + [4, 5, 6]
    let record = CaptureRecord(
      time: nil, linkType: .rawIP, offset: 3, capturedLength: Self.packet4.count,
      originalLength: Self.packet4.count)
    guard case .segment(let segment) = decoder.decode(bytes.span.bytes, record: record) else {
      Issue.record("no segment")
      return
    }
    #expect(segment.payloadOffset == 43 && segment.payloadLength == 5)
  }
}
