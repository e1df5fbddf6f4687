import ChatTrace
import TestSupport
import Testing

@Suite struct PacketDamageTests {
  /// Packets of every kind that the other suites use, with the link types they belong to.
  static let seeds: [(LinkType, [UInt8])] = {
    let text = PacketFragmentTests.text
    let tcp = PacketBuilder.tcp(text, options: [1, 1, 1, 1])
    var seeds = PacketHeaderTests.cuts.map { ($0.linkType, $0.packet) }
    let eight: [UInt8] = [44, 0, 0, 0, 0, 0, 0, 0]
    for isIPv6 in [false, true] {
      for piece in PacketFragmentTests.pieces(tcp, size: 24) {
        seeds.append((.rawIP, PacketFragmentTests.packet(piece, isIPv6: isIPv6)))
      }
    }
    let fragment = PacketBuilder.fragment(tcp, nextHeader: 6, offset: 0, isLast: false, id: 1)
    seeds.append((.rawIP14, PacketBuilder.ipv6(eight + fragment, nextHeader: 0)))
    let session = [0x11, 0, 0, 1, 0, 80, 0, 0x21] + PacketBuilder.ipv4(tcp)
    seeds.append((.ethernet, PacketBuilder.ethernet(session, type: 0x8864, tags: [0x8100])))
    seeds.append((.loop, [0, 0, 0, 2] + PacketBuilder.ipv4(tcp, totalLength: 0)))
    return seeds
  }()

  /// Decodes a packet and checks that what is said to be its payload lies in it.
  static func check(
    _ packet: [UInt8], _ linkType: LinkType, originalLength: Int, nanoseconds: Int64?,
    with decoder: inout PacketDecoder
  ) -> PacketOutcome {
    let outcome = decode(
      packet, linkType, originalLength: originalLength, nanoseconds: nanoseconds, with: &decoder)
    if case .segment(let segment) = outcome {
      let whole = segment.isReassembled ? decoder.reassembled.count : packet.count
      let end = segment.payloadOffset + segment.payloadLength
      // Not #expect, which is slow where it is evaluated so often.
      if segment.payloadOffset < 20 || segment.payloadLength < 0 || end > whole
        || !(0...17 << 20).contains(segment.missingLength)
      {
        Issue.record("\(segment) of \(whole) bytes")
      }
    }
    return outcome
  }

  @Test func `a packet cut at any byte never traps`() {
    for (linkType, packet) in Self.seeds {
      for count in 0...packet.count {
        for originalLength in [count, packet.count, 0, .max, -1] {
          var decoder = PacketDecoder()
          _ = Self.check(
            Array(packet.prefix(count)), linkType, originalLength: originalLength,
            nanoseconds: nil, with: &decoder)
        }
      }
    }
  }

  @Test func `sixty thousand damaged packets never trap`() {
    var generator = SeededGenerator(seed: 0xDEC0DE)
    var decoder = PacketDecoder()
    let linkTypes: [LinkType] = [
      .ethernet, .null, .loop, .rawIP, .linuxSLL, .linuxSLL2, .ipv4, .ipv6,
    ]
    var segments = 0
    var reassembled = 0
    for round in 0..<60_000 {
      var (linkType, packet) = Self.seeds[round % Self.seeds.count]
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let index = Int.random(in: 0..<packet.count, using: &generator)
        packet[index] =
          switch Int.random(in: 0...2, using: &generator) {
          case 0: 0
          case 1: 255
          default: UInt8.random(in: 0...255, using: &generator)
          }
      }
      if round.isMultiple(of: 5) {
        packet.removeLast(Int.random(in: 0..<packet.count, using: &generator))
      }
      if round.isMultiple(of: 17) { linkType = linkTypes[round % linkTypes.count] }
      let outcome = Self.check(
        packet, linkType, originalLength: packet.count + round % 3,
        nanoseconds: Int64(round) * 10_000_000, with: &decoder)
      guard case .segment(let segment) = outcome else { continue }
      segments += 1
      if segment.isReassembled { reassembled += 1 }
    }
    // Most of the damage is in places that do not matter, so all paths are still taken.
    #expect(segments > 10_000 && reassembled > 100)
  }
}
