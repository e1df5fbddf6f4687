/// Cuts a byte stream into frames, in either dialect, and finds framing again when it is lost
/// (PROTOCOL.md sections 2.3 and 9).
///
/// Hand in each run of received bytes once, then take units until there are none:
///
///     var position = 0
///     while let unit = decoder.next(in: chunk, position: &position, checksum: checksum) { ... }
///
/// Whole frames are read where they lie in the chunk. What is left over is kept in `buffer`, and
/// units found there have `isBuffered` set; their payload is valid until the next call. Bytes that
/// arrived together but lie apart are handed in by `append` first and by `next` last, because what
/// counts as "received so far" in section 2.3 is all of them. Observers also say where bytes are
/// missing (`gap`) and when the stream is over (`finish`), and keep taking units after each.
///
/// Total: no input traps. Memory is bounded by the limit and, while scanning, by
/// `FrameLimits.scanBufferMax`.
public struct FrameDecoder: Sendable {
  /// The framing.
  public let dialect: Dialect
  /// The longest payload that can be legal, `limit` in section 2.3.
  public var limit: Int
  /// Bytes discarded in one scan after which `overflow` is reported; nil for observers, who go on.
  public let discardLimit: Int?
  /// Bytes kept from earlier chunks; units with `isBuffered` point into it.
  public internal(set) var buffer: [UInt8] = []

  /// Where in `buffer` the first byte stands that belongs to no unit yet.
  @usableFromInline var head = 0
  /// Stream offset of that byte.
  @usableFromInline var headOffset: UInt64
  @usableFromInline var state: State
  /// True until the first frame after a scan has been reported.
  @usableFromInline var isResynchronising: Bool
  /// True while an observer waits with its verdict on the frame at `head`.
  ///
  /// The checksum fails, and only what follows tells whether the length can be trusted; `settle`
  /// ends the wait.
  public internal(set) var isDeferring = false
  /// What is known of the frames that may begin behind `head`; nil while nothing was looked at.
  var scan = Scan()

  @usableFromInline
  enum State: Sendable {
    /// A frame begins at `head`.
    case synchronised
    /// Framing was lost; the header stood at `start`.
    case lost(FrameHeader, start: UInt64)
    /// Looking for the first frame from `start` on, after a gap or at the start.
    case searching(start: UInt64)
    /// The rest of an unverified frame's payload: so many bytes, if a plausible header stands
    /// behind them.
    case finishing(Int)
    /// `overflow` was reported.
    case failed
  }

  /// Makes a decoder whose first byte is at `offset` of the stream: a frame's first one if
  /// `isAligned`.
  public init(
    _ dialect: Dialect, limit: Int? = nil, discardLimit: Int? = FrameLimits.discardMax,
    isAligned: Bool = true, at offset: UInt64 = 0
  ) {
    self.dialect = dialect
    self.limit = limit ?? FrameLimits.payloadMax(dialect)
    self.discardLimit = discardLimit
    headOffset = offset
    state = isAligned ? .synchronised : .searching(start: offset)
    isResynchronising = !isAligned
    scan.position = 0
  }

  /// Stream offset of the first byte that belongs to no unit yet.
  public var offset: UInt64 { headOffset }

  /// Bytes that belong to no unit yet.
  public var pendingByteCount: Int { buffer.count - head }

  /// True if a frame is expected at `offset` and none of its bytes has come.
  public var isBetweenFrames: Bool {
    guard case .synchronised = state else { return false }
    return buffer.count == head
  }

  /// How many bytes complete the header, or the frame, that stands at `offset`; 0 if nothing of it
  /// has come, nil if that cannot be told: framing is sought, or a verdict waits.
  public var missingByteCount: Int? {
    guard case .synchronised = state, !isResynchronising else { return nil }
    let pending = pendingByteCount
    if pending == 0 { return 0 }
    guard let header = unsafe FrameHeader(dialect, in: buffer.span.bytes, at: head) else {
      return dialect.headerSize - pending
    }
    let missing = dialect.headerSize + Int(header.length) - pending
    return missing > 0 && Int(header.length) <= limit ? missing : nil
  }

  /// Keeps bytes that arrived, to be looked at by the next call of `next`.
  public mutating func append(_ bytes: RawSpan) {
    if case .failed = state {
      // Nobody will ask for them.
      headOffset &+= UInt64(pendingByteCount + bytes.byteCount)
      head = buffer.count
      return
    }
    compact()
    unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
  }

  /// The next unit in what was received, of which `chunk` from `position` on is the newest part.
  ///
  /// Advances `position` over what it consumed; when it returns nil, all of the chunk is consumed
  /// or kept.
  @inlinable @inline(__always)
  public mutating func next(
    in chunk: RawSpan, position: inout Int, checksum: CRC32
  ) -> DecodedUnit? {
    if let unit = nextWhole(in: chunk, position: &position, checksum: checksum) { return unit }
    return nextBuffered(after: chunk, position: &position, checksum: checksum)
  }

  /// The next unit if it is a whole valid frame that begins at `position`: the usual case.
  @inlinable @inline(__always)
  public mutating func nextWhole(
    in chunk: RawSpan, position: inout Int, checksum: CRC32
  ) -> DecodedUnit? {
    guard head == buffer.count, !isResynchronising, case .synchronised = state,
      let header = FrameHeader(dialect, in: chunk, at: position), Int(header.length) <= limit
    else { return nil }
    let payloadOffset = position &+ dialect.headerSize
    let payloadCount = Int(header.length)
    guard chunk.byteCount &- payloadOffset >= payloadCount,
      isValid(
        header,
        payload: unsafe chunk.extracting(
          unchecked: payloadOffset..<(payloadOffset &+ payloadCount)),
        checksum: checksum)
    else { return nil }
    let byteCount = dialect.headerSize &+ payloadCount
    let unit = DecodedUnit(
      .frame, header: header, offset: headOffset, byteCount: byteCount,
      payloadOffset: payloadOffset, payloadCount: payloadCount, isBuffered: false,
      isResynchronised: false)
    position &+= byteCount
    headOffset &+= UInt64(byteCount)
    return unit
  }

  /// The next unit, found in the buffer after the rest of the chunk was put there.
  @usableFromInline @inline(never)
  mutating func nextBuffered(
    after chunk: RawSpan, position: inout Int, checksum: CRC32
  ) -> DecodedUnit? {
    if position < chunk.byteCount {
      append(chunk.extracting(position..<chunk.byteCount))
      position = chunk.byteCount
    }
    guard head < buffer.count else { return nil }
    return nextPending(checksum: checksum)
  }

  @inlinable @inline(__always)
  func isValid(_ header: FrameHeader, payload: RawSpan, checksum: CRC32) -> Bool {
    switch dialect {
    case .native: checksum.frameChecksum(header: header, payload: payload) == header.checksum
    case .classic: classicChecksum(of: payload) == header.checksum
    }
  }

  /// Lends the buffer out, so that a unit in it can be looked at while its owner changes.
  ///
  /// Nothing else may be asked of the decoder until it is given back.
  mutating func takeBuffer() -> [UInt8] {
    let taken = buffer
    buffer = []
    return taken
  }

  /// Takes the buffer back as it was lent.
  mutating func giveBack(_ taken: consuming [UInt8]) {
    buffer = taken
  }

  /// Drops consumed bytes from the buffer when that is cheap.
  mutating func compact() {
    if head == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 4_096)
      scan.shift(by: head)
      head = 0
    } else if head >= 4_096, head >= buffer.count / 2 {
      buffer.removeSubrange(0..<head)
      scan.shift(by: head)
      head = 0
    }
  }
}
