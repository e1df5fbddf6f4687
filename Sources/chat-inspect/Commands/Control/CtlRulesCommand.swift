internal import ArgumentParser
internal import ChatProgram

/// `chat-inspect ctl rules`: the fault rules in force.
struct CtlRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "List, add, change and remove fault rules.",
    discussion: """
      docs/FAULTS.md has the language. A rule keeps its number as long as it is there.

      Examples:
        chat-inspect ctl rules
        chat-inspect ctl rules add "drop 10% c2s; delay 50ms s2c"
        chat-inspect ctl rules change 2 "delay 200ms s2c"
        chat-inspect ctl rules remove 1
        chat-inspect ctl rules clear
      """,
    subcommands: [List.self, Add.self, Change.self, Remove.self, Clear.self],
    defaultSubcommand: List.self)

  @OptionGroup var target: CtlOptions

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the rules in force.")
    @OptionGroup var target: CtlOptions

    func run() throws { try target.ask(.rules) }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add rules behind those there are.",
      discussion: """
        Example:
          chat-inspect ctl rules add "drop 10% DATA c2s"
        """)

    @Argument(help: "Rules, separated by semicolons.")
    var rules: [String]

    @OptionGroup var target: CtlOptions

    func run() throws {
      try target.changeRules(.addRules(rules.joined(separator: " ")))
    }
  }

  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put another rule in the place of one.",
      discussion: """
        Example:
          chat-inspect ctl rules change 2 "delay 200ms s2c"
        """)

    @Argument(help: "The number of the rule, as `ctl rules` lists it.")
    var number: Int

    @Argument(help: "The rule.")
    var rule: [String]

    @OptionGroup var target: CtlOptions

    func run() throws {
      let number = try CtlNumber.check(number, "rule")
      try target.changeRules(.changeRule(number: number, to: rule.joined(separator: " ")))
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a rule.")

    @Argument(help: "The number of the rule, as `ctl rules` lists it.")
    var number: Int

    @OptionGroup var target: CtlOptions

    func run() throws {
      try target.changeRules(.removeRule(number: try CtlNumber.check(number, "rule")))
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove all rules.")
    @OptionGroup var target: CtlOptions

    func run() throws { try target.changeRules(.removeAllRules) }
  }
}

extension CtlOptions {
  /// Has rules changed, and prints those that are in force now.
  fileprivate func changeRules(_ request: ControlRequest) throws(Failure) {
    let client = try client()
    let reply = try client.ask(request)
    if case .rules = reply { return try Watching.write(text(reply)) }
    try Watching.write(text(try client.ask(.rules)))
  }
}
