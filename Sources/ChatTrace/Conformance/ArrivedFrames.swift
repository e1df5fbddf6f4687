import ChatWire

/// The sequenced frames that have reached a peer undamaged, each counted once.
struct ArrivedFrames: Sendable {
  /// Everything before it has arrived.
  private(set) var frontier: Int64 = -1
  private var ahead: Set<Int64> = []
  /// Behind the last that has arrived.
  private(set) var end: Int64 = -1

  var isStarted: Bool { frontier >= 0 }

  /// The place of a sequence number, nearest to the frontier.
  func position(_ sequence: SequenceNumber) -> Int64 {
    frontier &+ Int64(Int16(bitPattern: sequence.rawValue &- UInt16(truncatingIfNeeded: frontier)))
  }

  mutating func start(_ first: SequenceNumber) {
    guard !isStarted else { return }
    frontier = 65_536 + Int64(first.rawValue)
    end = frontier
  }

  mutating func insert(_ sequence: SequenceNumber, first: SequenceNumber) {
    start(first)
    let position = position(sequence)
    guard position >= frontier else { return }
    end = max(end, position + 1)
    if position > frontier {
      ahead.insert(position)
      return
    }
    frontier += 1
    while ahead.remove(frontier) != nil { frontier += 1 }
  }

  func contains(_ position: Int64) -> Bool {
    position < frontier || ahead.contains(position)
  }
}
