// Which connection a segment belongs to: looked up for every packet, so it must cost next to
// nothing.
//
// Consecutive packets mostly belong to one connection, so the last one found is compared first,
// both ways round. Otherwise a hash table with open addressing and linear probing is asked: a slot
// is 8 bytes (part of the hash, and where the entry lies), so a probe rarely reads an entry that is
// not the one.
//
// Swift's Hasher is slow for so little and its seed differs from run to run. The hash here is not
// secret: who forges addresses so that they collide is met by another seed once probing gets long.

/// One direction of a connection.
public struct Flow: Hashable, Sendable {
  /// The number of the connection, from 0 in order of first packet.
  public var index: Int
  /// True if the source is the lower of the two endpoints: tells the directions apart.
  public var isFromLower: Bool

  /// Makes a direction.
  public init(index: Int, isFromLower: Bool) {
    self.index = index
    self.isFromLower = isFromLower
  }
}

/// The connections by their endpoints.
///
/// What makes a connection a new one while its endpoints stay the same (a SYN after the end) is for
/// the caller to decide, who then calls `replace`.
public struct FlowTable: Sendable {
  /// How many numbers have been given, those of removed and replaced connections included.
  public private(set) var streamCount = 0
  /// How many connections can be found.
  public var count: Int { entries.count }

  private var entries: [Entry] = []
  /// Of a power of two; at most half are in use.
  private var slots: [Slot]
  private var seed: UInt64 = 0
  /// Connections found lately, each in the place that its ports give.
  private var recent: [Recent]

  private struct Entry: Sendable {
    var key: FlowKey
    var stream: Int
  }

  /// Part of the hash, and the position of the entry from 1 on; 0 is a free slot.
  private struct Slot: Sendable {
    var hash: UInt32 = 0
    var position: UInt32 = 0
  }

  /// A connection found lately, in the direction found; index -1 for none.
  private struct Recent: Sendable {
    var key = FlowKey()
    var flow = Flow(index: -1, isFromLower: true)
  }

  private static let slotCountMin = 64
  /// A power of two.
  private static let recentCount = 64
  /// Longer probing than any fair table has at half load.
  private static let probesMax = 100

  /// Makes an empty table.
  public init() {
    slots = Array(repeating: Slot(), count: Self.slotCountMin)
    recent = Array(repeating: Recent(), count: Self.recentCount)
  }

  /// The place of a connection among the recent ones, the same both ways round.
  @inline(__always)
  private static func place(of key: FlowKey) -> Int {
    Int((key.firstTag &+ key.secondTag) & UInt32(recentCount - 1))
  }

  // MARK: lookup

  /// Finds the connection of a segment; nil if it is a new one.
  @inline(__always)
  public mutating func find(source: Endpoint, destination: Endpoint) -> Flow? {
    let key = FlowKey(source, destination)
    let place = Self.place(of: key)
    if recent[place].flow.index >= 0 {
      if key == recent[place].key { return recent[place].flow }
      if key.isReverse(of: recent[place].key) {
        return Flow(index: recent[place].flow.index, isFromLower: !recent[place].flow.isFromLower)
      }
    }
    return search(key)
  }

  @inline(never)
  private mutating func search(_ key: FlowKey) -> Flow? {
    let isFromLower = key.isOrdered
    let ordered = isFromLower ? key : key.reversed
    guard let slot = slot(of: ordered) else { return nil }
    let flow = Flow(
      index: entries[Int(slots[slot].position) - 1].stream, isFromLower: isFromLower)
    remember(key, flow)
    return flow
  }

  /// Keeps what was found, except a connection of an endpoint with itself: it has no directions.
  private mutating func remember(_ key: FlowKey, _ flow: Flow) {
    recent[Self.place(of: key)] = key.isReverse(of: key) ? Recent() : Recent(key: key, flow: flow)
  }

  @inline(__always)
  private func slot(of key: FlowKey) -> Int? {
    let hash = key.hash(seed: seed)
    let mask = slots.count - 1
    var index = Int(hash) & mask
    while slots[index].position != 0 {
      if slots[index].hash == hash, entries[Int(slots[index].position) - 1].key == key {
        return index
      }
      index = (index + 1) & mask
    }
    return nil
  }

  // MARK: change

  /// Adds a connection and numbers it; like `replace` if there is one already.
  public mutating func insert(source: Endpoint, destination: Endpoint) -> Flow {
    let key = FlowKey(source, destination)
    let isFromLower = key.isOrdered
    let ordered = isFromLower ? key : key.reversed
    let flow = Flow(index: streamCount, isFromLower: isFromLower)
    streamCount += 1
    if let slot = slot(of: ordered) {
      entries[Int(slots[slot].position) - 1].stream = flow.index
    } else {
      entries.append(Entry(key: ordered, stream: flow.index))
      if 2 * entries.count > slots.count {
        rebuild(slotCount: 2 * slots.count)
      } else if place(entries.count - 1) > Self.probesMax {
        seed &+= 0x9E37_79B9_7F4A_7C15
        rebuild(slotCount: slots.count)
      }
    }
    remember(key, flow)
    return flow
  }

  /// Gives the connection a new number: the same endpoints have begun another one.
  public mutating func replace(source: Endpoint, destination: Endpoint) -> Flow {
    insert(source: source, destination: destination)
  }

  /// Gives a number to a connection that nobody will look for by its endpoints.
  public mutating func insertUnlisted() -> Int {
    defer { streamCount += 1 }
    return streamCount
  }

  /// Gives a connection that nobody will look for by its endpoints a number of its own choice,
  /// which no other has.
  mutating func insertUnlisted(as number: Int) {
    streamCount = max(streamCount, number + 1)
  }

  /// Forgets a connection; false if it is not there, or its endpoints have begun another one.
  @discardableResult
  public mutating func remove(stream: Int, source: Endpoint, destination: Endpoint) -> Bool {
    let key = FlowKey(source, destination)
    guard let slot = slot(of: key.isOrdered ? key : key.reversed) else { return false }
    let position = Int(slots[slot].position) - 1
    guard entries[position].stream == stream else { return false }
    recent[Self.place(of: key)] = Recent()
    // The last entry moves to the place that becomes free.
    if position < entries.count - 1, let moved = self.slot(of: entries[entries.count - 1].key) {
      slots[moved].position = UInt32(truncatingIfNeeded: position + 1)
      entries[position] = entries[entries.count - 1]
    }
    entries.removeLast()
    free(slot)
    return true
  }

  /// Puts an entry into a slot; returns how many slots were tried.
  private mutating func place(_ position: Int) -> Int {
    let hash = entries[position].key.hash(seed: seed)
    let mask = slots.count - 1
    var index = Int(hash) & mask
    var probes = 1
    while slots[index].position != 0 {
      index = (index + 1) & mask
      probes += 1
    }
    slots[index] = Slot(hash: hash, position: UInt32(truncatingIfNeeded: position + 1))
    return probes
  }

  private mutating func rebuild(slotCount: Int) {
    slots = Array(repeating: Slot(), count: slotCount)
    for position in entries.indices { _ = place(position) }
  }

  /// Frees a slot and moves those behind it up, so that probing needs no marks of deletion.
  private mutating func free(_ slot: Int) {
    let mask = slots.count - 1
    var hole = slot
    var index = (slot + 1) & mask
    while slots[index].position != 0 {
      let home = Int(slots[index].hash) & mask
      // Not if its home lies behind the hole: probing would begin there and miss it.
      if (index &- home) & mask >= (index &- hole) & mask {
        slots[hole] = slots[index]
        hole = index
      }
      index = (index + 1) & mask
    }
    slots[hole] = Slot()
  }

  /// How far from its home an entry lies at most.
  var longestProbe: Int {
    let mask = slots.count - 1
    return slots.indices.filter { slots[$0].position != 0 }
      .map { ($0 &- Int(slots[$0].hash)) & mask }.max() ?? 0
  }
}
