@preconcurrency import Foundation
import TestSupport

/// The built program, run as a process.
enum Program {
  typealias Outcome = BuiltProgram.Outcome

  /// The executable beside the test bundle.
  static let path = BuiltProgram.path("chat-client")

  /// An environment in which no configuration file is found.
  private static func environment(_ changes: [String: String]) -> [String: String] {
    ["XDG_CONFIG_HOME": "/nonexistent"].merging(changes) { $1 }
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., input: [UInt8] = [], environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try BuiltProgram.run(path, arguments, input: input, environment: environment(changes))
  }

  /// Runs a shell command in which `$P` is the program.
  static func shell(
    _ command: String, environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try BuiltProgram.run(
      "/bin/sh", ["-c", command], environment: environment(changes).merging(["P": path]) { $1 })
  }
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
    process.environment = BuiltProgram.environment(["XDG_CONFIG_HOME": "/nonexistent"])
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
