internal import ArgumentParser
internal import ChatProgram

/// The program: its options.
struct ChatClient: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat-client", abstract: "Chat from a terminal, a pipe or a script.",
    version: "chat-client 0.1.0")

  /// Runs the program and ends the process.
  static func runProgram(arguments: [String]) -> Never {
    runAndExit(arguments: arguments)
  }

  func run() throws {}
}
