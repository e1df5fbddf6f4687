import Foundation
import TestSupport

/// A running chat-client in plain mode, which writes JSON Lines.
struct TestClient {
  let process: ProgramProcess

  init(_ process: ProgramProcess) {
    self.process = process
  }

  /// One line of its output.
  struct Event {
    let object: JSONObject
    let kind: String

    init(_ line: String) throws {
      object = try JSONObject(line)
      guard let kind = object.string("kind"), object.string("time") != nil else {
        throw TestFailure("an event has a time and a kind: \(line)")
      }
      self.kind = kind
    }

    var from: String? { object.string("from") }
    var text: String { object.string("text") ?? "" }
    var nickname: String? { object.string("nickname") }
    var reason: String? { object.string("reason") }
  }

  /// Says a line, or gives a command.
  func say(_ line: String) throws { try process.writeLine(line) }

  /// Everything so far.
  func events() throws -> [Event] { try process.output.lines.map { try Event($0) } }

  /// Everything of one kind so far.
  func events(_ kind: String) throws -> [Event] { try events().filter { $0.kind == kind } }

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

  /// Waits for something of one kind, about somebody or with a text if one is given.
  @discardableResult
  func wait(forKind kind: String, nickname: String? = nil, with text: String = "") throws -> Event {
    try wait(for: "\(kind) \(nickname ?? "") \(text)") {
      $0.kind == kind && (nickname == nil || $0.nickname == nickname)
        && (text.isEmpty || $0.text.contains(text))
    }
  }

  /// Waits until so many messages have come, and returns them.
  func wait(forMessageCount count: Int, seconds: Double = patience) throws -> [Event] {
    var messages: [Event] = []
    var seen = 0
    return try process.output.wait(for: "\(count) messages", seconds: seconds) { lines in
      messages += try lines[min(seen, lines.count)...].map { try Event($0) }
        .filter { $0.kind == "message" }
      seen = lines.count
      return messages.count >= count ? messages : nil
    }
  }

  /// Waits until so many of its own messages are confirmed.
  func wait(forDelivered number: Int) throws {
    try wait(for: "message \(number) is confirmed") {
      $0.kind == "delivered" && ($0.object.integer("message") ?? 0) >= number
    }
  }

  /// Asks who is here, and waits for the answer: then the server knows that this client is here,
  /// and it hears the others.
  @discardableResult
  func whoIsHere() throws -> [JSONObject] {
    try wait(forKind: "session")
    let count = try events("roster").count
    try say("/who")
    return try process.output.wait(for: "a list of who is here") { lines in
      let rosters = try lines.map { try Event($0) }.filter { $0.kind == "roster" }
      return rosters.count > count ? rosters.last?.object.objects("members") : nil
    }
  }

  /// Ends its input, and with it the client.
  func finish() throws -> ProgramProcess.Exit {
    process.closeInput()
    return try process.waitForExit()
  }
}
