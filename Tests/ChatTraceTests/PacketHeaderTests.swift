import ChatTrace
import Testing

@Suite struct PacketHeaderTests {
  typealias Build = PacketBuilder

  static let hello = Array("hello".utf8)

  static func segment(
    _ packet: [UInt8], _ linkType: LinkType = .rawIP, originalLength: Int? = nil
  ) -> TCPSegment? {
    guard case .segment(let segment) = decode(packet, linkType, originalLength: originalLength)
    else { return nil }
    return segment
  }

  @Test func `padding after the IP length is not payload`() {
    let padding = [UInt8](repeating: 0, count: 15)
    #expect(payload(Build.ethernet(Build.ipv4(Build.tcp([])) + padding)) == [])
    #expect(payload(Build.ethernet(Build.ipv4(Build.tcp([1])) + padding)) == [1])
    #expect(payload(Build.ethernet(Build.ipv6(Build.tcp([1])) + padding, type: 0x86DD)) == [1])
    // Padding that the snap length cut off is not missing either.
    let cut = Self.segment(Build.ipv4(Build.tcp([1])), originalLength: 46)
    #expect(cut?.payloadLength == 1 && cut?.missingLength == 0)
  }

  @Test func `IP and TCP options are passed over`() {
    let options = [UInt8](repeating: 1, count: 40)
    for size in stride(from: 0, through: 40, by: 4) {
      let some = Array(options.prefix(size))
      #expect(payload(Build.ipv4(Build.tcp(Self.hello), options: some), .rawIP) == Self.hello)
      #expect(payload(Build.ipv4(Build.tcp(Self.hello, options: some)), .rawIP) == Self.hello)
      #expect(payload(Build.ipv6(Build.tcp(Self.hello, options: some)), .rawIP) == Self.hello)
    }
  }

  @Test func `a length of 0 means all that was on the wire`() {
    let packet4 = Build.ipv4(Build.tcp(Self.hello), totalLength: 0)
    #expect(payload(packet4, .rawIP) == Self.hello)
    #expect(Self.segment(packet4, originalLength: 10_045)?.missingLength == 10_000)
    let packet6 = Build.ipv6(Build.tcp(Self.hello), payloadLength: 0)
    #expect(payload(packet6, .rawIP) == Self.hello)
    #expect(Self.segment(packet6, originalLength: 100_065)?.missingLength == 100_000)
  }

  @Test func `what a damaged record claims to be missing is bounded`() {
    let packet = Build.ipv4(Build.tcp(Self.hello), totalLength: 0)
    let missing = Self.segment(packet, originalLength: Int(UInt32.max))?.missingLength
    #expect(missing == 16 << 20 - packet.count)
  }

  @Test func `extension headers lead to TCP`() {
    let tcp = Build.tcp(Self.hello)
    let eight: [UInt8] = [0, 1, 0, 0, 0, 0]
    for first in [0, 43, 60, 135, 139, 140] as [UInt8] {
      #expect(payload(Build.ipv6([6, 0] + eight + tcp, nextHeader: first), .rawIP) == Self.hello)
      let longer = [60, 1] + eight + [UInt8](repeating: 0, count: 8) + [6, 0] + eight
      #expect(payload(Build.ipv6(longer + tcp, nextHeader: first), .rawIP) == Self.hello)
    }
    let authentication = [6, 4] + [UInt8](repeating: 3, count: 22)
    #expect(payload(Build.ipv6(authentication + tcp, nextHeader: 51), .rawIP) == Self.hello)
    #expect(payload(Build.ipv4(authentication + tcp, protocolNumber: 51), .rawIP) == Self.hello)
    let atomic = Build.fragment(tcp, nextHeader: 6, offset: 0, isLast: true, id: 9)
    #expect(payload(Build.ipv6(atomic, nextHeader: 44), .rawIP) == Self.hello)
    #expect(decode(Build.ipv6([59, 0] + eight, nextHeader: 60), .rawIP) == .other)
    #expect(decode(Build.ipv6([50, 0] + eight, nextHeader: 0), .rawIP) == .other)
  }

  @Test func `endless extension headers are given up`() {
    let header: [UInt8] = [60, 0, 0, 0, 0, 0, 0, 0]
    for count in [15, 16, 500] {
      var chain = (0..<count).flatMap { _ in header }
      chain[chain.count - 8] = 6
      let found = payload(Build.ipv6(chain + Build.tcp(Self.hello), nextHeader: 60), .rawIP)
      #expect(found == (count < 16 ? Self.hello : nil))
    }
  }

  @Test func `headers that contradict their lengths are malformed`() {
    func changed(_ index: Int, _ value: UInt8) -> PacketOutcome {
      var packet = Build.ipv4(Build.tcp(Self.hello))
      packet[index] = value
      return decode(packet, .rawIP)
    }
    #expect(changed(0, 0x44) == .malformed)  // IP header shorter than 20
    #expect(changed(3, 19) == .malformed)  // total length shorter than the header
    #expect(changed(3, 39) == .malformed)  // no room for TCP
    #expect(changed(32, 0x40) == .malformed)  // TCP header shorter than 20
    #expect(changed(32, 0xF0) == .malformed)  // TCP header longer than the segment
    let reach = Build.ipv6([6, 200, 0, 0, 0, 0, 0, 0] + Build.tcp(Self.hello), nextHeader: 60)
    #expect(decode(reach, .rawIP) == .malformed)
    #expect(decode([], .rawIP) == .malformed)
    #expect(decode([0x45, 0], .rawIP) == .malformed)
  }

  struct Cut: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var linkType: LinkType
    var packet: [UInt8]
    /// Bytes up to and including the 20 of the TCP header that always are.
    var headerLength: Int
  }

  static let cuts: [Cut] = {
    let tcp = Build.tcp(hello, options: [1, 1, 1, 1])
    let eight: [UInt8] = [6, 0, 0, 0, 0, 0, 0, 0]
    return [
      Cut(
        testDescription: "Ethernet", linkType: .ethernet, packet: Build.ethernet(Build.ipv4(tcp)),
        headerLength: 54),
      Cut(
        testDescription: "two tags", linkType: .ethernet,
        packet: Build.ethernet(Build.ipv4(tcp), tags: [0x88A8, 0x8100]), headerLength: 62),
      Cut(
        testDescription: "IP options", linkType: .ethernet,
        packet: Build.ethernet(Build.ipv4(tcp, options: [1, 1, 1, 1])), headerLength: 58),
      Cut(
        testDescription: "IPv6 with a header", linkType: .null,
        packet: [30, 0, 0, 0] + Build.ipv6(eight + tcp, nextHeader: 60), headerLength: 72),
      Cut(
        testDescription: "cooked v1", linkType: .linuxSLL,
        packet: Build.network([0, 1, 6, 0, 0, 0, 0, 0x86DD]) + Build.ipv6(tcp), headerLength: 76),
      Cut(
        testDescription: "cooked v2", linkType: .linuxSLL2,
        packet: Build.network([0x0800, 0, 0, 1, 1, 0, 0, 0, 0, 0]) + Build.ipv4(tcp),
        headerLength: 60),
    ]
  }()

  @Test(arguments: cuts)
  func `a snap length of any size leaves the exact number of missing bytes`(_ cut: Cut) {
    for length in 0..<cut.packet.count {
      let outcome = decode(
        Array(cut.packet.prefix(length)), cut.linkType, originalLength: cut.packet.count)
      guard length >= cut.headerLength else {
        #expect(outcome == .truncated, "\(length)")
        continue
      }
      guard case .segment(let segment) = outcome else {
        Issue.record("no segment at \(length)")
        continue
      }
      let captured = max(0, length - cut.headerLength - 4)
      #expect(segment.payloadLength == captured && segment.missingLength == 5 - captured)
      #expect(segment.payloadOffset + segment.payloadLength == length)
      #expect(segment.sequenceNumber == 0x0102_0304 && segment.flags == [.push, .ack])
    }
  }

  @Test(arguments: cuts)
  func `a packet that was short on the wire is malformed up to its headers`(_ cut: Cut) {
    for length in 0..<cut.headerLength {
      let outcome = decode(Array(cut.packet.prefix(length)), cut.linkType)
      // From the IP length on, the packet itself says that it was longer.
      #expect(outcome == .malformed || outcome == .truncated, "\(length)")
    }
    #expect(decode(Array(cut.packet.prefix(3)), cut.linkType) == .malformed)
  }
}
