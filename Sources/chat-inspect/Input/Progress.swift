internal import ChatPosix
internal import ChatProgram

/// How much of a long file has been read, on standard error while it is a terminal.
struct Progress: ~Copyable {
  /// Nothing is shown of a file that is read sooner.
  private static let patience: Int64 = 1_000_000_000
  private static let interval: Int64 = 200_000_000

  private let total: Int?
  private let isShown: Bool
  private var done = 0
  private var nextUpdate: Int64
  private var isOnScreen = false

  init(total: Int?, isShown: Bool) {
    self.total = total
    self.isShown = isShown
    nextUpdate = isShown ? Clock.monotonicNanoseconds() + Self.patience : .max
  }

  /// Counts bytes read, and shows the count now and then.
  mutating func advance(by count: Int) {
    done += count
    guard isShown else { return }
    let now = Clock.monotonicNanoseconds()
    guard now >= nextUpdate else { return }
    nextUpdate = now + Self.interval
    isOnScreen = true
    Diagnostics.write("\r\u{1B}[K" + Self.text(done: done, total: total))
  }

  /// Takes it off the screen.
  mutating func erase() {
    guard isOnScreen else { return }
    isOnScreen = false
    Diagnostics.write("\r\u{1B}[K")
  }

  static func text(done: Int, total: Int?) -> String {
    guard let total, total > 0 else { return "read \(done >> 20) MiB" }
    return "read \(done >> 20) of \(total >> 20) MiB (\(min(100, done * 100 / total)) %)"
  }
}
