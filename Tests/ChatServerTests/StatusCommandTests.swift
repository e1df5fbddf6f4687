import ChatPosix
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// `chat-server status`, run as a program.
@Suite struct StatusCommandTests {
  /// Lends the directory in which the program looks for sockets, below one of its own.
  private func withSockets(
    of ports: [Int], _ body: (URL) throws -> Void
  ) throws {
    try withOwnDirectory { directory throws in
      let sockets = directory.appendingPathComponent("chatwire")
      try FileManager.default.createDirectory(
        at: sockets, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      let servers = try ports.map { port in
        var status = ServerStatus.busy
        status.address = "0.0.0.0:\(port)"
        let answer = status
        return try ControlServer(
          path: sockets.appendingPathComponent("chat-server-\(port).sock").path,
          status: { answer })
      }
      defer { for server in servers { server.stop() } }
      try body(directory)
    }
  }

  @Test func `the table is as wide as is allowed`() throws {
    try withSockets(of: [5_000]) { directory throws in
      var status = ServerStatus.busy
      status.address = "0.0.0.0:5000"
      for width in [80, 140] {
        let outcome = try ServerProgram.run(
          "status", in: directory, environment: ["COLUMNS": String(width)])
        #expect(outcome.status == 0)
        #expect(outcome.output == StatusTable(status, width: width, asciiOnly: false).text)
        #expect(outcome.errors == "")
      }
      let plain = try ServerProgram.run(
        "status", in: directory, environment: ["LC_ALL": "C"])
      #expect(plain.output == StatusTable(status, width: 80, asciiOnly: true).text)
    }
  }

  @Test func `--json prints what the server has said`() throws {
    try withSockets(of: [5_000]) { directory throws in
      let outcome = try ServerProgram.run("status", "--json", "--host", "::", in: directory)
      #expect(outcome.status == 0)
      var status = ServerStatus.busy
      status.address = "0.0.0.0:5000"
      #expect(outcome.output == status.json.text + "\n")
    }
  }

  @Test func `the port comes from the option, the environment or the file`() throws {
    try withSockets(of: [5_000, 6_000]) { directory throws in
      let config = directory.appendingPathComponent("c.toml")
      try "port = 6000\nmotd = 'hello'\n".write(to: config, atomically: true, encoding: .utf8)
      for (arguments, environment) in [
        (["--port", "6000"], [:]), ([], ["CHAT_PORT": "6000"]),
        (["--config", config.path], [:]),
        (["--control", "chatwire/chat-server-6000.sock"], [:]),
        ([], ["CHAT_CONTROL": "chatwire/chat-server-6000.sock"]),
      ] as [([String], [String: String])] {
        let process = try ServerProgram.process(
          ["status"] + arguments, in: directory, environment: environment)
        try process.run()
        process.waitUntilExit()
        #expect(try ServerProgram.text("out", in: directory).contains("at 0.0.0.0:6000"))
      }
    }
  }

  @Test func `without a port the only server is asked, or all are named`() throws {
    try withSockets(of: [6_000]) { directory throws in
      let outcome = try ServerProgram.run("status", in: directory)
      #expect(outcome.output.contains("at 0.0.0.0:6000"))
    }
    try withSockets(of: [10_000, 6_000]) { directory throws in
      let outcome = try ServerProgram.run("status", in: directory)
      #expect(outcome.status == 2)
      #expect(
        outcome.errors
          == "chat-server: several servers run, on the ports 6000, 10000: name one with --port\n")
    }
  }

  @Test func `if nobody answers it says where it asked and what to do`() throws {
    try withSockets(of: [6_000]) { directory throws in
      let path = directory.appendingPathComponent("chatwire/chat-server-7000.sock").path
      let outcome = try ServerProgram.run("status", "--port", "7000", in: directory)
      #expect(outcome.status == 5)
      #expect(outcome.output == "")
      #expect(
        outcome.errors == """
          chat-server: no server answers at \(path) (no such file or directory): start one with \
          chat-server, or name the port of yours with --port or its socket with --control

          """)
    }
    try withSockets(of: []) { directory throws in
      let outcome = try ServerProgram.run("status", in: directory)
      #expect(outcome.status == 5)
    }
  }

  @Test func `a socket of somebody else is not believed`() throws {
    for (said, reason) in [
      ("", "closed the connection without an answer"),
      ("hello\n", "unexpected byte"), ("{\"schema_version\": 1}\n", "clients is missing or wrong"),
      ("{\"a\": \"\u{9B}31m\"}", "schema_version is missing or wrong"),
    ] {
      try withOwnDirectory { directory throws in
        let path = directory.appendingPathComponent("odd.sock").path
        let speaker = try OddServer(at: path, saying: Array(said.utf8))
        let outcome = try ServerProgram.run("status", "--control", path, in: directory)
        speaker.join()
        #expect(outcome.status == 5)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(reason))
      }
    }
  }

  @Test func `--watch asks again until Ctrl-C, and ends quietly`() throws {
    try withSockets(of: [5_000]) { directory throws in
      let process = try ServerProgram.process(
        ["status", "--watch", "0.1", "--json"], in: directory)
      try process.run()
      defer { if process.isRunning { process.terminate() } }
      let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
      while try ServerProgram.text("out", in: directory).count(where: \.isNewline) < 3,
        Clock.monotonicNanoseconds() < deadline
      {
        var nothing: [Poll.Entry] = []
        Poll.wait(for: &nothing, nanoseconds: 20_000_000)
      }
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 0)
      let text = try ServerProgram.text("out", in: directory)
      #expect(text.count(where: \.isNewline) >= 3)
      #expect(Set(text.split(separator: "\n")).count == 1)
      #expect(try ServerProgram.text("err", in: directory) == "")
    }
  }

  @Test func `the help of both commands is as the golden files have it`() throws {
    try withOwnDirectory { directory throws in
      let serving = try ServerProgram.run("--help", in: directory)
      #expect(serving.status == 0 && serving.errors == "")
      expectGolden(serving.output, named: "help-serve.txt")
      #expect(try ServerProgram.run("help", in: directory).output == serving.output)
      expectGolden(
        try ServerProgram.run("status", "--help", in: directory).output,
        named: "help-status.txt")
      #expect(try ServerProgram.run("--version", in: directory).output == "chat-server 0.1.0\n")
    }
  }

  @Test func `wrong usage ends with 2`() throws {
    try withOwnDirectory { directory throws in
      for (arguments, message) in [
        (["stauts"], "there is no command 'stauts'"), (["--prot", "5"], "Did you mean '--port'?"),
        (["--port", "x"], "--port x: expected a whole number, 0 to 65535"),
        (["status", "--watch", "0"], "--watch 0: expected seconds, 0.1 to 86400"),
        (["status", "--port", "x"], "--port x: expected a whole number, 0 to 65535"),
        (["--config", "none.toml"], "--config: none.toml: no such file or directory"),
      ] {
        let process = try ServerProgram.process(arguments, in: directory)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
        #expect(try ServerProgram.text("err", in: directory).contains(message))
      }
    }
  }
}

/// Says something to the first who connects, and closes the connection.
private final class OddServer: Sendable {
  private let thread: ChatPosix.Thread

  init(at path: String, saying bytes: [UInt8]) throws {
    let isListening = Locked(false)
    thread = try ChatPosix.Thread.start("odd") {
      guard let listener = try? LocalSocket.listen(at: path) else {
        return isListening.change { $0 = true }
      }
      isListening.change { $0 = true }
      var entries = [Poll.Entry(listener.pollDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: 30_000_000_000)
      guard let asker = listener.accept() else { return }
      // Closing with unread bytes would break the connection.
      var line = [UInt8](repeating: 0, count: 64)
      var question = [Poll.Entry(asker.rawValue, .readable)]
      Poll.wait(for: &question, nanoseconds: 30_000_000_000)
      _ = asker.read(into: &line)
      _ = asker.write(bytes)
    }
    _ = isListening.wait { $0 ? true : nil }
  }

  func join() { thread.join() }
}
