import ChatWire
import Foundation
import TestSupport
import Testing

/// The options of a replay: pace, faults, recording, and what ends it.
@Suite("Replays") struct ReplayOptionTests {
  private func record(
    _ stage: Stage, before port: UInt16, proxy: [String] = [],
    lines: [(nick: String, text: String)] = ReplayClientTests.lines
  ) throws -> String {
    try stage.recordConversation(
      before: port, clients: [("ana", ["--max-fragment-size", "5"]), ("bia", [])],
      lines: lines, proxy: proxy)
  }

  @Test("Without a peer nothing is sent anywhere, and the recorded server is only named")
  func noPeer() throws {
    try withStage { stage in
      let server = try RoomServer()
      let file = try record(stage, before: server.port)
      let before = server.seen.connectionCount
      let outcome = try stage.run("chat-inspect", "replay", file)
      #expect(outcome.status == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.contains("--to HOST:PORT"))
      #expect(outcome.errors.contains("--serve PORT"))
      #expect(outcome.errors.contains("127.0.0.1:\(server.port)"))
      #expect(server.seen.connectionCount == before)
    }
  }

  @Test(
    "Wrong options are said in a sentence",
    arguments: [
      (["--to", "localhost:0"], 2, "port 0"), (["--to", "5000"], 2, "HOST:PORT"),
      (["--to", "localhost:5000", "--serve", "6000"], 2, "--to and --serve"),
      (["--to", "localhost:5000", "--pace", "x0"], 2, "--pace x0"),
      (["--to", "localhost:5000", "--pace", "step"], 2, "no terminal"),
      (["--to", "localhost:5000", "--patience", "0"], 2, "--patience"),
      (["--to", "localhost:5000", "--stream", "9"], 2, "stream 9"),
      (["--serve", "0", "--twice"], 2, "--twice"),
      (["--to", "localhost:5000", "--level", "deep"], 2, "--level"),
      (["--to", "localhost:5000", "--ignore", "nicknam"], 2, "did you mean nickname?"),
      (["--to", "localhost:5000", "-w", "-"], 2, "-q"),
      (
        ["--to", "localhost:5000", "--faults-from", "/nonexistent"], 2, "--faults-from /nonexistent"
      ),
    ])
  func wrongOptions(options: [String], status: Int32, text: String) throws {
    try withStage { stage in
      let outcome = try stage.run(
        "chat-inspect", ["replay", ReplayClientTests.capture("h_clean_disconnect")] + options)
      #expect(outcome.status == status, "\(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
  }

  @Test("A ledger with a mistake is refused as one")
  func wrongLedger() throws {
    try withStage { stage in
      let ledger = try stage.file("ledger", "no ledger\n")
      let outcome = try stage.run(
        "chat-inspect", "replay", ReplayClientTests.capture("h_clean_disconnect"), "--to",
        "localhost:5000", "--faults-from", ledger)
      #expect(outcome.status == 4)
      #expect(outcome.errors.contains("line 1"))
    }
  }

  @Test("What is replayed is recorded, and the recording replays again")
  func replaysAgain() throws {
    try withStage { stage in
      let file = try record(stage, before: try stage.server().port)
      let again = "\(stage.directory)/again.pcapng"
      let first = try stage.replay(
        file, to: try stage.server().port, "--pace", "asap", "-w", again)
      #expect(first.verdict == "same", "\(first.output)")
      let read = try stage.run("chat-inspect", "read", again, "--fail-on", "warn")
      #expect(read.status == 0)
      for (_, text) in ReplayClientTests.lines { #expect(read.output.contains(text)) }
      let second = try stage.replay(again, to: try stage.server().port, "--pace", "asap")
      #expect(second.verdict == "same", "\(second.output)")
    }
  }

  @Test("Recorded faults are done again to the same frames", arguments: [true, false])
  func faults(fromLedger: Bool) throws {
    try withStage { stage in
      let ledger = "\(stage.directory)/ledger.ndjson"
      let file = try record(
        stage, before: try stage.server().port,
        proxy: [
          "--faults", "drop 30% DATA c2s attempt 1; corrupt payload 30% DATA c2s attempt 1",
          "--seed", "5", "--write-ledger", ledger,
        ])
      let recorded = try stage.faults(in: file, "c2s")
      #expect(recorded.count > 3)
      let again = "\(stage.directory)/again.pcapng"
      let replay = try stage.replay(
        file, to: try stage.server().port, "--pace", "asap", "--faults-from",
        fromLedger ? ledger : file, "-w", again)
      #expect(replay.verdict == "same", "\(replay.output)")
      #expect(try stage.faults(in: again, "c2s") == recorded)
    }
  }

  @Test("The ledger that is found in a recording is the one that was written")
  func ledgerOfRecording() throws {
    try withStage { stage in
      let file = try record(
        stage, before: try stage.server().port,
        proxy: [
          "--faults", "corrupt 20% DATA; duplicate 3 20% DATA; delay 3ms 20% DATA; reorder 10%",
          "--seed", "8",
        ])
      let twice = try ["a", "b"].map { name in
        let again = "\(stage.directory)/\(name).pcapng"
        let source = name == "a" ? file : "\(stage.directory)/a.pcapng"
        let replay = try stage.replay(
          file, to: try stage.server().port, "--pace", "asap", "--faults-from", source, "-w", again
        )
        #expect(replay.verdict == "same", "\(replay.output)")
        #expect(!replay.errors.contains("cannot be done again"), "\(replay.errors)")
        return try stage.faults(in: again, "c2s").filter { $0.contains("duplicate") }
      }
      #expect(twice[0] == twice[1])
    }
  }

  @Test("The recorded pace is kept, and can be hurried")
  func pace() throws {
    try withStage { stage in
      let port = try stage.server().port
      let file = "\(stage.directory)/slow.pcapng"
      let proxy = try stage.proxy(before: port, ["-w", file])
      let ana = try stage.client(port: proxy.port, nick: "ana", [])
      try ana.wait(forKind: "session")
      try ana.say("one")
      try ana.wait(forDelivered: 1)
      usleep(1_200_000)
      try ana.say("two")
      try ana.wait(forDelivered: 2)
      _ = try ana.finish()
      _ = try proxy.stop()
      func distance(_ pace: String) throws -> Double {
        let again = "\(stage.directory)/\(pace).pcapng"
        let replay = try stage.replay(file, to: port, "--pace", pace, "-w", again)
        #expect(replay.verdict == "same", "\(replay.output)")
        let read = try stage.run(
          "chat-inspect", "read", again, "-T", "ndjson", "-Y", "type == DATA")
        let times = try read.output.split(separator: "\n").map { try JSONObject(String($0)) }
          .filter { $0.string("kind") == "frame" }
          .compactMap { $0.string("time").flatMap(Double.init) }
        return try #require(times.last) - #require(times.first)
      }
      let recorded = try distance("recorded")
      #expect(recorded >= 1.19)
      #expect(try distance("x2") >= 0.59)
    }
  }

  @Test("Step by step, somebody at a terminal lets each message through")
  func step() throws {
    try withStage { stage in
      let server = try RoomServer()
      let file = try record(stage, before: server.port)
      let heard = server.seen.heard.count
      let program = BuiltProgram.path("chat-inspect")
      let command = "'\(program)' replay '\(file)' --to 127.0.0.1:\(server.port) --pace step"
      let process = try stage.start("/usr/bin/script", ["-qec", command, "/dev/null"])
      // Each asks who is here, says three things and says goodbye: an Enter for each.
      for number in 1...10 {
        try waitUntil("the question \(number)") {
          process.output.text.components(separatedBy: "next: ").count > number
        }
        #expect(server.seen.heard.count - heard <= number - 1)
        try process.writeLine("")
      }
      #expect(try process.waitForExit() == .code(0))
      #expect(process.output.text.contains("next: ana"))
    }
  }

  @Test("Ctrl-C says goodbye, and tells what was compared by then", arguments: [2, 15])
  func interrupted(signal: Int32) throws {
    try withStage { stage in
      let server = try RoomServer()
      let file = "\(stage.directory)/long.pcapng"
      let proxy = try stage.proxy(before: server.port, ["-w", file])
      let ana = try WirePeer(port: proxy.port)
      try ana.shakeHands(nickname: "ana")
      try ana.sendNext(.data, Array("one".utf8))
      _ = try ana.wait(for: .ack)
      usleep(300_000)
      try ana.sendNext(.data, Array("two".utf8))
      _ = try ana.wait(for: .ack)
      try ana.sendNext(.fin)
      _ = try ana.wait(for: .fin)
      ana.shutDownWriting()
      try waitUntil("the server knows") { server.seen.endings.count == 1 }
      _ = try proxy.stop()
      let again = "\(stage.directory)/again.pcapng"
      let process = try stage.start(
        "chat-inspect",
        [
          "replay", file, "--to", "127.0.0.1:\(server.port)", "--pace", "x0.005", "-T", "ndjson",
          "-w", again,
        ])
      try waitUntil("it has begun") { server.seen.connectionCount == 2 }
      try waitUntil("the first thing is said") { server.seen.heard.count == 3 }
      process.signal(signal)
      #expect(try process.waitForExit() == .code(128 + signal))
      try waitUntil("the server knows") { server.seen.endings.count == 2 }
      #expect(server.seen.endings.last == .clean)
      let last = try JSONObject(try #require(process.output.lines.last))
      #expect(last.string("verdict") == "interrupted")
      #expect(last.integer("differences") == 0, "\(process.output.text)")
      let read = try stage.run("chat-inspect", "read", again)
      #expect(read.status == 0)
      #expect(read.output.contains("\"one\""))
    }
  }

  @Test("Parts that are not in the recording make it inconclusive")
  func inconclusive() throws {
    try withStage { stage in
      let replay = try stage.replay(
        ReplayClientTests.capture("b_three_clients.midstream"), to: try stage.server().port,
        "--pace", "asap", "--patience", "0.3")
      #expect(replay.status == 1 || replay.status == 3)
      #expect(!replay.records("omission").isEmpty)
    }
  }
}
