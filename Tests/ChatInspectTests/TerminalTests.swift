import ChatProgram
import Foundation
import TestSupport
import Testing

@testable import chat_inspect

/// How the program behaves at a terminal: colour, width, pager, progress.
@Suite struct TerminalTests {
  private static let hello = Program.capture("a_handshake_one_message")

  /// Runs a shell command at a terminal of its own (`script` is part of every Debian).
  private func atTerminal(
    _ command: String, pager: String
  ) throws -> Program.Outcome {
    try Program.shell(
      "script -qec '\(command)' /dev/null", environment: ["CHAT_INSPECT_PAGER": pager])
  }

  @Test func `the option decides on colour, then the environment, then the terminal`() {
    func color(
      _ variables: [String: String] = [:], terminal: Bool = true, choice: ColorChoice = .auto
    ) -> Bool {
      OutputStyle.usesColor(choice, isTerminal: terminal) { variables[$0] }
    }
    #expect(color())
    #expect(!color(terminal: false))
    #expect(color(["NO_COLOR": "1"], terminal: false, choice: .always))
    #expect(!color(["CLICOLOR_FORCE": "1"], choice: .never))
    #expect(!color(["NO_COLOR": "1", "CLICOLOR_FORCE": "1"]))
    #expect(color(["CLICOLOR_FORCE": "1"], terminal: false))
    #expect(color(["FORCE_COLOR": "3"], terminal: false))
    #expect(!color(["FORCE_COLOR": "0"], terminal: false))
    #expect(color(["CLICOLOR_FORCE": "1", "CLICOLOR": "0", "TERM": "dumb"], terminal: false))
    #expect(!color(["CLICOLOR": "0"]))
    #expect(!color(["TERM": "dumb"]))
  }

  @Test func `the width is the terminal's, then COLUMNS, then 80 or 120`() {
    func width(_ columns: Int?, terminal: Bool, _ variable: String? = nil) -> Int {
      OutputStyle.width(columns: columns, isTerminal: terminal) { _ in variable }
    }
    #expect(width(132, terminal: true, "99") == 132)
    #expect(width(nil, terminal: true, "99") == 99)
    #expect(width(nil, terminal: true, "wide") == 80)
    #expect(width(nil, terminal: true) == 80)
    #expect(width(nil, terminal: false) == 120)
    #expect(width(nil, terminal: false, "99") == 99)
  }

  @Test func `the first variable that is set decides whether the locale is UTF-8`() {
    func unicode(_ variables: [String: String]) -> Bool {
      OutputStyle.usesUnicode { variables[$0] }
    }
    #expect(unicode(["LANG": "pt_BR.UTF-8"]))
    #expect(unicode(["LC_ALL": "C.utf8", "LANG": "C"]))
    #expect(!unicode(["LC_ALL": "C", "LANG": "pt_BR.UTF-8"]))
    #expect(!unicode([:]))
  }

  @Test func `the pager is the program's own variable, then PAGER, then less if there is one`() {
    func pager(_ variables: [String: String], less: Bool = true) -> String? {
      Pager.command(environment: { variables[$0] }, isInstalled: { $0 == "less" && less })
    }
    #expect(pager(["CHAT_INSPECT_PAGER": "a", "PAGER": "b"]) == "a")
    #expect(pager(["PAGER": "b -x"]) == "b -x")
    #expect(pager(["PAGER": "cat"]) == nil)
    #expect(pager([:]) == "less")
    #expect(pager([:], less: false) == nil)
  }

  @Test func `at a terminal the output goes through the pager, with colour`() throws {
    let outcome = try atTerminal("$P read \(Self.hello)", pager: "sed s/^/paged:/")
    #expect(outcome.status == 0)
    #expect(!outcome.lines.isEmpty)
    #expect(outcome.lines.allSatisfy { $0.hasPrefix("paged:") })
    #expect(outcome.output.contains("\u{1B}["))
  }

  @Test func `--no-pager writes to the terminal at once`() throws {
    let outcome = try atTerminal("$P read --no-pager \(Self.hello)", pager: "sed s/^/paged:/")
    #expect(outcome.status == 0)
    #expect(!outcome.lines.isEmpty)
    #expect(!outcome.output.contains("paged:"))
  }

  @Test func `leaving the pager ends the program quietly`() throws {
    let outcome = try atTerminal("$P read \(Self.hello)", pager: "head -1")
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
  }

  @Test func `a pager that does not exist is an error`() throws {
    let outcome = try atTerminal("$P fields", pager: "no-such-pager")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("the pager cannot be started"))
  }

  @Test func `into a pipe there is neither colour nor pager`() throws {
    let outcome = try Program.run(
      "read", Self.hello, environment: ["CHAT_INSPECT_PAGER": "sed s/^/paged:/"])
    #expect(!outcome.output.isEmpty)
    #expect(!outcome.output.contains("\u{1B}["))
    #expect(!outcome.output.contains("paged:"))
  }

  @Test func `raw bytes are not written to a terminal`() throws {
    let outcome = try atTerminal("$P follow --raw --direction c2s \(Self.hello)", pager: "cat")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("to your terminal"))
  }

  @Test func `progress counts bytes of the total`() {
    #expect(Progress.text(done: 3 << 20, total: 12 << 20) == "read 3 of 12 MiB (25 %)")
    #expect(Progress.text(done: 13 << 20, total: 12 << 20) == "read 13 of 12 MiB (100 %)")
    #expect(Progress.text(done: 3 << 20, total: nil) == "read 3 MiB")
    #expect(Progress.text(done: 0, total: 0) == "read 0 MiB")
  }
}
