import ChatWire
import TestSupport
import Testing

/// Both ways of ending a connection, from both sides, compared with a connection that has no proxy.
@Suite("How connections end through a proxy") struct ProxyEndingTests {
  /// Which end does something first.
  enum Side: CaseIterable {
    case client, server
  }

  private func ends(_ wire: TestWire, _ side: Side) -> (first: WireEnd, second: WireEnd) {
    switch side {
    case .client: (wire.client, wire.server)
    case .server: (wire.server, wire.client)
    }
  }

  private func connect(_ route: Route, _ stage: Stage) throws -> (TestWire, TestProxy?) {
    let upstream = try TestUpstream()
    let lead = try route.lead(to: upstream.port, on: stage)
    let wire = try upstream.connect(
      through: lead.port, client: .chat(from: .clientToServer),
      server: .chat(from: .serverToClient))
    return (wire, lead.proxy)
  }

  @Test(
    "one side ends, and the other goes on for long before it does",
    arguments: Route.allCases, Side.allCases)
  func halfClose(_ route: Route, _ side: Side) throws {
    try withStage { stage in
      let (wire, proxy) = try connect(route, stage)
      let (first, second) = ends(wire, side)
      first.send(10_000)
      first.finish()
      try wire.run(until: "the end is heard") { second.ending != nil }
      #expect(second.ending == .finished)
      #expect(second.receivedCount == 10_000)
      for round in 1...5 {
        second.send(100_000)
        try wire.run(until: "the other side goes on") { first.receivedCount == round * 100_000 }
        #expect(first.ending == nil)
      }
      second.finish()
      try wire.run(until: "the second end is heard") { first.ending != nil }
      #expect(first.ending == .finished)
      #expect(first.isIntact && second.isIntact)
      if let exit = try proxy?.stop() { #expect(exit == .code(130)) }
    }
  }

  @Test(
    "a reset arrives as a reset, after the bytes before it", arguments: Route.allCases,
    Side.allCases)
  func reset(_ route: Route, _ side: Side) throws {
    try withStage { stage in
      let (wire, proxy) = try connect(route, stage)
      let (first, second) = ends(wire, side)
      second.send(5_000)
      first.send(30_000)
      try wire.run(until: "both are heard") {
        first.receivedCount == 5_000 && second.receivedCount == 30_000
      }
      first.send(20_000)
      second.isReading = false
      try wire.run(until: "more is sent") { first.isAllSent }
      first.reset()
      second.isReading = true
      try wire.run(until: "the reset is heard") { second.ending != nil }
      #expect(second.ending == .broken)
      #expect(second.receivedCount == 50_000)
      #expect(second.isIntact)
      if let exit = try proxy?.stop() { #expect(exit == .code(130)) }
    }
  }

  @Test(
    "a reset by a side that has ended before", arguments: Route.allCases, Side.allCases)
  func resetAfterEnd(_ route: Route, _ side: Side) throws {
    try withStage { stage in
      let (wire, _) = try connect(route, stage)
      let (first, second) = ends(wire, side)
      first.send(1_000)
      first.finish()
      try wire.run(until: "the end is heard") { second.ending != nil }
      second.send(1_000)
      try wire.run(until: "the other side goes on") { first.receivedCount == 1_000 }
      first.reset()
      // Who has heard the end learns of the reset only by sending.
      try wire.run(until: "sending fails") {
        second.send(100)
        return second.hasFailedToWrite
      }
    }
  }

  @Test(
    "a reset by a side that does not read", arguments: Route.allCases, Side.allCases)
  func resetWithoutReading(_ route: Route, _ side: Side) throws {
    try withStage { stage in
      let (wire, _) = try connect(route, stage)
      let (first, second) = ends(wire, side)
      first.isReading = false
      second.send(100_000_000)
      try wire.run(untilStalled: second)
      first.reset()
      try wire.run(until: "the reset is heard") { second.ending != nil }
      #expect(second.ending == .broken)
    }
  }

  @Test("a server that refuses resets the client's connection, and the reason is said")
  func refused() throws {
    try withStage { stage in
      let port = try TestUpstream().port
      let proxy = try stage.proxy(before: port)
      for _ in 1...3 { try expectReset(by: proxy.port) }
      let line = try proxy.process.errors.wait(forLineWith: "no connection to the upstream")
      #expect(line.contains("127.0.0.1:\(port)"))
      #expect(line.contains("refused"))
      // A server that comes later is found.
      let later = try TestUpstream(port: port)
      let wire = try later.connect(
        through: proxy.port, client: .random(seed: 1), server: .random(seed: 2))
      wire.client.send(10)
      try wire.run(until: "bytes arrive") { wire.server.receivedCount == 10 }
      #expect(try proxy.stop() == .code(130))
    }
  }
}
