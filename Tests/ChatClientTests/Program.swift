import Foundation
import Testing

/// The built program, run as a process.
enum Program {
  /// What a run left behind.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String

    var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }
  }

  /// The executable beside the test bundle.
  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("chat-client").path
  }()

  /// An environment in which nothing is set for chats.
  static func environment(_ changes: [String: String] = [:]) -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    var environment = ["LC_ALL": "C.UTF-8", "COLUMNS": "80"]
    for name in ["PATH", "LD_LIBRARY_PATH"] { environment[name] = own[name] }
    return environment.merging(changes) { $1 }
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., input: [UInt8] = [], environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try run(path, arguments, input: input, environment: changes)
  }

  /// Runs a shell command in which `$P` is the program.
  static func shell(
    _ command: String, environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try run("/bin/sh", ["-c", command], environment: changes.merging(["P": path]) { $1 })
  }

  /// Its output goes to files, so that no pipe can fill up.
  private static func run(
    _ executable: String, _ arguments: [String], input: [UInt8] = [],
    environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try withTemporaryDirectory { temporary in
      let files = ["in", "out", "err"].map { temporary.appendingPathComponent($0) }
      for (file, bytes) in zip(files, [input, [], []]) { try Data(bytes).write(to: file) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
      process.environment = environment(changes)
      process.standardInput = try FileHandle(forReadingFrom: files[0])
      process.standardOutput = try FileHandle(forWritingTo: files[1])
      process.standardError = try FileHandle(forWritingTo: files[2])
      try process.run()
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus,
        output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }
  }
}

/// Lends a directory of its own, which is gone afterwards.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("chat-client-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

/// A program that is still running, with pipes to it.
final class RunningProgram {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()

  init(_ arguments: String...) throws {
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments
    process.environment = Program.environment()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  func write(_ text: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
  }

  func closeInput() throws { try input.fileHandleForWriting.close() }
  func closeOutput() throws { try output.fileHandleForReading.close() }

  /// Waits until something is written to standard output.
  func waitForOutput() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Waits until something is written to standard error.
  func waitForErrors() -> String {
    String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end, and returns the exit code and the rest of both outputs.
  func finish() throws -> Program.Outcome {
    let rest = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Program.Outcome(
      status: process.terminationStatus, output: String(decoding: rest, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }
}
