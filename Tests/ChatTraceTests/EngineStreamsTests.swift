import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Many connections in one capture: chat among other traffic, ports used again, no beginning, no
/// end.
@Suite("Streams") struct EngineStreamsTests {
  static func chat(_ name: String = "native_gbn_clean.pcap") throws -> Dialogue {
    Dialogue(of: try packets(of: name))
  }

  static func other(_ kind: Int, using random: inout SeededGenerator) -> Dialogue {
    var dialogue = Dialogue()
    switch kind {
    case 0:
      dialogue.client(Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8))
      dialogue.server(
        Array("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".utf8)
          + [UInt8](repeating: 97, count: 9_000))
    case 1:
      dialogue.client([22, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3] + [UInt8](repeating: 0, count: 500))
      dialogue.server(
        [22, 3, 3, 0, 90] + (0..<7_000).map { _ in UInt8.random(in: 0...255, using: &random) })
    case 2:
      for _ in 0..<8 {
        dialogue.client((0..<900).map { _ in UInt8.random(in: 0...255, using: &random) })
        dialogue.server((0..<900).map { _ in UInt8.random(in: 0...4, using: &random) })
      }
    default: dialogue.client([0])
    }
    return dialogue
  }

  /// Several captures mixed, each in its own order.
  static func mixed(_ captures: [[RawPacket]], using random: inout SeededGenerator) -> [RawPacket] {
    var rest = captures
    var result: [RawPacket] = []
    while let index = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &random) {
      result.append(rest[index].removeFirst())
    }
    for index in result.indices { result[index].nanoseconds = Int64(index) * 1_000_000 }
    return result
  }

  @Test func `other traffic is counted and left alone`() throws {
    var random = SeededGenerator(seed: 21)
    let chat = try Self.chat()
    let expected = trace(Wrapping().packets(WirePlan().segments(chat, using: &random)))
    for seed in 0..<4 {
      random = SeededGenerator(seed: UInt64(seed))
      var captures = [Wrapping().packets(WirePlan().segments(chat, using: &random))]
      for kind in 0..<4 {
        var plan = WirePlan()
        plan.ending = seed % 3
        captures.append(
          Wrapping(clientPort: UInt16(50_000 + kind * 10), serverPort: kind == 0 ? 80 : 5_000)
            .packets(plan.segments(Self.other(kind, using: &random), using: &random)))
      }
      // A SYN that nobody answers, one that is refused, and UDP.
      captures.append(Wrapping(clientPort: 60_000).packets([MadeSegment(flags: 2)]))
      captures.append(
        Wrapping(clientPort: 60_001).packets([
          MadeSegment(flags: 2), MadeSegment(fromClient: false, acknowledgement: 1, flags: 0x14),
        ]))
      captures.append([
        RawPacket(bytes: PacketBuilder.ipv4([UInt8](repeating: 0, count: 40), protocolNumber: 17))
      ])
      let got = trace(Self.mixed(captures, using: &random))
      #expect(got.summary.otherStreams == 6)
      #expect(got.chatStreams.count == 2)
      SegmentationTests.compare(got, expected, "among others, seed \(seed)")
    }
  }

  @Test("ports may be used again", arguments: [0, 1, 2])
  func portReuse(_ ending: Int) throws {
    var random = SeededGenerator(seed: 4)
    let original = try packets(of: "a_handshake_one_message.pcap")
    let expected = trace(original)
    let dialogue = Dialogue(of: original)
    for gap in [0, 1, 40] {
      for skipsFirstSYN in [false, true] {
        var segments: [MadeSegment] = []
        for round in 0..<5 {
          var plan = WirePlan()
          plan.clientISN = UInt32(round) &* 900_000_001
          plan.serverISN = UInt32(round) &* 700_000_003 &+ 5
          plan.ending = ending
          var session = plan.segments(dialogue, using: &random)
          if round == 0, skipsFirstSYN { session.removeFirst(2) }
          segments += session
          // Other packets between.
          for _ in 0..<gap {
            segments.append(MadeSegment(connection: 900, flags: 2))
          }
        }
        let got = trace(Wrapping().packets(segments))
        let chats = got.chatStreams
        #expect(chats.count == 5, "ending \(ending), gap \(gap), \(skipsFirstSYN)")
        for stream in chats {
          for direction in [Direction.clientToServer, .serverToClient] {
            #expect(
              got.facts(stream, direction) == expected.facts(0, direction),
              "ending \(ending), gap \(gap), stream \(stream), \(skipsFirstSYN)")
          }
        }
        let ends = got.records.filter { $0.event.end != nil }.map(\.event.end)
        let expectedEnd: SessionEnd = ending == 2 ? .reset : .abrupt
        #expect(ends.dropLast().allSatisfy { $0 == expectedEnd })
      }
    }
  }

  @Test func `copies of a SYN open nothing`() throws {
    var random = SeededGenerator(seed: 4)
    let dialogue = Dialogue(of: try packets(of: "a_handshake_one_message.pcap"))
    let segments = WirePlan().segments(dialogue, using: &random)
    let got = trace(Wrapping().packets(segments + segments.prefix(2) + segments.prefix(1)))
    #expect(got.chatStreams == [0])
    #expect(got.summary.otherStreams == 0)
  }

  @Test func `two servers keep their clients apart`() throws {
    var random = SeededGenerator(seed: 8)
    let native = try Self.chat()
    let classic = try Self.chat("h_clean_disconnect.pcap")
    let first = Wrapping(serverPort: 5_000).packets(WirePlan().segments(native, using: &random))
    let second = Wrapping(serverPort: 61_000).packets(WirePlan().segments(classic, using: &random))
    let got = trace(Self.mixed([first, second], using: &random))
    #expect(got.chatStreams.count == 4)
    let servers = Set(
      got.records.filter { $0.event.tcpEvent == .open }.compactMap(\.event.server))
    #expect(servers == ["10.0.0.2:5000", "10.0.0.2:61000"])
    #expect(Set(got.frames.map(\.event.dialect)) == [.native, .classic])
    #expect(got.inconsistencies.isEmpty)
  }

  @Test func `without a SYN the frames tell who is the client, then the ports`() throws {
    var random = SeededGenerator(seed: 5)
    let segments = WirePlan().segments(try Self.chat(), using: &random)
    // The server has the higher port: only the frames can tell.
    let evident = trace(
      Wrapping(clientPort: 200, serverPort: 61_000).packets(segments.filter { !$0.isSYN }))
    let open = evident.records.first { $0.event.tcpEvent == .open }
    #expect(open?.event.server == "10.0.0.2:61000")
    #expect(!evident.records.contains { $0.has(.directionAssumed) })

    // DATA and ACK tell nothing.
    var silent = Dialogue()
    for index in 0..<80 {
      silent.client(
        native(.data, UInt16(index), Array("hello".utf8), flags: FrameHeader.lastFlag))
      silent.server(native(.ack, UInt16(index), acknowledgement(UInt16(index + 1), 16)))
    }
    for (client, server, reason) in [
      (UInt16(40_000), UInt16(5_000), "known"), (4_000, 5_001, "known"), (40_000, 700, "higher"),
    ] {
      let mute = WirePlan().segments(silent, using: &random).filter { !$0.isSYN }
      let got = trace(Wrapping(clientPort: client, serverPort: server).packets(mute))
      #expect(got.records.filter { $0.has(.directionAssumed) }.count == 1)
      #expect(
        got.frames.first?.note(.directionAssumed)?.detail?.contains(reason) == true)
      #expect(got.facts(0, .clientToServer).allSatisfy { $0.typeCode == 4 })
      #expect(got.frames.count == 160)
      #expect(got.frames.first?.event.typeCode == 4)
    }
  }

  @Test func `thousands of connections that stay open cost little each`() {
    var random = SeededGenerator(seed: 6)
    var segments: [MadeSegment] = []
    let count = 1_000 * effort
    for connection in 0..<count {
      var dialogue = Dialogue()
      dialogue.client(
        native(.ping, 0, [1, 2, 3, 4, 5, 6, 7, UInt8(connection & 255)]), connection: connection)
      var plan = WirePlan()
      plan.ending = 0
      segments += plan.segments(dialogue, using: &random)
    }
    let got = trace(Wrapping(clientPort: 1_024).packets(segments))
    #expect(got.chatStreams == Array(0..<count))
    #expect(got.frames.count == count)
  }
}

/// The bytes of a native frame.
func native(_ type: FrameType, _ sequence: UInt16, _ payload: [UInt8] = [], flags: UInt8 = 0)
  -> [UInt8]
{
  var bytes: [UInt8] = []
  encodeFrame(
    FrameHeader(
      length: 0, typeCode: type.rawValue, sequence: sequence, checksum: 0, flags: flags),
    payload: payload.span.bytes, into: &bytes, checksum: CRC32())
  return bytes
}

/// The payload of an ACK or NACK.
func acknowledgement(_ nextExpected: UInt16, _ window: UInt16) -> [UInt8] {
  [nextExpected, window].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
}

/// The bytes of a classic frame.
func classic(_ type: ClassicType, _ sequence: UInt16, _ payload: String, isLast: Bool = false)
  -> [UInt8]
{
  var bytes: [UInt8] = []
  encodeClassicFrame(
    type, sequence: sequence, payload: Array(payload.utf8), isLast: isLast, into: &bytes)
  return bytes
}
