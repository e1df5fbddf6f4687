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
    let interval = try watch.map { text throws(Failure) in
      try Self.interval(SettingText(text, from: .option("--watch")))
    }
    let sources = try SettingSources.find(configuration: target.config)
    var place = StatusPlace()
    try StatusPlace.table.apply(target, sources, to: &place)
    guard let interval else { return try print(try place.findServer(), clears: false) }
    try repeatedly(at: try place.findServer(), every: interval)
  }

  private func repeatedly(at path: String, every nanoseconds: Int64) throws {
    let signals: SignalPipe
    do { signals = try SignalPipe() } catch { throw Failure("signals: \(error.message)") }
    let clears = !json && Terminal.isTerminal(1)
    while true {
      try print(path, clears: clears)
      var entries = [Poll.Entry(signals.pollDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: nanoseconds)
      if signals.take() != nil { return }
    }
  }

  private func print(_ path: String, clears: Bool) throws(Failure) {
    let answer = try StatusClient.ask(path)
    var text = answer.json.text + "\n"
    if !json {
      let style = OutputStyle.decide(.never)
      text = StatusTable(answer.status, width: style.width, asciiOnly: !style.unicode).text
    }
    do {
      try writeAll((clears ? "\u{1B}[H\u{1B}[2J" : "") + text, to: 1)
    } catch {
      // A reader that has had enough is no error.
      throw error == .brokenPipe
        ? Failure(silently: .done) : Failure("standard output: \(error.message)")
    }
  }

  private static func interval(_ text: SettingText) throws(Failure) -> Int64 {
    guard let seconds = Double(text.text), (0.1...86_400).contains(seconds) else {
      throw text.failure("expected seconds, 0.1 to 86400")
    }
    return Int64(seconds * 1e9)
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
