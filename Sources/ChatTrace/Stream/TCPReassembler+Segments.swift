extension TCPReassembler {
  /// A segment's bytes by offset, signed because a stray one may lie before the beginning.
  struct Extent {
    var start: Int64
    /// Of the bytes at hand.
    var end: Int64
    /// Of those and the ones that the snap length cut off.
    var fullEnd: Int64

    init(start: Int64, count: Int, missing: Int) {
      self.start = start
      end = start &+ Int64(count)
      fullEnd = end &+ Int64(missing)
    }

    /// Leaves out everything from an offset on.
    mutating func cut(at limit: Int64) {
      start = min(start, limit)
      end = min(end, limit)
      fullEnd = min(fullEnd, limit)
    }

    var isEmpty: Bool { start == fullEnd }
  }

  /// The longest segment believed, far more than an IP packet or a coalesced one can hold.
  static let segmentBytesMax = 1 << 26

  /// Takes any segment that is not simply the next one.
  @inline(never)
  mutating func receiveOutOfOrder(
    sequenceNumber: UInt32, isSYN: Bool, isFIN: Bool, payload: RawSpan, missing: Int, time: Int64,
    into sink: inout some ByteStreamSink
  ) {
    guard missing >= 0, missing <= Self.segmentBytesMax, payload.byteCount <= Self.segmentBytesMax
    else {
      sink.remark(.implausible)
      return
    }
    // The SYN takes a sequence number; its data follows.
    let first = isSYN ? sequenceNumber &+ 1 : sequenceNumber
    if isSYN {
      if phase != .begun { begin(at: first, into: &sink) }
      guard firstSequenceNumber == first else {
        sink.remark(.synChanged)
        return
      }
    }
    guard phase == .begun else {
      hold(
        beginning: first, isFIN: isFIN, payload: payload, missing: missing, time: time, into: &sink)
      return
    }
    let ahead = Int32(bitPattern: first &- UInt32(truncatingIfNeeded: expected))
    var extent = Extent(
      start: Int64(bitPattern: nextOffset) &+ Int64(ahead), count: payload.byteCount,
      missing: missing)
    if isWaiting { store[0].segmentsSeen &+= 1 }
    if isFIN { end(at: extent.fullEnd, isBare: extent.isEmpty, into: &sink) }
    if isKeepAlive(extent), !isSYN, !isFIN {
      sink.remark(.keepAlive)
    } else if !extent.isEmpty {
      cut(&extent, into: &sink)
      if !extent.isEmpty { take(payload, extent, time: time, into: &sink) }
    } else if extent.start > Int64(bitPattern: nextOffset), !isFIN {
      sentOffset = max(sentOffset, UInt64(bitPattern: extent.start))
    }
    expire(at: time, into: &sink)
  }

  /// At most one byte, just before what comes next; a FIN given out counts.
  private func isKeepAlive(_ extent: Extent) -> Bool {
    let next = Int64(bitPattern: nextOffset) &+ (isFinished ? 1 : 0)
    return extent.start == next &- 1 && extent.fullEnd <= next
  }

  /// Notes where the FIN ends the stream.
  mutating func end(at offset: Int64, isBare: Bool, into sink: inout some ByteStreamSink) {
    let next = Int64(bitPattern: nextOffset)
    if finOffset != Self.unknown {
      if finOffset != UInt64(bitPattern: offset) {
        sink.remark(.finChanged)
      } else if isBare {
        sink.remark(.retransmission)
      }
    } else if offset < next {
      sink.remark(.finChanged)
    } else {
      finOffset = UInt64(bitPattern: offset)
      if isWaiting, store[0].removeAll(from: finOffset) { sink.remark(.dataAfterFin) }
      dropEmptyStore()
    }
  }

  /// Leaves out what lies after the FIN.
  func cut(_ extent: inout Extent, into sink: inout some ByteStreamSink) {
    guard finOffset != Self.unknown, extent.fullEnd > Int64(bitPattern: finOffset) else { return }
    sink.remark(.dataAfterFin)
    extent.cut(at: Int64(bitPattern: finOffset))
  }

  /// Takes a segment with data.
  private mutating func take(
    _ payload: RawSpan, _ extent: Extent, time: Int64, into sink: inout some ByteStreamSink
  ) {
    let next = Int64(bitPattern: nextOffset)
    if extent.start < next {
      remarkOnOld(payload, extent, into: &sink)
      if extent.fullEnd <= next { return }
    }
    let start = max(extent.start, next)
    let end = max(extent.end, start)
    let old = Int(min(start, extent.end) &- extent.start)
    let news = payload.extracting(old..<Int(extent.end &- extent.start))
    let fullEnd = UInt64(bitPattern: extent.fullEnd)
    if start == next, fullEnd <= heldStart {
      // In order, and clear of what is held.
      if isWaiting { sink.remark(.outOfOrder) }
      if !news.isEmpty {
        let follows = isWaiting && store[0].pieces.first?.offset == UInt64(bitPattern: end)
        give(news, moreFollows: follows, into: &sink)
      }
      skip(to: fullEnd, into: &sink)
    } else {
      if store.isEmpty { store.append(HeldSegments()) }
      let insertion = store[0].insert(
        news, at: UInt64(bitPattern: start), missing: Int(extent.fullEnd &- end), time: time)
      remark(on: insertion, isOverlapKnown: extent.start < next, into: &sink)
    }
    drain(into: &sink)
  }

  /// Remarks on a segment that begins before `nextOffset`.
  private func remarkOnOld(
    _ payload: RawSpan, _ extent: Extent, into sink: inout some ByteStreamSink
  ) {
    let next = Int64(bitPattern: nextOffset)
    if extent.fullEnd > next {
      sink.remark(.overlap)
    } else if extent.fullEnd <= 0 {
      sink.remark(.beforeBeginning)
    } else if extent.start >= Int64(bitPattern: gapStart),
      extent.fullEnd <= Int64(bitPattern: gapEnd)
    {
      sink.remark(.late)
    } else {
      sink.remark(.retransmission)
    }
    let start = max(extent.start, 0)
    let end = min(extent.end, next)
    guard start < end else { return }
    let old = payload.extracting(Int(start &- extent.start)..<Int(end &- extent.start))
    if sink.differs(old, at: UInt64(bitPattern: start)) { sink.remark(.overlapDiffers) }
  }

  /// Remarks on a segment that went to the store.
  func remark(
    on insertion: HeldSegments.Insertion, isOverlapKnown: Bool, into sink: inout some ByteStreamSink
  ) {
    if insertion.isKnown || !insertion.isNew {
      if insertion.isNew {
        if !isOverlapKnown { sink.remark(.overlap) }
      } else if !isOverlapKnown {
        sink.remark(.retransmission)
      }
      if insertion.differs { sink.remark(.overlapDiffers) }
    } else if insertion.overtaken {
      sink.remark(.outOfOrder)
    }
  }
}
