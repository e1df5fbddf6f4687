/// A frame and what followed from it.
///
/// A frame that follows from several others of the tree hangs on the latest of them.
public struct EffectTree: Sendable {
  /// One frame of it.
  public struct Step: Sendable {
    /// Its number.
    public var frame: UInt64
    /// How many links it is away from the first.
    public var depth: Int
    /// How it follows from the one that it hangs on; nil for the first.
    public var relation: CauseRelation?
    /// The frame that it hangs on; 0 for the first.
    public var parent: UInt64
  }

  /// The frames, each behind the one that it hangs on, and those of one in order.
  public private(set) var steps: [Step]
  /// How many more followed.
  public private(set) var leftOut = 0

  /// Looks for what followed from a frame.
  ///
  /// - Parameter countMax: How many frames are kept: the earliest.
  public init(of frame: UInt64, in graph: CauseGraph, countMax: Int = 60) {
    let first = Step(frame: frame, depth: 0, relation: nil, parent: 0)
    steps = [first]
    guard frame > 0, frame <= graph.frameCount else { return }
    // By distance from the first frame: the depth, counted from 1; 0 where nothing follows.
    var depths = [Int32](repeating: 0, count: Int(graph.frameCount - frame) + 1)
    depths[0] = 1
    var children: [UInt64: [Step]] = [:]
    var count = 0
    for number in frame..<graph.frameCount {
      let later = number + 1
      guard let link = Self.link(of: graph.links(of: later), from: frame, depths) else { continue }
      let depth = depths[Int(link.frame - frame)]
      if link.relation != .acknowledged { depths[Int(later - frame)] = depth + 1 }
      guard count < countMax else {
        leftOut += 1
        continue
      }
      count += 1
      children[link.frame, default: []].append(
        Step(frame: later, depth: Int(depth), relation: link.relation, parent: link.frame))
    }
    var pending = [first]
    steps = []
    while let step = pending.popLast() {
      steps.append(step)
      pending += (children[step.frame] ?? []).reversed()
    }
  }

  /// The latest cause that is in the tree; only if there is none, a frame that is acknowledged.
  private static func link(
    of links: [CauseLink], from frame: UInt64, _ depths: [Int32]
  ) -> CauseLink? {
    var best: CauseLink?
    for link in links where link.frame >= frame && depths[Int(link.frame - frame)] > 0 {
      guard link.relation != .mention else { continue }
      guard let known = best else {
        best = link
        continue
      }
      let isStronger = known.relation == .acknowledged && link.relation != .acknowledged
      let isWeaker = known.relation != .acknowledged && link.relation == .acknowledged
      if isStronger || !isWeaker && link.frame > known.frame { best = link }
    }
    return best
  }

  /// The frames that have to be read to tell it.
  public var frames: [UInt64] { steps.map(\.frame) }
}
