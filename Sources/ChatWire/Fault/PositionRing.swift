/// Something for each of the latest positions of a sequence that is counted without wrapping.
///
/// It grows as needed to `capacityMax` positions; a position further back than that is forgotten
/// when another takes its place. Places are cleared in blocks, and only when they are used, so a
/// peer that leaps through the sequence costs nothing.
struct PositionRing<Element: Sendable>: Sendable {
  private let empty: Element
  /// A power of two of them, found by the low bits of their position.
  private var slots: [Element] = []
  /// Which block of positions each block of slots holds.
  private var blocks: [Int64] = []
  /// From the lowest to the foremost position that was used.
  private var used: Range<Int64> = 0..<0
  /// How many positions are remembered at most: a power of two.
  private(set) var capacityMax = FaultLimits.rememberedMax

  private static var blockBits: Int { 6 }
  private static var blockSize: Int { 1 << blockBits }
  private static var noBlock: Int64 { .min }

  init(empty: Element) {
    self.empty = empty
  }

  /// Remembers fewer positions from now on, unless there are more already.
  mutating func limit(to count: Int) {
    var capacity = Self.blockSize
    while capacity < count, capacity < FaultLimits.rememberedMax { capacity *= 2 }
    if slots.count <= capacity { capacityMax = capacity }
  }

  /// What is at a position; nil if neither it nor a neighbour was used, or it is forgotten.
  func at(_ position: Int64) -> Element? {
    isThere(position) ? slots[index(position)] : nil
  }

  /// The first position from `position` on, and before `end`, that is not sure to be unused.
  func firstUsed(from position: Int64, to end: Int64) -> Int64 {
    var position = position
    while position < end, !isThere(position) {
      position = (position | Int64(Self.blockSize - 1)) &+ 1
    }
    return min(position, end)
  }

  /// Changes what is at a position; false if it is forgotten.
  mutating func update(_ position: Int64, _ element: Element) -> Bool {
    if !isThere(position) {
      growToHold(position)
      let block = Self.block(of: position)
      let place = index(position) / Self.blockSize
      // Something later took its place.
      if blocks[place] > block { return false }
      let start = place * Self.blockSize
      for slot in start..<start + Self.blockSize { slots[slot] = empty }
      blocks[place] = block
    }
    slots[index(position)] = element
    return true
  }

  private mutating func growToHold(_ position: Int64) {
    let end = max(used.upperBound, position &+ 1)
    used = (used.isEmpty ? position : min(used.lowerBound, position))..<end
    let count = used.upperBound &- used.lowerBound &+ Int64(Self.blockSize)
    guard slots.isEmpty || (count > Int64(slots.count) && slots.count < capacityMax) else { return }
    var capacity = max(Self.blockSize, slots.count)
    while capacity < count, capacity < capacityMax { capacity *= 2 }
    let old = (slots, blocks)
    slots = Array(repeating: empty, count: capacity)
    blocks = Array(repeating: Self.noBlock, count: capacity / Self.blockSize)
    for (place, block) in old.1.enumerated() where block != Self.noBlock {
      let newPlace = Int(truncatingIfNeeded: block) & (blocks.count &- 1)
      if blocks[newPlace] > block { continue }
      blocks[newPlace] = block
      for offset in 0..<Self.blockSize {
        slots[newPlace * Self.blockSize + offset] = old.0[place * Self.blockSize + offset]
      }
    }
  }

  private func isThere(_ position: Int64) -> Bool {
    !slots.isEmpty && blocks[index(position) / Self.blockSize] == Self.block(of: position)
  }

  private static func block(of position: Int64) -> Int64 { position >> Int64(blockBits) }

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
