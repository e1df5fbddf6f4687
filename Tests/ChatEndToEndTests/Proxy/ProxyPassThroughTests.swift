import ChatPosix
import ChatWire
import TestSupport
import Testing

/// What two peers can tell of a proxy between them: nothing.
@Suite("What passes through a proxy") struct ProxyPassThroughTests {
  @Test(
    "bytes that are no chat, both ways at once, in pieces of all sizes", arguments: Route.allCases)
  func random(_ route: Route) throws {
    try exchange(.random(seed: 11), .random(seed: 12), byteCount: 24_000_000, route)
  }

  @Test("chat, both ways at once, in pieces of all sizes", arguments: Route.allCases)
  func chat(_ route: Route) throws {
    try exchange(
      .chat(from: .clientToServer), .chat(from: .serverToClient), byteCount: 2_500_000, route)
  }

  @Test("a session to the server, and noise to the client", arguments: Route.proxies)
  func mixed(_ route: Route) throws {
    try exchange(
      .chat(from: .clientToServer), .random(seed: 13), byteCount: 1_000_000, route)
  }

  private func exchange(
    _ client: TestBytes, _ server: TestBytes, byteCount: Int, _ route: Route
  ) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage, "-T", "none")
      let wire = try upstream.connect(through: lead.port, client: client, server: server)
      for end in [wire.client, wire.server] {
        end.send(byteCount)
        end.finish()
      }
      try wire.run(until: "all bytes arrive") {
        wire.client.ending != nil && wire.server.ending != nil
      }
      for end in [wire.client, wire.server] {
        #expect(end.isIntact)
        #expect(end.receivedCount == byteCount)
        #expect(end.ending == .finished)
      }
      if let exit = try lead.proxy?.stop() { #expect(exit == .code(130)) }
    }
  }

  @Test(
    "a server that speaks first is heard before the client says anything", arguments: Route.allCases
  )
  func serverFirst(_ route: Route) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage)
      let wire = try upstream.connect(
        through: lead.port, client: .random(seed: 1), server: .random(seed: 2))
      wire.server.send(100)
      try wire.run(until: "the greeting arrives") { wire.client.receivedCount == 100 }
      wire.client.send(50)
      try wire.run(until: "the answer arrives") { wire.server.receivedCount == 50 }
      #expect(wire.client.isIntact && wire.server.isIntact)
    }
  }

  @Test("a connection on which nobody says anything", arguments: Route.allCases)
  func empty(_ route: Route) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage)
      let wire = try upstream.connect(
        through: lead.port, client: .random(seed: 1), server: .random(seed: 2))
      wire.client.finish()
      try wire.run(until: "the server hears the end") { wire.server.ending != nil }
      #expect(wire.server.ending == .finished)
      #expect(wire.client.ending == nil)
      wire.server.finish()
      try wire.run(until: "the client hears the end") { wire.client.ending != nil }
      #expect(wire.client.ending == .finished)
      // There is nothing to be said about what was not said.
      if let proxy = lead.proxy {
        _ = try proxy.stop()
        #expect(!proxy.process.errors.text.contains("no chat"))
      }
    }
  }

  @Test("a connection that ends inside a frame", arguments: Route.allCases)
  func insideFrame(_ route: Route) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let lead = try route.lead(to: upstream.port, on: stage)
      // Inside a header, at its end, inside a payload: wherever frames lie.
      let wires = try [5, 11, 12, 40, 1_000, 1_003, 1_010].map { count in
        let wire = try upstream.connect(
          through: lead.port, client: .chat(from: .clientToServer),
          server: .chat(from: .serverToClient))
        for end in [wire.client, wire.server] {
          end.send(count)
          end.finish()
        }
        return (count, wire)
      }
      try TestWire.run(wires.map(\.1), until: "all have ended") {
        wires.allSatisfy { $1.client.ending != nil && $1.server.ending != nil }
      }
      for (count, wire) in wires {
        for end in [wire.client, wire.server] {
          #expect(end.isIntact && end.receivedCount == count, "\(count) bytes")
          #expect(end.ending == .finished)
        }
      }
    }
  }

  @Test("IPv6 on either side", arguments: [("[::1]", "127.0.0.1"), ("127.0.0.1", "[::1]")])
  func version6(_ hosts: (listen: String, upstream: String)) throws {
    // Not every machine has it.
    guard (try? StreamListener(host: "::1", port: 0)) != nil else { return }
    func bare(_ host: String) -> String { host == "[::1]" ? "::1" : host }
    try withStage { stage in
      let upstream = try TestUpstream(host: bare(hosts.upstream))
      let proxy = try stage.proxy(
        listening: hosts.listen, before: "\(hosts.upstream):\(upstream.port)")
      let wire = try upstream.connect(
        host: bare(hosts.listen), through: proxy.port, client: .random(seed: 1),
        server: .random(seed: 2))
      wire.client.send(1_000)
      wire.server.send(1_000)
      try wire.run(until: "both are heard") {
        wire.client.receivedCount == 1_000 && wire.server.receivedCount == 1_000
      }
      #expect(wire.client.isIntact && wire.server.isIntact)
    }
  }

  @Test("a name with several addresses leads to the one on which the server listens")
  func severalAddresses() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let proxy = try stage.proxy(listening: "127.0.0.1", before: "localhost:\(upstream.port)")
      let wire = try upstream.connect(
        through: proxy.port, client: .random(seed: 1), server: .random(seed: 2))
      wire.client.send(1)
      try wire.run(until: "a byte arrives") { wire.server.receivedCount == 1 }
    }
  }
}
