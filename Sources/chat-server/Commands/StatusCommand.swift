internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// `chat-server status`: how a server on this machine is doing.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Ask a server on this machine how it is doing.",
    usage: "chat-server status [--port <port>] [--control <path>] [--json] [--watch <seconds>]",
    discussion: """
      Prints what the server has done, and a row for each client. The server is asked over a \
      local socket, which only the user who runs it can open.

      Without --port and --control the server on port 5000 is asked, or the only one that runs. \
      CHAT_PORT, CHAT_CONTROL and the configuration file count as for the server.

      Columns: again (frames sent again), queue (bytes that wait for the client), received and \
      sent (bytes, as the server sees it), msgs (messages), rtt (round-trip time). Columns that \
      do not fit into the width are left out; --json has everything.

      Exit codes: 0 done, 2 wrong usage, 5 no server answers.
      """)

  @OptionGroup var target: StatusOptions

  @Flag(help: "Print JSON, one object.")
  var json = false

  @Option(
    help: ArgumentHelp("Ask again every so many seconds, until Ctrl-C.", valueName: "seconds"))
  var watch: String?

  func run() throws {
    let watching = try Watching(every: watch, isForPrograms: json)
    let sources = try SettingSources.find(configuration: target.config)
    var place = StatusPlace()
    try StatusPlace.table.apply(target, sources, to: &place)
    let path = try place.findServer()
    try watching.run { () throws(Failure) in try text(path) }
  }

  private func text(_ path: String) throws(Failure) -> String {
    let answer = try StatusClient.ask(path)
    guard !json else { return answer.json.text + "\n" }
    let style = OutputStyle.decide(.never)
    return StatusTable(answer.status, width: style.width, asciiOnly: !style.unicode).text
  }
}

/// Which server to ask.
struct StatusOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The port of the server (5000).", valueName: "port"))
  var port: String?

  @Option(help: ArgumentHelp("The server's control socket.", valueName: "path"))
  var control: String?

  @Option(
    help: ArgumentHelp("Read settings from this file.", valueName: "file"), completion: .file())
  var config: String?

  /// Whoever starts a server and asks it may have one list of options for both: a server of this
  /// machine is asked whatever address it listens at.
  @Option(help: .hidden) var host: String?
}
