// Where a stream begins whose SYN was not captured.
//
// The first segment seen need not be the first of the stream, so the opening is held for a few
// segments or a moment; then the lowest sequence number seen is offset 0. A SYN that comes late
// settles it, and so does the peer when it acknowledges just what lies before the lowest.

extension TCPReassembler {
  /// The offset that the first segment seen gets while the beginning is sought; lower ones fit too.
  static let openingBias: UInt64 = 1 << 32

  /// Holds a segment of a stream whose beginning is not known.
  mutating func hold(
    beginning first: UInt32, isFIN: Bool, payload: RawSpan, missing: Int, time: Int64,
    into sink: inout some ByteStreamSink
  ) {
    let count = payload.byteCount + missing
    if count == 0, !isFIN {
      // Tells nothing of the beginning: bytes before it were not seen.
      if !store.isEmpty { store[0].segmentsSeen &+= 1 }
      expire(at: time, into: &sink)
      return
    }
    if count <= 1, !isFIN, acknowledgementKnown,
      first &+ 1 == UInt32(truncatingIfNeeded: acknowledgedOffset), store.isEmpty
    {
      sink.remark(.keepAlive)
      return
    }
    if phase == .untouched {
      phase = .opening
      expected = Self.detour | UInt64(first)
    }
    if store.isEmpty { store.append(HeldSegments()) }
    store[0].segmentsSeen &+= 1
    store[0].noteTime(time)
    var extent = Extent(
      start: Int64(bitPattern: openingOffset(of: first)), count: payload.byteCount,
      missing: missing)
    if isFIN { end(at: extent.fullEnd, isBare: count == 0, into: &sink) }
    cut(&extent, into: &sink)
    if !extent.isEmpty {
      let insertion = store[0].insert(
        payload.extracting(0..<Int(extent.end &- extent.start)),
        at: UInt64(bitPattern: extent.start), missing: Int(extent.fullEnd &- extent.end), time: time
      )
      remark(on: insertion, isOverlapKnown: false, into: &sink)
    }
    if acknowledgementKnown {
      confirmBeginning(by: UInt32(truncatingIfNeeded: acknowledgedOffset))
    }
    expire(at: time, into: &sink)
  }

  /// Keeps the peer's acknowledgement: it may show where the stream begins.
  mutating func noteOpeningAcknowledgement(_ number: UInt32) {
    if !store.isEmpty {
      store[0].segmentsSeen &+= 1
      confirmBeginning(by: number)
    }
    let ahead = Int32(bitPattern: number &- UInt32(truncatingIfNeeded: acknowledgedOffset))
    if !acknowledgementKnown || ahead > 0 { acknowledgedOffset = UInt64(number) }
    acknowledgementKnown = true
  }

  private mutating func confirmBeginning(by number: UInt32) {
    if openingOffset(of: number) == lowestHeld { store[0].beginningConfirmed = true }
  }

  /// The lowest offset seen while the beginning is sought, a FIN included.
  private var lowestHeld: UInt64 {
    min(heldStart, finOffset)
  }

  private func openingOffset(of sequenceNumber: UInt32) -> UInt64 {
    let ahead = Int32(bitPattern: sequenceNumber &- UInt32(truncatingIfNeeded: expected))
    return UInt64(bitPattern: Int64(bitPattern: Self.openingBias) &+ Int64(ahead))
  }

  /// True if what is held must do.
  func isOpeningOver(at time: Int64) -> Bool {
    if store.isEmpty { return false }
    return store[0].beginningConfirmed || store[0].segmentsSeen >= limits.openingSegments
      || isStoreFull || Self.hasPassed(limits.openingAge, from: store[0].oldest, to: time)
  }

  /// Begins at the lowest sequence number seen.
  mutating func beginAtFirstHeld(into sink: inout some ByteStreamSink) {
    if !store.isEmpty, store[0].removeStrays(distance: limits.holeLength) {
      sink.remark(.implausible)
    }
    let origin = lowestHeld
    guard origin != Self.unknown else { return }
    let distance = UInt32(truncatingIfNeeded: origin &- Self.openingBias)
    begin(at: UInt32(truncatingIfNeeded: expected) &+ distance, into: &sink)
  }

  /// Begins the stream: the sequence number is that of offset 0.
  mutating func begin(at first: UInt32, into sink: inout some ByteStreamSink) {
    if phase == .opening {
      let origin = openingOffset(of: first)
      if !store.isEmpty {
        if store[0].removeAll(before: origin) { sink.remark(.beforeBeginning) }
        store[0].rebase(to: origin)
      }
      if finOffset != Self.unknown {
        // An end before the beginning belongs to another connection.
        finOffset = finOffset >= origin ? finOffset &- origin : Self.unknown
      }
    }
    let acknowledged = UInt32(truncatingIfNeeded: acknowledgedOffset)
    let ahead = acknowledgementKnown ? Int32(bitPattern: acknowledged &- first) : 0
    acknowledgedOffset = ahead > 0 ? UInt64(ahead) : 0
    phase = .begun
    expected = UInt64(first)
    drain(into: &sink)
  }
}
