/// Something for each of the latest positions of a sequence that is counted without wrapping.
///
/// It grows as needed to at most `capacityMax` positions; those that lie further back than that
/// behind the foremost one are forgotten.
struct PositionRing<Element: Sendable>: Sendable {
  private let empty: Element
  /// A power of two of them, found by the low bits of their position.
  private var slots: [Element] = []
  /// The positions that are remembered.
  private(set) var positions: Range<Int64> = 0..<0
  /// How many positions are remembered at most: a power of two.
  private(set) var capacityMax = FaultLimits.rememberedMax

  init(empty: Element) {
    self.empty = empty
  }

  /// Remembers fewer positions from now on, unless there are more already.
  mutating func limit(to count: Int) {
    var capacity = 16
    while capacity < count, capacity < FaultLimits.rememberedMax { capacity *= 2 }
    if slots.count <= capacity { capacityMax = capacity }
  }

  /// What is at a position; nil if that was never reached or is forgotten.
  func at(_ position: Int64) -> Element? {
    positions.contains(position) ? slots[index(position)] : nil
  }

  /// Changes what is at a position, which is reached by that; false if it is forgotten.
  mutating func update(_ position: Int64, _ element: Element) -> Bool {
    guard reach(position) else { return false }
    slots[index(position)] = element
    return true
  }

  /// Sees to it that a position is among those remembered; false if it is forgotten.
  private mutating func reach(_ position: Int64) -> Bool {
    if positions.contains(position) { return true }
    if positions.isEmpty { positions = position..<position }
    let all = min(positions.lowerBound, position)..<max(positions.upperBound, position &+ 1)
    let count = all.upperBound &- all.lowerBound
    if count > Int64(capacityMax), position < positions.lowerBound { return false }
    if count > Int64(slots.count), slots.count < capacityMax { grow(toHold: count) }
    let first = max(all.lowerBound, all.upperBound &- Int64(slots.count))
    // What is new among them is empty.
    let front = max(first, positions.upperBound)
    for new in front..<max(front, all.upperBound) { slots[index(new)] = empty }
    for new in first..<max(first, min(positions.lowerBound, all.upperBound)) {
      slots[index(new)] = empty
    }
    positions = first..<all.upperBound
    return true
  }

  private mutating func grow(toHold count: Int64) {
    var capacity = max(16, slots.count)
    while capacity < count, capacity < capacityMax { capacity *= 2 }
    let old = slots
    slots = Array(repeating: empty, count: capacity)
    for position in positions {
      slots[index(position)] = old[Int(truncatingIfNeeded: position) & (old.count &- 1)]
    }
  }

  private func index(_ position: Int64) -> Int {
    Int(truncatingIfNeeded: position) & (slots.count &- 1)
  }
}

/// How often each of a few things has come: those that have not come for longest are forgotten.
struct OccurrenceCounts: Sendable {
  private var counts: [(place: FrameIdentity.Place, count: UInt32)] = []

  /// Counts one more of a thing; gives how many there have been, it included.
  mutating func count(_ place: FrameIdentity.Place) -> UInt32 {
    var count: UInt32 = 1
    if let index = counts.lastIndex(where: { $0.place == place }) {
      count = counts.remove(at: index).count.saturatingNext
    } else if counts.count == FaultLimits.occurrencesMax {
      counts.removeFirst()
    }
    counts.append((place, count))
    return count
  }
}

extension FixedWidthInteger {
  /// One more, or the most there can be.
  var saturatingNext: Self { self == .max ? .max : self &+ 1 }
}
