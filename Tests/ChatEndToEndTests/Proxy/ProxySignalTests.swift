import ChatWire
import Foundation
import TestSupport
import Testing

@Suite("How a proxy ends") struct ProxySignalTests {
  @Test(
    "a signal that asks it to end is its exit code, after a summary",
    arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func signals(_ signal: Int32, _ code: Int32) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let proxy = try stage.proxy(before: upstream.port)
      let wire = try upstream.connect(
        through: proxy.port, client: .chat(from: .clientToServer),
        server: .chat(from: .serverToClient))
      wire.client.send(10_000)
      wire.server.send(10_000)
      try wire.run(until: "both are heard") {
        wire.client.receivedCount == 10_000 && wire.server.receivedCount == 10_000
      }
      #expect(try proxy.stop(signal) == .code(code))
      try wire.run(until: "both learn that it is gone") {
        wire.client.ending != nil && wire.server.ending != nil
      }
      #expect(try proxy.records().last?.string("kind") == "summary")
    }
  }

  @Test("with nobody connected it ends as well, and with nobody ever")
  func unused() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let proxy = try stage.proxy(before: upstream.port, "-T", "text")
      #expect(try proxy.stop() == .code(130))
      #expect(proxy.process.errors.lines.count == 1)
    }
  }

  @Test("a second signal ends it at once, while the first is still waiting for a reader")
  func second() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let reader = try SlowReader("\(stage.directory)/trace")
      let proxy = try stage.proxy(before: upstream.port, writingTo: reader)
      let wire = try upstream.connect(
        through: proxy.port, client: .chat(from: .clientToServer),
        server: .chat(from: .serverToClient))
      wire.client.send(300_000)
      try wire.run(until: "the trace is more than a pipe takes") {
        wire.server.receivedCount == 300_000
      }
      let figures = ProcessFigures(proxy.process)
      proxy.process.signal(SIGINT)
      try waitUntil("the first signal has come") { try !figures.catches(SIGINT) }
      proxy.process.signal(SIGINT)
      #expect(try proxy.process.waitForExit() == .signal(SIGINT))
    }
  }
}
