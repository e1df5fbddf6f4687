import ChatPosix
import ChatWire
import Foundation
import TestSupport
import Testing

/// One after the other: each keeps the processor busy by itself.
@Suite("Many connections through a proxy", .serialized) struct ProxyCrowdTests {
  /// As the issue has it; `CHAT_TEST_CLIENTS=100` for slow machines.
  private static let clientCount =
    ProcessInfo.processInfo.environment["CHAT_TEST_CLIENTS"].flatMap { Int($0) } ?? 500

  @Test("500 sessions at once talk and end, and the recording tells all of each")
  func crowd() throws {
    let count = min(500, Self.clientCount)
    try withStage { stage in
      let server = try EchoServer()
      // Lines of the live trace may be left out where this test is slow.
      let recording = "\(stage.directory)/crowd.pcapng"
      let proxy = try stage.proxy(before: server.port, "-T", "none", "-w", recording)
      let descriptors = try ProcessFigures(proxy.process).descriptorCount()
      let crowd = Crowd(port: proxy.port)
      let members = try (0..<count).map { number in
        try crowd.join(
          mode: number % 2 == 0 ? .goBackN : .selectiveRepeat, fragment: 10 + number % 100)
      }
      try crowd.run(until: "all are here", seconds: 300) {
        members.allSatisfy { $0.parameters != nil }
      }
      #expect(try ProcessFigures(proxy.process).descriptorCount() == descriptors + 2 * count)
      let texts = (1...3).map { "What is said for the \($0). time, in a few fragments." }
      for member in members { for text in texts { try member.say(text) } }
      try crowd.run(until: "everybody hears what they say", seconds: 300) {
        members.allSatisfy { $0.messages.count >= texts.count && $0.isAllAcknowledged }
      }
      #expect(members.allSatisfy { $0.messages.map(\.text) == texts })
      for member in members { member.leave() }
      try crowd.run(until: "all have left", seconds: 300) {
        members.allSatisfy { $0.outcome != nil }
      }
      #expect(members.allSatisfy { $0.outcome?.ending == .clean })
      #expect(server.sessions.heardCount == count * texts.count)
      try waitUntil("the proxy has closed all") {
        try ProcessFigures(proxy.process).descriptorCount() == descriptors
      }
      #expect(try proxy.stop() == .code(130))
      let read = try stage.run("chat-inspect", "read", recording, "-T", "ndjson")
      let lines = read.output.split(separator: "\n").map { String($0) }
      try check(try lines.map { try JSONObject($0) }, count: count)
    }
  }

  /// What is told about each stream, and in the summary, is the same.
  private func check(_ records: [JSONObject], count: Int) throws {
    let ends = records.compactMap { $0.string("end") }
    #expect(ends.count == count)
    #expect(ends.allSatisfy { $0 == "clean" })
    let frames = records.filter { $0.string("kind") == "frame" }
    #expect(frames.map { $0.integer("frame") ?? 0 } == Array(1...frames.count))
    var byteCounts: [Int: [String: Int]] = [:]
    for frame in frames {
      let (stream, direction) = (frame.integer("stream"), frame.string("direction"))
      guard let stream, let direction, let length = frame.integer("length") else { continue }
      byteCounts[stream, default: [:]][direction, default: 0] += Dialect.native.headerSize + length
    }
    let summary = try #require(records.last?.objects("streams"))
    #expect(summary.count == count)
    #expect(summary.allSatisfy { $0.string("verdict") == "complete" })
    let wrong = summary.filter { stream in
      let counts = byteCounts[stream.integer("stream") ?? -1] ?? [:]
      return ["c2s", "s2c"].contains { direction in
        let told = stream.object(direction)
        return told?.integer("bytes") != counts[direction]
          || told?.integer("frame_bytes") != counts[direction]
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(count) streams do not add up")
  }

  @Test("with --max-connections, one too many waits until another ends")
  func connectionsMax() throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let proxy = try stage.proxy(before: upstream.port, "--max-connections", "3")
      let bytes = TestBytes.random(seed: 1)
      let wires = try (0..<3).map { _ in
        try upstream.connect(through: proxy.port, client: bytes, server: bytes)
      }
      let late = try upstream.call(through: proxy.port, client: bytes, server: bytes)
      wires[0].client.send(1_000)
      try wires[0].run(until: "the others go on") { wires[0].server.receivedCount == 1_000 }
      #expect(!upstream.hasArrived)
      // It waits without making the proxy busy.
      let figures = ProcessFigures(proxy.process)
      let before = try figures.processorSeconds()
      useProcessor(seconds: 0.2)
      #expect(try figures.processorSeconds() - before < 0.08)
      #expect(!upstream.hasArrived)
      wires[1].client.finish()
      wires[1].server.finish()
      try wires[1].run(until: "one ends") { wires[1].client.ending != nil }
      let wire = try upstream.answer(late)
      wire.client.send(10)
      try wire.run(until: "there is room for the one that waited") {
        wire.server.receivedCount == 10
      }
    }
  }

  @Test("a full table of open files: those that are open go on, others wait", arguments: [49, 50])
  func fullTable(_ openFileCountMax: Int) throws {
    try withStage { stage in
      let upstream = try TestUpstream()
      let process = try stage.start(
        "/bin/sh",
        [
          "-c", "ulimit -n \(openFileCountMax); exec \"$0\" \"$@\"",
          BuiltProgram.path("chat-inspect"),
        ] + TestProxy.arguments("127.0.0.1", 0, before: "127.0.0.1:\(upstream.port)", []))
      let proxy = try TestProxy(process, stage: stage)
      let bytes = TestBytes.random(seed: 1)
      func isFull() -> Bool { process.errors.lines.contains { $0.contains("ulimit -n") } }
      var wires: [TestWire] = []
      var waiting: [WireEnd] = []
      var later: [TestWire] = []
      while waiting.isEmpty {
        let client = try upstream.call(through: proxy.port, client: bytes, server: bytes)
        try waitUntil("it gets through, or is told why not") { upstream.hasArrived || isFull() }
        if upstream.hasArrived {
          wires.append(try upstream.answer(client))
        } else {
          waiting.append(client)
        }
      }
      #expect(wires.count > 5)
      for _ in 1...20 {
        waiting.append(try upstream.call(through: proxy.port, client: bytes, server: bytes))
      }
      for wire in wires { wire.client.send(10_000) }
      try TestWire.run(wires, until: "those that are open go on") {
        wires.allSatisfy { $0.server.receivedCount == 10_000 }
      }
      let figures = ProcessFigures(process)
      let before = try figures.processorSeconds()
      useProcessor(seconds: 0.2)
      #expect(try figures.processorSeconds() - before < 0.08)
      for end in wires.flatMap({ [$0.client, $0.server] }) { end.finish() }
      try TestWire.run(wires, until: "they end") { wires.allSatisfy { $0.client.ending != nil } }
      for client in waiting.prefix(wires.count) {
        let wire = try upstream.answer(client)
        wire.client.send(10)
        try wire.run(until: "those that waited get through") { wire.server.receivedCount == 10 }
        later.append(wire)
      }
      #expect(process.errors.lines.count { $0.contains("ulimit -n") } == 1)
      #expect(!process.errors.text.contains("no connection to the upstream"))
      #expect(try proxy.stop() == .code(130))
    }
  }
}
