import Foundation
import TestSupport

/// What a replay has said, and how it ended.
struct ReplayOutcome {
  let status: Int32
  let output: String
  let errors: String
  /// The lines of the report, with `-T ndjson`.
  let records: [JSONObject]

  init(_ outcome: BuiltProgram.Outcome) throws {
    status = outcome.status
    output = outcome.output
    errors = outcome.errors
    records =
      output.hasPrefix("{")
      ? try output.split(separator: "\n").map { try JSONObject(String($0)) } : []
  }

  func records(_ kind: String) -> [JSONObject] { records.filter { $0.string("kind") == kind } }
  /// What was found, in one word.
  var verdict: String? { records("verdict").last?.string("verdict") }
}

extension Stage {
  /// Records a conversation through a proxy: each line is said when the one before was heard.
  ///
  /// - Parameter clients: Nicknames, each with the options of its client.
  func recordConversation(
    before port: UInt16, _ name: String = "session", clients: [(nick: String, options: [String])],
    lines: [(nick: String, text: String)], proxy options: [String] = []
  ) throws -> String {
    let file = "\(directory)/\(name).pcapng"
    let proxy = try proxy(before: port, ["-w", file] + options)
    var present: [(nick: String, client: TestClient)] = []
    for (nick, options) in clients {
      let client = try client(port: proxy.port, nick: nick, options)
      // Now the server knows that it is here, and it hears the others.
      try client.whoIsHere()
      present.append((nick, client))
    }
    for (nick, text) in lines {
      guard let speaker = present.first(where: { $0.nick == nick }) else { continue }
      try speaker.client.say(text)
      if text.hasPrefix("/") { continue }
      for (other, client) in present where other != nick { try client.wait(forMessage: text) }
    }
    for (_, client) in present { _ = try client.finish() }
    _ = try proxy.stop()
    return file
  }

  /// Replays a recording against a server on this machine, with a report for programs.
  func replay(
    _ file: String, to port: UInt16, _ options: String...
  ) throws -> ReplayOutcome {
    let arguments = ["replay", file, "--to", "127.0.0.1:\(port)", "-T", "ndjson"] + options
    return try ReplayOutcome(run("chat-inspect", arguments))
  }

  /// Starts to play the server of a recording.
  func replayServer(_ file: String, _ options: String...) throws -> (ProgramProcess, UInt16) {
    let process = try start(
      "chat-inspect", ["replay", file, "--serve", "0", "-T", "ndjson"] + options)
    let line = try process.errors.wait(forLineWith: "chat-inspect: listening on ")
    guard let address = line.split(separator: ",").first,
      let port = address.split(separator: ":").last.flatMap({ UInt16($0) }), port > 0
    else { throw TestFailure("the replay does not say its port: \(line)") }
    return (process, port)
  }

  /// What the faults in a recording were, without times and numbers of frames.
  func faults(in file: String, _ direction: String) throws -> [String] {
    let read = try run("chat-inspect", "read", file, "-T", "ndjson")
    return try read.output.split(separator: "\n").map { try JSONObject(String($0)) }
      .filter { $0.string("kind") == "fault" && $0.string("direction") == direction }
      .map {
        "\($0.integer("stream") ?? -1) \($0.string("rule") ?? "") \($0.string("action") ?? "")"
      }
      .sorted()
  }
}
