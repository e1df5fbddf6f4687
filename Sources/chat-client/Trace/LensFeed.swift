internal import ChatLens
internal import ChatPosix

/// What goes over the wire, on its way from the thread of the connection to the lens.
///
/// The connection never waits: what is more than so many records is left out, and counted.
final class LensFeed: Sendable {
  /// Records that wait at most.
  static let countMax = 4_096

  private struct Waiting {
    var moments: [LensMoment] = []
    var skippedCount = 0
  }

  private let waiting = Locked(Waiting())
  private let wakeUp: WakeUp

  init() throws(SystemError) {
    wakeUp = try WakeUp()
  }

  /// The descriptor that is readable while records wait.
  var pollDescriptor: Int32 { wakeUp.pollDescriptor }

  func append(_ moment: LensMoment) {
    waiting.withLock { waiting in
      if waiting.moments.isEmpty { wakeUp.signal() }
      if waiting.moments.count < Self.countMax {
        waiting.moments.append(moment)
      } else {
        waiting.skippedCount += 1
      }
    }
  }

  /// What has come since the last call, and how many records behind it were left out.
  func take() -> (moments: [LensMoment], skippedCount: Int) {
    let taken = waiting.withLock { waiting in
      wakeUp.clear()
      defer { waiting = Waiting() }
      return waiting
    }
    return (taken.moments, taken.skippedCount)
  }
}
