import Foundation
import TestSupport

/// A running chat-client in plain mode, which writes JSON Lines.
struct TestClient {
  let process: ProgramProcess

  init(_ process: ProgramProcess) {
    self.process = process
  }

  /// One line of its output.
  struct Event: Equatable {
    var kind: String
    var from: String?
    var text: String

    init(_ line: String) throws {
      let object = try JSONObject(line)
      guard let kind = object.string("kind") else { throw TestFailure("without kind: \(line)") }
      self.kind = kind
      from = object.string("from")
      text = object.string("text") ?? ""
    }
  }

  /// Says a line, or gives a command.
  func say(_ line: String) throws { try process.writeLine(line) }

  /// Everything so far.
  func events() throws -> [Event] { try process.output.lines.map { try Event($0) } }

  /// What others have said so far.
  func messages() throws -> [Event] { try events().filter { $0.kind == "message" } }

  /// Waits until it tells something.
  @discardableResult
  func wait(for what: String, where isIt: (Event) -> Bool) throws -> Event {
    var seen = 0
    return try process.output.wait(for: "\(process.name) tells \(what)") { lines in
      // Each line is looked at once.
      defer { seen = lines.count }
      return try lines[min(seen, lines.count)...].lazy.map { try Event($0) }.first(where: isIt)
    }
  }

  /// Waits for a message.
  @discardableResult
  func wait(forMessage text: String, from: String? = nil) throws -> Event {
    try wait(for: "the message \"\(text.prefix(60))\"") {
      $0.kind == "message" && $0.text == text && (from == nil || $0.from == from)
    }
  }

  /// Waits for something of one kind that contains a text.
  @discardableResult
  func wait(forKind kind: String, with text: String = "") throws -> Event {
    try wait(for: "\(kind) with \"\(text)\"") {
      $0.kind == kind && (text.isEmpty || $0.text.contains(text))
    }
  }

  /// Waits for so many messages, and returns all there are.
  func wait(forMessageCount count: Int) throws -> [Event] {
    try process.output.wait(for: "\(count) messages") { lines in
      guard lines.count >= count else { return nil }
      let messages = try lines.map { try Event($0) }.filter { $0.kind == "message" }
      return messages.count >= count ? messages : nil
    }
  }

  /// Ends its input, and with it the client.
  func finish() throws -> ProgramProcess.Exit {
    process.closeInput()
    return try process.waitForExit()
  }
}
