internal import ChatPosix
internal import ChatProgram

/// What a proxy says on standard error while it runs: whoever reads that may have stopped, and the
/// chat must go on.
final class ProxyMessages {
  private let queue: LiveQueue

  init() throws(SystemError) {
    queue = try LiveQueue(descriptor: 2, byteCountMax: 256 << 10)
  }

  /// Says one sentence, soon.
  func say(_ message: String) {
    _ = queue.append(Array(Diagnostics.line(message).utf8))
  }

  /// Waits until everything has been said, for as long as somebody listens.
  func finish() {
    _ = queue.close()
  }
}
