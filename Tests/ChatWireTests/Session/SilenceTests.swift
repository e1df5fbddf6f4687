import ChatWire
import TestSupport
import Testing

/// PING, silence and closed windows (PROTOCOL.md sections 4 and 7).
@Suite("Silence") struct SilenceTests {
  private let ping = frame(.ping, 0, [1, 2, 3, 4, 5, 6, 7, 8])

  @Test func `PING is answered with PONG, and an ACK when ESTABLISHED`() {
    var listening = DrivenSession.server()
    #expect(listening.take(ping) == ["PONG 8"])
    #expect(listening.sent == [frame(.pong, 0, [1, 2, 3, 4, 5, 6, 7, 8])])
    var client = DrivenSession.client()
    #expect(client.take(ping) == ["SYN", "PONG 8"])
    var server = DrivenSession.establishedServer()
    #expect(server.take(ping) == ["PONG 8", "ACK 1000 next 1001 window 16"])
    _ = server.take(data(1_001, "x"))
    #expect(
      server.take(ping, ping) == [
        "PONG 8", "ACK 1001 next 1002 window 16", "PONG 8", "ACK 1001 next 1002 window 16",
      ])
  }

  @Test func `a PING that has not eight bytes is not answered`() {
    var server = DrivenSession.establishedServer()
    for count in [0, 7, 9] {
      #expect(server.take(frame(.ping, 0, [UInt8](repeating: 0, count: count))) == [])
    }
  }

  @Test("PING after 30 s of silence, every 10 s, ERROR 6 after 90 s", arguments: [true, false])
  func idle(_ isClient: Bool) {
    var driven = isClient ? DrivenSession.establishedClient() : .establishedServer()
    #expect(
      driven.run(until: .seconds(200))
        == (3...8).map { "\($0)0000: PING" } + ["90000: ERROR 6", "90000: ended failed 6"])
    #expect(Set(driven.sent.dropLast()).count == 6, "each has bytes of its own")
    #expect(driven.sent.first?.count == 19)
  }

  @Test func `any valid frame breaks the silence, nothing else does`() {
    var server = DrivenSession.establishedServer()
    _ = server.run(until: .seconds(45))
    _ = server.take(frame(.init(rawValue: 0xFE), 0))
    #expect(server.run(until: .seconds(74)) == [])
    #expect(server.run(until: .seconds(75)) == ["75000: PING"])
    _ = server.take(corrupted(frame(.pong, 0, [1])), [1, 2, 3])
    #expect(server.run(until: .seconds(134)).last == "125000: PING")
    #expect(server.run(until: .seconds(135)).last == "135000: ended failed 6")
  }

  @Test func `a driver that sleeps past all of it finds the end, not a row of PINGs`() {
    var server = DrivenSession.establishedServer()
    #expect(server.wait(.seconds(1_000)) == ["ERROR 6", "ended failed 6"])
  }

  @Test func `a window of 0 is probed at once and every timeout, without doubling`() throws {
    var client = DrivenSession.establishedClient(roundTrip: .milliseconds(400))
    _ = client.take(ack(1_000, next: 1_001, window: 0))
    #expect(try client.send(.data, "x") == ["PING"])
    #expect(
      client.run(until: .milliseconds(4_100))
        == ["1600: PING", "2800: PING", "4000: PING"], "3 round trips each")
    #expect(client.take(frame(.pong, 0), ack(1_000, next: 1_001, window: 0)) == [])
    #expect(client.run(until: .milliseconds(5_200)) == ["5200: PING"])
    #expect(client.take(ack(1_000, next: 1_001, window: 1)) == ["DATA 1001 LAST"])
    #expect(client.run(until: .milliseconds(6_300)) == [], "no more probes")
    #expect(client.run(until: .milliseconds(6_400)) == ["6400: DATA 1001 LAST again (timeout)"])
  }

  @Test func `nothing is probed while frames are in flight or nothing waits`() throws {
    var client = DrivenSession.establishedClient(roundTrip: .milliseconds(400))
    _ = client.take(ack(1_000, next: 1_001, window: 0))
    #expect(client.run(until: .seconds(29)) == [])
    _ = client.take(ack(1_000, next: 1_001, window: 1))
    _ = try client.send(.data, "x")
    #expect(try client.send(.data, "y") == [])
    #expect(client.take(ack(1_000, next: 1_001, window: 0)) == [], "x is in flight")
    #expect(client.take(ack(1_001, next: 1_002, window: 0)) == ["PING"])
  }

  @Test func `a FIN is held back by a closed window like a message`() {
    var client = DrivenSession.establishedClient()
    _ = client.take(ack(1_000, next: 1_001, window: 0))
    client.session.finish()
    #expect(client.drain() == ["PING"])
    #expect(client.take(ack(1_000, next: 1_001, window: 2)) == ["FIN 1001 LAST"])
  }

  @Test func `a receiver whose window opens again says so`() {
    var server = DrivenSession.establishedServer()
    server.session.limitReceiveWindow(to: 0)
    #expect(server.drain() == [])
    #expect(server.take(data(1_001, "x")).last == "ACK 1001 next 1002 window 0")
    #expect(server.take(ping) == ["PONG 8", "ACK 1001 next 1002 window 0"])
    server.session.limitReceiveWindow(to: 3)
    #expect(server.drain() == ["ACK 1001 next 1002 window 3"])
    server.session.limitReceiveWindow(to: 5)
    #expect(server.drain() == [], "it was open")
    server.session.limitReceiveWindow(to: -4)
    server.session.limitReceiveWindow(to: nil)
    #expect(server.drain() == ["ACK 1001 next 1002 window 16"])
    var listening = DrivenSession.server()
    listening.session.limitReceiveWindow(to: 0)
    listening.session.limitReceiveWindow(to: nil)
    #expect(listening.drain() == [])
  }

  @Test(
    "a conversation through a window that closes and opens is delivered whole",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func pauses(_ mode: ARQMode) throws {
    var configuration = ClientConfiguration()
    configuration.mode = mode
    var loop = SessionLoop(client: configuration)
    loop.settle()
    let sent = (0..<30).map { "message \($0)" }
    for (index, text) in sent.enumerated() {
      try loop.client.send(.data, Array(text.utf8))
      if index % 3 == 0 {
        loop.server.limitReceiveWindow(to: index % 2 == 0 ? 0 : nil)
      }
      loop.settle()
      if index % 5 == 0 { loop.nextDeadline() }
    }
    loop.server.limitReceiveWindow(to: nil)
    loop.settle()
    #expect(SessionLoop.texts(loop.fromServer) == sent)
  }

  @Test func `the first round trip is the handshake's, if each was sent once`() {
    let client = DrivenSession.establishedClient(roundTrip: .milliseconds(400))
    #expect(client.session.status.smoothedRoundTrip == .milliseconds(400))
    #expect(client.session.status.retransmissionTimeout == .milliseconds(1_200))
    let server = DrivenSession.establishedServer(roundTrip: .milliseconds(200))
    #expect(server.session.status.smoothedRoundTrip == .milliseconds(200))
    var repeated = DrivenSession.client()
    _ = repeated.run(until: .seconds(1))
    _ = repeated.take(frame(.synAck, 65_530, synAckOptions()))
    #expect(repeated.session.status.smoothedRoundTrip == nil)
    var answered = DrivenSession.server()
    let syn = frame(.syn, 1_000, synOptions())
    _ = answered.take(syn, syn, handshakeAck())
    #expect(answered.session.status.smoothedRoundTrip == nil)
    var implicit = DrivenSession.server()
    _ = implicit.take(syn)
    implicit.now = implicit.now.advanced(by: .milliseconds(50))
    _ = implicit.take(data(1_001, "x"))
    #expect(implicit.session.status.smoothedRoundTrip == .milliseconds(50), "what stands for it")
  }
}
