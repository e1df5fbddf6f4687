// A program under test while it runs. Not Foundation's Process: that leaks one child's pipes into
// another when two tests start programs at once, and then neither sees the end of its input.

internal import Foundation

/// A program of this package that runs: its input is a pipe, its output is gathered as it comes.
///
/// `@unchecked Sendable`: what changes is reached under the lock of the condition.
public final class ProgramProcess: @unchecked Sendable {
  /// How it ended.
  public enum Exit: Equatable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  /// Which program it is.
  public let name: String
  /// Its number.
  public let processIdentifier: Int32
  /// Its standard output.
  public let output = Transcript()
  /// Its standard error.
  public let errors = Transcript()

  private let condition = NSCondition()
  private var input: Int32
  private var exit: Exit?
  private var wasKilled = false

  /// Starts a program that was built beside the test bundle.
  public init(
    _ name: String, _ arguments: [String], environment changes: [String: String] = [:]
  ) throws {
    self.name = name
    let started = try Spawner.shared.start(
      BuiltProgram.path(name), arguments, environment: BuiltProgram.environment(changes))
    processIdentifier = started.processIdentifier
    input = started.input
    Self.gather(started.output, in: output)
    Self.gather(started.errors, in: errors)
    let thread = Foundation.Thread { [self] in waitForProcess() }
    thread.stackSize = 256 << 10
    thread.start()
  }

  private static func gather(_ descriptor: Int32, in transcript: Transcript) {
    let thread = Foundation.Thread {
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
          transcript.append(buffer[..<count])
        } else if count == 0 || errno != EINTR {
          break
        }
      }
      transcript.end()
      close(descriptor)
    }
    thread.stackSize = 256 << 10
    thread.start()
  }

  /// Learns of the end, and only then lets the kernel give the number to another process.
  private func waitForProcess() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) != 0,
      errno == EINTR
    {}
    condition.withLock {
      var status: Int32 = 0
      waitpid(processIdentifier, &status, 0)
      exit = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
      condition.broadcast()
    }
  }

  /// Writes a line to its input.
  public func writeLine(_ line: String) throws {
    try write(Array((line + "\n").utf8))
  }

  /// Writes bytes to its input.
  public func write(_ bytes: [UInt8]) throws {
    let descriptor = condition.withLock { input }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        done += count
      } else if errno == EAGAIN {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, Int32(patience * 1_000)) > 0 else {
          throw TestFailure("\(name) does not read its input")
        }
      } else if errno != EINTR {
        throw TestFailure("\(name) has closed its input; \(summary)")
      }
    }
  }

  /// Ends its input.
  public func closeInput() {
    condition.withLock {
      if input >= 0 { close(input) }
      input = -1
    }
  }

  /// Sends it a signal, if it still runs.
  public func signal(_ number: Int32) {
    condition.withLock {
      guard exit == nil else { return }
      if number == SIGKILL { wasKilled = true }
      kill(processIdentifier, number)
    }
  }

  /// Ends it at once, and waits until it is gone.
  public func end() {
    signal(SIGKILL)
    closeInput()
    _ = try? waitForExit()
  }

  /// How it ended, if it has.
  public var ended: Exit? {
    condition.withLock { exit }
  }

  /// Waits until it ends and its output is complete.
  @discardableResult
  public func waitForExit(seconds: Double = patience) throws -> Exit {
    let deadline = Date(timeIntervalSinceNow: seconds)
    let ended = try condition.withLock { () throws -> Exit in
      while true {
        if let exit { return exit }
        guard condition.wait(until: deadline) || exit != nil else {
          throw TestFailure("\(name) did not end within \(Int(seconds)) s; \(summary)")
        }
      }
    }
    try output.waitForEnd()
    try errors.waitForEnd()
    return ended
  }

  /// What is wrong with how it ran, whatever the test was about: a crash, or a sanitizer's report.
  public var disorder: String? {
    let report = ["ThreadSanitizer:", "AddressSanitizer:", "Fatal error:", "Program crashed"]
    if errors.lines.contains(where: { line in report.contains { line.contains($0) } }) {
      return "\(name) complains:\n\(errors.text)"
    }
    switch ended {
    case .signal(let number) where !(number == SIGKILL && condition.withLock { wasKilled }):
      return number == SIGTERM || number == SIGINT ? nil : "\(name) ended by signal \(number)"
    case .code(66): return "\(name) ended with a sanitizer's exit code"
    default: return nil
    }
  }

  /// What it has written last.
  public var summary: String {
    func tail(_ transcript: Transcript) -> String {
      transcript.lines.suffix(15).map { "\n  | " + $0 }.joined()
    }
    return "\(name) (process \(processIdentifier)) output:\(tail(output))\n errors:\(tail(errors))"
  }
}
