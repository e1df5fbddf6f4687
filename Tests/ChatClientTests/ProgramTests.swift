import ChatPosix
import ChatWire
import Foundation
import TestSupport
import Testing

/// The program as scripts use it.
@Suite("The program") struct ProgramTests {
  private func port(_ server: TestServer) -> String { String(server.port) }

  // MARK: scripts

  @Test func `what is sent is confirmed before it ends`() throws {
    let server = try TestServer()
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("text").path
      try Data("from a file\r\nwith two lines\n".utf8).write(to: URL(fileURLWithPath: file))
      let outcome = try Program.run(
        "--port", port(server), "--nick", "ana", "--send", "one", "--send", "two", "--file", file)
      #expect(outcome.status == 0)
      #expect(outcome.output == "")
      #expect(
        outcome.errors
          == "chat-client: connected as ana: Go-Back-N, window 16, fragments of 1024 bytes\n")
    }
    #expect(server.waitForMessages(3) == ["one", "two", "from a file\nwith two lines"])
    #expect(server.heard.withLock { $0.map(\.nickname) } == ["ana", "ana", "ana"])
  }

  @Test func `standard input can be one message`() throws {
    let server = try TestServer()
    let outcome = try Program.run(
      "--port", port(server), "--file", "-", "--quiet", input: Array("all\nof it\n".utf8))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(server.waitForMessages(1) == ["all\nof it"])
  }

  @Test func `lines are said, and what others say is printed`() throws {
    let server = try TestServer()
    let program = try RunningProgram("--port", port(server), "--nick", "ana")
    try program.write("hello\n")
    #expect(server.waitForMessages(1) == ["hello"])
    server.say("hello ana")
    #expect(program.waitForOutput() == "<server> hello ana\n")
    try program.write("//slash\n/who\n/nick anna\nlast")
    try program.closeInput()
    let outcome = try program.finish()
    #expect(outcome.status == 0)
    #expect(outcome.output == "* here: ana (you)\n* you are now called anna\n")
    #expect(server.waitForMessages(3) == ["hello", "/slash", "last"])
  }

  @Test func `lines that cannot be sent are told, and the others are sent`() throws {
    let server = try TestServer()
    let outcome = try Program.run(
      "--port", port(server), "--quiet", input: Array("one\n/foo\n".utf8) + [0xFF, 0x0A, 0x32])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors == """
        chat-client: there is no command /foo: there are /nick NAME, /who and /quit, and // \
        begins a message with a slash
        chat-client: line 3 is not UTF-8: it is not sent

        """)
    #expect(server.waitForMessages(2) == ["one", "2"])
  }

  @Test func `it stays until what is expected has come`() throws {
    let server = try TestServer()
    let program = try RunningProgram(
      "--port", port(server), "--expect", "2", "--wait", "30", "--send", "ready", "--quiet")
    #expect(server.waitForMessages(1) == ["ready"])
    server.say("one")
    server.say("two")
    let outcome = try program.finish()
    #expect(outcome.status == 0)
    #expect(outcome.output == "<server> one\n<server> two\n")
  }

  @Test func `what is expected and does not come is exit code 5`() throws {
    let server = try TestServer()
    let outcome = try Program.run(
      "--port", port(server), "--expect", "3", "--wait", "100ms", "--quiet")
    #expect(outcome.status == 5)
    #expect(outcome.errors == "chat-client: only 0 of 3 messages came within 100ms\n")
  }

  @Test func `JSON lines tell everything`() throws {
    let server = try TestServer()
    let outcome = try Program.run("--port", port(server), "--json", "--send", "hello")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let kinds = try outcome.lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["kind"] as? String
    }
    #expect(kinds == ["connecting", "session", "delivered", "ended"])
  }

  @Test func `the classic dialect needs no more than a flag`() throws {
    let server = try TestServer()
    let outcome = try Program.run(
      "--port", port(server), "--classic", "--nick", "cleo", "--send", "zażółć 🦊")
    #expect(outcome.status == 0)
    #expect(server.waitForMessages(1) == ["zażółć 🦊"])
    #expect(server.heard.withLock { $0.map(\.nickname) } == ["cleo"])
  }

  // MARK: failures

  @Test func `nobody there is exit code 5, with a hint`() throws {
    let server = try TestServer()
    server.stop()
    let outcome = try Program.run("--port", port(server), "--send", "hello")
    #expect(outcome.status == 5)
    #expect(
      outcome.errors
        == "chat-client: cannot connect to 127.0.0.1:\(server.port): connection refused; "
        + "is chat-server running there?\n")
  }

  @Test func `a server that refuses is exit code 5, and counts what was not confirmed`() throws {
    let server = try TestServer()
    server.change { $0.refusal = (.serverFull, "The room is full.") }
    let outcome = try Program.run("--port", port(server), "--send", "one", "--send", "two")
    #expect(outcome.status == 5)
    #expect(
      outcome.errors
        == "chat-client: the server ended the session: The room is full. "
        + "(ERROR 4, server full); 2 messages were not confirmed\n")
  }

  @Test func `a message that the server does not take is exit code 5`() throws {
    let server = try TestServer()
    server.change { $0.configuration.messageSizeMax = 4 }
    let outcome = try Program.run(
      "--port", port(server), "--send", "hello", "--send", "fine", "--quiet")
    #expect(outcome.status == 5)
    #expect(
      outcome.errors
        == "chat-client: message 1 was not sent: "
        + "The message has 5 bytes; the server accepts at most 4\n")
    #expect(server.waitForMessages(1) == ["fine"])
  }

  /// Options, the exit code, and words of the complaint.
  private static let wrongOptions: [([String], Int32, String)] = [
    (["--port", "0"], 2, "--port 0: expected 1 to 65535"),
    (["--host", "a b"], 2, "--host a b: expected a name or an address"),
    (["--nick", "a b"], 2, "--nickname a b: "),
    (["--protocol", "srr"], 2, "did you mean sr?"),
    (["--window-size", "0"], 2, "--window-size 0: expected 1 to 16384"),
    (["--timeout", "soon"], 2, "--timeout soon: expected seconds such as 1.5"),
    (["--timeout", "0"], 2, "--timeout 0: expected more than nothing"),
    (["--faults", "drop 10% DTA"], 4, "did you mean DATA?"),
    (["--faults", "slow_close 2s"], 4, "slow_close needs somebody between the two ends"),
    (["--faults", "drop", "--faults-file", "x"], 2, "exclude each other"),
    (["--send", ""], 2, "--send: The text is empty"),
    (["--send", "a\u{7}"], 2, "--send: The text has the control character U+0007 at byte 1"),
    (["--file", "/nonexistent/file"], 2, "/nonexistent/file: no such file"),
    (["--expect", "0"], 2, "--expect 0: expected at least 1"),
    (["--wait", "long"], 2, "--wait long: expected seconds"),
    (["--mode", "chat", "--json"], 2, "--mode chat has a prompt"),
    (["--mode", "chat"], 2, "--mode chat needs a terminal"),
    (["--trace", "/nonexistent/t", "--send", "a"], 2, "--trace /nonexistent/t: no such file"),
    (["--color", "blue"], 2, "--color blue: expected auto, always or never"),
    (["--nonsense"], 2, "--nonsense"),
  ]

  @Test(arguments: wrongOptions)
  func `wrong options are explained`(arguments: [String], status: Int32, words: String) throws {
    let outcome = try Program.shell(
      #"exec "$P" "# + arguments.map { "'\($0)'" }.joined(separator: " "))
    #expect(outcome.status == status)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("chat-client: "))
    #expect(outcome.output == "")
  }

  @Test func `host and port can come from the environment`() throws {
    let server = try TestServer()
    let outcome = try Program.shell(
      #"exec "$P" --send hello"#,
      environment: ["CHAT_HOST": "127.0.0.1", "CHAT_PORT": port(server)])
    #expect(outcome.status == 0)
    #expect(server.waitForMessages(1) == ["hello"])
  }

  // MARK: signals and readers

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends it with a goodbye`(number: Int32) throws {
    try withTemporaryDirectory { directory in
      let trace = directory.appendingPathComponent("trace.txt").path
      let server = try TestServer()
      let program = try RunningProgram("--port", port(server), "--trace", trace)
      try program.write("hello\n")
      #expect(server.waitForMessages(1) == ["hello"])
      program.signal(number)
      #expect(try program.finish().status == 128 + number)
      let lines = try String(contentsOfFile: trace, encoding: .utf8)
      #expect(lines.contains("session ended cleanly"))
      #expect(lines.contains("1 chat stream"))
    }
  }

  @Test func `a signal ends it even if the server is silent`() throws {
    let server = try TestServer()
    let program = try RunningProgram("--port", port(server))
    try program.write("hello\n")
    #expect(server.waitForMessages(1) == ["hello"])
    server.change { $0.isFrozen = true }
    try program.write("nobody reads this\n")
    program.signal(SIGTERM)
    #expect(try program.finish().status == 143)
  }

  @Test func `a reader that has had enough is no failure`() throws {
    let server = try TestServer()
    let program = try RunningProgram("--port", port(server), "--quiet", "--wait", "30")
    _ = server
    try program.closeOutput()
    #expect(try program.finish().status == 0)
  }

  @Test func `a reader that stalls misses nothing`() throws {
    let server = try TestServer()
    let program = try RunningProgram(
      "--port", port(server), "--quiet", "--send", "ready", "--expect", "6000", "--window-size",
      "1000")
    #expect(server.waitForMessages(1) == ["ready"])
    // More than a pipe holds, and more than the client keeps.
    let filler = String(repeating: "x", count: 80)
    for number in 1...6_000 { server.say("\(number) \(filler)") }
    var text = ""
    while text.utf8.count(where: { $0 == 0x0A }) < 6_000 {
      let more = program.waitForOutput()
      if more.isEmpty { break }
      text += more
    }
    let outcome = try program.finish()
    #expect(outcome.status == 0)
    let lines = (text + outcome.output).split(separator: "\n")
    #expect(lines.elementsEqual((1...6_000).map { "<server> \($0) \(filler)"[...] }))
  }

  @Test func `much input is sent at the pace at which it is confirmed`() throws {
    let server = try TestServer()
    let lines = (1...12_000).map { "line \($0)" }
    let outcome = try Program.run(
      "--port", port(server), "--window-size", "500", "--quiet",
      input: Array((lines.joined(separator: "\n") + "\n").utf8))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(server.waitForMessages(12_000) == lines)
  }

  @Test func `closed standard descriptors do no harm`() throws {
    let server = try TestServer()
    let outcome = try Program.shell(
      #"exec "$P" --port \#(server.port) --send hello <&- >&- 2>&-"#)
    #expect(outcome.status == 0)
    #expect(server.waitForMessages(1) == ["hello"])
  }
}
