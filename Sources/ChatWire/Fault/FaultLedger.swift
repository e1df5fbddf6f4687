/// Everything that fault rules did in a run, so that it can be done again.
///
/// Replaying it gives the same acts to the same frames, whatever the timing, without rules, counts
/// or dice.
public struct FaultLedger: Sendable, Hashable {
  /// One act, and the frame that it was done to.
  public struct Entry: Sendable, Hashable {
    /// The frame.
    public var identity: FrameIdentity
    /// What was done.
    public var act: FaultAct

    /// Makes an entry.
    public init(identity: FrameIdentity, act: FaultAct) {
      self.identity = identity
      self.act = act
    }
  }

  /// The seed of the run.
  public var seed: UInt64
  /// The rules of the run when it began.
  public var rules: FaultRules
  /// What was done, in order.
  public var entries: [Entry] = []

  /// A ledger of a run in which nothing was done yet.
  public init(seed: UInt64, rules: FaultRules) {
    self.seed = seed
    self.rules = rules
  }

  /// Writes down what was done to a frame.
  public mutating func record(_ fate: Fate) {
    for act in fate.acts { entries.append(Entry(identity: fate.identity, act: act)) }
  }

  /// Writes down what was done to the end of a direction, as `FaultInjector.closing` tells it.
  public mutating func record(
    _ acts: [FaultAct], endOf direction: Direction, connection: Int
  ) {
    let end = FrameIdentity(
      connection: connection, direction: direction, place: .end, attempt: 1)
    for act in acts { entries.append(Entry(identity: end, act: act)) }
  }
}

/// A ledger arranged by frame, for one connection.
struct FaultReplay: Sendable {
  private var acts: [FrameIdentity: [FaultAct]] = [:]

  init() {}

  init(_ ledger: FaultLedger, connection: Int) {
    for entry in ledger.entries where entry.identity.connection == connection {
      acts[entry.identity, default: []].append(entry.act)
    }
  }

  func acts(on identity: FrameIdentity) -> [FaultAct] { acts[identity] ?? [] }
}
