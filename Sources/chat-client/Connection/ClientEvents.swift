internal import ChatPosix

/// The events that wait for whoever shows them.
///
/// A reader polls `pollDescriptor` and takes all at once. While `pauseCount` wait, the connection
/// asks the server to pause; while `stopCount` wait, it reads no more. So a reader that stalls
/// loses nothing, and memory stays bounded.
final class ClientEvents: Sendable {
  /// From so many on the server is asked to pause.
  static let pauseCount = 1_000
  /// From so many on nothing is read.
  static let stopCount = 4_000

  private let waiting = Locked<[ClientEvent]>([])
  private let wakeUp: WakeUp
  /// Wakes the connection when there is room again.
  private let room: WakeUp

  init(room: WakeUp) throws(SystemError) {
    wakeUp = try WakeUp()
    self.room = room
  }

  /// The descriptor that is readable while events wait.
  var pollDescriptor: Int32 { wakeUp.pollDescriptor }

  /// How many wait.
  var count: Int { waiting.withLock { $0.count } }

  func append(_ event: ClientEvent) {
    waiting.withLock { waiting in
      if waiting.isEmpty { wakeUp.signal() }
      waiting.append(event)
    }
  }

  /// What has happened since the last call, in order.
  func take() -> [ClientEvent] {
    let taken = waiting.withLock { waiting in
      wakeUp.clear()
      let taken = waiting
      waiting = []
      return taken
    }
    if taken.count >= Self.pauseCount { room.signal() }
    return taken
  }
}
