internal import ChatProgram

/// Where the program begins: nothing happens here, since code in `main` belongs to the main actor,
/// and C callbacks formed there would trap.
@main
enum Main {
  static func main() {
    ChatServer.runProgram(arguments: Array(CommandLine.arguments.dropFirst()))
  }
}
