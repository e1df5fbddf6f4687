import ChatWire
import TestSupport
import Testing

/// PROTOCOL.md section 3, the server's side.
@Suite("Handshake, server") struct HandshakeServerTests {
  private let syn = frame(.syn, DrivenSession.clientSequence, synOptions())

  @Test func `a SYN is answered with SYN_ACK, and HANDSHAKE_ACK establishes`() {
    var server = DrivenSession.server()
    #expect(server.take(syn) == ["request", "SYN_ACK"])
    #expect(server.session.phase == .synReceived)
    #expect(server.take(handshakeAck()) == ["established"])
    #expect(server.session.phase == .established)
    #expect(server.session.parameters?.windowSize == 16)
    #expect(server.session.parameters?.fragmentSizeMax == 1_024)
  }

  @Test func `the SYN_ACK says what is in force, byte for byte`() {
    var configuration = ServerConfiguration()
    configuration.mode = .selectiveRepeat
    configuration.windowSizeMax = 8
    configuration.fragmentSizeMax = 100
    configuration.messageSizeMax = 70_000
    configuration.name = "test"
    var server = DrivenSession.server(configuration)
    _ = server.take(syn)
    #expect(
      server.sent == [
        frame(
          .synAck, DrivenSession.serverSequence,
          option(1, [1]) + option(2, [2]) + option(3, big(8)) + option(4, big(100))
            + option(5, [0, 1, 0x11, 0x70]) + option(6, big(1_000))
            + option(7, SessionLoop.grant.sessionID) + option(8, Array("ana".utf8))
            + option(9, Array("test".utf8)))
      ])
  }

  @Test func `a server's caps above what was asked for change nothing`() {
    var server = DrivenSession.server()
    _ = server.take(
      frame(.syn, 1_000, synOptions(mode: .selectiveRepeat, window: 3, fragment: 5)))
    _ = server.take(handshakeAck())
    #expect(server.session.parameters?.mode == .selectiveRepeat)
    #expect(server.session.parameters?.windowSize == 3)
    #expect(server.session.parameters?.fragmentSizeMax == 5)
  }

  @Test(
    "a SYN that cannot be accepted is refused",
    arguments: [
      ("version 2", synOptions(version: 2), 1),
      ("window 0", synOptions(window: 0), 2),
      ("window 16,385", synOptions(window: 16_385), 2),
      ("fragment 0", synOptions(fragment: 0), 2),
      ("mode 3", option(1, [1]) + option(2, [3]) + option(3, big(1)) + option(4, big(1)), 2),
      ("no window", option(1, [1]) + option(2, [1]) + option(4, big(1)), 2),
      ("window twice", synOptions() + option(3, big(16)), 2),
      ("an overrun", synOptions() + [9, 5, 1], 2),
      ("nothing", [], 2),
    ] as [(String, [UInt8], Int)])
  func refused(_ name: String, _ options: [UInt8], _ code: Int) {
    var server = DrivenSession.server()
    #expect(server.take(frame(.syn, 1_000, options)) == ["ERROR \(code)", "ended failed \(code)"])
    #expect(server.take(syn) == [], "it stays ended")
  }

  @Test("a refusal is an ERROR and the end", arguments: [1, 2, 4] as [UInt8])
  func refusal(_ code: UInt8) {
    var server = DrivenSession.server()
    server.grant = nil
    #expect(server.take(syn, data(1_001, "x")) == ["request"])
    server.session.refuse(ErrorCode(rawValue: code), "no")
    #expect(server.drain() == ["ERROR \(code)", "ended failed \(code)"])
  }

  @Test func `only a request that waits can be refused or accepted`() {
    var server = DrivenSession.server()
    server.session.refuse(.serverFull, "")
    server.session.accept(SessionLoop.grant)
    #expect(server.drain() == [])
    #expect(server.take(syn) == ["request", "SYN_ACK"])
    server.session.refuse(.serverFull, "too late")
    server.session.accept(SessionLoop.grant)
    #expect(server.drain() == [])
    #expect(server.take(handshakeAck()) == ["established"])
  }

  @Test func `nothing more is looked at before the decision, then all of it`() {
    var server = DrivenSession.server()
    server.grant = nil
    #expect(
      server.take(syn, frame(.ping, 0, [0, 0, 0, 0, 0, 0, 0, 9]), handshakeAck()) == ["request"])
    #expect(server.take(data(1_001, "hello")) == [])
    server.session.accept(SessionLoop.grant)
    #expect(
      server.drain() == [
        "SYN_ACK", "PONG 9", "established", "deliver DATA hello", "ACK 1001 next 1002 window 16",
      ])
  }

  @Test func `SYN_ACK is repeated every second, and after 10 seconds it is ERROR 5`() {
    var server = DrivenSession.server()
    _ = server.take(syn)
    #expect(
      server.run(until: .seconds(30))
        == (1...9).map { "\($0)000: SYN_ACK" } + ["10000: ERROR 5", "10000: ended failed 5"])
  }

  @Test func `a client that says nothing gets ERROR 5 after 10 seconds`() {
    var server = DrivenSession.server()
    #expect(server.run(until: .seconds(30)) == ["10000: ERROR 5", "10000: ended failed 5"])
  }

  @Test func `a decision that does not come is ERROR 5 after 10 seconds`() {
    var server = DrivenSession.server()
    server.grant = nil
    _ = server.take(syn)
    #expect(server.run(until: .seconds(30)) == ["10000: ERROR 5", "10000: ended failed 5"])
  }

  @Test func `the same SYN again is answered with SYN_ACK again, in every phase`() {
    var server = DrivenSession.server()
    #expect(server.take(syn, syn) == ["request", "SYN_ACK", "SYN_ACK"])
    #expect(server.take(handshakeAck(), syn) == ["established", "SYN_ACK"])
    #expect(server.take(syn) == ["SYN_ACK"])
  }

  @Test(
    "a different SYN in a session is ERROR 3",
    arguments: [
      frame(.syn, 1_001, synOptions()), frame(.syn, 1_000, synOptions(window: 17)),
      frame(.syn, 1_000, synOptions() + option(20, [])), frame(.syn, 1_000),
    ], [false, true])
  func differentSyn(_ other: [UInt8], _ isEstablished: Bool) {
    var server = DrivenSession.server()
    _ = server.take(syn)
    if isEstablished { _ = server.take(handshakeAck()) }
    #expect(server.take(other) == ["ERROR 3", "ended failed 3"])
  }

  @Test func `a HANDSHAKE_ACK before any SYN is ignored`() {
    var server = DrivenSession.server()
    #expect(server.take(handshakeAck(), frame(.handshakeAck, 0)) == [])
    #expect(server.take(syn) == ["request", "SYN_ACK"])
  }

  @Test(
    "a HANDSHAKE_ACK that is malformed or has a wrong session is ERROR 2",
    arguments: [
      handshakeAck(session: [1, 2, 3, 4, 5, 6, 7, 9]), frame(.handshakeAck, 0),
      frame(.handshakeAck, 0, option(7, [1, 2])),
    ], [false, true])
  func wrongHandshakeAck(_ wrong: [UInt8], _ isEstablished: Bool) {
    var server = DrivenSession.server()
    _ = server.take(syn)
    if isEstablished { _ = server.take(handshakeAck()) }
    #expect(server.take(wrong) == ["ERROR 2", "ended failed 2"])
  }

  @Test func `a sequenced frame stands for the missing HANDSHAKE_ACK`() {
    var server = DrivenSession.server()
    _ = server.take(syn)
    #expect(
      server.take(data(1_001, "hi"))
        == ["established", "deliver DATA hi", "ACK 1001 next 1002 window 16"])
    #expect(server.take(handshakeAck()) == [], "the late one changes nothing")
  }

  @Test(
    "a sequenced frame before a SYN is ERROR 3",
    arguments: [.data, .fin, .nick, .who, .notice, FrameType(rawValue: 0x40)] as [FrameType])
  func early(_ type: FrameType) {
    var server = DrivenSession.server()
    #expect(server.take(frame(type, 1_001, flags: 1)) == ["ERROR 3", "ended failed 3"])
  }

  @Test func `corrupt handshake frames are dropped, and copies of them are as good`() {
    var server = DrivenSession.server()
    #expect(server.take(corrupted(syn)) == [])
    #expect(server.take(corrupted(data(1_001, "x"))) == [])
    #expect(server.take(syn) == ["request", "SYN_ACK"])
    #expect(server.take(corrupted(handshakeAck()), corrupted(data(1_001, "x"))) == [])
    #expect(server.take(handshakeAck()) == ["established"])
  }

  @Test func `the limit is 1,024 before SYN_ACK and the fragment size after it`() {
    var server = DrivenSession.server()
    let large = frame(.data, 1_001, [UInt8](repeating: 97, count: 1_025), flags: 1)
    #expect(server.take(large, syn) == ["request", "SYN_ACK"], "the large one is junk")
    var granted = DrivenSession.establishedServer(fragment: 2_000)
    #expect(granted.take(large) == ["deliver DATA of 1025 bytes", "ACK 1001 next 1002 window 16"])
    #expect(granted.session.status.corruptFramesReceived == 0)
    let larger = frame(.data, 1_002, [UInt8](repeating: 97, count: 2_001), flags: 1)
    #expect(granted.take(larger, frame(.pong, 0)) == ["NACK 1002 next 1002 window 16"])
    var small = DrivenSession.establishedServer(fragment: 3)
    let permitted = frame(.data, 1_001, [UInt8](repeating: 97, count: 1_024), flags: 1)
    #expect(small.take(permitted).count == 2)
  }

  @Test func `control frames that only a server sends are ignored by one`() {
    var server = DrivenSession.establishedServer()
    #expect(server.take(frame(.synAck, 5, synAckOptions()), frame(.synAck, 5)) == [])
    #expect(server.session.phase == .established)
  }
}
