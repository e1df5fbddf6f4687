import ChatTrace
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_client

enum TraceEvents {
  /// A frame that a fault has dropped.
  static var dropped: TraceEvent {
    var event = TraceEvent()
    event.kind = .frame
    event.typeCode = FrameType.data.rawValue
    event.sequence = 9
    event.notes = [Note(.faultDropped, detail: "drop 50%")]
    return event
  }
}

/// What `--trace` writes.
@Suite("Trace file") struct TraceFileTests {
  /// Chats over a bad line, and returns the trace.
  private func trace(named name: String, isClassic: Bool = false) throws -> [String] {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent(name).path
      let server = try TestServer()
      let rules = try FaultRules(parsing: "drop nth 2 DATA c2s")
      let client = try TestClient(port: server.port) {
        $0.tracePath = path
        $0.faults = rules
        $0.wishes.isClassic = isClassic
        $0.wishes.timeout = .milliseconds(300)
      }
      client.say("one", "two", "three")
      client.waitForDelivery(of: 3)
      server.change { $0.dropsConnections = true }
      _ = client.wait(for: "break") { event in
        if case .disconnected = event { true } else { nil }
      }
      client.waitForSession()
      #expect(client.quit() == .done)
      // Complete when the end has been told.
      return try String(contentsOfFile: path, encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func `JSON lines tell every frame with its fate, over several connections`() throws {
    let lines = try trace(named: "trace.ndjson").dropLast()
    let objects = try lines.map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(objects.last?["kind"] as? String == "summary")
    let frames = objects.filter { $0["kind"] as? String == "frame" }
    #expect(frames.map { $0["frame"] as? Int } == Array(1...frames.count))
    #expect(frames.filter { $0["disposition"] as? String == "dropped" }.count == 1)
    #expect(Set(frames.compactMap { $0["stream"] as? Int }) == [0, 1])
    #expect(
      frames.allSatisfy {
        $0["leg"] as? String == ($0["direction"] as? String == "c2s" ? "client" : "server")
      })
    let texts = frames.compactMap { $0["text"] as? String }
    #expect(texts.starts(with: ["one", "three"]) || texts.starts(with: ["one", "two"]))
    #expect(Set(texts) == ["one", "two", "three"])
    let ends = objects.compactMap { $0["end"] as? String }
    #expect(ends == ["abrupt", "clean"] || ends == ["reset", "clean"])
    #expect(lines.joined().utf8.allSatisfy { $0 >= 0x20 })
  }

  @Test func `a name that ends in txt gets the table for people`() throws {
    let lines = try trace(named: "trace.txt")
    #expect(lines[0].hasPrefix("frame"))
    #expect(lines.contains { $0.contains("SYN") && $0.contains("asks for a session") })
    #expect(lines.contains { $0.contains("dropped here by the rule 'drop DATA c2s nth 2'") })
    #expect(lines.contains { $0.contains("session ended cleanly") })
    #expect(lines.contains { $0.contains("2 chat streams") })
    #expect(!lines.joined().contains("\u{1B}"))
  }

  @Test func `a classic session is traced too`() throws {
    let lines = try trace(named: "trace.txt", isClassic: true)
    #expect(lines.contains { $0.contains("stop-and-wait") })
    #expect(lines.contains { $0.contains("DISCONNECT") })
  }

  @Test func `a file that cannot be written is said, and the chat goes on`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) { $0.tracePath = "/dev/full" }
    client.say("one")
    client.waitForDelivery(of: 1)
    #expect(client.quit() == .done)
    let complaints = client.events.filter {
      $0 == .information("the trace ends here: /dev/full: no space left on device")
    }
    #expect(complaints.count == 1)
  }
}
