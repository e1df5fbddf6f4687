import Foundation
import TestSupport
import Testing

/// chat-client on a full screen, in a window of tmux, with a real server.
struct FullScreenWindow {
  let window: TmuxSession
  private let identifierPath: String

  /// Opens a window; with `--connect` among the options it waits until there is a session.
  init(
    _ stage: Stage, port: UInt16, nick: String? = "ana", columns: Int = 80, rows: Int = 24,
    _ options: String...
  ) throws {
    identifierPath = "\(stage.directory)/process-\(UUID().uuidString.prefix(8))"
    let names = nick.map { ["--nick", $0] } ?? []
    // The shell becomes the program, so that its identifier is known.
    window = try TmuxSession(
      [
        // Swift's own account of a crash waits for a key on a terminal.
        "env", "SWIFT_BACKTRACE=enable=no", "sh", "-c",
        "echo $$ > \(identifierPath); exec \"$0\" \"$@\"",
        BuiltProgram.path("chat-client"), "--mode", "ui", "--host", "127.0.0.1", "--port",
        "\(port)",
      ] + names + options, columns: columns, rows: rows, stage: stage)
    if options.contains("--connect") { try window.waitForScreen("here (") }
  }

  /// The process of the client.
  func process() throws -> Int32 {
    var identifier: Int32?
    try waitUntil("the client has started") {
      let text = try? String(contentsOfFile: identifierPath, encoding: .utf8)
      identifier = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      return identifier != nil
    }
    return try #require(identifier)
  }

  /// Presses Escape, and waits until something is gone from the screen by that.
  func escape(from text: String) throws {
    try window.press("Escape")
    // What is typed sooner would be Alt with it.
    try waitUntil("the screen does not show \"\(text)\"") { try !window.screen().contains(text) }
  }

  /// Presses a key, which changes the screen, until it shows something, at most so many times.
  @discardableResult
  func press(_ key: String, until text: String, times: Int) throws -> String {
    for _ in 0..<times {
      let screen = try window.screen()
      if screen.contains(text) { return screen }
      try window.press(key)
      try waitUntil("\(key) changes the screen:\n\(screen)") { try window.screen() != screen }
    }
    return try window.waitForScreen(text)
  }
}
