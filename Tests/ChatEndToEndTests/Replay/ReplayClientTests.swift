import ChatWire
import Foundation
import TestSupport
import Testing

/// Recorded clients, played against live servers.
@Suite("Replayed clients") struct ReplayClientTests {
  /// A short conversation of two or three, in which each answers what the one before said.
  static let lines: [(nick: String, text: String)] = [
    ("ana", "is anybody here?"), ("bia", "I am, olá 你好"), ("ana", "good"),
    ("bia", "what shall we talk about?"), ("ana", "reliability"), ("bia", "again"),
  ]

  @Test(
    "A conversation is the same again with a new server",
    arguments: [["--protocol", "gbn"], ["--protocol", "sr"], ["--classic"]])
  func same(options: [String]) throws {
    try withStage { stage in
      let file = try stage.recordConversation(
        before: try stage.server().port,
        clients: [("ana", options + ["--max-fragment-size", "7"]), ("bia", options)],
        lines: Self.lines + [("ana", "/who"), ("ana", "bye")])
      let replay = try stage.replay(file, to: try stage.server().port, "--pace", "asap")
      #expect(replay.status == 0, "\(replay.output)")
      #expect(replay.verdict == "same")
      let played = try #require(replay.records("replay").first)
      #expect(played.integer("connections") == 2)
      #expect(played.integer("messages") == played.integer("messages_recorded"))
      #expect(replay.errors.isEmpty)
    }
  }

  @Test(
    "Captures of the original programs are the same again with our server",
    arguments: ["a_handshake_one_message", "h_clean_disconnect", "c_sr_and_gbn"])
  func captures(name: String) throws {
    try withStage { stage in
      let file = Self.capture(name)
      let replay = try stage.replay(file, to: try stage.server().port, "--pace", "asap")
      #expect(replay.status == 0, "\(replay.output)")
      #expect(replay.verdict == "same")
    }
  }

  static func capture(_ name: String) -> String {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appendingPathComponent("captures/\(name).pcap").path
  }

  /// A conversation in a room, recorded while it had no bug.
  private func recordRoom(
    _ stage: Stage, lines: [(nick: String, text: String)] = lines
  ) throws -> String {
    try RoomServer().whileOpen { port in
      try stage.recordConversation(
        before: port, clients: [("ana", []), ("bia", []), ("caio", [])], lines: lines)
    }
  }

  @Test("A room without a bug is the same room")
  func room() throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let replay = try RoomServer().whileOpen { port in
        try stage.replay(file, to: port, "--pace", "asap")
      }
      #expect(replay.verdict == "same", "\(replay.output)")
    }
  }

  @Test(
    "What a server does wrong is found, and where it began",
    arguments: [RoomServer.Bug.changesText, .leavesOut, .swaps])
  func bugs(bug: RoomServer.Bug) throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let replay = try RoomServer(bug).whileOpen { port in
        try stage.replay(file, to: port, "--pace", "asap", "--patience", "1")
      }
      #expect(replay.status == 1, "\(replay.output)")
      #expect(replay.verdict == "different")
      // The second broadcast is what bia said first.
      if bug == .swaps {
        // Of several senders the order does not count; but what ana said next had to wait for it.
        let texts = replay.records("trouble").compactMap { $0.string("text") }
        #expect(texts.contains { $0.contains("too late") }, "\(replay.output)")
      } else {
        let first = try #require(replay.records("difference").first)
        #expect(first.string("expected")?.contains("I am, olá 你好") == true, "\(replay.output)")
        #expect((first.integer("frame_a") ?? 0) > 0)
      }
    }
  }

  @Test(
    "A server that closes early is gone", arguments: [RoomServer.Bug.closes, .resets])
  func closesEarly(bug: RoomServer.Bug) throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let replay = try RoomServer(bug).whileOpen { port in
        try stage.replay(file, to: port, "--pace", "asap")
      }
      #expect(replay.status == 5, "\(replay.output)")
      #expect(replay.verdict == "peer_gone")
      let texts = replay.records("trouble").compactMap { $0.string("text") }
      #expect(texts.contains { $0.contains("the server") && $0.contains("the connection") })
    }
  }

  @Test("A server that says nothing is not waited for without end")
  func saysNothing() throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let replay = try RoomServer(.saysNothing).whileOpen { port in
        try stage.replay(file, to: port, "--pace", "asap", "--patience", "0.5")
      }
      #expect(replay.status == 1, "\(replay.output)")
      let played = try #require(replay.records("replay").first)
      #expect(played.integer("messages") == played.integer("messages_recorded"))
    }
  }

  @Test("A server that does not even answer is not waited for without end")
  func answersNothing() throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let replay = try RoomServer(.answersNothing).whileOpen { port in
        try stage.replay(file, to: port, "--pace", "asap", "--patience", "0.5")
      }
      #expect(replay.status != 0, "\(replay.output)")
      #expect(
        replay.records("trouble").contains { $0.string("text")?.contains("handshake") == true })
    }
  }

  @Test("A server that floods cannot keep a replay from its end")
  func floods() throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let replay = try RoomServer(.floods).whileOpen { port in
        try stage.replay(file, to: port, "--pace", "asap", "--patience", "0.5")
      }
      #expect(replay.status == 1 || replay.status == 5, "\(replay.status)")
    }
  }

  @Test("A server that refuses connections is gone")
  func refused() throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let server = try stage.server()
      let port = server.port
      _ = try server.stop()
      let replay = try stage.replay(file, to: port, "--pace", "asap")
      #expect(replay.status == 5)
      #expect(
        replay.records("trouble").first?.string("text")?.contains("127.0.0.1:\(port)") == true)
    }
  }

  @Test("What one client says waits for what it had heard, on all connections")
  func causalOrder() throws {
    try withStage { stage in
      let lines = (1...30).map { number in
        (nick: ["ana", "bia", "caio"][number * number % 3], text: "number \(number)")
      }
      let file = try recordRoom(stage, lines: lines)
      for _ in 1...3 {
        let server = try RoomServer()
        let replay = try stage.replay(file, to: server.port, "--pace", "asap")
        #expect(replay.verdict == "same", "\(replay.output)")
        #expect(server.seen.heard == lines.map { "\($0.nick): \($0.text)" })
      }
    }
  }

  @Test("Clients leave, and break off, where they did")
  func endings() throws {
    try withStage { stage in
      let recorded = try RoomServer()
      let file = "\(stage.directory)/endings.pcapng"
      let proxy = try stage.proxy(before: recorded.port, ["-w", file])
      let polite = try WirePeer(port: proxy.port)
      try polite.shakeHands(nickname: "polite")
      let rude = try WirePeer(port: proxy.port)
      try rude.shakeHands(nickname: "rude")
      try rude.sendNext(.data, Array("I do not say goodbye".utf8))
      _ = try polite.wait(for: .data)
      rude.shutDown()
      try waitUntil("the server knows") { recorded.seen.endings == [.abrupt] }
      try polite.sendNext(.fin, Array("good night".utf8))
      _ = try polite.wait(for: .fin)
      polite.shutDownWriting()
      try waitUntil("the server knows") { recorded.seen.endings.count == 2 }
      _ = try proxy.stop()
      let server = try RoomServer()
      let replay = try stage.replay(file, to: server.port, "--pace", "asap")
      #expect(replay.verdict == "same", "\(replay.output)")
      #expect(server.seen.endings.first == .abrupt)
      #expect(server.seen.endings.count == 2)
    }
  }

  @Test("Only the connections that are wanted are played, and nothing waits for the others")
  func streams() throws {
    try withStage { stage in
      let file = try recordRoom(stage)
      let server = try RoomServer()
      let replay = try stage.replay(
        file, to: server.port, "--pace", "asap", "--stream", "0", "--patience", "0.5")
      // It does not hear the others, who are not there.
      #expect(replay.status == 1)
      #expect(server.seen.connectionCount == 1)
      #expect(server.seen.heard == ["ana: is anybody here?", "ana: good", "ana: reliability"])
      let missing = try stage.replay(file, to: server.port, "--stream", "7")
      #expect(missing.status == 2)
      #expect(missing.errors.contains("stream 7 is not a chat stream; these are: 0, 1, 2"))
    }
  }
}
