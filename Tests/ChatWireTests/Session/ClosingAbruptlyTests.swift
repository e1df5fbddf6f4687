import ChatWire
import TestSupport
import Testing

/// Ends without a proper goodbye: end of file, ERROR, time (PROTOCOL.md section 7).
@Suite("Closing abruptly") struct ClosingAbruptlyTests {
  private let fin = frame(.fin, 1_001, flags: 1)

  @Test func `end of file with own frames unacknowledged after both FINs is unconfirmed`() {
    var server = DrivenSession.establishedServer()
    #expect(server.take(fin).last == "FIN 65531 LAST")
    server.session.endOfStream()
    #expect(server.drain() == ["ended unconfirmed"])
    var client = DrivenSession.establishedClient()
    client.session.finish()
    _ = client.drain()
    client.session.endOfStream()
    #expect(
      client.take(frame(.fin, 65_531, Array("x".utf8), flags: 1)) == [
        "peer finished 'x'", "ACK 65531 next 65532 window 16", "ended unconfirmed 'x'",
      ], "what came before the end of file is looked at first")
  }

  @Test func `end of file without both FINs is abrupt`() throws {
    for prepare: (inout DrivenSession) throws -> Void in [
      { _ in },
      { $0.session.finish() },
      {
        $0.session.finish()
        _ = $0.drain()
      },
      { _ = $0.take(data(1_001, "half", isLast: false)) },
      { _ = $0.take(Array(frame(.fin, 1_001, flags: 1).dropLast())) },
      {
        // The peer's FIN came, but ours waits behind a closed window.
        _ = $0.take(ack(65_530, next: 65_531, window: 0))
        _ = $0.take(frame(.fin, 1_001, flags: 1))
      },
    ] {
      var server = DrivenSession.establishedServer()
      try prepare(&server)
      server.session.endOfStream()
      #expect(server.drain().last == "ended abrupt")
    }
  }

  @Test func `end of file before the session is established is abrupt`() {
    var listening = DrivenSession.server()
    listening.session.endOfStream()
    #expect(listening.drain() == ["ended abrupt"])
    var client = DrivenSession.client()
    client.session.endOfStream()
    #expect(client.drain() == ["SYN", "ended abrupt"])
  }

  @Test func `a request is decided before the end of file behind it counts`() {
    var server = DrivenSession.server()
    server.grant = nil
    server.session.receive(frame(.syn, 1_000, synOptions()).span.bytes)
    server.session.endOfStream()
    #expect(server.drain() == ["request"])
    server.session.accept(SessionLoop.grant)
    #expect(server.drain() == ["SYN_ACK", "ended abrupt"])
  }

  @Test func `a side that is not done 60 s after it sent FIN ends with ERROR 6`() {
    var client = DrivenSession.establishedClient()
    client.now = client.now.advanced(by: .seconds(5))
    client.session.finish()
    _ = client.drain()
    _ = client.take(ack(1_001, next: 1_002))
    let words = client.run(until: .seconds(100)).filter { !$0.hasSuffix("PING") }
    #expect(words == ["65000: ERROR 6", "65000: ended failed 6"])
  }

  @Test func `a side that is not done 60 s after it delivered a FIN ends with ERROR 6`() throws {
    var server = DrivenSession.establishedServer()
    _ = server.take(ack(65_530, next: 65_531, window: 0))
    _ = server.take(fin)
    var words: [String] = []
    for second in 1...61 where server.session.end == nil {
      words += server.run(until: .seconds(second)).filter { !$0.hasSuffix("PING") }
      _ = server.take(frame(.pong, 0))
    }
    #expect(words == ["60000: ERROR 6", "60000: ended failed 6"])
  }

  @Test func `sending FIN later does not put the 60 s off`() {
    var server = DrivenSession.establishedServer()
    _ = server.take(ack(65_530, next: 65_531, window: 0))
    _ = server.take(fin)
    _ = server.run(until: .seconds(29))
    _ = server.take(ack(65_530, next: 65_531, window: 16))
    _ = server.run(until: .seconds(59))
    #expect(server.session.end == nil)
    #expect(server.run(until: .seconds(60)).last == "60000: ended failed 6")
  }

  @Test(
    "an ERROR of ours ends the session at once, from every phase",
    arguments: [Session.Role.client, .server], [false, true])
  func own(_ role: Session.Role, _ isEstablished: Bool) throws {
    var driven =
      role == .client
      ? (isEstablished ? DrivenSession.establishedClient() : .client())
      : (isEstablished ? DrivenSession.establishedServer() : .server())
    _ = driven.drain()
    try driven.session.send(.data, [1, 2, 3])
    driven.session.fail(.shuttingDown, "over")
    driven.session.fail(.internalError, "the first one counts")
    #expect(driven.drain() == ["ERROR 9", "ended failed 9"])
    #expect(driven.sent.last == frame(.error, 0, [9] + Array("over".utf8)))
    #expect(driven.session.end?.text == "over")
    #expect(driven.take(frame(.ping, 0, [UInt8](repeating: 0, count: 8)), data(1_001, "x")) == [])
    driven.session.fail(.internalError, "again")
    driven.session.finish()
    driven.session.endOfStream()
    #expect(driven.drain() == [])
    #expect(throws: SendRefusal.finishing) { try driven.session.send(.data, [1]) }
    #expect(driven.session.queuedByteCount == 0)
  }

  @Test func `an ERROR of the peer ends the session at once`() {
    for (payload, words, text): ([UInt8], String, String) in [
      ([6] + Array("idle".utf8), "ended failedByPeer 6", "idle"),
      ([200], "ended failedByPeer 200", ""), ([], "ended failedByPeer 0", ""),
      ([3, 0xFF], "ended failedByPeer 3", ""),
    ] {
      var server = DrivenSession.establishedServer()
      #expect(
        server.take(data(1_001, "x"), frame(.error, 0, payload), data(1_002, "y"))
          == ["deliver DATA x", "ACK 1001 next 1002 window 16", words])
      #expect(server.session.end?.text == text)
      var lingering = DrivenSession.establishedServer()
      _ = lingering.take(fin)
      _ = lingering.take(ack(65_531, next: 65_532))
      #expect(lingering.take(frame(.error, 0, payload)) == [words])
    }
  }

  @Test func `a text that does not fit into an ERROR is left out`() {
    var server = DrivenSession.establishedServer()
    server.session.fail(.internalError, String(repeating: "a", count: 1_024))
    _ = server.drain()
    #expect(server.sent == [frame(.error, 0, [10])])
  }

  @Test(
    "an exhausted frame ends the session with ERROR 8 in the same drain",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func exhausted(_ mode: ARQMode) throws {
    var tuning = SessionTuning()
    tuning.retransmissionsMax = 2
    var configuration = ServerConfiguration()
    configuration.tuning = tuning
    var server = DrivenSession.establishedServer(configuration, mode: mode)
    _ = try server.send(.data, "x")
    #expect(server.take(nack(65_531)) == ["DATA 65531 LAST again (nack)"])
    #expect(server.take(nack(65_531)) == ["DATA 65531 LAST again (nack)"])
    #expect(server.take(nack(65_531)) == ["ERROR 8", "ended failed 8"])
  }

  @Test(
    "an exhausted frame lets no other go before the ERROR",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func exhaustedFirst(_ mode: ARQMode) throws {
    var configuration = ServerConfiguration()
    configuration.tuning.retransmissionsMax = 0
    var server = DrivenSession.establishedServer(configuration, mode: mode)
    _ = server.take(ack(65_530, next: 65_531, window: 1))
    _ = try server.send(.data, "x")
    #expect(try server.send(.data, "y") == [], "held back")
    #expect(server.take(nack(65_531, window: 16)) == ["ERROR 8", "ended failed 8"])
  }

  @Test func `a frame whose timer fires an 11th time ends the session with ERROR 8`() throws {
    var configuration = ClientConfiguration()
    configuration.tuning.fixedTimeout = .seconds(1)
    var client = DrivenSession.establishedClient(configuration)
    _ = try client.send(.data, "x")
    let words = client.run(until: .seconds(60))
    #expect(words.count == 12)
    #expect(words.suffix(2) == ["11000: ERROR 8", "11000: ended failed 8"])
  }
}
