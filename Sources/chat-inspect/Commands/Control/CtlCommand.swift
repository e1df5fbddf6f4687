internal import ArgumentParser
internal import ChatProgram

/// `chat-inspect ctl`: asks a proxy that runs, and tells it what to do.
struct CtlCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ctl",
    abstract: "Ask a running proxy how it is doing, and change what it does.",
    usage: "chat-inspect ctl [--port <port> | --control <path>] [--json] <subcommand>",
    discussion: """
      The proxy is asked over a local socket that only the user who runs it can open. Without \
      --port and --control the only proxy that runs is asked.

      Examples:
        chat-inspect ctl connections
        chat-inspect ctl rules add "drop 10% c2s"
        chat-inspect ctl intercept "type == DATA and direction == c2s"
        chat-inspect ctl alter 1 --payload "something else"
        chat-inspect ctl --port 5001 stats --watch 1

      Exit codes: 0 done, 2 wrong usage or refused, 4 wrong rule or filter, 5 no proxy answers.
      """,
    subcommands: [
      CtlConnectionsCommand.self, CtlStatsCommand.self, CtlRulesCommand.self,
      CtlInterceptCommand.self, CtlReleaseCommand.self, CtlDropCommand.self,
      CtlAlterCommand.self, CtlCloseCommand.self,
    ])

  @OptionGroup var target: CtlOptions
}

/// `chat-inspect ctl connections`.
struct CtlConnectionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connections",
    abstract: "List the connections that are open.",
    discussion: """
      Columns: c2s and s2c (bytes that the client and the server have sent), frames (whole frames \
      among them), hit (frames to which something was done), waits (bytes that are held, or that \
      the receiver does not read yet), ended (who sends no more). Columns that do not fit are left \
      out; --json has everything.

      Examples:
        chat-inspect ctl connections
        chat-inspect ctl connections --watch 0.5
      """)

  @OptionGroup var target: CtlOptions
  @OptionGroup var watching: WatchOptions

  func run() throws {
    try watching.ask(.connections, target)
  }
}

/// `chat-inspect ctl stats`.
struct CtlStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Say how the proxy is doing.",
    discussion: """
      Examples:
        chat-inspect ctl stats
        chat-inspect ctl stats --json
      """)

  @OptionGroup var target: CtlOptions
  @OptionGroup var watching: WatchOptions

  func run() throws {
    try watching.ask(.statistics, target)
  }
}

/// `chat-inspect ctl close`.
struct CtlCloseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close",
    abstract: "End a connection on both sides.",
    discussion: """
      Examples:
        chat-inspect ctl close 3
        chat-inspect ctl close 3 --reset
      """)

  @Argument(help: "The number of the connection, as `ctl connections` lists it.")
  var number: Int

  @Flag(help: "Reset it instead of ending it.")
  var reset = false

  @OptionGroup var target: CtlOptions

  func run() throws {
    let number = try CtlNumber.check(number, "connection")
    try target.order(
      .close(connection: number, isReset: reset),
      saying: "connection \(number) is \(reset ? "reset" : "closed")")
  }
}
