/// What a rule did to a frame, with all that was drawn for it.
public struct FaultAct: Sendable, Hashable {
  /// What was done.
  public enum Change: Sendable, Hashable {
    /// It was not passed on.
    case drop
    /// A bit, 0 for the lowest, of a byte, counted from the first of the header, was flipped.
    case corrupt(FramePart, byte: Int, bit: Int)
    /// It was sent so many more times.
    case duplicate(copies: Int)
    /// It was held for so long.
    case delay(Duration)
    /// It was held until so many later frames had passed.
    case reorder(gap: Int)
    /// It was held until a line of this rate had carried it.
    case bandwidth(FaultRate)
    /// It was not passed on, and the connection was broken.
    case reset
    /// The end of a direction was passed on only so much later.
    case slowClose(Duration)

    /// True if nothing is left of the frame that anything could be done to.
    var isEnd: Bool { self == .drop || self == .reset }
  }

  /// The rule, in its normal spelling.
  public var rule: String
  /// What it did.
  public var change: Change

  /// Makes an act.
  public init(rule: String, _ change: Change) {
    self.rule = rule
    self.change = change
  }
}

extension FaultAct.Change: CustomStringConvertible {
  /// What was done, in words.
  public var description: String {
    switch self {
    case .drop: "dropped"
    case .corrupt(let part, let byte, let bit): "\(part.name) bit \(bit) of byte \(byte) flipped"
    case .duplicate(1): "sent once more"
    case .duplicate(let copies): "sent \(copies) more times"
    case .delay(let time): "delayed by \(time.unitText)"
    case .reorder(1): "held until a later frame has passed"
    case .reorder(let gap): "held until \(gap) later frames have passed"
    case .bandwidth(let rate): "slowed down to \(rate)"
    case .reset: "dropped, and the connection reset"
    case .slowClose(let time): "the end held back for \(time.unitText)"
    }
  }
}

/// What becomes of a frame that was handed to a fault injector.
public struct Fate: Sendable, Hashable {
  /// What happened to a frame, in one word.
  public enum Disposition: UInt8, Sendable, Hashable, CaseIterable {
    case forwarded, dropped, corrupted, delayed, duplicated, reordered
  }

  /// The number of the frame among all that was handed to the injector, from 1; outputs carry it.
  public var number: UInt64
  /// Which frame it is.
  public var frame: IdentifiedFrame
  /// What was done to it, in order.
  public var acts: [FaultAct]
  /// It waits until somebody decides about it.
  public var isHeld = false

  /// Which frame it is, as decisions see it.
  public var identity: FrameIdentity { frame.identity }

  /// The connection is to be broken, in both directions, at once.
  public var resetsConnection: Bool { acts.contains { $0.change == .reset } }

  /// The most severe thing that was done to it: dropped, corrupted, delayed, duplicated, reordered,
  /// in this order.
  public var disposition: Disposition {
    var worst = Disposition.forwarded
    for act in acts {
      let disposition: Disposition =
        switch act.change {
        case .drop, .reset: .dropped
        case .corrupt: .corrupted
        case .duplicate: .duplicated
        case .delay, .bandwidth, .slowClose: .delayed
        case .reorder: .reordered
        }
      if worst == .forwarded || disposition.rawValue < worst.rawValue { worst = disposition }
    }
    return worst
  }
}
