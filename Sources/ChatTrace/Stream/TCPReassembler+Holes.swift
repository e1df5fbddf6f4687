extension TCPReassembler {
  /// Gives out everything that is in order now, and the gaps known for certain.
  mutating func drain(into sink: inout some ByteStreamSink) {
    guard heldStart <= nextOffset, var held = store.popLast() else {
      dropEmptyStore()
      return
    }
    // Taken out, so that its bytes can be lent to the sink while this direction moves on.
    var index = 0
    while true {
      if index < held.pieces.count, held.pieces[index].offset == nextOffset {
        let piece = held.pieces[index]
        index += 1
        let follows = index < held.pieces.count && held.pieces[index].offset == piece.end
        let bytes = unsafe held.bytes.span.bytes
        give(bytes.extracting(piece.range), moreFollows: follows, into: &sink)
      } else if let end = held.endOfCut(at: nextOffset) {
        let next = index < held.pieces.count ? held.pieces[index].offset : .max
        skip(to: min(end, next), into: &sink)
      } else {
        break
      }
    }
    held.removeFirst(pieces: index)
    held.acknowledgedSince = nil
    store.append(held)
    dropEmptyStore()
    noteAcknowledgedHole()
  }

  /// Frees the store when nothing is held, unless it is small: where segments are out of order once
  /// they often are.
  mutating func dropEmptyStore() {
    if phase == .begun, !store.isEmpty, store[0].isEmpty {
      if store[0].isSmall { store[0].reset() } else { store = [] }
    }
    refreshDetour()
  }

  // MARK: patience

  /// Turns holes that have waited too long into gaps.
  mutating func expire(at time: Int64, into sink: inout some ByteStreamSink) {
    if phase == .opening, isOpeningOver(at: time) { beginAtFirstHeld(into: &sink) }
    guard phase == .begun else { return }
    while isWaiting, hasExpired(at: time) { passFirstHole(into: &sink) }
  }

  /// True if the first hole is a gap by now.
  private mutating func hasExpired(at time: Int64) -> Bool {
    let limits = self.limits
    if isStoreFull { return true }
    let seen = store[0].segmentsSeen
    if let since = store[0].acknowledgedSince, seen &- since >= limits.holeSegments { return true }
    let age =
      seen >= limits.holeSegments ? limits.holeAge : limits.holeAge.multipliedClamped(by: 10)
    guard Self.hasPassed(age, from: store[0].oldest, to: time) else { return false }
    store[0].refreshOldest()
    return Self.hasPassed(age, from: store[0].oldest, to: time)
  }

  /// True if as much or more is held than may be.
  var isStoreFull: Bool {
    !store.isEmpty
      && (store[0].byteCount > limits.heldBytes || store[0].count > limits.heldSegments)
  }

  /// True if more than `duration` lies between two times; capture times may go back, or be any
  /// number.
  static func hasPassed(_ duration: Int64, from start: Int64, to end: Int64) -> Bool {
    end > start && UInt64(bitPattern: end &- start) > UInt64(bitPattern: max(duration, 0))
  }

  /// Makes the first hole a gap and gives out what follows; drops that if it looks like a stray.
  mutating func passFirstHole(into sink: inout some ByteStreamSink) {
    let end = heldStart
    let length = end &- nextOffset
    if length > limits.holeLength, acknowledgedOffset < end {
      let run = store[0].firstRun(limit: 3)
      if run.pieces < 3 {
        _ = store[0].removeAll(before: run.end)
        sink.remark(.implausible)
        dropEmptyStore()
        return
      }
    }
    skip(to: end, into: &sink)
    drain(into: &sink)
  }

  /// Makes what is missing at the end a gap.
  mutating func passTail(into sink: inout some ByteStreamSink) {
    let known = max(acknowledgedOffset, sentOffset)
    var end = known
    if finOffset != Self.unknown {
      end = finOffset
    } else if known == nextOffset &+ 1 {
      return
    }
    guard end > nextOffset else { return }
    let isConfirmed = finOffset != Self.unknown && known >= finOffset
    if isConfirmed || end &- nextOffset <= limits.holeLength { skip(to: end, into: &sink) }
  }

  // MARK: acknowledgements

  /// Takes an acknowledgement that is new, or comes while something is held.
  @inline(never)
  mutating func acknowledgedAhead(upTo acknowledgementNumber: UInt32) {
    guard phase == .begun else {
      noteOpeningAcknowledgement(acknowledgementNumber)
      return
    }
    if isWaiting { store[0].segmentsSeen &+= 1 }
    let ahead = Int32(bitPattern: acknowledgementNumber &- UInt32(truncatingIfNeeded: expected))
    guard ahead > 0 else { return }
    acknowledgedOffset = max(acknowledgedOffset, nextOffset &+ UInt64(ahead))
    // A FIN takes a sequence number too.
    if acknowledgedOffset > nextOffset &+ (finOffset == nextOffset ? 1 : 0) {
      isAcknowledgedEarly = true
    }
    noteAcknowledgedHole()
  }

  /// Notes from when on the first hole is known to have reached the peer.
  private mutating func noteAcknowledgedHole() {
    guard acknowledgedOffset >= heldStart, store[0].acknowledgedSince == nil else { return }
    store[0].acknowledgedSince = store[0].segmentsSeen
  }
}

extension Int64 {
  /// The product, or the largest number if it does not fit.
  fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
