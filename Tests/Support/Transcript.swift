internal import Foundation

/// Why a test cannot go on: something that it waited for did not happen.
public struct TestFailure: Error, CustomStringConvertible {
  /// What did not happen.
  public let description: String

  /// Says what did not happen.
  public init(_ description: String) {
    self.description = description
  }
}

/// How long a test waits for what has to happen: far longer than it takes on any machine, so that
/// only what never happens fails.
///
/// In seconds; `CHAT_TEST_PATIENCE=10` for whoever writes a test and sees it fail.
public let patience =
  ProcessInfo.processInfo.environment["CHAT_TEST_PATIENCE"].flatMap { Double($0) } ?? 60

/// The lines that a program has written so far.
///
/// `@unchecked Sendable`: everything is reached under the lock of the condition.
public final class Transcript: @unchecked Sendable {
  private let condition = NSCondition()
  private var lineList: [String] = []
  private var rest: [UInt8] = []
  private var isEnded = false

  init() {}

  /// The lines so far.
  public var lines: [String] {
    condition.withLock { lineList }
  }

  /// Everything so far, the unfinished line included.
  public var text: String {
    condition.withLock {
      (lineList + [String(decoding: rest, as: UTF8.self)]).joined(separator: "\n")
    }
  }

  /// Waits until the lines hold what `body` looks for.
  ///
  /// - Parameter what: names it, should it not come.
  public func wait<Found>(
    for what: String, seconds: Double = patience, where body: ([String]) throws -> Found?
  ) throws -> Found {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let found = try body(lineList) { return found }
      guard !isEnded, condition.wait(until: deadline) else {
        // One more look: the wait may have ended at the very moment.
        if let found = try body(lineList) { return found }
        let last = lineList.suffix(20).map { "\n  | " + $0 }.joined()
        let why = isEnded ? "the output ended without it" : "waited \(Int(seconds)) s for it"
        throw TestFailure("\(what): \(why); last lines:\(last)")
      }
    }
  }

  /// Waits for a line that contains a text, and returns it.
  @discardableResult
  public func wait(forLineWith text: String) throws -> String {
    try wait(for: "a line with \"\(text)\"") { $0.first { $0.contains(text) } }
  }

  /// Waits until nothing more will come.
  public func waitForEnd(seconds: Double = patience) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    try condition.withLock {
      while !isEnded {
        guard condition.wait(until: deadline) || isEnded else {
          throw TestFailure("the output did not end within \(Int(seconds)) s")
        }
      }
    }
  }

  func append(_ bytes: some Sequence<UInt8>) {
    condition.withLock {
      for byte in bytes {
        if byte == UInt8(ascii: "\n") {
          lineList.append(String(decoding: rest, as: UTF8.self))
          rest.removeAll(keepingCapacity: true)
        } else {
          rest.append(byte)
        }
      }
      condition.broadcast()
    }
  }

  func end() {
    condition.withLock {
      if !rest.isEmpty { lineList.append(String(decoding: rest, as: UTF8.self)) }
      rest = []
      isEnded = true
      condition.broadcast()
    }
  }
}
