import TestSupport
import Testing

/// A proxy that has nothing to do does nothing, whatever its connections are in.
@Suite("A proxy that has nothing to do", .serialized) struct ProxyIdleTests {
  /// Both ends of the connections of a stand; they stay as they are.
  struct Stand: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var arrange: @Sendable (TestWire) throws -> Void
  }

  static let stands = [
    Stand(testDescription: "a client that has ended") { wire in
      wire.client.finish()
      try wire.run(until: "the server hears the end") { wire.server.ending != nil }
    },
    Stand(testDescription: "a server that has ended") { wire in
      wire.server.finish()
      try wire.run(until: "the client hears the end") { wire.client.ending != nil }
    },
    Stand(testDescription: "a server that does not read") { wire in
      wire.server.isReading = false
      wire.client.send(40_000_000)
      try wire.run(untilStalled: wire.client)
    },
    Stand(testDescription: "a server that does not read, of which the client has heard the end") {
      wire in
      wire.server.finish()
      wire.server.isReading = false
      wire.client.send(40_000_000)
      try wire.run(untilStalled: wire.client)
    },
    Stand(testDescription: "a client that has ended before a server that has, and does not read") {
      wire in
      wire.server.finish()
      wire.server.isReading = false
      try wire.runUntilHeldUp()
      wire.client.finish()
      try wire.run(until: "the client has ended") { wire.client.isAllSent }
    },
    Stand(testDescription: "a client that is gone while the server does not read") { wire in
      wire.server.finish()
      wire.server.isReading = false
      try wire.runUntilHeldUp()
      wire.client.close()
    },
  ]

  @Test("a hundred connections on which nothing happens use no processor", arguments: Route.proxies)
  func idle(_ route: Route) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage, "-T", "none")
      let wires = try (0..<100).map { _ in
        try upstream.connect(
          through: lead.port, client: .random(seed: 1), server: .random(seed: 2))
      }
      for end in wires.flatMap({ [$0.client, $0.server] }) { end.send(100) }
      try TestWire.run(wires, until: "they are in use") {
        wires.allSatisfy { $0.server.receivedCount == 100 && $0.client.receivedCount == 100 }
      }
      try expectIdle(lead.proxy)
      withExtendedLifetime(wires) {}
    }
  }

  @Test("a connection that cannot go on uses no processor", arguments: Route.proxies, stands)
  func stand(_ route: Route, _ stand: Stand) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage, "-T", "none")
      let wire = try upstream.connect(
        through: lead.port, client: .random(seed: 1), server: .random(seed: 2),
        bufferSize: 32 << 10)
      try stand.arrange(wire)
      try expectIdle(lead.proxy)
      // Nothing has been forgotten meanwhile: all that was sent arrives, and the end after it.
      wire.client.sendNoMore()
      wire.client.finish()
      wire.server.isReading = true
      try wire.run(until: "the rest arrives") { wire.server.ending != nil }
      #expect(wire.server.ending == .finished)
      #expect(wire.server.receivedCount == wire.client.sentCount)
      #expect(wire.server.isIntact)
    }
  }

  private func expectIdle(_ proxy: TestProxy?) throws {
    guard let proxy else { return }
    let figures = ProcessFigures(proxy.process)
    let before = try figures.processorSeconds()
    useProcessor(seconds: 0.15)
    let used = try figures.processorSeconds() - before
    #expect(used < 0.05, "\(used) s, while another process had 0.15 s")
  }
}
