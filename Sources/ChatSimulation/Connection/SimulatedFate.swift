public import ChatWire

/// What became of a frame where faults act.
public struct SimulatedFate: Sendable, Hashable {
  /// The word for it, as in a trace.
  public var disposition: Fate.Disposition
  /// What was done to it, by which rules.
  public var acts: [FaultAct]
  /// What `forwarded` calls it; 0 if it never gets there.
  public var number: UInt64
  /// The connection is broken by it.
  public var resetsConnection = false

  /// What the fault rules did.
  init(_ fate: Fate) {
    disposition = fate.disposition
    acts = fate.acts
    number = fate.number
    resetsConnection = fate.resetsConnection
  }

  /// The direction is cut.
  init(cut direction: Direction) {
    disposition = .dropped
    acts = [FaultAct(rule: "cut \(direction.name)", .drop)]
    number = 0
  }

  /// True if it never arrives.
  public var isLost: Bool { disposition == .dropped }
}
