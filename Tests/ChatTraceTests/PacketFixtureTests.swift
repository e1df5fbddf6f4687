import ChatTrace
import Testing

/// The recorded sessions, against what tshark says of them.
@Suite struct PacketFixtureTests {
  struct Segment: Equatable {
    var sequenceNumber: UInt32
    var acknowledgementNumber: UInt32
    var flags: TCPFlags
    var sourcePort: UInt16
    var payload: [UInt8]
  }

  /// All segments of a capture; a packet that is none is recorded as an issue.
  static func segments(_ name: String) throws -> [Segment] {
    var decoder = PacketDecoder()
    return try readCapture(CaptureFixture.bytes(name)).packets.compactMap { packet in
      let outcome = decode(
        packet.bytes, packet.linkType, originalLength: packet.originalLength, with: &decoder)
      guard case .segment(let segment) = outcome else {
        Issue.record("\(outcome)")
        return nil
      }
      let end = segment.payloadOffset + segment.payloadLength
      return Segment(
        sequenceNumber: segment.sequenceNumber,
        acknowledgementNumber: segment.acknowledgementNumber, flags: segment.flags,
        sourcePort: segment.source.port, payload: Array(packet.bytes[segment.payloadOffset..<end]))
    }
  }

  @Test(
    arguments: [
      (
        "a_handshake_one_message.pcap", 17, 385, 3_252_382_639,
        1_795_343_898_161_813_000, 1_795_343_898_317_318_000
      ),
      (
        "h_clean_disconnect.cutfile.pcap", 52, 1006, 51_231_327,
        1_795_343_907_109_926_000, 1_795_343_908_736_720_000
      ),
      (
        "h_clean_disconnect.ipv6.pcap", 53, 1006, 3_108_826_607,
        1_795_343_907_109_926_000, 1_795_343_908_736_738_000
      ),
      (
        "h_clean_disconnect.nano.pcap", 53, 1006, 3_108_826_607,
        1_795_343_907_109_926_000, 1_795_343_908_736_738_000
      ),
      (
        "h_clean_disconnect.ng.pcapng", 53, 1006, 3_108_826_607,
        1_795_343_907_109_926_000, 1_795_343_908_736_738_000
      ),
      (
        "h_clean_disconnect.pcap", 53, 1006, 3_108_826_607,
        1_795_343_907_109_926_000, 1_795_343_908_736_738_000
      ),
      (
        "h_clean_disconnect.vlan.pcap", 53, 1006, 3_108_826_607,
        1_795_343_907_109_926_000, 1_795_343_908_736_738_000
      ),
      (
        "l_pcapng_dumpcap.pcapng", 67, 1290, 2_265_352_442,
        1_795_343_997_883_595_591, 1_795_343_998_834_694_999
      ),
    ] as [(String, Int, Int, UInt32, Int64, Int64)])
  func `counts, lengths, sequence numbers and times are those that tshark gives`(
    _ name: String, _ count: Int, _ payloadLength: Int, _ sequenceNumberSum: UInt32,
    _ first: Int64, _ last: Int64
  ) throws {
    let segments = try Self.segments(name)
    #expect(segments.count == count)
    #expect(segments.map(\.payload.count).reduce(0, +) == payloadLength)
    #expect(segments.map(\.sequenceNumber).reduce(0, &+) == sequenceNumberSum)
    let packets = readCapture(try CaptureFixture.bytes(name)).packets
    #expect(packets.first?.nanoseconds == first)
    #expect(packets.last?.nanoseconds == last)
  }

  @Test func `the same session in every format gives the same segments`() throws {
    let original = try Self.segments("h_clean_disconnect.pcap")
    for variant in ["nano.pcap", "vlan.pcap", "ipv6.pcap", "ng.pcapng"] {
      #expect(try Self.segments("h_clean_disconnect.\(variant)") == original)
    }
    #expect(
      try Self.segments("h_clean_disconnect.cutfile.pcap") == Array(original.dropLast()))
  }

  @Test func `only the file that was cut is cut`() throws {
    for name in CaptureFixture.all {
      let ending = readCapture(try CaptureFixture.bytes(name)).ending
      if name.contains("cutfile") {
        #expect(
          ending
            == .cutOff(
              "the file ends inside the packet record at byte 5326 (62 of 82 bytes are there);"
                + " everything before it was read"))
      } else {
        #expect(ending == .end)
      }
    }
  }
}
