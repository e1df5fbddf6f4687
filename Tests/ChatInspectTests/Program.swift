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

extension RunningProgram {
  /// Starts chat-inspect.
  convenience init(_ arguments: String...) throws {
    try self.init(path: Program.path, arguments, environment: BuiltProgram.environment())
  }
}
