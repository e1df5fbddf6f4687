import ChatWire
import TestSupport
import Testing

/// PROTOCOL.md section 3, the client's side.
@Suite("Handshake, client") struct HandshakeClientTests {
  private let synAck = frame(.synAck, DrivenSession.serverSequence, synAckOptions())

  @Test func `a SYN says what is wanted, byte for byte`() {
    var configuration = ClientConfiguration()
    configuration.mode = .selectiveRepeat
    configuration.windowSize = 300
    configuration.fragmentSizeMax = 9
    configuration.nickname = "zoë"
    configuration.name = "test"
    var client = DrivenSession.client(configuration)
    #expect(client.drain() == ["SYN"])
    #expect(
      client.sent == [
        frame(
          .syn, 1_000,
          synOptions(mode: .selectiveRepeat, window: 300, fragment: 9)
            + option(8, Array("zoë".utf8)) + option(9, Array("test".utf8)))
      ])
  }

  @Test func `what cannot be asked for is brought within the bounds`() {
    var configuration = ClientConfiguration()
    configuration.windowSize = 100_000
    configuration.fragmentSizeMax = 100_000
    configuration.nickname = String(repeating: "ë", count: 40)
    var client = DrivenSession.client(configuration)
    _ = client.drain()
    #expect(
      client.sent == [
        frame(
          .syn, 1_000,
          synOptions(window: 16_384, fragment: 65_535)
            + option(8, Array(String(repeating: "ë", count: 32).utf8)))
      ])
    configuration.windowSize = 0
    configuration.fragmentSizeMax = -1
    configuration.nickname = ""
    var least = DrivenSession.client(configuration)
    _ = least.drain()
    #expect(least.sent == [frame(.syn, 1_000, synOptions(window: 1, fragment: 1))])
  }

  @Test func `a length above 65,535 is a framing error, whatever was asked for`() {
    var configuration = ClientConfiguration()
    configuration.fragmentSizeMax = 100_000
    var client = DrivenSession.client(configuration)
    _ = client.drain()
    _ = client.take(frame(.synAck, DrivenSession.serverSequence, synAckOptions(fragment: 65_535)))
    let huge = frame(.data, 65_531, [UInt8](repeating: 97, count: 65_536), flags: 1)
    #expect(client.take(huge, frame(.pong, 0)) == ["NACK 65531 next 65531 window 16"])
  }

  @Test func `SYN_ACK is answered with HANDSHAKE_ACK and establishes`() {
    var client = DrivenSession.client()
    _ = client.drain()
    client.sent = []
    #expect(client.take(synAck) == ["established", "HANDSHAKE_ACK"])
    #expect(client.sent == [handshakeAck()])
    #expect(client.session.parameters?.nickname == "ana")
    #expect(client.session.parameters?.messageSizeMax == 65_535)
  }

  @Test func `messages sent before go behind the HANDSHAKE_ACK, from ISN + 1 on`() throws {
    var client = DrivenSession.client()
    #expect(try client.send(.data, "one") == ["SYN"])
    #expect(try client.send(.nick, "two") == [])
    client.session.finish()
    #expect(
      client.take(synAck) == [
        "established", "HANDSHAKE_ACK", "DATA 1001 LAST", "NICK 1002 LAST", "FIN 1003 LAST",
      ])
  }

  @Test func `SYN is repeated every second, and after 20 seconds the client gives up`() {
    var client = DrivenSession.client()
    #expect(
      client.run(until: .seconds(60))
        == (0..<20).map { "\($0 * 1_000): SYN" } + ["20000: ERROR 5", "20000: ended failed 5"])
    #expect(Set(client.sent.dropLast()).count == 1, "the copies are equal")
  }

  @Test func `SYN_ACK again is answered with HANDSHAKE_ACK again`() {
    var client = DrivenSession.client()
    _ = client.drain()
    #expect(client.take(synAck, synAck) == ["established", "HANDSHAKE_ACK", "HANDSHAKE_ACK"])
    #expect(client.take(synAck) == ["HANDSHAKE_ACK"])
    client.session.finish()
    #expect(client.drain() == ["FIN 1001 LAST"])
    #expect(client.take(synAck) == ["HANDSHAKE_ACK"])
  }

  @Test func `a SYN_ACK that acknowledges another ISN is ignored`() {
    let foreign = frame(.synAck, 7, synAckOptions(acknowledges: 999))
    var client = DrivenSession.client()
    _ = client.drain()
    #expect(client.take(foreign) == [])
    #expect(client.session.phase == .synSent)
    #expect(client.take(synAck) == ["established", "HANDSHAKE_ACK"])
    #expect(client.take(foreign) == [])
    let otherSession = frame(.synAck, 7, synAckOptions(session: [9, 9, 9, 9, 9, 9, 9, 9]))
    #expect(client.take(otherSession) == [])
    #expect(client.take(frame(.synAck, 7)) == [])
    #expect(client.session.phase == .established)
  }

  @Test(
    "a SYN_ACK that breaks the rules ends the session",
    arguments: [
      ("version 2", synAckOptions().replacing([1, 1, 1], with: [1, 1, 2]), 1),
      ("more frames than asked for", synAckOptions(window: 17), 2),
      ("more bytes than asked for", synAckOptions(fragment: 1_025), 2),
      ("window 0", synAckOptions(window: 0), 2),
      ("fragment 0", synAckOptions(fragment: 0), 2),
      ("no nickname", Array(synAckOptions().dropLast(5)), 2),
      ("only what a SYN has", synOptions(), 2),
    ] as [(String, [UInt8], Int)])
  func bad(_ name: String, _ options: [UInt8], _ code: Int) {
    var client = DrivenSession.client()
    _ = client.drain()
    #expect(
      client.take(frame(.synAck, 7, options)) == ["ERROR \(code)", "ended failed \(code)"])
  }

  @Test func `the client goes on with a fixed mode, a smaller window and smaller fragments`() {
    var client = DrivenSession.client()
    _ = client.drain()
    _ = client.take(
      frame(.synAck, 7, synAckOptions(mode: .selectiveRepeat, window: 2, fragment: 3)))
    #expect(client.session.parameters?.mode == .selectiveRepeat)
    #expect(throws: Never.self) { try client.session.send(.data, Array("abcdefghi".utf8)) }
    #expect(client.drain() == ["DATA 1001", "DATA 1002"])
  }

  @Test(
    "a refusal ends the session", arguments: [1, 2, 4] as [UInt8])
  func refusal(_ code: UInt8) {
    var client = DrivenSession.client()
    _ = client.drain()
    #expect(
      client.take(frame(.error, 0, [code] + Array("no".utf8))) == ["ended failedByPeer \(code)"])
    #expect(client.session.end?.text == "no")
  }

  @Test func `what comes before SYN_ACK is ignored, corrupt or not`() {
    var client = DrivenSession.client()
    _ = client.drain()
    let early = data(65_531, "x")
    #expect(client.take(early, corrupted(early), ack(1_000, next: 1_001), nack(1_001)) == [])
    #expect(client.take(corrupted(synAck)) == [])
    #expect(client.session.phase == .synSent)
    #expect(client.take(synAck) == ["established", "HANDSHAKE_ACK"])
    #expect(client.take(early) == ["deliver DATA x", "ACK 65531 next 65532 window 16"])
  }

  @Test func `control frames that only a client sends are ignored by one`() {
    var client = DrivenSession.establishedClient()
    #expect(client.take(frame(.syn, 5, synOptions()), handshakeAck(session: [1])) == [])
    #expect(client.session.phase == .established)
  }

  @Test func `the window limit of the application outlives the handshake`() {
    var client = DrivenSession.client()
    client.session.limitReceiveWindow(to: 2)
    _ = client.drain()
    _ = client.take(synAck)
    #expect(client.take(data(65_531, "x")).last == "ACK 65531 next 65532 window 2")
  }
}

extension Array where Element: Equatable {
  /// The array with the first occurrence of some elements replaced.
  func replacing(_ old: [Element], with new: [Element]) -> [Element] {
    guard let start = indices.first(where: { self[$0...].starts(with: old) }) else { return self }
    return Array(self[..<start]) + new + Array(self[(start + old.count)...])
  }
}
