internal import ArgumentParser
internal import ChatProgram

/// The program: its options and commands.
struct ChatServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat-server", abstract: "A chat room over TCP.", version: "chat-server 0.1.0")

  /// Runs the program and ends the process.
  static func runProgram(arguments: [String]) -> Never {
    runAndExit(arguments: arguments)
  }

  func run() throws { var s = ServerSettings(); s.host = "127.0.0.1"; s.port = 0; try Server.run(s) }
}
