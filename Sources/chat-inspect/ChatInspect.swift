internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram

/// The program: its commands, and how errors become exit codes.
struct ChatInspect: ParsableCommand {
  /// The name and the version of the program.
  static let programVersion = "chat-inspect 0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "chat-inspect",
    abstract: "Explain chat sessions: every frame, what it means and what caused it.",
    discussion: """
      Reads pcap and pcapng files, or captures live, and finds the chat by its content, on any port.

      Exit codes: 0 done, 1 something as severe as --fail-on says, or a breach of the protocol, \
      was found, 2 wrong usage or unreadable input, 3 inconclusive, 4 wrong filter or rule, 5 no \
      proxy answers, 130 and 143 capture or proxy ended by a signal.
      """,
    version: programVersion,
    subcommands: [
      ReadCommand.self, FollowCommand.self, StatsCommand.self, WhyCommand.self,
      VerifyCommand.self, DiffCommand.self, CaptureCommand.self, ProxyCommand.self, CtlCommand.self,
      ReplayCommand.self, SimulateCommand.self, FieldsCommand.self,
    ])

  /// What to say to somebody who has given no arguments.
  static let shortHelp = """
    chat-inspect explains chat sessions in network captures: every frame, what it means and what
    caused it.

      chat-inspect read FILE            explain a capture, frame by frame
      chat-inspect follow FILE          the conversation as people wrote it
      chat-inspect stats FILE           how it went: losses, repairs, round trips, windows
      chat-inspect why FILE FRAME       why a frame was sent, down to the root
      chat-inspect verify FILE          do both peers keep to the protocol?
      chat-inspect diff A B             what differs between two recordings
      sudo chat-inspect capture -i lo   watch it as it happens
      chat-inspect proxy                stand between clients and a server: watch, disturb, record
      chat-inspect replay FILE          play a recording again, and say what has changed
      chat-inspect simulate             a conversation over a bad line, without a network
      chat-inspect ctl                  ask a running proxy, and change what it does
      chat-inspect fields               what can be filtered (-Y) and printed (-e)

    FILE is a pcap or pcapng file, or - for standard input.
    More: chat-inspect help, chat-inspect help COMMAND

    """

  func run() throws {
    try? writeAll(Self.shortHelp, to: 1)
  }

  /// Runs the program and ends the process.
  static func runProgram(arguments: [String]) -> Never {
    runAndExit(arguments: withCommand(arguments), check: checkCommand)
  }

  private static func checkCommand(_ arguments: [String]) throws(Failure) {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    let name = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
    guard let name, !name.hasPrefix("-"), !(names + ["help"]).contains(name) else { return }
    let isFile = (try? FileDescriptor.openForReading(name)) != nil
    let hint = isFile ? "; to read a file: chat-inspect read \(name)" : ""
    throw Failure(
      "there is no command '\(name)': there are \(names.joined(separator: ", "))\(hint)")
  }

  /// Understands a command line without a command as tshark does: `-r` reads, `-i` and `-D`
  /// capture.
  static func withCommand(_ arguments: [String]) -> [String] {
    switch arguments.first?.prefix(2) {
    case "-r": ["read"] + arguments
    case "-i", "-D": ["capture"] + arguments
    default: arguments
    }
  }
}
