internal import ChatPosix
internal import ChatWire

/// The events that wait for whoever shows them.
///
/// A reader polls `pollDescriptor` and takes all at once. From a weight of `pauseWeight` on the
/// connection asks the server to pause, and from `stopWeight` on it reads no more. So a reader that
/// stalls loses nothing, and memory stays bounded.
final class ClientEvents: Sendable {
  /// From here on the server is asked to pause.
  static let pauseWeight = 1_000
  /// From here on nothing is read.
  static let stopWeight = 4_000
  /// So many bytes of text weigh as much as an event.
  private static let bytesPerWeight = 8 << 10

  private struct Waiting {
    var events: [ClientEvent] = []
    var byteCount = 0

    var weight: Int { events.count + byteCount / ClientEvents.bytesPerWeight }
  }

  private let waiting = Locked(Waiting())
  private let wakeUp: WakeUp
  /// Wakes the connection when there is room again.
  private let room: WakeUp

  init(room: WakeUp) throws(SystemError) {
    wakeUp = try WakeUp()
    self.room = room
  }

  /// The descriptor that is readable while events wait.
  var pollDescriptor: Int32 { wakeUp.pollDescriptor }

  /// How much waits: the number of events, more if they are large.
  var weight: Int { waiting.withLock { $0.weight } }

  func append(_ event: ClientEvent) {
    waiting.withLock { waiting in
      if waiting.events.isEmpty { wakeUp.signal() }
      waiting.events.append(event)
      waiting.byteCount += event.byteCount
    }
  }

  /// What has happened since the last call, in order.
  func take() -> [ClientEvent] {
    let taken = waiting.withLock { waiting in
      wakeUp.clear()
      defer { waiting = Waiting() }
      return waiting
    }
    if taken.weight >= Self.pauseWeight { room.signal() }
    return taken.events
  }
}

extension ClientEvent {
  /// Roughly how many bytes it takes, where a server decides about that.
  fileprivate var byteCount: Int {
    switch self {
    case .message(let line): line.text.utf8.count
    case .notice(let notice): notice.payload.text.utf8.count
    case .roster(let lines): lines.count * MemoryLayout<RosterLine>.stride
    case .connecting, .established, .delivered, .undeliverable, .explanation, .information,
      .disconnected, .ended:
      0
    }
  }
}
