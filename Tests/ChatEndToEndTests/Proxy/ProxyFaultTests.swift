import Foundation
import TestSupport
import Testing

/// A rule, how the session ends under it, and what the trace calls what it does.
struct FaultWord: Sendable, CustomTestStringConvertible {
  var rules: String
  var disposition: String?
  var action: String?
  var isBroken = false

  var testDescription: String { rules }
}

let faultWords = [
  FaultWord(rules: "drop 20%; drop DATA nth 2", disposition: "dropped", action: "drop"),
  FaultWord(
    rules: "corrupt payload DATA nth 2", disposition: "corrupted", action: "corrupt payload"),
  FaultWord(
    rules: "corrupt checksum s2c nth 4", disposition: "corrupted", action: "corrupt checksum"),
  FaultWord(rules: "corrupt header DATA nth 3", disposition: "corrupted", action: "corrupt header"),
  FaultWord(rules: "duplicate 2 DATA; duplicate ACK", disposition: "duplicated", action: nil),
  FaultWord(rules: "delay 30ms jitter 20ms", disposition: "delayed", action: nil),
  FaultWord(rules: "reorder DATA gap 2", disposition: "reordered", action: "reorder gap 2"),
  FaultWord(rules: "bandwidth 20kB/s", disposition: nil, action: nil),
  FaultWord(rules: "blackhole on 300ms off 60s", disposition: nil, action: nil),
  FaultWord(rules: "slow_close 200ms", disposition: nil, action: nil),
  FaultWord(
    rules: "drop DATA where (length > 5 and attempt == 1)", disposition: "dropped",
    action: "drop"),
  FaultWord(rules: "reset DATA c2s nth 4", disposition: "dropped", action: "reset", isBroken: true),
]

/// Every word of the fault rules, between a real client and a real server.
@Suite("Faults in a proxy") struct ProxyFaultTests {
  private static let messages = (1...6).map { "message number \($0)" }

  @Test(
    "Everything arrives once and in order, or the end is explicit, and the recording says the same",
    arguments: faultWords, ["gbn", "sr"])
  func words(word: FaultWord, mode: String) throws {
    try withStage { stage in
      let server = try stage.server()
      let recording = "\(stage.directory)/recording.pcapng"
      let proxy = try stage.proxy(
        before: server.port, "--faults", word.rules, "--seed", "5", "-w", recording)
      let listener = try stage.client(server, nick: "ben")
      let said = Self.messages.flatMap { ["--send", $0] }
      let outcome = try stage.run(
        "chat-client",
        ["--host", "127.0.0.1", "--port", "\(proxy.port)", "--nick", "ana", "--protocol", mode]
          + ["--max-fragment-size", "8", "--timeout", "200ms"] + said)
      if !word.isBroken {
        #expect(outcome.status == 0, "\(outcome.errors)")
        for text in Self.messages { try listener.wait(forMessage: text, from: "ana") }
        let heard = try listener.events("message").map(\.text)
        #expect(heard == Self.messages)
      } else {
        // It tries again, or says why not.
        #expect(outcome.status == 0 || !outcome.errors.isEmpty)
      }
      #expect(try proxy.stop() == .code(130))
      try check(proxy, word)
      let read = try stage.run("chat-inspect", "read", recording, "-T", "ndjson")
      let isSame = read.output == proxy.process.output.text
      #expect(isSame, "the recording prints another trace")
    }
  }

  private func check(_ proxy: TestProxy, _ word: FaultWord) throws {
    let records = try proxy.records()
    if let disposition = word.disposition {
      #expect(records.contains { $0.string("disposition") == disposition })
    }
    let actions = records.filter { $0.string("kind") == "fault" }.compactMap { $0.string("action") }
    #expect(!actions.isEmpty)
    if let action = word.action { #expect(actions.contains(action)) }
    let rules = Set(records.compactMap { $0.string("rule") })
    #expect(!rules.isEmpty)
  }

  @Test(
    "The classic dialect ends explicitly, and damage to it is repaired",
    arguments: [
      "corrupt DATA c2s nth 2", "delay 20ms", "duplicate ACK nth 2", "drop DATA c2s nth 3",
    ])
  func classic(rules: String) throws {
    try withStage { stage in
      let server = try stage.server()
      let recording = "\(stage.directory)/recording.pcapng"
      let proxy = try stage.proxy(before: server.port, "--faults", rules, "-w", recording)
      let outcome = try stage.run(
        "chat-client",
        ["--host", "127.0.0.1", "--port", "\(proxy.port)", "--nick", "ana", "--classic"]
          + ["--timeout", "1", "--send", "hello there"])
      // The original programs never repeat what nobody has answered.
      #expect(outcome.status == (rules.hasPrefix("drop") ? 5 : 0), "\(outcome.errors)")
      #expect(try proxy.stop() == .code(130))
      let read = try stage.run("chat-inspect", "read", recording, "-T", "ndjson")
      let isSame = read.output == proxy.process.output.text
      #expect(isSame, "the recording prints another trace")
    }
  }

  @Test("A ledger does to the same frames what was done in the first run, and says so in its own")
  func ledger() throws {
    try withStage { stage in
      let server = try stage.server()
      var ledgers: [[Substring]] = []
      for options in [
        ["--faults", "drop DATA c2s message 2 attempt 1; corrupt DATA c2s message 3 attempt 1"],
        ["--ledger", "\(stage.directory)/ledger-0"],
      ] {
        let path = "\(stage.directory)/ledger-\(ledgers.count)"
        let proxy = try stage.proxy(before: server.port, options + ["--write-ledger", path])
        let said = Self.messages.flatMap { ["--send", $0] }
        let outcome = try stage.run(
          "chat-client",
          ["--host", "127.0.0.1", "--port", "\(proxy.port)", "--nick", "ana"] + said)
        #expect(outcome.status == 0)
        #expect(try proxy.stop() == .code(130))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        ledgers.append(Array(text.split(separator: "\n").dropFirst()))
      }
      #expect(ledgers[0].count == 2)
      #expect(ledgers[0] == ledgers[1])
    }
  }
}
