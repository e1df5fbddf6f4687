import ChatPosix
import Foundation
import Logging
import Testing

@testable import chat_server

/// A log with a directory of its own, written by the built program.
final class LogFixture {
  let directory: String
  var settings: LogSettings
  var context = ServerLog.Context()
  let sentences = Locked<[String]>([])

  /// The executable beside the test bundle.
  static let executable: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("chat-server").path
  }()

  init(fileSizeMax: Int = 16 << 20, fileCount: Int = 8) throws {
    directory =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("chat-server-log-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false)
    settings = LogSettings(
      directory: directory + "/log", level: "info", fileSizeMax: fileSizeMax, fileCount: fileCount)
    context.executable = Self.executable
    let sentences = sentences
    context.say = { sentence in sentences.change { $0.append(sentence) } }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)
  }

  func start() throws -> ServerLog {
    try ServerLog.start(settings, context: context)
  }

  func file(_ name: String) -> String { "\(directory)/log/\(name)" }

  /// The names of the files, the oldest first.
  var names: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/log")) ?? []
    return names.sorted { Self.age($0) > Self.age($1) }
  }

  private static func age(_ name: String) -> Int {
    name.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  /// All lines of all files, the oldest first; each is a JSON object, or the test fails.
  func lines() throws -> [LogLine] {
    try names.flatMap { try Self.lines(file($0)) }
  }

  static func lines(_ path: String) throws -> [LogLine] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(data.isEmpty || data.last == 0x0A, "\(path) ends within a line")
    return try data.split(separator: 0x0A).map { try LogLine(Data($0)) }
  }

  func waitForSentence(_ part: String) -> Bool {
    sentences.wait(untilNanoseconds: Clock.monotonicNanoseconds() + 30_000_000_000) { sentences in
      sentences.contains { $0.contains(part) } ? true : nil
    } ?? false
  }
}

extension ServerLog {
  /// Ends the log, with time enough to write everything.
  func finish() {
    finish(deadlineNanoseconds: Clock.monotonicNanoseconds() + 30_000_000_000)
  }
}

/// One line of a log, as an object.
struct LogLine {
  let values: [String: Any]

  init(_ data: Data) throws {
    let object = try JSONSerialization.jsonObject(with: data)
    values = try #require(object as? [String: Any])
  }

  func text(_ key: String) -> String? { values[key] as? String }
  func number(_ key: String) -> Int? { (values[key] as? NSNumber)?.intValue }
  var event: String? { text("event") }
}

/// Looks again and again, at most for 30 seconds.
func waitUntil(_ condition: () -> Bool) -> Bool {
  let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
  while !condition() {
    guard Clock.monotonicNanoseconds() < deadline else { return false }
    usleep(2_000)
  }
  return true
}

/// True if a process is running (and is not just waiting to be collected).
func isRunning(_ process: Int32) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
    return false
  }
  return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
}
