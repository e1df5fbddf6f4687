import ChatProgram
import ChatWire
import Foundation
import TestSupport
import Testing

@testable import chat_server

/// What is said about wrong settings.
@Suite struct OptionsErrorTests {
  private static let long = String(repeating: "x", count: 200)

  @Test(arguments: [
    (["--port", "abc"], "--port abc: expected a whole number, 0 to 65535"),
    (["--port", "65536"], "--port 65536: expected 0 to 65535"),
    (["--port", ""], "--port '': expected a whole number, 0 to 65535"),
    (["--port=-1"], "--port -1: expected 0 to 65535"),
    (["--port", "5\u{1B}[2J"], "--port 5\\u{1b}[2J: expected a whole number, 0 to 65535"),
    (["--host", ""], "--host '': expected an address, such as 0.0.0.0, 127.0.0.1, :: or ::1"),
    (
      ["--host", "[::1"],
      "--host [::1: expected an address, such as 0.0.0.0, 127.0.0.1, :: or ::1"
    ),
    (["--protocol", "gbm"], "--protocol gbm: expected any, gbn or sr; did you mean gbn?"),
    (["--protocol", "tcp"], "--protocol tcp: expected any, gbn or sr"),
    (["--window-size", "16385"], "--window-size 16385: expected 1 to 16384"),
    (["--max-fragment-size", "64k"], "--max-fragment-size 64k: expected 1 to 65535 bytes"),
    (
      ["--max-message", "1X"],
      "--max-message 1X: expected bytes, 1 to 4294967295, such as 1500, 64k or 1M"
    ),
    (["--max-message", "0"], "--max-message 0: expected 1 to 4294967295 bytes"),
    (
      ["--max-message", "99999999999999999999"],
      "--max-message 99999999999999999999: expected 1 to 4294967295 bytes"
    ),
    (["--max-clients", "0"], "--max-clients 0: expected 1 to 1000000"),
    (["--max-per-address=-1"], "--max-per-address -1: expected 0 to 1000000"),
    (["--rate", "1.5"], "--rate 1.5: expected a whole number, 0 to 1000000"),
    (["--max-queue", "1"], "--max-queue 1: expected 1k to 1024G bytes"),
    (
      ["--max-queue", "1k"],
      "--max-queue 1k: a message of 1M could not be delivered: "
        + "raise --max-queue, or lower --max-message"
    ),
    (["--log", ""], "--log '': expected a path"),
    (
      ["--log-level", "debgu"],
      "--log-level debgu: expected trace, debug, info, notice, warning, error or critical; "
        + "did you mean debug?"
    ),
    (["--log-size", "10"], "--log-size 10: expected 1k to 1024G bytes"),
    (["--log-files", "0"], "--log-files 0: expected 1 to 10000"),
    (
      ["--name", long],
      "--name \(long.prefix(40))...: the name has 200 bytes; there may be 64"
    ),
    (["--name", "a\nb"], "--name a\\u{a}b: a name has no control characters"),
    (
      ["--motd", "\u{7}"],
      "--motd \\u{7}: a greeting has no control characters but line feed and tab"
    ),
    (["--seed", "x"], "--seed x: expected a whole number, 0 to 18446744073709551615"),
    (
      ["--control", long],
      "--control \(long.prefix(40))...: the path has 200 bytes; there may be 107"
    ),
    (
      ["--faults-file", "/does/not/exist"],
      "--faults-file: /does/not/exist: no such file or directory"
    ),
  ])
  func `a wrong option is explained`(arguments: [String], message: String) {
    let error = #expect(throws: Failure.self) { try Layers.settings(arguments) }
    #expect(error == Failure(message, status: .unusable))
  }

  @Test func `a greeting has a size`() {
    let text = String(repeating: "ü", count: 2_049)
    #expect(
      Layers.failure("--motd", text)?.message
        == "--motd \(text.prefix(40))...: the greeting has 4098 bytes; there may be 4096")
  }

  @Test func `the complaint names the variable or the place in the file`() {
    #expect(
      Layers.failure(environment: ["CHAT_PORT": "abc"])?.message
        == "CHAT_PORT=abc: expected a whole number, 0 to 65535")
    #expect(
      Layers.complaint(file: "# settings\n[server]\n  port = 99_999 # too large")
        == "config.toml, line 3, column 10: port = 99_999: expected 0 to 65535")
    #expect(
      Layers.complaint(file: "protocol = 'gbm'")
        == "config.toml, line 1, column 12: protocol = 'gbm': expected any, gbn or sr; "
        + "did you mean gbn?")
  }

  @Test func `a wrong fault rule is shown with a caret, and ends the program with 4`() throws {
    let marked = "\n  drop 10% DTA\n           ^~~"
    let sentence = "\"DTA\" is not a word of a rule; did you mean DATA?"
    #expect(
      Layers.failure("--faults", "drop 10% DTA")
        == Failure("--faults: \(sentence)\(marked)", status: .badFilter))
    #expect(
      Layers.failure(environment: ["CHAT_FAULTS": "drop 10% DTA"])
        == Failure("CHAT_FAULTS: \(sentence)\(marked)", status: .badFilter))
    #expect(
      Layers.failure(file: "faults = 'drop 10% DTA'")
        == Failure(
          "config.toml, line 1, column 10: faults: \(sentence)\(marked)", status: .badFilter))
    try withOwnDirectory { directory throws in
      let rules = directory.appendingPathComponent("rules")
      try "# lossy\ndrop 10% DTA\n".write(to: rules, atomically: true, encoding: .utf8)
      #expect(
        Layers.failure("--faults-file", rules.path)
          == Failure("\(rules.path), line 2: \(sentence)\(marked)", status: .badFilter))
    }
  }

  @Test func `texts of sizes are read or refused, never trapped on`() {
    var generator = SeededGenerator(seed: 5)
    let letters = Array("0123456789kKmMgGiIbB -+_.eé")
    for _ in 0..<20_000 * effort {
      let count = Int.random(in: 0...22, using: &generator)
      let text = String((0..<count).map { _ in letters.randomElement(using: &generator) ?? "0" })
      if let value = ByteCount.parse(text) {
        #expect(value >= 0)
        #expect(ByteCount.parse(ByteCount.exact(value)) == value)
      }
    }
  }

  @Test func `byte counts are short`() {
    for (count, text) in [
      (0, "0"), (1, "1"), (1_023, "1023"), (1_024, "1K"), (1_536, "1.5K"), (10_240, "10K"),
      (10_500, "10K"), (10_900, "11K"), (1_048_575, "1M"), (1_048_576, "1M"), (1_300_000, "1.2M"),
      (5 << 30, "5G"), (.max, "8E"),
    ] {
      #expect(ByteCount.short(count) == text)
    }
  }
}
