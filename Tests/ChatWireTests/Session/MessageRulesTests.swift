import ChatWire
import TestSupport
import Testing

/// What types a session takes, and how large (PROTOCOL.md sections 2.2 and 5).
@Suite("Message rules") struct MessageRulesTests {
  @Test func `fragments are joined, and a message ends at LAST`() {
    var server = DrivenSession.establishedServer(fragment: 3)
    #expect(server.take(data(1_001, "abc", isLast: false)) == ["ACK 1001 next 1002 window 16"])
    #expect(
      server.take(data(1_002, "def", isLast: false), data(1_003, "")) == [
        "ACK 1002 next 1003 window 16", "deliver DATA abcdef", "ACK 1003 next 1004 window 16",
      ])
  }

  @Test func `the RETRANSMISSION flag does not change what is delivered`() {
    for mode in [ARQMode.goBackN, .selectiveRepeat] {
      var server = DrivenSession.establishedServer(mode: mode)
      #expect(server.take(data(1_001, "a", again: true)).first == "deliver DATA a")
      #expect(server.take(data(1_001, "a")) == ["ACK 1001 next 1002 window 16"])
    }
  }

  @Test func `text is not validated here: a message may be any bytes, also none`() {
    var server = DrivenSession.establishedServer()
    _ = server.take(frame(.data, 1_001, [0xFF, 0x00], flags: 1), frame(.data, 1_002, flags: 1))
    #expect(server.delivered == [[0xFF, 0x00], []])
  }

  @Test(
    "a change of type before LAST is ERROR 3",
    arguments: [.nick, .who, .fin, FrameType(rawValue: 0x40)] as [FrameType])
  func change(_ type: FrameType) {
    var server = DrivenSession.establishedServer()
    _ = server.take(data(1_001, "abc", isLast: false))
    let words = server.take(frame(type, 1_002, flags: 1))
    #expect(words.suffix(2) == ["ERROR 3", "ended failed 3"])
    #expect(server.delivered.isEmpty)
  }

  @Test func `a type that this role does not send is ERROR 3, once it is in order`() {
    for type: FrameType in [.roster, .notice] {
      var server = DrivenSession.establishedServer(mode: .selectiveRepeat)
      #expect(server.take(frame(type, 1_002, flags: 1)).first == "ACK 1002 next 1001 window 16")
      #expect(
        server.take(data(1_001, "x")) == [
          "deliver DATA x", "ACK 1001 next 1003 window 16", "ERROR 3", "ended failed 3",
        ])
    }
    for type: FrameType in [.nick, .who] {
      var client = DrivenSession.establishedClient()
      #expect(client.take(frame(type, 65_531, flags: 1)) == ["ERROR 3", "ended failed 3"])
    }
  }

  @Test func `each role may send its own types and no others`() {
    let sequenced: [FrameType] = [.data, .nick, .who, .roster, .notice, .init(rawValue: 0x41)]
    for type in sequenced + [.fin, .syn, .ack, .ping, .error, .init(rawValue: 0x60)] {
      for role in [Session.Role.client, .server] {
        var driven =
          role == .client ? DrivenSession.establishedClient() : .establishedServer()
        let isAllowed =
          sequenced.contains(type)
          && !(role == .client ? [.roster, .notice] : [FrameType.nick, .who]).contains(type)
        if isAllowed {
          #expect(throws: Never.self) { try driven.session.send(type, []) }
        } else {
          #expect(throws: SendRefusal.wrongType(type)) { try driven.session.send(type, []) }
        }
        #expect(driven.drain().count == (isAllowed ? 1 : 0))
      }
    }
  }

  @Test func `a message past the limit is acknowledged and discarded, then it is NOTICE 5`() {
    var configuration = ServerConfiguration()
    configuration.messageSizeMax = 5
    var server = DrivenSession.establishedServer(configuration, fragment: 3)
    #expect(server.take(data(1_001, "abc", isLast: false)).count == 1)
    #expect(
      server.take(data(1_002, "def", isLast: false), data(1_003, "ghi", isLast: false)) == [
        "ACK 1002 next 1003 window 16", "ACK 1003 next 1004 window 16",
      ])
    let words = server.take(data(1_004, "j"))
    #expect(
      words.prefix(3)
        == ["oversized DATA 10", "ACK 1004 next 1005 window 16", "NOTICE 65531"])
    #expect(server.take(data(1_005, "abc", isLast: false)).count == 1)
    #expect(
      server.take(data(1_006, "de")).first == "deliver DATA abcde", "it goes on; 5 is within")
    let notice = server.sent.filter { frameType($0) == .notice }.flatMap { $0[11...] }
    #expect(notice.first == 5)
    #expect(String(decoding: notice.dropFirst(), as: UTF8.self).hasPrefix("The message has 10"))
  }

  @Test func `a client tells of a message past its own bound, and sends nothing`() {
    var configuration = ClientConfiguration()
    configuration.messageSizeMax = 2
    var client = DrivenSession.establishedClient(configuration)
    #expect(
      client.take(frame(.notice, 65_531, [1, 2, 3], flags: 1))
        == ["oversized NOTICE 3", "ACK 65531 next 65532 window 16"])
    #expect(client.take(data(65_532, "ab")).first == "deliver DATA ab")
  }

  @Test func `a client does not send more than the server accepts`() {
    var client = DrivenSession.establishedClient()
    let large = [UInt8](repeating: 97, count: 65_536)
    #expect(throws: SendRefusal.tooLarge(byteCount: 65_536, limit: 65_535)) {
      try client.session.send(.data, large)
    }
    #expect(throws: Never.self) { try client.session.send(.data, Array(large.dropLast())) }
  }

  @Test("extensions are acknowledged and their messages discarded", arguments: [0x40, 0x5F])
  func extensions(_ code: UInt8) {
    let type = FrameType(rawValue: code)
    for mode in [ARQMode.goBackN, .selectiveRepeat] {
      var server = DrivenSession.establishedServer(mode: mode)
      #expect(
        server.take(frame(type, 1_001, [1]), frame(type, 1_002, [2], flags: 1)) == [
          "ACK 1001 next 1002 window 16", "ACK 1002 next 1003 window 16",
        ])
      #expect(server.take(data(1_003, "x")).first == "deliver DATA x")
      #expect(
        server.take(corrupted(frame(type, 1_004, [1])), frame(.pong, 0)).first?
          .hasPrefix("NACK 1004") == true)
    }
  }

  @Test(
    "any other unknown type is ignored as a whole frame, in every phase",
    arguments: [0x00, 0x0F, 0x3F, 0x60, 0xFF] as [UInt8])
  func unknown(_ code: UInt8) {
    let frame = frame(FrameType(rawValue: code), 1_001, [1, 2, 3], flags: 3)
    var listening = DrivenSession.server()
    #expect(listening.take(frame) == [])
    var client = DrivenSession.client()
    #expect(client.take(frame) == ["SYN"])
    var server = DrivenSession.establishedServer()
    #expect(server.take(frame, corrupted(frame), data(1_001, "x")).first == "deliver DATA x")
    #expect(server.session.phase == .established)
  }

  @Test func `an ACK or NACK whose payload is not four bytes is not obeyed`() throws {
    var server = DrivenSession.establishedServer()
    _ = try server.send(.data, "x")
    for payload in [[], [255, 252, 0], [255, 252, 0, 16, 0]] as [[UInt8]] {
      #expect(server.take(frame(.ack, 65_531, payload), frame(.nack, 65_531, payload)) == [])
    }
    #expect(server.session.status.inFlightCount == 1)
  }

  @Test func `reserved flag bits and LAST on control frames are ignored`() {
    var server = DrivenSession.establishedServer()
    #expect(server.take(frame(.data, 1_001, [97], flags: 0xFD)).first == "deliver DATA a")
    #expect(
      server.take(frame(.ping, 9, [0, 0, 0, 0, 0, 0, 0, 7], flags: 0xFF)).first == "PONG 7")
  }
}
