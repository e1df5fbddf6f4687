import ArgumentParser

@main
struct ChatInspect: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "chat-inspect")
  func run() throws {}
}
