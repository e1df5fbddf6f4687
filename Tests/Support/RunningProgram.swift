internal import Foundation

/// A program that is still running, with pipes to it.
public final class RunningProgram {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()

  /// Starts an executable.
  public init(path: String, _ arguments: [String], environment: [String: String]) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = environment
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Writes to its standard input.
  public func write(_ bytes: some Sequence<UInt8>) throws {
    try input.fileHandleForWriting.write(contentsOf: Data(bytes))
  }

  /// Writes text to its standard input.
  public func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// Ends its standard input.
  public func closeInput() throws { try input.fileHandleForWriting.close() }

  /// Reads its standard output no more.
  public func closeOutput() throws { try output.fileHandleForReading.close() }

  /// Waits until something is written to standard output.
  public func waitForOutput() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Waits until something is written to standard error.
  public func waitForErrors() -> String {
    String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Sends it a signal.
  public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end, and returns the exit code and the rest of both outputs.
  public func finish() throws -> BuiltProgram.Outcome {
    let rest = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return BuiltProgram.Outcome(
      status: process.terminationStatus, output: String(decoding: rest, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }
}
