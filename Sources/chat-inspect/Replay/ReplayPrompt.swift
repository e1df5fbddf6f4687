internal import ChatPosix
internal import ChatProgram

/// Asks somebody at a terminal before each message.
struct ReplayPrompt {
  /// The action that waits for an answer.
  private var asked: Int?
  /// Nobody answers any more: everything goes on by itself.
  private var isUnattended = false
  private var buffer = [UInt8](repeating: 0, count: 1_024)

  var isAsking: Bool { asked != nil && !isUnattended }

  /// Shows what comes next.
  mutating func ask(_ action: Int, _ text: String) {
    asked = action
    Diagnostics.write("next: \(TerminalText.cut(text, scalarCountMax: 160))  [Enter] ")
  }

  /// Reads the answer; the action that may be done, if it was one.
  mutating func answer() -> Int? {
    let input = FileDescriptor.standardInput
    let count = (try? input.read(into: &buffer, from: 0)) ?? 0
    if count == 0 { Diagnostics.write("\n") }
    defer { asked = nil }
    return asked
  }
}

/// Shows how far a replay has come, on one line of standard error.
struct ReplayMeter {
  private static let interval: Int64 = 200_000_000

  private let messageCount: Int
  private var nextUpdate = Clock.monotonicNanoseconds() + 1_000_000_000
  private var isOnScreen = false

  init(messageCount: Int) {
    self.messageCount = messageCount
  }

  mutating func show(_ count: Int) {
    let now = Clock.monotonicNanoseconds()
    guard now >= nextUpdate else { return }
    nextUpdate = now + Self.interval
    isOnScreen = true
    Diagnostics.write("\r\u{1B}[Ksent \(count) of \(messageCount) messages")
  }

  /// Takes it off the screen.
  mutating func erase() {
    guard isOnScreen else { return }
    isOnScreen = false
    Diagnostics.write("\r\u{1B}[K")
  }
}
