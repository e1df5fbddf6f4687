import ChatTrace
import Testing

@Suite struct PacketAddressTests {
  @Test(
    arguments: [
      (0, 0, "::"), (0, 1, "::1"), (0x2001_0DB8_0000_0000, 1, "2001:db8::1"),
      (0x2001_0DB8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
      (0x2001_0DB8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1"),
      (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"),
      (0xFE80_0000_0000_0000, 0, "fe80::"),
      (0x0001_0002_0003_0004, 0x0005_0006_0007_0008, "1:2:3:4:5:6:7:8"),
      (0x0001_0002_0003_0004, 0x0005_0006_0007_0000, "1:2:3:4:5:6:7:0"),
      (0x0000_0002_0003_0004, 0x0005_0006_0007_0008, "0:2:3:4:5:6:7:8"),
      (0, 0x0000_FFFF_C000_0201, "::ffff:192.0.2.1"),
      (0xABCD_0000_0000_0000, 0x0000_0000_0000_EF01, "abcd::ef01"),
      (0x0001_0000_0000_0000, 0x0001_0000_0000_0000, "1::1:0:0:0"),
    ] as [(UInt64, UInt64, String)])
  func `IPv6 text is canonical`(_ high: UInt64, _ low: UInt64, _ text: String) {
    #expect(IPAddress(ipv6High: high, low: low).description == text)
  }

  @Test func `endpoints are written as people write them`() {
    #expect(
      Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 5000).description == "127.0.0.1:5000")
    #expect(Endpoint(address: IPAddress(ipv4: .max), port: 0).description == "255.255.255.255:0")
    #expect(
      Endpoint(address: IPAddress(ipv6High: 0, low: 1), port: 65_535).description == "[::1]:65535")
  }

  @Test func `endpoints are ordered by version, address and port`() {
    let ordered = [
      Endpoint(address: IPAddress(ipv4: 1), port: 9),
      Endpoint(address: IPAddress(ipv4: 2), port: 3),
      Endpoint(address: IPAddress(ipv4: 2), port: 4),
      Endpoint(address: IPAddress(ipv4: .max), port: 1),
      Endpoint(address: IPAddress(ipv6High: 0, low: 1), port: 1),
      Endpoint(address: IPAddress(ipv6High: 0, low: .max), port: 1),
      Endpoint(address: IPAddress(ipv6High: 1, low: 0), port: 1),
      Endpoint(address: IPAddress(ipv6High: .max, low: 0), port: 1),
    ]
    for (left, first) in ordered.enumerated() {
      for (right, second) in ordered.enumerated() {
        #expect((first < second) == (left < right))
      }
    }
    #expect(IPAddress(ipv4: 1) != IPAddress(ipv6High: 0, low: 1))
  }
}
