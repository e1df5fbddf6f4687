internal import ArgumentParser
internal import ChatProgram

/// In this program an option is one of the command line, not one of a handshake.
typealias Option<Value> = ArgumentParser.Option<Value>

/// The program: its commands.
///
/// Without one it serves.
struct ChatServer: ParsableCommand {
  /// The version of the program.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "chat-server", abstract: "A chat room over TCP.",
    version: "chat-server \(version)",
    subcommands: [ServeCommand.self, StatusCommand.self, LogWorkerCommand.self],
    defaultSubcommand: ServeCommand.self)

  /// Runs the program and ends the process.
  static func runProgram(arguments: [String]) -> Never {
    runAndExit(arguments: withCommand(arguments), check: checkCommand)
  }

  /// Help without a command is that of serving: it names the other command, too.
  static func withCommand(_ arguments: [String]) -> [String] {
    switch arguments {
    case ["--help"], ["-h"], ["help"]: ["help", "serve"]
    default: arguments
    }
  }

  private static func checkCommand(_ arguments: [String]) throws(Failure) {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    let name = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
    guard let name, !name.hasPrefix("-"), !(names + ["help"]).contains(name) else { return }
    throw Failure(
      "there is no command '\(TerminalText.cut(name, scalarCountMax: 40))': "
        + "without one the server starts, and 'status' asks one that runs")
  }
}
