@preconcurrency import Foundation
import TestSupport

/// The built program, run as a process.
enum Program {
  typealias Outcome = BuiltProgram.Outcome

  /// The executable beside the test bundle.
  static let path = BuiltProgram.path("chat-inspect")

  static let repository = BuiltProgram.repository

  /// A capture of the repository.
  static func capture(_ name: String) -> String {
    repository.appendingPathComponent("captures/\(name).pcap").path
  }

  /// The bytes of a capture of the repository.
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: capture(name))))
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., input: [UInt8] = [], environment changes: [String: String] = [:],
    in directory: URL = repository
  ) throws -> Outcome {
    try BuiltProgram.run(path, arguments, input: input, environment: changes, in: directory)
  }

  /// Runs a shell command in which `$P` is the program.
  static func shell(
    _ command: String, environment changes: [String: String] = [:]
  ) throws -> Outcome {
    try BuiltProgram.run(
      "/bin/sh", ["-c", command], environment: changes.merging(["P": path]) { $1 })
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
    process.environment = BuiltProgram.environment()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  func write(_ bytes: some Sequence<UInt8>) throws {
    try input.fileHandleForWriting.write(contentsOf: Data(bytes))
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
