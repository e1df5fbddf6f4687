import ChatProgram
@preconcurrency import Foundation
import Testing

@testable import chat_server

/// Settings from made-up layers.
enum Layers {
  /// An empty command line: parsing takes long in a debug build.
  static let nothing = try? ServerOptions(parsing: [])

  /// What the server makes of them; the seed that is drawn is 77.
  static func settings(
    _ arguments: String..., environment: [String: String] = [:], file: String? = nil
  ) throws -> ServerSettings {
    try settings(arguments, environment: environment, file: file)
  }

  static func settings(
    _ arguments: [String], environment: [String: String] = [:], file: String? = nil
  ) throws -> ServerSettings {
    let options = try arguments.isEmpty ? #require(nothing) : ServerOptions(parsing: arguments)
    return try settings(options, environment: environment, file: file)
  }

  static func settings(
    _ options: ServerOptions, environment: [String: String] = [:], file: String? = nil
  ) throws -> ServerSettings {
    var sources = SettingSources(environment: { environment[$0] })
    if let file {
      do {
        sources.file = ("config.toml", try ConfigurationFile(parsing: file))
      } catch {
        throw Failure("config.toml, line \(error.place.line): \(error.message)")
      }
    }
    return try ServerSettings(options, sources, drawSeed: { 77 })
  }

  /// What is said about wrong ones, and the exit code.
  static func failure(
    _ arguments: String..., environment: [String: String] = [:], file: String? = nil
  ) -> Failure? {
    do {
      _ = try settings(arguments, environment: environment, file: file)
      return nil
    } catch {
      return error as? Failure
    }
  }

  /// What is said about a wrong file.
  static func complaint(file: String) -> String? { failure(file: file)?.message }
}

/// The built program, run as a process of its own.
enum ServerProgram {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("chat-server").path
  }()

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A process that is ready to run, whose output goes to files in a directory, so that no pipe can
  /// fill up.
  static func process(
    _ arguments: [String], in directory: URL, environment changes: [String: String] = [:]
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var environment = [
      "LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80", "HOME": directory.path,
      "XDG_RUNTIME_DIR": directory.path,
    ]
    let own = ProcessInfo.processInfo.environment
    for name in ["PATH", "LD_LIBRARY_PATH"] { environment[name] = own[name] }
    process.environment = environment.merging(changes) { $1 }
    process.currentDirectoryURL = directory
    for name in ["out", "err"] {
      try Data().write(to: directory.appendingPathComponent(name))
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(
      forWritingTo: directory.appendingPathComponent("out"))
    process.standardError = try FileHandle(forWritingTo: directory.appendingPathComponent("err"))
    return process
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., in directory: URL, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = try process(arguments, in: directory, environment: environment)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try text("out", in: directory),
      errors: try text("err", in: directory))
  }

  static func text(_ name: String, in directory: URL) throws -> String {
    String(
      decoding: try Data(contentsOf: directory.appendingPathComponent(name)), as: UTF8.self)
  }
}

/// Lends a directory of its own, private and with a short path, which is gone afterwards.
func withOwnDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("chat-\(UUID().uuidString.prefix(8))")
  try FileManager.default.createDirectory(
    at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}
