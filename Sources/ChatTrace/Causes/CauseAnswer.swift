/// Why a frame was sent, or how a session ended: everything that there is to say.
public struct CauseAnswer: Sendable {
  /// One frame of the answer.
  public struct Step: Sendable {
    /// The record of the frame, or of the end of the session.
    public var event: TraceEvent
    /// How many links it is away from what is explained.
    public var depth: Int
    /// How a later step follows from it; nil for what is explained.
    public var relation: CauseRelation?
    /// What it follows from.
    public var links: [CauseLink]
    /// What was done to it later, by hand.
    public var decisions: [Note]
  }

  /// What is explained, and then what it follows from, the latest first.
  public private(set) var steps: [Step] = []
  /// Where it began.
  public private(set) var roots: [CauseRoot] = []
  /// What went wrong on the way, if it did not begin with that.
  public private(set) var troubles: [CauseRoot] = []
  /// There are earlier causes than `steps`.
  public let isCut: Bool
  /// When the trace begins.
  public let origin: TraceTime?
  /// How many chat streams the trace has.
  public let streamCount: Int

  /// Puts together what was found; frames that were not witnessed are left out.
  public init(_ chain: CauseChain, _ witness: CauseWitness) {
    isCut = chain.isCut
    origin = witness.origin
    streamCount = witness.streamCount
    for step in chain.steps {
      guard let event = step.frame == 0 ? witness.ending : witness.events[step.frame]
      else { continue }
      steps.append(
        Step(
          event: event, depth: step.depth, relation: step.relation, links: step.links,
          decisions: witness.decisions[step.frame] ?? []))
    }
    var wrong: [CauseRoot] = []
    for step in steps {
      for trouble in witness.troubles(of: step.event, step.links) { wrong.add(trouble) }
    }
    let beginning = Self.beginning(steps)
    if !wrong.isEmpty, Self.isRepair(steps) {
      roots = wrong
    } else {
      roots = beginning.map { [$0] } ?? []
      troubles = wrong
    }
  }

  /// What is explained is there because something went wrong.
  private static func isRepair(_ steps: [Step]) -> Bool {
    guard let first = steps.first else { return false }
    for link in first.links {
      switch link.relation {
      case .copy, .lostAnswer, .request, .pass, .complaint, .repetition, .doubled, .lastCopy,
        .evidence:
        return true
      case .ending:
        guard first.event.end != .clean, first.event.end != .unconfirmed else { continue }
        if first.event.end != .error && first.event.end != .refused { return true }
        return isRepair(Array(steps.dropFirst()))
      default: continue
      }
    }
    // What has a note about it, but no frame to put it down to.
    return first.event.has(.nackFramingLost) || first.event.has(.nackMissing)
      || first.event.has(.retransmissionUnseen)
      || first.event.has(.acknowledgementDuplicate)
        && first.event.notes.contains { $0.id == .acknowledgementDuplicate && $0.first == 2 }
  }

  /// The earliest frame that what is explained follows from.
  private static func beginning(_ steps: [Step]) -> CauseRoot? {
    guard let first = steps.first else { return nil }
    let last =
      steps.last {
        $0.relation.map { $0.strength == .followed && $0 != .channel } ?? true
      } ?? first
    if let end = last.event.end { return CauseRoot(beginningWith: end) }
    return CauseRoot(beginningWith: last.event)
  }
}
