import ChatPosix
import Foundation
import TestSupport
import Testing

/// The full-screen client as a person has it: keys in, and what the window shows at named moments.
@Suite(
  "Full screen in a window", .serialized,
  .enabled(if: TmuxSession.isInstalled, "tmux is not installed"))
struct FullScreenTests {
  @Test func `from the form to a conversation, and remembered for the next time`() throws {
    try withStage { stage in
      let server = try stage.server()
      let first = try FullScreenWindow(stage, port: server.port)
      try first.window.waitForScreen("[ Connect ]")
      // Down to the protocol.
      try first.window.press("Down", "Down", "Down", "Down", "Right", "Down")
      try first.window.type("8\n")
      try first.window.waitForScreen("Selective Repeat, window 8")
      let ben = try stage.client(server, nick: "ben")
      try first.window.waitForScreen("here (2)")
      try first.window.type("hello ben, 你好 🌍\n")
      try ben.wait(forMessage: "hello ben, 你好 🌍", from: "ana")
      try ben.say("hello ana")
      try first.window.waitForScreen("<ben> hello ana")
      try first.window.type("be\t")
      try first.window.waitForScreen("ana> ben:")
      try first.window.press("C-c")
      try first.window.type("/quit\n")
      try first.window.waitForExit(code: 0)

      let second = try FullScreenWindow(stage, port: server.port, nick: nil)
      let form = try second.window.waitForScreen("[ Connect ]")
      #expect(form.contains("(*) Selective Repeat"))
      #expect(form.contains("Window    [8 "))
      #expect(form.contains("[ana "))
      try second.window.press("Escape")
      try second.window.waitForExit(code: 0)
    }
  }

  @Test func `a frame that is lost on purpose is seen lost, and repaired`() throws {
    try withStage { stage in
      let server = try stage.server()
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      try screen.window.press("F2")
      try screen.window.waitForScreen("lose the next DATA")
      try screen.window.press("d")
      try screen.window.waitForScreen("in force: drop DATA c2s first 1")
      try screen.escape(from: "in force:")
      try screen.window.waitForScreen("[faults: drop DATA c2s")
      try screen.window.type("lost once\n")
      try screen.window.waitForScreen("retransmission of")
      // Once is once: the rule is gone.
      try screen.window.waitForScreen("[faults off (1 frame)]")
      // Back to the moment of the loss: the strip shows it.
      let lost = try screen.press("F7", until: "the server will not see", times: 8)
      #expect(lost.contains("lost"))
      #expect(lost.contains("lens: paused"))
      #expect(lost.contains("1 lost"))
      // Meanwhile the chat goes on.
      try screen.window.type("still here\n")
      try screen.window.waitForScreen("<ana> still here")
      try screen.window.press("F5")
      try screen.window.waitForScreen("lens: live")
      try screen.window.type("/quit\n")
      try screen.window.waitForExit(code: 0)
    }
  }

  @Test("a demonstration can be followed step by step", arguments: ["corruption", "loss"])
  func demonstration(_ subject: String) throws {
    try withStage { stage in
      let server = try stage.server()
      let ben = try stage.client(server, nick: "ben")
      let screen = try FullScreenWindow(
        stage, port: server.port, "--connect", "--protocol", "sr")
      try screen.window.type("/demo \(subject)\n")
      try screen.window.waitForScreen("demonstration: \(subject), step 1 of")
      try ben.wait(for: "the whole message") {
        $0.text.hasPrefix("This message travels in five frames")
      }
      try screen.press(
        "F8", until: subject == "loss" ? "The gap is seen" : "The receiver asks at once",
        times: 14)
      try screen.press("F8", until: "Only what is missing", times: 14)
      try screen.press("F8", until: "5 frames were sent, and 1 frame was sent again", times: 14)
      let before = try screen.window.screen()
      try screen.window.press("F7", "Escape")
      try screen.window.waitForScreen("the demonstration is over")
      #expect(before.contains("Selective Repeat sent again only what was lost"))
      try screen.window.waitForScreen("[faults off")
      try screen.window.type("/quit\n")
      try screen.window.waitForExit(code: 0)
    }
  }

  @Test func `settings that need a handshake reconnect, and say so`() throws {
    try withStage { stage in
      let server = try stage.server()
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      try screen.window.press("F3")
      try screen.window.waitForScreen("[ Apply ]")
      try screen.window.press("Down", "Down", "Down", "Down", "Right")
      try screen.window.waitForScreen("by reconnecting")
      try screen.window.press("Enter")
      try screen.window.waitForScreen("reconnecting with the new settings")
      try screen.window.waitForScreen("connected again: Selective Repeat")
      try screen.window.press("F4")
      try screen.window.waitForScreen("repair      Selective Repeat")
      try screen.escape(from: "Esc closes")
      try screen.window.press("F3")
      try screen.window.press("Down", "Down")
      try screen.window.press("BSpace", "BSpace", "BSpace")
      try screen.window.type("eva")
      try screen.window.waitForScreen("at once")
      try screen.window.press("Enter")
      try screen.window.waitForScreen("you are now eva")
      try screen.window.press("C-d")
      try screen.window.waitForExit(code: 0)
    }
  }

  @Test func `the trace of a session can be saved, and read`() throws {
    try withStage { stage in
      let server = try stage.server()
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      let path = "\(stage.directory)/t"
      try screen.window.type("this is in the trace\n")
      try screen.window.waitForScreen("acknowledges frame")
      try screen.window.type("/trace \(path)\n")
      try screen.window.waitForScreen("chat-inspect read -r shows it")
      let outcome = try stage.run(
        "chat-inspect", ["read", "-r", path, "-Y", "text contains \"in the trace\""])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("\"this is in the trace\""))
      try screen.window.type("/trace \(path)\n")
      try screen.window.waitForScreen("is there already")
      try screen.window.press("C-d")
      try screen.window.waitForExit(code: 0)
    }
  }

  @Test func `the window changes its size again and again`() throws {
    try withStage { stage in
      let server = try stage.server()
      let ben = try stage.client(server, nick: "ben")
      let screen = try FullScreenWindow(stage, port: server.port, nick: "ana")
      try screen.window.waitForScreen("[ Connect ]")
      try screen.window.press("Up", "Enter")
      try screen.window.waitForScreen("here (2)")
      try screen.window.type("half a line")
      var random = SeededGenerator(seed: 7)
      for number in 1...40 {
        let columns = Int.random(in: 2...200, using: &random)
        let rows = Int.random(in: 2...60, using: &random)
        try screen.window.resize(columns: columns, rows: rows)
        try ben.say("message \(number).")
      }
      try screen.window.resize(columns: 100, rows: 30)
      try screen.window.waitForScreen("message 40.")
      let shown = try screen.window.waitForScreen("lens: live")
      #expect(shown.contains("ana> half a line"))
      #expect(shown.split(separator: "\n", omittingEmptySubsequences: false).count == 30)
      #expect(shown.contains("lens: live"))
      try screen.window.press("C-c")
      try screen.window.press("C-d")
      try screen.window.waitForExit(code: 0)
    }
  }

  @Test func `it is stopped and goes on`() throws {
    try withStage { stage in
      let server = try stage.server()
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      try screen.window.type("half a line")
      try screen.window.waitForScreen("ana> half a line")
      try screen.window.press("C-z")
      let shell = try screen.window.waitForScreen("Stopped")
      #expect(!shell.contains("lens"))
      try screen.window.type("stty -a | grep -o '[ -]icanon'; fg" + TmuxSession.report + "\n")
      try screen.window.waitForScreen("ana> half a line")
      try screen.window.waitForScreen("lens: live")
      try screen.window.press("C-c", "C-c", "C-c")
      try screen.window.waitForExit(code: 0)
    }
  }

  @Test(
    "the terminal is given back whatever ends it",
    arguments: [SIGTERM, SIGQUIT, SIGSEGV, SIGABRT])
  func signals(_ signal: Int32) throws {
    // Two it catches and says goodbye; of the others it dies.
    let codes: [Int32: Int32] = [SIGTERM: 143, SIGQUIT: 130, SIGSEGV: 139, SIGABRT: 134]
    let code = try #require(codes[signal])
    try withStage { stage in
      let server = try stage.server()
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      kill(try screen.process(), signal)
      try screen.window.waitForExit(code: code)
      #expect(try !screen.window.screen().contains("lens"))
    }
  }

  @Test func `a server that is killed is told, and the screen stays`() throws {
    try withStage { stage in
      let server = try stage.server()
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      server.process.signal(SIGKILL)
      try screen.window.waitForScreen("disconnected:")
      try screen.window.waitForScreen("not connected")
      try screen.window.type("this waits\n")
      try screen.window.waitForScreen("1 unconfirmed")
      try screen.window.press("C-c", "C-c")
      try screen.window.press("C-c")
      try screen.window.waitForExit(code: 5)
    }
  }

  @Test func `a flood is shown to its last line, and memory does not grow with it`() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0")
      let screen = try FullScreenWindow(stage, port: server.port, "--connect")
      let figures = ProcessFigures(identifier: try screen.process())
      let ben = try stage.client(server, nick: "ben")
      func flood(_ numbers: ClosedRange<Int>) throws {
        for number in numbers { try ben.say("message \(number) of a flood") }
        try screen.window.waitForScreen("message \(numbers.upperBound) of a flood")
      }
      // Until everything that is kept is full: lines, and records of the lens.
      try flood(1...12_000)
      let before = try figures.residentByteCount()
      try flood(12_001...18_000)
      let growth = try figures.residentByteCount() - before
      #expect(growth < 16 << 20)
      try screen.window.waitForScreen("lens: live")
      try screen.window.press("C-d")
      try screen.window.waitForExit(code: 0)
    }
  }
}
