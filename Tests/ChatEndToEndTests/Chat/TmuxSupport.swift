import ChatPosix
import Foundation
import TestSupport

/// A terminal with a window, as a person has it: tmux, with a server of its own.
///
/// To look at one by hand while a test waits: `tmux -S DIRECTORY/tmux-... attach`.
final class TmuxSession {
  /// True where there is a tmux to try this with.
  static var isInstalled: Bool { Programs.isInstalled("tmux") }

  private let socket: String
  private let environment: [String: String]

  /// Opens a window and starts a shell in it, which starts the command.
  ///
  /// - Parameter command: the words of a program of this package and its arguments.
  init(_ command: [String], columns: Int = 80, rows: Int = 24, stage: Stage) throws {
    socket = "\(stage.directory)/tmux-\(UUID().uuidString.prefix(8))"
    environment = [
      "HOME": stage.directory, "XDG_STATE_HOME": "\(stage.directory)/state",
      "TERM": "xterm-256color",
    ]
    // In the foreground, so that it ends with the stage whatever happens.
    let server = try stage.start(
      "/usr/bin/env", ["tmux", "-S", socket, "-u", "-f", "/dev/null", "-D"],
      environment: environment)
    try waitUntil("tmux is there") {
      FileManager.default.fileExists(atPath: socket) || server.ended != nil
    }
    try tmux("new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "sh")
    let words = command.map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " ")
    try type(words + Self.report + "\n")
  }

  /// What is typed behind a command, so that it is seen when it is over, and how the terminal is
  /// then.
  static let report = "; echo \"exit code $?, $(stty -a | grep -o '[ -]icanon')\""

  /// Runs a command of tmux and returns its output.
  @discardableResult
  private func tmux(_ arguments: String...) throws -> String {
    let client = try ProgramProcess(
      "/usr/bin/env", ["tmux", "-S", socket] + arguments, environment: environment)
    client.closeInput()
    guard try client.waitForExit() == .code(0) else {
      throw TestFailure("tmux \(arguments.joined(separator: " ")): \(client.errors.text)")
    }
    return client.output.text
  }

  /// Types text; a newline is the Enter key.
  func type(_ text: String) throws {
    for part in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if part.offset > 0 { try press("Enter") }
      if !part.element.isEmpty { try tmux("send-keys", "-l", "--", String(part.element)) }
    }
  }

  /// Presses keys by the names that tmux has for them: `C-c`, `Tab`, `Up`.
  func press(_ keys: String...) throws {
    for key in keys { try tmux("send-keys", key) }
  }

  /// Makes the window as large.
  func resize(columns: Int, rows: Int) throws {
    try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// What the window shows, without empty lines at the bottom.
  func screen() throws -> String {
    var text = try tmux("capture-pane", "-p")
    while text.last == "\n" { text.removeLast() }
    return text
  }

  /// Everything that was shown, with what went out at the top; long lines are whole again.
  func everything() throws -> String { try tmux("capture-pane", "-p", "-J", "-S", "-") }

  /// Waits until the window shows something, and returns all that it shows.
  @discardableResult
  func waitForScreen(_ text: String) throws -> String {
    var last = ""
    do {
      try waitUntil("the screen shows \"\(text)\"") {
        last = try screen()
        return last.contains(text)
      }
    } catch {
      throw TestFailure("\(error); it shows:\n\(last)")
    }
    return last
  }

  /// Waits until the program has ended with an exit code, and the terminal is as before.
  func waitForExit(code: Int32) throws {
    try waitForScreen("exit code \(code),  icanon")
  }
}
