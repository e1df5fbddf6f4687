import ChatWire
import TestSupport
import Testing

@Suite("Session") struct SessionTests {
  @Test(
    "a conversation both ways is delivered in order and ended cleanly",
    arguments: [ARQMode.goBackN, .selectiveRepeat], [1, 3, 16])
  func conversation(_ mode: ARQMode, _ window: Int) throws {
    var configuration = ClientConfiguration()
    configuration.mode = mode
    configuration.windowSize = window
    configuration.fragmentSizeMax = 3
    var loop = SessionLoop(client: configuration, clientSequence: 65_534)
    loop.settle()
    #expect(loop.client.phase == .established)
    #expect(loop.server.phase == .established)
    let sent = (0..<20).map { "message \($0)" }
    for text in sent { try loop.client.send(.data, Array(text.utf8)) }
    for text in sent.reversed() { try loop.server.send(.notice, Array(text.utf8)) }
    loop.settle()
    #expect(SessionLoop.texts(loop.fromServer) == sent)
    #expect(SessionLoop.texts(loop.fromClient) == sent.reversed())
    #expect(loop.client.isAllAcknowledged && loop.server.isAllAcknowledged)
    loop.client.finish(reason: "bye")
    loop.settle()
    #expect(loop.fromServer.last == .peerFinished(reason: "bye"))
    #expect(loop.client.end == SessionOutcome(.clean))
    #expect(loop.server.phase == .lingering)
    loop.server.endOfStream()
    loop.settle()
    #expect(loop.server.end == SessionOutcome(.clean, text: "bye"))
  }

  @Test(
    "a lossy conversation is delivered whole",
    arguments: [ARQMode.goBackN, .selectiveRepeat], [1, 4, 16])
  func lossy(_ mode: ARQMode, _ window: Int) throws {
    for seed in 0..<UInt64(20 * effort) {
      var random = SeededGenerator(seed: seed)
      var configuration = ClientConfiguration()
      configuration.mode = mode
      configuration.windowSize = window
      configuration.fragmentSizeMax = 5
      var loop = SessionLoop(
        client: configuration, clientSequence: UInt16.random(in: 65_000...65_535, using: &random))
      let sent = (0..<12).map { "message number \($0)" }
      for text in sent { try loop.client.send(.data, Array(text.utf8)) }
      for text in sent { try loop.server.send(.notice, Array(text.utf8)) }
      loop.client.finish()
      var steps = 0
      while loop.server.phase != .ended, loop.server.phase != .lingering, steps < 5_000 {
        steps += 1
        loop.drainClient()
        loop.drainServer()
        if loop.toServer.isEmpty, loop.toClient.isEmpty {
          loop.now = min(loop.clientDeadline, loop.serverDeadline)
          continue
        }
        loop.now = loop.now.advanced(byNanoseconds: 1_000_000)
        if !loop.toServer.isEmpty, Int.random(in: 0..<100, using: &random) < 20 {
          loop.toServer.removeFirst()
        }
        if !loop.toClient.isEmpty, Int.random(in: 0..<100, using: &random) < 20 {
          loop.toClient.removeFirst()
        }
        _ = loop.deliverToServer()
        _ = loop.deliverToClient()
      }
      #expect(SessionLoop.texts(loop.fromServer) == sent, "seed \(seed)")
      #expect(SessionLoop.texts(loop.fromClient) == sent, "seed \(seed)")
    }
  }
}
