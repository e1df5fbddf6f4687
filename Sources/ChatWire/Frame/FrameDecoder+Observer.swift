// What only observers need: bytes that were never captured, and the end of what there is.

extension FrameDecoder {
  /// `length` bytes are missing behind everything that was handed in.
  ///
  /// Take units before and after. A frame whose header is known becomes `unverified`, and its
  /// stated end a place to go on if a plausible header stands there; otherwise the next frame is
  /// looked for from the first byte behind the gap.
  public mutating func gap(_ length: UInt64, checksum: CRC32) -> DecodedUnit? {
    var remaining = 0
    var unit: DecodedUnit?
    switch state {
    case .synchronised:
      // A frame whose verdict waits is decided before: see `settle`.
      unit = endAtHead(rest: &remaining)
    case .lost(let header, let start):
      unit = abandon(.lost, header: header, start: start)
    case .searching(let start):
      unit = abandon(.skipped, header: Self.noHeader, start: start)
    case .finishing(let count):
      unit = takeAll(.rest)
      remaining = count - (unit?.byteCount ?? 0)
    case .failed: return nil
    }
    // The bytes stay until more come, because the unit points to them.
    head = buffer.count
    headOffset &+= length
    scan.reset()
    isResynchronising = true
    if remaining > 0, UInt64(remaining) >= length {
      state = .finishing(remaining - Int(length))
    } else {
      state = .searching(start: headOffset)
    }
    return unit
  }

  /// Decides on the frame that `isDeferring` is about from the bytes that are there.
  public mutating func settle(checksum: CRC32) -> DecodedUnit? {
    guard isDeferring else { return nil }
    return nextAtHead(checksum: checksum, isSettled: true)
  }

  /// No more bytes will come: what becomes of those that are left.
  ///
  /// Call until it returns nil.
  public mutating func finish(checksum: CRC32) -> DecodedUnit? {
    switch state {
    case .synchronised:
      var remaining = 0
      return endAtHead(rest: &remaining)
    case .lost(let header, let start):
      if headOffset > start {
        state = .lost(header, start: headOffset)
        return DecodedUnit(
          .lost, header: header, offset: start, byteCount: Int(clamping: headOffset - start),
          payloadOffset: 0, payloadCount: 0, isBuffered: true, isResynchronised: false)
      }
      return takeUndecided()
    case .searching(let start):
      if headOffset > start {
        state = .searching(start: headOffset)
        return DecodedUnit(
          .skipped, header: Self.noHeader, offset: start,
          byteCount: Int(clamping: headOffset - start), payloadOffset: 0, payloadCount: 0,
          isBuffered: true, isResynchronised: false)
      }
      return takeUndecided()
    case .finishing(let count):
      guard head < buffer.count else { return nil }
      return nextBehindGap(count, isAtEnd: true, checksum: checksum)
    case .failed: return nil
    }
  }

  /// How many payload bytes of the frame at the head are missing, if its header is known and it is
  /// incomplete.
  public var missingPayloadCount: Int {
    guard case .synchronised = state, let header = header(at: head),
      header.isPlausible(dialect, limit: limit)
    else { return 0 }
    return max(0, dialect.headerSize + Int(header.length) - (buffer.count - head))
  }

  /// The frame at the head will not become complete.
  private mutating func endAtHead(rest remaining: inout Int) -> DecodedUnit? {
    let available = buffer.count - head
    guard available > 0 else { return nil }
    guard let header = header(at: head), header.isPlausible(dialect, limit: limit) else {
      return takeAll(.undecided)
    }
    remaining = dialect.headerSize + Int(header.length) - available
    return take(
      .unverified, header: header, byteCount: available,
      payloadCount: available - dialect.headerSize)
  }

  /// A scan ends without a frame.
  private mutating func abandon(
    _ kind: DecodedUnit.Kind, header: FrameHeader, start: UInt64
  ) -> DecodedUnit? {
    headOffset += UInt64(buffer.count - head)
    head = buffer.count
    guard headOffset > start else { return nil }
    return DecodedUnit(
      kind, header: header, offset: start, byteCount: Int(clamping: headOffset - start),
      payloadOffset: 0, payloadCount: 0, isBuffered: true, isResynchronised: false)
  }

  /// What a scan leaves at the end; nothing is left to it then.
  private mutating func takeUndecided() -> DecodedUnit? {
    let unit = takeAll(.undecided)
    state = .searching(start: headOffset)
    return unit
  }

  /// All that is left is one unit.
  private mutating func takeAll(_ kind: DecodedUnit.Kind) -> DecodedUnit? {
    let count = buffer.count - head
    guard count > 0 else { return nil }
    let unit = DecodedUnit(
      kind, header: Self.noHeader, offset: headOffset, byteCount: count, payloadOffset: head,
      payloadCount: count, isBuffered: true, isResynchronised: false)
    head = buffer.count
    headOffset += UInt64(count)
    scan.reset()
    return unit
  }

  /// The rest of an unverified frame's payload: `count` bytes, if a plausible header stands behind
  /// them.
  mutating func nextBehindGap(_ count: Int, isAtEnd: Bool, checksum: CRC32) -> DecodedUnit? {
    let available = buffer.count - head
    guard isAtEnd || available >= count + dialect.headerSize else { return nil }
    if available >= count, !isPlausible(at: head + count) {
      state = .searching(start: headOffset)
      return isAtEnd ? finish(checksum: checksum) : nextPending(checksum: checksum)
    }
    guard count > 0 else {
      state = .synchronised
      return isAtEnd ? finish(checksum: checksum) : nextPending(checksum: checksum)
    }
    let taken = min(count, available)
    let unit = DecodedUnit(
      .rest, header: Self.noHeader, offset: headOffset, byteCount: taken, payloadOffset: head,
      payloadCount: taken, isBuffered: true, isResynchronised: false)
    head += taken
    headOffset += UInt64(taken)
    if taken == count { state = .synchronised } else { state = .finishing(count - taken) }
    return unit
  }
}
