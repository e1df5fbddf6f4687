internal import ChatWire

/// A fault that is done once, to the next frame of a type.
enum FaultShot: Int, CaseIterable {
  case loseData, corruptData, loseAck, duplicateData, delayData

  /// The key that does it to what goes to the server; its capital, to what comes from there.
  var letter: Character {
    switch self {
    case .loseData: "d"
    case .corruptData: "c"
    case .loseAck: "a"
    case .duplicateData: "u"
    case .delayData: "w"
    }
  }

  /// What it does, long and short.
  var label: (long: String, short: String) {
    switch self {
    case .loseData: ("lose the next DATA", "lose DATA")
    case .corruptData: ("corrupt the next DATA", "corrupt DATA")
    case .loseAck: ("lose the next ACK", "lose ACK")
    case .duplicateData: ("duplicate the next DATA", "double DATA")
    case .delayData: ("delay the next DATA by 2 s", "delay DATA 2s")
    }
  }

  /// What it shows, in one sentence.
  var help: String {
    switch self {
    case .loseData: "A fragment never arrives: watch the timeout, or the NACK, send it again."
    case .corruptData: "A bit is flipped: the checksum fails, and the receiver throws it away."
    case .loseAck: "The data has arrived, but its sender does not know; the next ACK may tell."
    case .duplicateData: "The receiver must notice that it has this fragment, and say so."
    case .delayData: "It comes when its sender has given it up: a needless copy is on its way."
    }
  }

  /// The rule that does it, in its normal spelling.
  func text(_ direction: Direction) -> String {
    let (action, type) =
      switch self {
      case .loseData: ("drop", "DATA")
      case .corruptData: ("corrupt payload", "DATA")
      case .loseAck: ("drop", "ACK")
      case .duplicateData: ("duplicate", "DATA")
      case .delayData: ("delay 2s", "DATA")
      }
    return "\(action) \(type) \(direction.name) first 1"
  }

  /// The shot that a rule stands for; nil if it is none.
  static func place(ofRule text: String) -> (shot: FaultShot, direction: Direction)? {
    for shot in allCases {
      for direction in [Direction.clientToServer, .serverToClient]
      where shot.text(direction) == text {
        return (shot, direction)
      }
    }
    return nil
  }
}
