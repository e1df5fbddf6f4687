/// What is remembered of a sequenced frame while it may still be acknowledged or sent again.
struct SentFrame: Sendable {
  /// The sequence number counted without wrapping; `SentFrames` says how.
  var position: Int64 = -1
  /// The trace's number of the latest copy.
  var lastFrame: UInt64 = 0
  /// When the latest copy was seen, in nanoseconds.
  var lastTime: Int64 = 0
  /// The frame that acknowledged it; 0 while none has.
  var acknowledgedBy: UInt64 = 0
  /// Which message it belongs to, from 1; 0 while unknown.
  var message: UInt32 = 0
  /// Which fragment of the message, from 1; 0 while unknown.
  var fragment: UInt32 = 0
  /// How many transmissions of sequenced frames came before its latest copy.
  var transmission: UInt32 = 0
  /// Payload bytes.
  var length: UInt16 = 0
  /// Copies seen.
  var attempts: UInt16 = 0
  var typeCode: UInt8 = 0
  var isLast = false
  /// A copy with a good checksum was seen.
  var isSeen = false
  /// The latest copy was marked as a retransmission.
  var isMarked = false
  /// The latest copy had a bad checksum.
  var isDamaged = false
  /// What faults have done to the latest copy, and whether any good one was passed on; kept once
  /// faults act on the session.
  var fate = FaultEffects()
}

/// The frames that one side has sent lately, found by sequence number.
///
/// Sequence numbers are counted without wrapping ("positions"): the low 16 bits of a position are
/// the number on the wire. A ring: a frame is forgotten when one that is `capacity` positions later
/// takes its place, so acknowledged frames stay known for a while.
struct SentFrames: Sendable {
  private var ring: [SentFrame] = []

  /// More positions than this are never kept: half the sequence space.
  static let capacityMax = 32_768

  /// The frame at a position, if it is remembered.
  @inline(__always)
  func find(_ position: Int64) -> SentFrame? {
    guard !ring.isEmpty else { return nil }
    let sent = ring[Int(truncatingIfNeeded: position) & (ring.count &- 1)]
    return sent.position == position ? sent : nil
  }

  /// True if a frame at a position is remembered and meets a condition.
  @inline(__always)
  mutating func update(_ position: Int64, _ change: (inout SentFrame) -> Void) -> Bool {
    guard !ring.isEmpty else { return false }
    let index = Int(truncatingIfNeeded: position) & (ring.count &- 1)
    guard ring[index].position == position else { return false }
    change(&ring[index])
    return true
  }

  /// Changes what is remembered of the latest copy with a number of the trace.
  mutating func updateFrame(_ number: UInt64, _ change: (inout SentFrame) -> Void) {
    for index in ring.indices where ring[index].lastFrame == number { change(&ring[index]) }
  }

  /// Remembers a frame; `span` positions up to it must stay known.
  @inline(__always)
  mutating func insert(_ sent: SentFrame, span: Int64) {
    if span > Int64(ring.count) { grow(toHold: span) }
    ring[Int(truncatingIfNeeded: sent.position) & (ring.count &- 1)] = sent
  }

  /// Whatever was seen good has been passed on so far.
  mutating func passOn() {
    for index in ring.indices where ring[index].isSeen { ring[index].fate.insert(.isThrough) }
  }

  @inline(never)
  private mutating func grow(toHold span: Int64) {
    var capacity = max(8, ring.count)
    while capacity < span, capacity < Self.capacityMax { capacity *= 2 }
    guard capacity > ring.count else { return }
    let old = ring
    ring = Array(repeating: SentFrame(), count: capacity)
    for sent in old where sent.position >= 0 {
      let index = Int(truncatingIfNeeded: sent.position) & (capacity - 1)
      if ring[index].position < sent.position { ring[index] = sent }
    }
  }
}
