import ChatPosix
import Foundation
import TestSupport
import Testing

@Suite("How a client ends") struct ExitCodeTests {
  @Test("--send says everything, waits until it is confirmed, and exits with 0")
  func send() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let sent = try stage.script(
        port: server.port, "--nick", "script", "--send", "first ✓", "--send", "second")
      #expect(sent.status == 0)
      try ana.wait(forMessage: "first ✓", from: "script")
      try ana.wait(forMessage: "second", from: "script")
      #expect(try ana.events("message").count == 2)
    }
  }

  @Test("--file says a file of many lines as one message")
  func file() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let text = (0..<2_000).map { "line \($0) 😀" }.joined(separator: "\n")
      let path = try stage.file("speech.txt", text + "\n")
      #expect(try stage.script(port: server.port, "--file", path).status == 0)
      try ana.wait(forMessage: text)
    }
  }

  @Test("--expect exits with 0 when so many messages have come, and with 5 when they do not")
  func expect() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let waiting = try stage.start(
        "chat-client",
        [
          "--host", "127.0.0.1", "--port", "\(server.port)", "--nick", "ear", "--expect", "2",
          "--quiet",
        ])
      try ana.wait(forKind: "joined", nickname: "ear")
      try ana.say("one")
      try ana.say("two")
      #expect(try waiting.waitForExit() == .code(0))
      #expect(waiting.output.lines.count == 2)
      let vain = try stage.script(port: server.port, "--expect", "1", "--wait", "0.5")
      #expect(vain.status == 5)
      #expect(vain.errors.contains("0 of 1 message"))
    }
  }

  @Test("a port where nobody listens is exit 5, with the reason")
  func refused() throws {
    try withStage { stage in
      let port = try StreamListener(host: "127.0.0.1", port: 0).address().port
      let outcome = try stage.script(port: port, "--send", "hello")
      #expect(outcome.status == 5)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("refused"))
    }
  }

  @Test(
    "limits of the server are exit 5, with the server's reason",
    arguments: [["--max-clients", "full"], ["--max-per-address", "address"]])
  func limits(option: [String]) throws {
    try withStage { stage in
      let server = try stage.server([option[0], "1"])
      _ = try stage.client(server, nick: "ana")
      let outcome = try stage.script(port: server.port, "--send", "hello")
      #expect(outcome.status == 5)
      #expect(outcome.errors.contains(option[1]))
    }
  }

  @Test("a wrong rule is exit 4, with a mark under the mistake")
  func rule() throws {
    try withStage { stage in
      let outcome = try stage.script(port: 1, "--faults", "drop 10% DTA", "--send", "x")
      #expect(outcome.status == 4)
      #expect(outcome.errors.contains("drop 10% DTA"))
      #expect(outcome.errors.contains("^"))
      #expect(outcome.output == "")
    }
  }

  @Test(
    "wrong usage is exit 2",
    arguments: [
      ["--no-such-option"], ["--port", "70000", "--send", "x"], ["--protocol", "tcp"],
      ["--window-size", "0", "--send", "x"], ["--expect", "0"], ["--file", "/does/not/exist"],
      ["--send", "a\u{7}b"],
    ])
  func usage(options: [String]) throws {
    try withStage { stage in
      let outcome = try stage.run("chat-client", options)
      #expect(outcome.status == 2)
      #expect(!outcome.errors.isEmpty)
      #expect(outcome.output == "")
    }
  }

  @Test("the end of the input says goodbye once everything is confirmed, and exits with 0")
  func inputEnds() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0")
      let ana = try stage.client(server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      for number in 0..<300 { try ben.say("message \(number)") }
      #expect(try ben.finish() == .code(0))
      #expect(try ben.events().last?.object.boolean("done") == true)
      let texts = try ana.wait(forMessageCount: 300).map(\.text)
      #expect(texts == (0..<300).map { "message \($0)" })
    }
  }

  @Test("received control characters never reach the output, plain or JSON")
  func controlCharacters() throws {
    try withStage { stage in
      let server = try stage.server()
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands(fragment: 100)
      let outputs = try [["--json"], []].map { format in
        try stage.start(
          "chat-client",
          ["--host", "127.0.0.1", "--port", "\(server.port)", "--mode", "plain"] + format)
      }
      // Each is seen by the server, so that it hears what comes.
      try waitUntil("both are here") { try old.list().count == 3 }
      try old.say("tab\tand line feed\nbut no \u{9B}31m red")
      try old.say("plain text")
      for output in outputs {
        try output.output.wait(forLineWith: "plain text")
        let text = output.output.text.unicodeScalars
        #expect(!text.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
        #expect(!text.contains { 0x7F...0x9F ~= $0.value })
      }
    }
  }

  @Test(
    "a signal ends a client with 128 and its number, after a goodbye",
    arguments: [SIGINT, SIGTERM])
  func signal(number: Int32) throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      ben.process.signal(number)
      #expect(try ben.process.waitForExit() == .code(128 + number))
      let left = try ana.wait(forKind: "left", nickname: "ben")
      #expect(left.reason != "connection lost")
    }
  }
}
