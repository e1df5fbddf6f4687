/// What is to be explained.
public enum CauseQuestion: Sendable, Hashable {
  /// Why a frame was sent.
  case frame(UInt64)
  /// How the session of a stream ended, and why.
  case end(stream: Int)
}

/// A frame, or the end of a session, and what it follows from, newest first.
public struct CauseChain: Sendable {
  /// One frame of it.
  public struct Step: Sendable {
    /// Its number; 0 for the end of a session.
    public var frame: UInt64
    /// How many links it is away from what is explained.
    public var depth: Int
    /// How a later step follows from it; nil for what is explained.
    public var relation: CauseRelation?
    /// What it follows from.
    public var links: [CauseLink]
  }

  /// What is explained, and the frames that it follows from in the order of their numbers, the
  /// latest first.
  public private(set) var steps: [Step] = []
  /// There are earlier causes.
  public private(set) var isCut = false

  /// How many steps are followed.
  public static let stepCountMax = 1_000

  /// Follows the links from what is to be explained.
  public init(_ question: CauseQuestion, in graph: CauseGraph) {
    var first = Step(frame: 0, depth: 0, relation: nil, links: [])
    switch question {
    case .frame(let frame):
      first.frame = frame
      first.links = graph.links(of: frame)
    case .end(let stream): first.links = graph.links(ofEnd: stream)
    }
    steps = [first]
    // Causes are earlier, so the latest that waits is not reached again by another one.
    var waiting: [UInt64: (depth: Int, relation: CauseRelation)] = [:]
    var order: [UInt64] = []
    func reach(_ step: Step) {
      let isShownOnly = step.relation.map { $0.strength == .shown } ?? false
      for link in step.links where link.relation.strength > .mentioned && !isShownOnly {
        if let known = waiting[link.frame] {
          if known.relation.strength < link.relation.strength {
            waiting[link.frame] = (known.depth, link.relation)
          }
        } else {
          waiting[link.frame] = (step.depth + 1, link.relation)
          let place = order.firstIndex { $0 >= link.frame } ?? order.count
          order.insert(link.frame, at: place)
        }
      }
    }
    reach(first)
    while let frame = order.popLast() {
      guard steps.count < Self.stepCountMax else {
        isCut = true
        return
      }
      guard let (depth, relation) = waiting[frame] else { continue }
      let step = Step(
        frame: frame, depth: depth, relation: relation, links: graph.links(of: frame))
      steps.append(step)
      reach(step)
    }
  }

  /// The frames that have to be read to tell it.
  public var frames: [UInt64] {
    steps.flatMap { step in
      [step.frame] + step.links.filter { $0.relation != .acknowledged }.map(\.frame)
    }
  }
}
