import ChatPosix
import Foundation
import TestSupport
import Testing

/// chat-client in its chat mode, in a window of tmux, with a real server.
///
/// They run where tmux is installed and `CHAT_TMUX_TESTS=1` is set.
@Suite(
  "Chat mode in a window", .serialized,
  .enabled(if: TmuxSession.isInstalled, "tmux is not installed"),
  .enabled(
    if: ProcessInfo.processInfo.environment["CHAT_TMUX_TESTS"] == "1",
    "CHAT_TMUX_TESTS=1 is not set"))
struct ChatModeTests {
  /// Opens a window with a client in chat mode, and waits until it is connected.
  private func chat(
    _ stage: Stage, _ server: TestServer, nick: String, columns: Int = 80, rows: Int = 24,
    _ options: String...
  ) throws -> TmuxSession {
    let window = try TmuxSession(
      [
        BuiltProgram.path("chat-client"), "--host", "127.0.0.1", "--port", "\(server.port)",
        "--nick", nick,
      ] + options, columns: columns, rows: rows, stage: stage)
    try window.waitForScreen("\n\(nick)>")
    return window
  }

  @Test func `a conversation with somebody who uses a script`() throws {
    try withStage { stage in
      let server = try stage.server()
      let window = try chat(stage, server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      try window.waitForScreen("* ben joined")
      try window.type("hello ben, 你好 🌍\n")
      try ben.wait(forMessage: "hello ben, 你好 🌍", from: "ana")
      try window.waitForScreen("<ana> hello ben, 你好 🌍\nana>")
      try window.type("half a line")
      try window.waitForScreen("ana> half a line")
      try ben.say("hello ana")
      let screen = try window.waitForScreen("<ben> hello ana\nana> half a line")
      #expect(screen.components(separatedBy: "half a line").count == 2)
      try window.press("C-u")
      try window.type("/who\n")
      try window.waitForScreen("ana (you)")
      try window.type("/quit see you\n")
      try window.waitForExit(code: 0)
    }
  }

  @Test func `a wrapped line stays whole in a flood of messages`() throws {
    try withStage { stage in
      let server = try stage.server()
      let window = try chat(stage, server, nick: "ana", columns: 40, rows: 20)
      let ben = try stage.client(server, nick: "ben")
      try window.waitForScreen("* ben joined")
      let typed = (1...12).map { "word\($0) 字🌍" }.joined(separator: " ")
      try window.type(typed)
      for number in 1...100 { try ben.say("message \(number).") }
      try window.waitForScreen("message 100.")
      try window.press("C-a")
      try window.type("X")
      try window.press("C-e", "Enter")
      try ben.wait(forMessage: "X" + typed)
      let lines = try window.everything().split(separator: "\n")
      for number in 1...100 {
        #expect(lines.filter { $0.hasSuffix("<ben> message \(number).") }.count == 1)
      }
      try window.press("C-d")
      try window.waitForExit(code: 0)
    }
  }

  @Test func `faults are made and another protocol is asked for while it runs`() throws {
    try withStage { stage in
      let server = try stage.server()
      let window = try chat(stage, server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      try window.type("/faults drop DATA c2s attempt 1\n")
      try window.waitForScreen("* faults from now on: drop DATA c2s attempt 1")
      try window.type("lost once\n")
      try ben.wait(forMessage: "lost once")
      try window.type("/faults off\n/protocol sr\n")
      try window.waitForScreen("* reconnecting to ask for Selective Repeat ...")
      try window.waitForScreen(": Selective Repeat, window 16")
      try window.type("/status\n")
      try window.waitForScreen("  repair      Selective Repeat")
      try window.type("/quit\n")
      try window.waitForExit(code: 0)
    }
  }

  @Test func `the window changes, the program is stopped and goes on`() throws {
    try withStage { stage in
      let server = try stage.server()
      let window = try chat(stage, server, nick: "ana", columns: 60)
      try window.type("this line will be wrapped when the window becomes small")
      try window.resize(columns: 40, rows: 20)
      try window.waitForScreen("ana> this line will be wrapped when the")
      try window.press("C-z")
      try window.waitForScreen("Stopped")
      try window.type("clear; fg" + TmuxSession.report + "\n")
      try window.waitForScreen("ana> this line will be wrapped when the")
      try window.resize(columns: 70, rows: 20)
      try window.waitForScreen(
        "\nana> this line will be wrapped when the window becomes small")
      try window.press("C-c")
      try window.waitForScreen("\nana>")
      try window.press("C-c")
      try window.waitForScreen("* press Ctrl-C again or type /quit to leave")
      try window.press("C-c")
      try window.waitForExit(code: 0)
    }
  }

  @Test func `what was typed is there in the next session`() throws {
    try withStage { stage in
      let server = try stage.server()
      for number in 1...2 {
        let window = try chat(stage, server, nick: "ana\(number)")
        if number == 1 {
          try window.type("remember me\n secret\n")
        } else {
          // Up passes /quit.
          try window.press("Up", "Up")
          try window.waitForScreen("ana2> remember me")
          try window.press("C-c")
        }
        try window.type("/quit\n")
        try window.waitForExit(code: 0)
      }
    }
  }
}
