@preconcurrency public import Foundation

/// A program of this package, as it was built beside the test bundle.
public enum BuiltProgram {
  /// What a run left behind.
  public struct Outcome {
    /// The exit code.
    public var status: Int32
    /// What it wrote to standard output.
    public var output: String
    /// What it wrote to standard error.
    public var errors: String

    /// The lines of its output, without empty ones.
    public var lines: [Substring] { output.split(whereSeparator: \.isNewline) }

    /// Puts an outcome together.
    public init(status: Int32, output: String, errors: String) {
      self.status = status
      self.output = output
      self.errors = errors
    }
  }

  /// The directory of this package.
  public static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Where an executable is, if its name is not a path: sanitized tests find sanitized programs.
  public static func path(_ name: String) -> String {
    if name.hasPrefix("/") { return name }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// What programs find in their environment: the same on every machine, but for changes.
  public static func environment(_ changes: [String: String] = [:]) -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    var environment = ["LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80"]
    for name in ["PATH", "LD_LIBRARY_PATH", "TSAN_OPTIONS", "ASAN_OPTIONS", "SWIFT_BACKTRACE"] {
      environment[name] = own[name]
    }
    return environment.merging(changes) { $1 }
  }

  /// Runs an executable to its end; its output goes to files, so that no pipe can fill up.
  public static func run(
    _ executable: String, _ arguments: [String], input: [UInt8] = [],
    environment changes: [String: String] = [:], in directory: URL = repository
  ) throws -> Outcome {
    try withTemporaryDirectory { temporary in
      let files = ["in", "out", "err"].map { temporary.appendingPathComponent($0) }
      for (file, bytes) in zip(files, [input, [], []]) { try Data(bytes).write(to: file) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
      process.environment = environment(changes)
      process.currentDirectoryURL = directory
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
public func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("chatwire-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}
