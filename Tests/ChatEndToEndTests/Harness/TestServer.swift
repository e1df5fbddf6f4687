import Foundation
import TestSupport

/// A running chat-server.
struct TestServer {
  let process: ProgramProcess
  let port: UInt16
  let logDirectory: String
  let controlPath: String
  private let stage: Stage

  init(
    _ process: ProgramProcess, stage: Stage, logDirectory: String, controlPath: String
  ) throws {
    self.process = process
    self.stage = stage
    self.logDirectory = logDirectory
    self.controlPath = controlPath
    let line = try process.output.wait(forLineWith: "chat-server: listening on ")
    guard let text = line.split(separator: ":").last, let port = UInt16(text), port > 0 else {
      throw TestFailure("the server does not say its port: \(line)")
    }
    self.port = port
  }

  /// What `chat-server status --json` says.
  func status() throws -> JSONObject {
    let outcome = try stage.run(
      "chat-server", "status", "--control", controlPath, "--json")
    guard outcome.status == 0 else { throw TestFailure("no status: \(outcome.errors)") }
    return try JSONObject(outcome.output)
  }

  /// Asks for the status until it is as wished.
  func waitForStatus(_ what: String, _ isThere: (JSONObject) throws -> Bool) throws {
    try waitUntil(what) { try isThere(status()) }
  }

  /// Ends it by a signal, and returns how it ended.
  func stop(_ signal: Int32 = SIGTERM) throws -> ProgramProcess.Exit {
    process.signal(signal)
    return try process.waitForExit()
  }

  /// The records of all log files, in the order of their numbers.
  func logRecords() throws -> [JSONObject] {
    let names = try FileManager.default.contentsOfDirectory(atPath: logDirectory)
    return try names.flatMap { name in
      try String(contentsOfFile: "\(logDirectory)/\(name)", encoding: .utf8)
        .split(separator: "\n").map { try JSONObject(String($0)) }
    }
    .sorted { ($0.integer("record") ?? -1) < ($1.integer("record") ?? -1) }
  }
}

/// Looks again and again until something is so; between the looks others get the processor.
func waitUntil(
  _ what: String, seconds: Double = patience, _ isSo: () throws -> Bool
) throws {
  let deadline = Date(timeIntervalSinceNow: seconds)
  while try !isSo() {
    guard Date() < deadline else { throw TestFailure("\(what): not within \(Int(seconds)) s") }
    usleep(20_000)
  }
}

/// A JSON object, read by name.
struct JSONObject {
  let values: [String: Any]

  init(_ text: String) throws {
    guard
      let values = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    else { throw TestFailure("this is no JSON object: \(text)") }
    self.values = values
  }

  private init(values: [String: Any]) {
    self.values = values
  }

  func string(_ name: String) -> String? { values[name] as? String }
  func integer(_ name: String) -> Int? { (values[name] as? NSNumber)?.intValue }
  func number(_ name: String) -> Double? { (values[name] as? NSNumber)?.doubleValue }
  func boolean(_ name: String) -> Bool? { (values[name] as? NSNumber)?.boolValue }

  func object(_ name: String) -> JSONObject? {
    (values[name] as? [String: Any]).map { JSONObject(values: $0) }
  }

  func objects(_ name: String) -> [JSONObject]? {
    (values[name] as? [[String: Any]])?.map { JSONObject(values: $0) }
  }
}
