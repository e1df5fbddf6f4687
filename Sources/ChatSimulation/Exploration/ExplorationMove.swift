public import ChatWire

/// One thing that can happen next to a pair of sessions.
public enum ExplorationMove: Sendable, Hashable {
  /// The frame at a place of a line, from 0, arrives; one behind another overtakes it.
  case deliver(Direction, Int)
  /// The first frame is lost.
  case drop(Direction)
  /// The first frame arrives, and will arrive again.
  case duplicate(Direction)
  /// The first frame arrives with a damaged checksum.
  case corrupt(Direction)
  /// The first frame arrives with a damaged length.
  case breakFraming(Direction)
  /// Time passes until a session wakes up.
  case timeout

  /// What it is in words.
  public var text: String {
    switch self {
    case .deliver(let direction, 0): "deliver \(direction.name)"
    case .deliver(let direction, let place): "deliver \(direction.name) number \(place + 1)"
    case .drop(let direction): "drop \(direction.name)"
    case .duplicate(let direction): "duplicate \(direction.name)"
    case .corrupt(let direction): "corrupt \(direction.name)"
    case .breakFraming(let direction): "corrupt length \(direction.name)"
    case .timeout: "timeout"
    }
  }

  /// True if it is more than the line and the clock do by themselves.
  var isFault: Bool {
    switch self {
    case .deliver(_, let place): place > 0
    case .drop, .duplicate, .corrupt, .breakFraming: true
    case .timeout: false
    }
  }
}
