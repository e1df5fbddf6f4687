import ChatWire
import TestSupport
import Testing

/// Who does not read has to be waited for, and nobody else has to suffer from it.
@Suite("A proxy before somebody who does not read") struct ProxyPressureTests {
  @Test(
    "the sender stops, the other direction goes on, and then all arrives",
    arguments: Route.proxies, [Direction.clientToServer, .serverToClient])
  func pressure(_ route: Route, _ direction: Direction) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage, "-T", "none")
      let wire = try upstream.connect(
        through: lead.port, client: .random(seed: 1), server: .random(seed: 2),
        bufferSize: 128 << 10)
      let (sender, receiver) =
        direction == .clientToServer ? (wire.client, wire.server) : (wire.server, wire.client)
      let figures = lead.proxy.map { ProcessFigures($0.process) }
      let before = try figures?.residentByteCount() ?? 0
      receiver.isReading = false
      sender.send(40_000_000)
      try wire.run(untilStalled: sender)
      // What the kernel holds on both legs, and half a megabyte in between.
      #expect(sender.sentCount < 24_000_000)
      let stalled = sender.sentCount
      receiver.send(3_000_000)
      try wire.run(until: "the other direction goes on") { sender.receivedCount == 3_000_000 }
      #expect(sender.sentCount < stalled + 1_000_000)
      let grown = (try figures?.residentByteCount() ?? 0) - before
      #expect(grown < 12 << 20, "\(grown) bytes more are in use")
      receiver.isReading = true
      sender.finish()
      try wire.run(until: "everything arrives") { receiver.ending != nil }
      #expect(receiver.receivedCount == 40_000_000)
      #expect(receiver.isIntact && sender.isIntact)
      #expect(receiver.ending == .finished)
    }
  }

  @Test("many at once make memory grow by what each may leave waiting, and no more")
  func many() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let proxy = try stage.proxy(before: upstream.port, "-T", "none")
      let wires = try (0..<20).map { _ in
        try upstream.connect(
          through: proxy.port, client: .random(seed: 1), server: .random(seed: 2),
          bufferSize: 128 << 10)
      }
      let figures = ProcessFigures(proxy.process)
      let before = try figures.residentByteCount()
      for wire in wires {
        wire.server.isReading = false
        wire.client.send(40_000_000)
      }
      var sentCount = -1
      var looks = 0
      try TestWire.run(wires, until: "nobody can send any more") {
        let now = wires.reduce(0) { $0 + $1.client.sentCount }
        looks = now == sentCount ? looks + 1 : 0
        sentCount = now
        return looks >= 10
      }
      let grown = try figures.residentByteCount() - before
      #expect(grown < 40 << 20, "\(grown) bytes more are in use")
      for wire in wires { wire.client.reset() }
      for wire in wires { wire.server.isReading = true }
      try TestWire.run(wires, until: "all learn of it") {
        wires.allSatisfy { $0.server.ending == .broken }
      }
      #expect(wires.allSatisfy { $0.server.isIntact })
    }
  }
}
