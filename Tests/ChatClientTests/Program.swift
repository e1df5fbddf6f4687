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

extension RunningProgram {
  /// Starts chat-client.
  convenience init(_ arguments: String...) throws {
    try self.init(
      path: Program.path, arguments,
      environment: BuiltProgram.environment(["XDG_CONFIG_HOME": "/nonexistent"]))
  }
}
