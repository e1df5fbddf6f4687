// Where faults act there is a stream of bytes in, and frames have to come out, for faults act on
// whole frames. What the decoder has not decided on is held, but neither for long nor much of it:
// a peer that sends half a frame, or none, must not have its bytes disappear here.

/// Cuts one direction of a connection into whole frames and other bytes, and loses none.
///
/// Hand in what arrives, in any segmentation, and take pieces until there are none:
///
///     cutter.append(bytes, at: now)
///     while let piece = cutter.next(at: now, into: &buffer) { ... }
///
/// Every byte belongs to exactly one piece, in order. A frame with a bad checksum is a frame if its
/// length can be believed (PROTOCOL.md 2.3), which the bytes behind it decide. What is undecided
/// for `FrameCutter.holdMax`, or is more than the longest frame, comes out as other bytes;
/// `deadline` says when. How the bytes are cut on arrival changes nothing else.
public struct FrameCutter: Sendable {
  /// A frame, or a run of bytes that are none.
  public struct Piece: Sendable, Equatable {
    /// The header of a frame; nil for other bytes.
    public var header: FrameHeader?
    /// The checksum of the frame is right.
    public var isGood: Bool
    /// So many of its bytes have come out before, by `takeHeld`: of a frame only the rest is new.
    public var passedByteCount: Int
  }

  /// How long bytes are held while it is not known whether they are a frame.
  public static let holdMax = Duration.seconds(1)
  /// Arrivals closer together than this count as one, the first.
  private static let arrivalStep: Int64 = 10_000_000

  /// The framing.
  public let dialect: Dialect
  private let checksum: CRC32
  private var decoder: FrameDecoder
  /// Bytes that belong to no piece yet.
  private var bytes: [UInt8] = []
  /// How many of `bytes` are done with.
  private var head = 0
  /// Stream offset of the byte at `head`.
  private var headOffset: UInt64 = 0
  /// Stream offset up to which bytes have come out.
  private var passedOffset: UInt64 = 0
  /// When the bytes came that end at an offset; those that are held.
  private var arrivals: [(endOffset: UInt64, time: Instant)] = []

  /// A cutter at the beginning of a stream.
  ///
  /// - Parameter limit: The longest payload that can be legal; nil: any that the dialect has.
  public init(_ dialect: Dialect, limit: Int? = nil, checksum: CRC32) {
    self.dialect = dialect
    self.checksum = checksum
    decoder = FrameDecoder(dialect, limit: limit, discardLimit: nil)
  }

  /// The longest payload that can be legal.
  public var limit: Int {
    get { decoder.limit }
    set { decoder.limit = newValue }
  }

  /// Bytes that wait for a decision and have not come out.
  public var heldByteCount: Int { Int(clamping: endOffset - max(headOffset, passedOffset)) }

  /// When what is held comes out at the latest; `distantFuture` if nothing is held.
  public var deadline: Instant {
    guard heldByteCount > 0, let first = arrivals.first else { return .distantFuture }
    return first.time.advanced(by: Self.holdMax)
  }

  private var endOffset: UInt64 { headOffset &+ UInt64(bytes.count - head) }

  /// Takes bytes that have arrived.
  public mutating func append(_ run: RawSpan, at now: Instant) {
    guard run.byteCount > 0 else { return }
    if head == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16)
      head = 0
    } else if head >= 4_096, head >= bytes.count / 2 {
      bytes.removeSubrange(..<head)
      head = 0
    }
    unsafe run.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    decoder.append(run)
    if let last = arrivals.last, last.time.nanoseconds(to: now) < Self.arrivalStep {
      arrivals[arrivals.count - 1].endOffset = endOffset
    } else {
      arrivals.append((endOffset, now))
    }
  }

  /// The next frame if it lies whole and undamaged in `run` from `position` on, and nothing is
  /// kept; what is left of the run then is to be appended.
  public mutating func nextWhole(in run: RawSpan, position: inout Int) -> FrameHeader? {
    guard head == bytes.count,
      let unit = decoder.nextWhole(in: run, position: &position, checksum: checksum)
    else { return nil }
    headOffset &+= UInt64(unit.byteCount)
    return unit.header
  }

  /// How many bytes complete what is kept, if that can be told (`FrameDecoder.missingByteCount`).
  public var missingByteCount: Int? { decoder.missingByteCount }

  /// Appends the next piece to a buffer, all of its bytes; nil if nothing is decided any more.
  public mutating func next(at now: Instant, into output: inout [UInt8]) -> Piece? {
    if let piece = nextDecided(into: &output) { return piece }
    guard now >= deadline || heldByteCount > dialect.headerSize + limit else { return nil }
    if decoder.isDeferring, let unit = decoder.settle(checksum: checksum) {
      return take(unit, into: &output)
    }
    let start = output.count
    takeHeld(into: &output)
    return output.count > start ? Piece(header: nil, isGood: false, passedByteCount: 0) : nil
  }

  /// Appends what is held; the frame that it may become is recognised all the same.
  public mutating func takeHeld(into output: inout [UInt8]) {
    let count = heldByteCount
    guard count > 0 else { return }
    output += bytes[(bytes.count - count)...]
    passedOffset = endOffset
    arrivals.removeAll(keepingCapacity: true)
  }

  /// True while a whole frame with a bad checksum waits for what follows it to say whether its
  /// length can be believed.
  public var isDeferring: Bool { decoder.isDeferring }

  /// Appends what is undecided as other bytes, because nothing more will come; nil if there is
  /// nothing.
  public mutating func takeRest(into output: inout [UInt8]) -> Piece? {
    if decoder.isDeferring, let unit = decoder.settle(checksum: checksum) {
      return take(unit, into: &output)
    }
    return takeOther(through: endOffset, into: &output)
  }

  private mutating func nextDecided(into output: inout [UInt8]) -> Piece? {
    var position = 0
    let nothing: [UInt8] = []
    while let unit = unsafe decoder.next(
      in: nothing.span.bytes, position: &position, checksum: checksum)
    {
      if let piece = take(unit, into: &output) { return piece }
    }
    // While framing is sought, what the decoder has let go of is decided.
    return takeOther(through: decoder.offset, into: &output)
  }

  /// Takes what the decoder has found; nil if all of it has come out as other bytes before.
  private mutating func take(_ unit: DecodedUnit, into output: inout [UInt8]) -> Piece? {
    let end = unit.offset &+ UInt64(unit.byteCount)
    switch unit.kind {
    case .frame, .corrupt:
      // Nothing is left before it: the decoder reports every byte.
      guard unit.offset == headOffset else { return takeOther(through: end, into: &output) }
      return take(
        through: end, header: unit.header, isGood: unit.kind == .frame, into: &output)
    case .lost, .skipped, .unverified, .rest, .undecided, .overflow:
      return takeOther(through: end, into: &output)
    }
  }

  private mutating func takeOther(
    through end: UInt64, into output: inout [UInt8]
  ) -> Piece? {
    guard end > headOffset else { return nil }
    return take(through: end, header: nil, isGood: false, into: &output)
  }

  private mutating func take(
    through end: UInt64, header: FrameHeader?, isGood: Bool, into output: inout [UInt8]
  ) -> Piece {
    let count = Int(clamping: min(end, endOffset) - headOffset)
    let passed = Int(clamping: max(passedOffset, headOffset) - headOffset)
    output += bytes[head..<(head + count)]
    head += count
    headOffset &+= UInt64(count)
    let done = headOffset
    arrivals.removeAll { $0.endOffset <= done }
    return Piece(header: header, isGood: isGood, passedByteCount: min(passed, count))
  }
}
