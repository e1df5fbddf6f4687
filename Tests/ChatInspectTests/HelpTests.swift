import TestSupport
import Testing

/// What the program says about itself.
@Suite struct HelpTests {
  @Test(arguments: [
    "read", "follow", "stats", "capture", "proxy", "simulate", "ctl", "fields", "why",
    "verify", "diff", "replay",
  ])
  func `the help of a command is as the golden file has it`(command: String) throws {
    let outcome = try Program.run("help", command)
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    expectGolden(outcome.output, named: "help-\(command).txt")
  }

  @Test func `the help of ctl and of what it can do is as the golden file has it`() throws {
    var text = ""
    for command in [
      "connections", "stats", "rules", "rules add", "rules change", "rules remove", "rules clear",
      "intercept", "release", "drop", "alter", "close",
    ] {
      let arguments = ["help", "ctl"] + command.split(separator: " ").map(String.init)
      let outcome = try BuiltProgram.run(Program.path, arguments)
      #expect(outcome.status == 0)
      text += "$ chat-inspect \(arguments.joined(separator: " "))\n\(outcome.output)\n"
    }
    expectGolden(text, named: "help-ctl-commands.txt")
  }

  @Test func `the help of the program is as the golden file has it`() throws {
    let outcome = try Program.run("--help")
    #expect(outcome.status == 0)
    expectGolden(outcome.output, named: "help.txt")
  }

  @Test func `without arguments it says in a few lines what it is for`() throws {
    let outcome = try Program.run()
    #expect(outcome.status == 0)
    expectGolden(outcome.output, named: "short-help.txt")
  }

  @Test func `--help after a command is the same as help`() throws {
    #expect(try Program.run("read", "--help").output == Program.run("help", "read").output)
  }

  @Test func `the version is one line`() throws {
    let outcome = try Program.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    #expect(outcome.output.hasPrefix("chat-inspect "))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `it writes completions for a shell`(shell: String) throws {
    let outcome = try Program.run("--generate-completion-script", shell)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("chat-inspect"))
  }

  @Test func `fields lists the fields`() throws {
    let outcome = try Program.run("fields")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains { $0.contains("frame") })
  }
}
