internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// The program: its options, and which of its modes runs.
struct ChatClient: ParsableCommand {
  /// The version of the program.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "chat-client", abstract: "Chat from a terminal, a pipe or a script.",
    usage: "chat-client [<options>]",
    discussion: """
      On a terminal it has a prompt, or with --mode ui a full screen on which the protocol can be \
      watched. Elsewhere lines of standard input are said, and what comes is \
      printed line by line; a line may also be /nick NAME, /who or /quit, and // begins a message \
      with a slash. What was said is confirmed before the program ends.

      Examples:
        chat-client --nick ana
        chat-client --host chat.example --protocol sr
        chat-client --mode ui
        chat-client --faults "drop 10% c2s" --trace session.txt
        chat-client --send "The build is done."
        chat-client --json --wait 60 | jq -r 'select(.kind == "message").text'

      Most options can also be set in the environment (CHAT_HOST, CHAT_PORT, CHAT_NICKNAME, ...) \
      and in a configuration file, under [client].

      Exit codes: 0 done, and everything was confirmed; 2 wrong usage or unreadable input; 4 wrong \
      fault rule; 5 the server cannot be reached, refuses, fails or falls silent, or what was \
      expected did not come; 130 and 143 ended by a signal.
      """,
    version: "chat-client \(version)")

  @OptionGroup var options: ClientOptions

  /// Runs the program and ends the process.
  static func runProgram(arguments: [String]) -> Never {
    FileDescriptor.openStandardDescriptors()
    runAndExit(arguments: arguments)
  }

  func run() throws {
    let settings = try ProgramSettings(
      options, try SettingSources.find(configuration: options.connecting.config),
      isTerminal: Terminal.isTerminal(0) && Terminal.isTerminal(1),
      drawSeed: { UInt64.random(in: 1...999_999) })
    if settings.face == .fullScreen {
      let status = try FullScreen.run(settings)
      guard status == .done else { throw Failure(silently: status) }
      return
    }
    if let announcement = settings.faultAnnouncement, !settings.plain.isQuiet {
      Diagnostics.say(announcement)
    }
    let connection = try ChatConnection(settings: settings.connection, checksum: .forProgram)
    if settings.face == .plain {
      var mode = try PlainMode(settings.plain, connection)
      return try mode.run()
    }
    try connection.start()
    let status = try ChatScreen.run(
      partner: connection, settings: settings.connection, style: .decide(settings.color))
    guard status == .done else { throw Failure(silently: status) }
  }
}
