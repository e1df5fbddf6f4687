import Foundation
import TestSupport

/// A pipe with a name for what a program writes, which is read only when the test says so.
final class SlowReader {
  let path: String
  private var descriptor: Int32
  private(set) var text: [UInt8] = []

  /// Makes the pipe; a program may open it to write from now on.
  init(_ path: String) throws {
    self.path = path
    guard mkfifo(path, 0o600) == 0 else { throw TestFailure("\(path): no pipe, error \(errno)") }
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFailure("\(path) cannot be read, error \(errno)") }
  }

  deinit { leave() }

  /// Makes the pipe take no more than a page before it is read.
  func shrink() throws {
    // F_SETPIPE_SZ, which Glibc's module does not have.
    guard fcntl(descriptor, 1_031, 4_096) > 0 else {
      throw TestFailure("\(path): its size cannot be set, error \(errno)")
    }
  }

  /// Reads what there is; false at the end.
  private func read() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = Foundation.read(descriptor, &buffer, buffer.count)
    if count > 0 { text += buffer[..<count] }
    return count > 0 || count < 0 && errno == EAGAIN
  }

  /// Reads until so many lines have come.
  func read(lineCount: Int) throws {
    try waitUntil("\(lineCount) lines have come") {
      _ = read()
      return text.count { $0 == UInt8(ascii: "\n") } >= lineCount
    }
  }

  /// Reads until nobody can write any more.
  func readToEnd() throws {
    // Between the reads the writer gets the processor.
    try waitUntil("the output ends") {
      for _ in 0..<100 where !read() { return true }
      return false
    }
  }

  /// Whole lines that have come.
  var lines: [String] {
    let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? 0
    return String(decoding: text[..<end], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Reads no more: whoever writes finds nobody there.
  func leave() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}

extension Stage {
  /// Starts a proxy whose live trace goes into a pipe.
  func proxy(
    before port: UInt16, writingTo reader: SlowReader, _ options: [String] = []
  ) throws -> TestProxy {
    let arguments = TestProxy.arguments("127.0.0.1", 0, before: "127.0.0.1:\(port)", options)
    let process = try start(
      "/bin/sh",
      ["-c", "exec \"$0\" \"$@\" > '\(reader.path)'", BuiltProgram.path("chat-inspect")] + arguments
    )
    return try TestProxy(process, stage: self)
  }
}
