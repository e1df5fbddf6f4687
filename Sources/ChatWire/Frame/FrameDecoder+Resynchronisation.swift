// How the decoder deals with anything but a whole valid frame at the head: incomplete frames,
// corrupt frames, lost framing (PROTOCOL.md section 2.3). Positions are indices of `buffer`.

/// What is known of the frames that may begin behind the head.
struct Scan: Sendable {
  /// The first index that was not looked at yet; at most the head means that nothing was.
  var position = 0
  /// Indices of plausible headers whose frame is not complete yet, ascending.
  var candidates: [Int] = []

  /// The buffer has lost its first `count` bytes.
  mutating func shift(by count: Int) {
    position = max(0, position - count)
    for index in candidates.indices { candidates[index] -= count }
  }

  /// Nothing is known any more.
  mutating func reset() {
    position = 0
    if !candidates.isEmpty { candidates.removeAll() }
  }
}

extension FrameDecoder {
  /// What stands at one index, looked at as the beginning of a frame.
  private enum Candidate {
    case frame
    case none
    case undecided
  }

  /// The next unit in the buffer, or nil if more bytes are needed.
  mutating func nextPending(checksum: CRC32) -> DecodedUnit? {
    switch state {
    case .synchronised: return nextAtHead(checksum: checksum)
    case .lost(let header, let start):
      guard let found = firstFrame(from: head, through: buffer.count, checksum: checksum) else {
        return discardScanned(header, start: start)
      }
      return endScan(at: found, kind: .lost, header: header, start: start)
    case .searching(let start):
      guard let found = firstFrame(from: head, through: buffer.count, checksum: checksum) else {
        return discardScanned(nil, start: start)
      }
      if UInt64(found - head) + headOffset == start {
        // The very first byte began a frame: there is nothing to skip.
        becomeSynchronised(at: found)
        return nextAtHead(checksum: checksum)
      }
      return endScan(at: found, kind: .skipped, header: Self.noHeader, start: start)
    case .finishing(let count): return nextBehindGap(count, isAtEnd: false, checksum: checksum)
    case .failed: return nil
    }
  }

  /// A frame is expected at the head.
  mutating func nextAtHead(checksum: CRC32, isSettled: Bool = false) -> DecodedUnit? {
    isDeferring = false
    let available = buffer.count - head
    guard let header = header(at: head) else { return nil }
    let size = dialect.headerSize + Int(header.length)
    if Int(header.length) > limit {
      // Fails at once, without waiting for its payload.
      return loseFraming(header, checksum: checksum)
    }
    if available < size {
      // Undecided, unless a valid frame stands behind it.
      guard firstFrame(from: head + 1, through: buffer.count, checksum: checksum) != nil else {
        return nil
      }
      return loseFraming(header, checksum: checksum)
    }
    if isValid(at: head, header, checksum: checksum) {
      return take(.frame, header: header, byteCount: size, payloadCount: Int(header.length))
    }
    switch dialect {
    case .native:
      // "no complete frame with a plausible header and a valid checksum begins between o + 1 and
      // o + 10 + L" (section 2.3, step 1)
      if firstFrame(from: head + 1, through: head + size - 1, checksum: checksum) != nil {
        return loseFraming(header, checksum: checksum)
      }
    case .classic: break
    }
    if discardLimit == nil, !isSettled, available - size < dialect.headerSize,
      isPlausible(at: head + size)
    {
      isDeferring = true
      return nil
    }
    guard isPlausible(at: head + size) else { return loseFraming(header, checksum: checksum) }
    return take(.corrupt, header: header, byteCount: size, payloadCount: Int(header.length))
  }

  /// Consumes a frame at the head.
  mutating func take(
    _ kind: DecodedUnit.Kind, header: FrameHeader, byteCount: Int, payloadCount: Int
  ) -> DecodedUnit {
    let unit = DecodedUnit(
      kind, header: header, offset: headOffset, byteCount: byteCount,
      payloadOffset: head + dialect.headerSize, payloadCount: payloadCount, isBuffered: true,
      isResynchronised: isResynchronising)
    head += byteCount
    headOffset += UInt64(byteCount)
    isResynchronising = false
    scan.reset()
    return unit
  }

  /// Framing is lost at the head: scan on.
  private mutating func loseFraming(_ header: FrameHeader, checksum: CRC32) -> DecodedUnit? {
    state = .lost(header, start: headOffset)
    scan.position = max(scan.position, head + 1)
    return nextPending(checksum: checksum)
  }

  /// A scan has found a frame: reports the bytes before it.
  private mutating func endScan(
    at found: Int, kind: DecodedUnit.Kind, header: FrameHeader, start: UInt64
  ) -> DecodedUnit {
    becomeSynchronised(at: found)
    return DecodedUnit(
      kind, header: header, offset: start, byteCount: Int(clamping: headOffset - start),
      payloadOffset: 0, payloadCount: 0, isBuffered: true, isResynchronised: false)
  }

  /// The next frame begins at an index found by a scan.
  private mutating func becomeSynchronised(at found: Int) {
    headOffset += UInt64(found - head)
    head = found
    state = .synchronised
    isResynchronising = true
    scan.reset()
  }

  /// Lets go of the bytes before the first undecided one, and gives up when that were too many.
  private mutating func discardScanned(_ header: FrameHeader?, start: UInt64) -> DecodedUnit? {
    while let first = scan.candidates.first, buffer.count - first > FrameLimits.scanBufferMax {
      scan.candidates.removeFirst()
    }
    let keep = min(scan.candidates.first ?? scan.position, scan.position, buffer.count)
    headOffset += UInt64(keep - head)
    head = keep
    compact()
    guard let discardLimit, headOffset - start > UInt64(discardLimit) else { return nil }
    if let header {
      // First the corrupt run, then the overflow.
      state = .searching(start: start)
      return DecodedUnit(
        .lost, header: header, offset: start, byteCount: Int(clamping: headOffset - start),
        payloadOffset: 0, payloadCount: 0, isBuffered: true, isResynchronised: false)
    }
    state = .failed
    return DecodedUnit(
      .overflow, header: Self.noHeader, offset: headOffset, byteCount: 0, payloadOffset: 0,
      payloadCount: 0, isBuffered: true, isResynchronised: false)
  }

  /// The first index from `start` through `end` at which a complete, plausible and valid frame
  /// begins, as far as bytes are there.
  ///
  /// Each candidate's checksum is computed once.
  private mutating func firstFrame(from start: Int, through end: Int, checksum: CRC32) -> Int? {
    // Candidates that were incomplete before come first: they begin before anything new.
    var index = 0
    while index < scan.candidates.count {
      let candidate = scan.candidates[index]
      switch look(at: candidate, checksum: checksum) {
      case .frame: return candidate
      case .none: scan.candidates.remove(at: index)
      case .undecided: index += 1
      }
    }
    var position = max(scan.position, start)
    let last = min(end, buffer.count - dialect.headerSize)
    defer { scan.position = position }
    while position <= last {
      // Plausible frames begin with a zero byte, or a one in the longest classic ones.
      if buffer[position] <= 1 {
        switch look(at: position, checksum: checksum) {
        case .frame: return position
        case .none: break
        case .undecided:
          scan.candidates.append(position)
          if scan.candidates.count > FrameLimits.candidatesMax { scan.candidates.removeFirst() }
        }
      }
      position += 1
    }
    return nil
  }

  private func look(at index: Int, checksum: CRC32) -> Candidate {
    guard let header = header(at: index) else { return .undecided }
    guard header.isPlausible(dialect, limit: limit) else { return .none }
    guard buffer.count - index - dialect.headerSize >= Int(header.length) else {
      return .undecided
    }
    return isValid(at: index, header, checksum: checksum) ? .frame : .none
  }

  func header(at index: Int) -> FrameHeader? {
    unsafe FrameHeader(dialect, in: buffer.span.bytes, at: index)
  }

  private func isValid(at index: Int, _ header: FrameHeader, checksum: CRC32) -> Bool {
    let payload = index + dialect.headerSize
    return unsafe isValid(
      header,
      payload: buffer.span.bytes.extracting(payload..<(payload + Int(header.length))),
      checksum: checksum)
  }

  /// True if the bytes from `index` on, if any, begin with a plausible header, as far as they are
  /// there.
  func isPlausible(at index: Int) -> Bool {
    if let header = header(at: index) { return header.isPlausible(dialect, limit: limit) }
    // Zeros are plausible wherever a field is not there yet, except as a type.
    var bytes = Array(buffer[min(index, buffer.count)...])
    let typeIndex = dialect.headerSize - 8
    while bytes.count < dialect.headerSize {
      bytes.append(bytes.count == typeIndex ? FrameType.data.rawValue : 0)
    }
    guard let header = unsafe FrameHeader(dialect, in: bytes.span.bytes, at: 0) else { return true }
    return header.isPlausible(dialect, limit: limit)
  }

  /// The header of units that have none.
  public static var noHeader: FrameHeader {
    FrameHeader(length: 0, typeCode: 0, sequence: 0, checksum: 0, flags: 0)
  }
}
