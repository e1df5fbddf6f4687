import ChatPosix
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// `chat-inspect ctl`, run as a program.
@Suite struct CtlTests {
  /// Lends a directory in which proxies listen at these ports, where the program looks for them.
  private func withProxies(
    at ports: [Int] = [5_001], _ body: (FakeProxy, URL) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let sockets = directory.appendingPathComponent("chatwire")
      try FileManager.default.createDirectory(
        at: sockets, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      let proxy = FakeProxy()
      let servers = try ports.map { port in
        try ControlSocket(
          path: sockets.appendingPathComponent("chat-inspect-\(port).sock").path, ask: proxy)
      }
      defer { for server in servers { server.stop() } }
      try body(proxy, directory)
    }
  }

  private func run(_ arguments: [String], in directory: URL) throws -> BuiltProgram.Outcome {
    try BuiltProgram.run(
      Program.path, ["ctl"] + arguments, environment: ["XDG_RUNTIME_DIR": directory.path],
      in: directory)
  }

  @Test(
    arguments: [
      (["connections"], .connections), (["stats"], .statistics), (["rules"], .rules),
      (["rules", "list"], .rules), (["rules", "add", "drop 10% c2s"], .addRules("drop 10% c2s")),
      (["rules", "add", "drop", "10%", "c2s"], .addRules("drop 10% c2s")),
      (["rules", "change", "2", "drop nth 3"], .changeRule(number: 2, to: "drop nth 3")),
      (["rules", "remove", "2"], .removeRule(number: 2)), (["rules", "clear"], .removeAllRules),
      (["intercept"], .interception), (["intercept", "off"], .intercept(filter: nil)),
      (["intercept", "type == DATA"], .intercept(filter: "type == DATA")),
      (["release"], .release(held: nil)), (["release", "all"], .release(held: nil)),
      (["release", "3"], .release(held: 3)), (["drop", "3"], .drop(held: 3)),
      (["close", "3"], .close(connection: 3, isReset: false)),
      (["close", "--reset", "3"], .close(connection: 3, isReset: true)),
      (
        ["alter", "3", "--payload", "é", "--keep-checksum"],
        .alter(held: 3, FrameAlteration(payload: [0xC3, 0xA9], keepsChecksum: true))
      ),
      (
        [
          "alter", "3", "--payload-hex", "00 ff", "--type", "fin", "--sequence", "17", "--flags",
          "1",
        ],
        .alter(
          held: 3, FrameAlteration(payload: [0, 255], typeCode: 6, sequence: 17, flags: 1))
      ),
      (["alter", "3", "--hex", "00ff"], .alter(held: 3, FrameAlteration(bytes: [0, 255]))),
    ] as [([String], ControlRequest)])
  func `each sub-command asks for what it says`(
    arguments: [String], request: ControlRequest
  ) throws {
    try withProxies { proxy, directory throws in
      let outcome = try run(arguments, in: directory)
      #expect(outcome.status == 0 && outcome.errors == "" && outcome.output.hasSuffix("\n"))
      #expect(proxy.requests.first == request)
    }
  }

  @Test func `what people are shown is as the golden file has it`() throws {
    try withProxies { _, directory throws in
      var transcript = ""
      for command in [
        "connections", "stats", "rules", "rules add 'drop 10% DATA c2s'", "rules remove 12",
        "intercept", "intercept 'type == DATA'", "intercept off", "release 1", "release",
        "drop 2", "alter 1 --payload 'something else'", "close 3", "close 3 --reset",
        "rules --json", "close 3 --json", "close 99", "intercept junk", "release 99",
        "rules add 'dorp 10%'", "rules change 1 'drop; drop'", "rules add ' '",
        "intercept 'tpye == DATA'", "alter 1", "alter 1 --hex 00 --type 1", "alter 1 --hex 0",
        "alter 1 --payload a --payload-hex 00", "alter 1 --type DAT", "alter 1 --flags 256",
        "alter 1 --sequence -1", "release some", "close x", "--port 0 rules", "--port x rules",
        "--port 1 --control c rules", "stats --watch 0", "nope",
      ] {
        let outcome = try BuiltProgram.run(
          "/bin/sh", ["-c", "$P ctl \(command) 2>&1"],
          environment: ["XDG_RUNTIME_DIR": directory.path, "P": Program.path], in: directory)
        transcript += "$ chat-inspect ctl \(command)\n\(outcome.output)[\(outcome.status)]\n\n"
      }
      expectGolden(transcript, named: "ctl.txt")
    }
  }

  @Test func `options stand before or behind the sub-command`() throws {
    try withProxies(at: [5_001, 5_002]) { _, directory throws in
      let json = ControlReply.rules(RuleReport.samples).json.text + "\n"
      let socket = "chatwire/chat-inspect-5002.sock"
      for arguments in [
        ["--port", "5001", "--json", "rules"], ["rules", "--port", "5001", "--json"],
        ["--json", "rules", "list", "--port", "5001"], ["rules", "--json", "list", "--port=5002"],
        ["--control", socket, "rules", "--json"], ["rules", "list", "--json", "--control", socket],
      ] {
        let outcome = try run(arguments, in: directory)
        #expect(outcome.output == json && outcome.status == 0, "\(arguments)")
      }
    }
  }

  @Test func `of several proxies one must be named, and if none answers it says what to do`() throws
  {
    try withProxies(at: [10_000, 5_002]) { _, directory throws in
      let outcome = try run(["rules"], in: directory)
      #expect(outcome.status == 2)
      #expect(
        outcome.errors
          == "chat-inspect: several proxies run, on the ports 5002, 10000: name one with --port\n")
      let other = try run(["rules", "--port", "7000"], in: directory)
      #expect(other.status == 5)
      let path = directory.appendingPathComponent("chatwire/chat-inspect-7000.sock").path
      #expect(
        other.errors == """
          chat-inspect: no proxy answers at \(path) (no such file or directory): start one with \
          chat-inspect proxy, or name the port of yours with --port or its socket with --control

          """)
    }
    try withProxies(at: []) { _, directory throws in
      let outcome = try run(["stats"], in: directory)
      #expect(outcome.status == 5)
      #expect(outcome.output == "")
      #expect(outcome.errors.hasPrefix("chat-inspect: no proxy answers: start one with "))
    }
  }

  @Test func `--watch asks again until Ctrl-C, and ends quietly`() throws {
    try withProxies { proxy, directory throws in
      let program = try RunningProgram(
        path: Program.path, ["ctl", "stats", "--watch", "0.1", "--json"],
        environment: BuiltProgram.environment(["XDG_RUNTIME_DIR": directory.path]))
      var text = ""
      while text.count(where: \.isNewline) < 3 {
        let more = program.waitForOutput()
        guard !more.isEmpty else { break }
        text += more
      }
      program.signal(SIGINT)
      let outcome = try program.finish()
      #expect(outcome.status == 0)
      #expect(outcome.errors == "")
      let lines = (text + outcome.output).split(separator: "\n")
      #expect(lines.count >= 3)
      #expect(Set(lines) == [Substring(ControlReply.statistics(.busy).json.text)])
      #expect(Set(proxy.requests) == [.statistics])
    }
  }

  @Test func `a socket is its user's alone, and gone with the proxy`() throws {
    try withProxies(at: []) { _, directory throws in
      let path = directory.appendingPathComponent("chatwire/p.sock").path
      let socket = try ControlSocket(path: path, ask: FakeProxy())
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      socket.stop()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
