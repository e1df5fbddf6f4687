import ChatWire
import TestSupport
import Testing

/// FIN, and what comes after it (PROTOCOL.md section 7).
@Suite("Closing") struct ClosingTests {
  private func fin(_ sequence: UInt16, _ reason: String = "") -> [UInt8] {
    frame(.fin, sequence, Array(reason.utf8), flags: 1)
  }

  @Test func `the client says goodbye, and closes when it is done`() {
    var client = DrivenSession.establishedClient()
    client.session.finish(reason: "bye")
    #expect(client.drain() == ["FIN 1001 LAST"])
    #expect(client.sent == [fin(1_001, "bye")])
    #expect(client.take(ack(1_001, next: 1_002)) == [])
    #expect(
      client.take(fin(65_531, "so long")) == [
        "peer finished 'so long'", "ACK 65531 next 65532 window 16", "ended clean 'so long'",
      ])
  }

  @Test func `the server answers FIN with FIN, and lingers when it is done`() {
    var server = DrivenSession.establishedServer()
    #expect(
      server.take(fin(1_001, "bye"))
        == ["peer finished 'bye'", "ACK 1001 next 1002 window 16", "FIN 65531 LAST"])
    #expect(server.session.phase == .established)
    #expect(server.take(ack(65_531, next: 65_532)) == [])
    #expect(server.session.phase == .lingering)
    server.session.endOfStream()
    #expect(server.drain() == ["ended clean 'bye'"])
  }

  @Test func `a lingering server repeats its last acknowledgement, for two seconds`() {
    var server = DrivenSession.establishedServer()
    _ = server.take(fin(1_001, "bye"), ack(65_531, next: 65_532))
    _ = server.take(ack(65_531, next: 65_532))
    #expect(server.session.phase == .lingering)
    #expect(server.wait(.milliseconds(1_900)) == [])
    #expect(server.take(fin(1_001, "bye")) == ["ACK 1001 next 1002 window 16"])
    #expect(
      server.take(frame(.ping, 0, [0, 0, 0, 0, 0, 0, 0, 5]))
        == ["PONG 5", "ACK 1001 next 1002 window 16"])
    #expect(server.run(until: .seconds(9)) == ["2000: ended clean 'bye'"])
  }

  @Test func `queued messages go before FIN, and no message is taken after finish`() throws {
    var server = DrivenSession.establishedServer(window: 1)
    try server.session.send(.notice, [1])
    try server.session.send(.data, [2])
    #expect(server.drain() == ["NOTICE 65531 LAST"])
    #expect(server.take(fin(1_001)).last == "ACK 1001 next 1002 window 1")
    #expect(throws: SendRefusal.finishing) { try server.session.send(.data, [3]) }
    #expect(server.take(ack(65_531, next: 65_532)) == ["DATA 65532 LAST"])
    #expect(server.take(ack(65_532, next: 65_533)) == ["FIN 65533 LAST"])
    #expect(server.take(ack(65_533, next: 65_534)) == [])
    #expect(server.session.phase == .lingering)
    #expect(throws: SendRefusal.finishing) { try server.session.send(.data, [3]) }
  }

  @Test func `after its FIN a side still acknowledges, delivers and retransmits`() {
    var client = DrivenSession.establishedClient(roundTrip: .milliseconds(400))
    client.session.finish()
    _ = client.drain()
    #expect(
      client.take(data(65_531, "late")) == ["deliver DATA late", "ACK 65531 next 65532 window 16"])
    #expect(client.run(until: .milliseconds(1_700)) == ["1600: FIN 1001 LAST again (timeout)"])
  }

  @Test func `FINs that cross end both sides cleanly`() {
    for mode in [ARQMode.goBackN, .selectiveRepeat] {
      var configuration = ClientConfiguration()
      configuration.mode = mode
      var loop = SessionLoop(client: configuration)
      loop.settle()
      loop.client.finish(reason: "c")
      loop.server.finish(reason: "s")
      loop.drainClient()
      loop.drainServer()
      loop.settle()
      #expect(loop.client.end == SessionOutcome(.clean, text: "s"))
      #expect(loop.server.phase == .lingering)
      #expect(loop.fromServer.last == .peerFinished(reason: "c"))
      loop.nextDeadline()
      #expect(loop.server.end == SessionOutcome(.clean, text: "c"))
    }
  }

  @Test(
    "a goodbye of which any one frame is lost is still clean",
    arguments: [ARQMode.goBackN, .selectiveRepeat], 0..<6)
  func lost(_ mode: ARQMode, _ lost: Int) throws {
    var configuration = ClientConfiguration()
    configuration.mode = mode
    configuration.fragmentSizeMax = 2
    var loop = SessionLoop(client: configuration)
    loop.settle()
    loop.client.finish(reason: "bye")
    var count = 0
    for _ in 0..<200 where loop.client.end == nil || !loop.toServer.isEmpty {
      loop.drainClient()
      loop.drainServer()
      if let first = [loop.toServer.first, loop.toClient.first].compactMap({ $0 }).first {
        let isLost = count == lost
        count += 1
        if isLost {
          if loop.toServer.first == first {
            loop.toServer.removeFirst()
          } else {
            loop.toClient.removeFirst()
          }
        } else if !loop.deliverToServer() {
          _ = loop.deliverToClient()
        }
      } else {
        loop.now = min(loop.clientDeadline, loop.serverDeadline)
      }
    }
    #expect(count > lost, "the frame was there to be lost")
    #expect(loop.fromServer.contains(.peerFinished(reason: "bye")))
    #expect(loop.client.end?.ending == .clean)
    loop.server.endOfStream()
    loop.drainServer()
    #expect(loop.server.end?.ending == .clean || loop.server.end?.ending == .unconfirmed)
  }

  @Test(
    "a reason that breaks the rules is treated as empty",
    arguments: [
      [UInt8](repeating: 97, count: 201), [0xFF], [97, 0x07], [0xC2, 0x85],
      [UInt8](repeating: 97, count: 3_000),
    ] as [[UInt8]])
  func badReason(_ reason: [UInt8]) {
    var server = DrivenSession.establishedServer(fragment: 4_000)
    #expect(server.take(frame(.fin, 1_001, reason, flags: 1)).first == "peer finished ''")
    #expect(server.session.end == nil)
    if let text = String(validating: reason, as: UTF8.self) {
      var client = DrivenSession.establishedClient()
      client.session.finish(reason: text)
      _ = client.drain()
      #expect(client.sent == [fin(1_001)])
    }
  }

  @Test func `a reason of 200 bytes is one`() {
    let reason = String(repeating: "é", count: 100)
    var server = DrivenSession.establishedServer()
    #expect(server.take(fin(1_001, reason)).first == "peer finished '\(reason)'")
  }

  @Test func `a reason above the largest message is treated as empty, and the FIN counts`() {
    var configuration = ServerConfiguration()
    configuration.messageSizeMax = 10
    var server = DrivenSession.establishedServer(configuration)
    #expect(
      server.take(fin(1_001, "a long goodbye"))
        == ["peer finished ''", "ACK 1001 next 1002 window 16", "FIN 65531 LAST"])
  }

  @Test func `a message after FIN is ERROR 3`() {
    var server = DrivenSession.establishedServer()
    _ = server.take(fin(1_001))
    #expect(server.take(data(1_002, "x")) == ["ERROR 3", "ended failed 3"])
    var lingering = DrivenSession.establishedServer()
    _ = lingering.take(fin(1_001), ack(65_531, next: 65_532))
    _ = lingering.take(ack(65_531, next: 65_532))
    #expect(lingering.take(fin(1_002)) == ["ERROR 3", "ended failed 3"])
    var selective = DrivenSession.establishedServer(mode: .selectiveRepeat)
    _ = selective.take(data(1_002, "x"))
    #expect(
      selective.take(fin(1_001)) == [
        "peer finished ''", "ACK 1001 next 1003 window 16", "ERROR 3", "ended failed 3",
      ],
      "also one that was kept")
    var fragment = DrivenSession.establishedServer()
    _ = fragment.take(fin(1_001))
    #expect(
      fragment.take(data(1_002, "x", isLast: false)) == ["ERROR 3", "ended failed 3"])
  }
}
