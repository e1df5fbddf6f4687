/// What each frame of a trace follows from.
///
/// A few numbers for each frame, so that captures of millions of frames fit; what the frames are
/// and what there is to say about them is read again for those that matter (`CauseWitness`).
/// Causes are always earlier than what follows from them.
public struct CauseGraph: Sendable {
  /// Where the links of each frame begin in `links`.
  private var starts: [UInt32] = []
  private var links: [CauseLink] = []
  /// Links that were found when the frame had long passed.
  private var late: [UInt32: [CauseLink]] = [:]
  /// What the ends of sessions follow from, by stream.
  private var ends: [Int: [CauseLink]] = [:]
  /// The chat streams that have ended or were open at the end, in that order.
  public private(set) var streams: [Int] = []

  /// A graph of nothing.
  public init() {}

  /// How many frames there are.
  public var frameCount: UInt64 { UInt64(starts.count) }

  /// What a frame follows from, each cause once.
  public func links(of frame: UInt64) -> [CauseLink] {
    guard frame > 0, frame <= frameCount else { return [] }
    let index = Int(frame - 1)
    let end = index + 1 < starts.count ? Int(starts[index + 1]) : links.count
    var found = Array(links[Int(starts[index])..<end])
    if let more = late[UInt32(truncatingIfNeeded: frame)] { found += more }
    return found
  }

  /// What the end of a stream's session follows from.
  public func links(ofEnd stream: Int) -> [CauseLink] { ends[stream] ?? [] }

  // MARK: collecting

  /// The next frame begins; false if there are too many.
  mutating func begin() -> Bool {
    guard starts.count < Int(UInt32.max - 1), links.count < Int(UInt32.max - 1) else {
      return false
    }
    starts.append(UInt32(links.count))
    return true
  }

  /// The frame in hand follows from another; of two links to one frame the stronger counts.
  mutating func add(_ number: UInt32, _ relation: CauseRelation) {
    guard number > 0, let start = starts.last, Int(number) < starts.count else { return }
    for index in Int(start)..<links.count where links[index].number == number {
      if links[index].relation.strength < relation.strength {
        links[index] = CauseLink(number, relation)
      }
      return
    }
    links.append(CauseLink(number, relation))
  }

  /// The frame in hand has a link of at least this strength.
  func has(_ strength: CauseRelation.Strength) -> Bool {
    guard let start = starts.last else { return false }
    return links[Int(start)...].contains { $0.relation.strength >= strength }
  }

  /// Links of one relation are only mentioned: something else explains the frame in hand.
  mutating func demote(_ relation: CauseRelation) {
    guard let start = starts.last else { return }
    for index in Int(start)..<links.count where links[index].relation == relation {
      links[index] = CauseLink(links[index].number, .mention)
    }
  }

  /// A frame that has passed follows from another.
  mutating func add(_ number: UInt32, _ relation: CauseRelation, to frame: UInt32) {
    guard number > 0, frame > number, frame <= UInt32(starts.count) else { return }
    late[frame, default: []].append(CauseLink(number, relation))
  }

  /// The session of a stream has ended.
  mutating func end(_ stream: Int, because links: [CauseLink]) {
    ends[stream] = links
    streams.append(stream)
  }
}
