import ChatWire
import Foundation
import TestSupport
import Testing

/// Whoever reads the live trace may do so slowly, or not at all: nobody who chats may notice.
@Suite("A reader of the trace who does not keep up") struct ProxyReaderTests {
  /// Lets a session run for so many rounds of some thousand frames.
  private func flood(_ wire: TestWire, _ rounds: Int) throws {
    for _ in 1...rounds {
      for end in [wire.client, wire.server] { end.send(end.period) }
      try wire.run(until: "the chat goes on") {
        wire.server.receivedCount == wire.client.sentCount
          && wire.client.receivedCount == wire.server.sentCount
          && wire.client.isAllSent && wire.server.isAllSent
      }
    }
  }

  private func connect(_ upstream: TestUpstream, _ proxy: TestProxy) throws -> TestWire {
    try upstream.connect(
      through: proxy.port, client: .chat(from: .clientToServer),
      server: .chat(from: .serverToClient))
  }

  @Test("who stops reading: the chat goes on, lines are left out and counted, and the proxy ends")
  func stops() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let reader = try SlowReader("\(stage.directory)/trace")
      let proxy = try stage.proxy(before: upstream.port, writingTo: reader)
      let wire = try connect(upstream, proxy)
      try flood(wire, 6)
      #expect(wire.client.isIntact && wire.server.isIntact)
      #expect(try proxy.stop() == .code(130))
      let line = try proxy.process.errors.wait(forLineWith: "left out")
      let count = line.split(separator: " ").compactMap { Int($0) }.first ?? 0
      try reader.readToEnd()
      // Every line that came is whole, but for the last one; the others are counted.
      for line in reader.lines { _ = try JSONObject(line) }
      #expect(count > 1_000)
      #expect(reader.lines.count > 10)
    }
  }

  @Test("who reads again misses lines, but no frame is missing from the summary")
  func resumes() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let reader = try SlowReader("\(stage.directory)/trace")
      let proxy = try stage.proxy(before: upstream.port, writingTo: reader)
      let wire = try connect(upstream, proxy)
      try flood(wire, 6)
      proxy.process.signal(SIGINT)
      try reader.readToEnd()
      #expect(try proxy.process.waitForExit() == .code(130))
      let records = try reader.lines.map { try JSONObject($0) }
      let line = try proxy.process.errors.wait(forLineWith: "left out")
      #expect((line.split(separator: " ").compactMap { Int($0) }.first ?? 0) > 0)
      let summary = try #require(records.last)
      #expect(summary.string("kind") == "summary")
      let stream = try #require(summary.objects("streams")?.first)
      #expect(stream.object("c2s")?.integer("bytes") == wire.server.receivedCount)
      #expect(stream.object("s2c")?.integer("bytes") == wire.client.receivedCount)
      let shown = records.filter { $0.string("kind") == "frame" && $0.string("direction") == "c2s" }
        .reduce(0) { $0 + Dialect.native.headerSize + ($1.integer("length") ?? 0) }
      #expect(shown < wire.server.receivedCount / 2)
    }
  }

  @Test("who goes away, as head does: the chat goes on, and nothing is said")
  func leaves() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let reader = try SlowReader("\(stage.directory)/trace")
      let proxy = try stage.proxy(before: upstream.port, writingTo: reader, ["-T", "text"])
      let wire = try connect(upstream, proxy)
      try flood(wire, 1)
      try reader.read(lineCount: 3)
      reader.leave()
      try flood(wire, 1)
      #expect(wire.client.isIntact && wire.server.isIntact)
      #expect(try proxy.stop() == .code(130))
      #expect(proxy.process.errors.lines.count == 1, "\(proxy.process.errors.text)")
    }
  }

  @Test("a standard output that is closed from the beginning is nobody's")
  func closed() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let process = try stage.start(
        "/bin/sh",
        ["-c", "exec \"$0\" \"$@\" >&- <&-", BuiltProgram.path("chat-inspect")]
          + TestProxy.arguments("127.0.0.1", 0, before: "127.0.0.1:\(upstream.port)", []))
      let proxy = try TestProxy(process, stage: stage)
      let wire = try connect(upstream, proxy)
      try flood(wire, 1)
      #expect(wire.client.isIntact && wire.server.isIntact)
      #expect(try proxy.stop() == .code(130))
    }
  }

  @Test("who does not read what is said on standard error holds up nobody")
  func messages() throws {
    try withStage { stage in
      let port = try TestUpstream().port
      let reader = try SlowReader("\(stage.directory)/messages")
      try reader.shrink()
      let process = try stage.start(
        "/bin/sh",
        [
          "-c", "exec \"$0\" \"$@\" 2> '\(reader.path)'", BuiltProgram.path("chat-inspect"),
        ] + TestProxy.arguments("127.0.0.1", 0, before: "127.0.0.1:\(port)", ["-T", "none"]))
      try reader.read(lineCount: 1)
      let address = reader.lines.first?.split(separator: ",").first ?? ""
      let own = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
      // Each is told about, and all of that is more than the pipe takes.
      for _ in 1...100 { try expectReset(by: own) }
      process.signal(SIGINT)
      #expect(try process.waitForExit() == .code(130))
    }
  }

  @Test("a disk that is full is said once, and the chat goes on")
  func fullDisk() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let proxy = try stage.proxy(
        before: upstream.port, "-T", "none", "--faults", "duplicate DATA", "--write-ledger",
        "/dev/full")
      let wire = try upstream.connect(
        through: proxy.port, client: .chat(from: .clientToServer),
        server: .chat(from: .serverToClient))
      wire.client.send(100_000)
      wire.client.finish()
      try wire.run(until: "the end arrives") { wire.server.ending != nil }
      #expect(wire.server.receivedCount > 100_000)
      #expect(try proxy.stop() == .code(130))
      #expect(proxy.process.errors.lines.count { $0.contains("/dev/full") } == 1)
    }
  }

  @Test("a file that may not grow is said once, and the chat goes on")
  func fileLimit() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let ledger = "\(stage.directory)/ledger"
      let process = try stage.start(
        "/bin/sh",
        ["-c", "ulimit -f 1; exec \"$0\" \"$@\"", BuiltProgram.path("chat-inspect")]
          + TestProxy.arguments(
            "127.0.0.1", 0, before: "127.0.0.1:\(upstream.port)",
            ["-T", "none", "--faults", "duplicate DATA", "--write-ledger", ledger]))
      let proxy = try TestProxy(process, stage: stage)
      let wire = try connect(upstream, proxy)
      wire.client.send(100_000)
      wire.client.finish()
      try wire.run(until: "the end arrives") { wire.server.ending != nil }
      #expect(try proxy.stop() == .code(130))
      #expect(process.errors.lines.count { $0.contains(ledger) } == 1)
    }
  }
}
