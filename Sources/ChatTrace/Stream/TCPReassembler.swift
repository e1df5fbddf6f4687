// Reassembly of one direction of a TCP connection by someone who only looks on.
//
// An observer sees segments late, twice, overlapping, cut off by the snap length, or never, and
// cannot ask for them again. Bytes in order are handed on at once and not kept. Bytes behind a hole
// are copied (HeldSegments) until the hole is filled, or has waited long enough to be a gap
// (ReassemblyLimits). The first bytes seen for a sequence number count, whatever comes later for
// it.
//
// Sequence numbers are 32 bits and wrap around; offsets are 64 bits and do not. A sequence number
// means the offset nearest to `nextOffset`, so everything up to 2 GiB behind is old and up to 2 GiB
// ahead is to come.
//
// The parts: this file has the interface and the path of segments in order; +Segments all others,
// +Opening streams whose SYN was not captured, +Holes what is held and when it becomes a gap.

/// One direction of a TCP connection: segments in any order go in, bytes in order come out.
///
/// Call `receive` for every segment of the direction and `acknowledged` for every one of the other
/// direction with ACK, in order of capture; `advance` whenever time has passed; and `finish` once
/// at the end or after a reset. A reused port needs a new reassembler.
public struct TCPReassembler: Sendable {
  /// How much is known of where the stream begins.
  enum Phase: UInt8 {
    /// No segment seen.
    case untouched
    /// Segments seen but no SYN: all are held, at offsets from `openingBias` on.
    case opening
    case begun
  }

  /// The offset of the next byte to give out; 0 is the byte after the SYN, or the first one known.
  public internal(set) var nextOffset: UInt64 = 0

  /// The low half is the sequence number of `nextOffset`; above it `detour` is set unless a segment
  /// with that number may be handed on as it is, so that one comparison finds the usual case.
  var expected: UInt64 = Self.detour
  static let detour: UInt64 = 1 << 32

  /// Where the stream ends by its FIN.
  var finOffset = Self.unknown
  static let unknown = UInt64.max
  /// The peer acknowledges everything before.
  ///
  /// Only kept when beyond `nextOffset`. Until the stream has begun it is the plain acknowledgement
  /// number.
  var acknowledgedOffset: UInt64 = 0
  /// The sender's own segments without data show that it has sent everything before.
  var sentOffset: UInt64 = 0
  /// The latest gap.
  var gapStart: UInt64 = 0
  var gapEnd: UInt64 = 0

  /// What is held, or was and may be again; empty or one.
  ///
  /// An array is a box that costs 8 bytes while it is empty.
  var store: [HeldSegments] = []
  /// Limits other than the default; empty or one, for the same reason.
  let ownLimits: [ReassemblyLimits]
  var phase = Phase.untouched
  var acknowledgementKnown = false
  /// Bytes were acknowledged before they were seen.
  public internal(set) var isAcknowledgedEarly = false

  /// Makes a direction of which nothing has been seen.
  public init(limits: ReassemblyLimits = .default) {
    ownLimits = limits == .default ? [] : [limits]
  }

  // MARK: input

  /// Takes one segment.
  ///
  /// `missing` counts the payload bytes after those in `payload` that the snap length cut off. In
  /// order they are a gap at once, so a repetition of them is too late; behind a hole it may still
  /// supply them. A SYN that does not fit is only remarked on: the caller decides whether the port
  /// is reused. `time` is in nanoseconds and only compared with other times; all 0 if there are
  /// none.
  @inline(__always)
  public mutating func receive(
    sequenceNumber: UInt32, isSYN: Bool, isFIN: Bool, payload: RawSpan, missing: Int, time: Int64,
    into sink: inout some ByteStreamSink
  ) {
    guard UInt64(sequenceNumber) == expected, !isSYN, !isFIN, missing == 0 else {
      receiveOutOfOrder(
        sequenceNumber: sequenceNumber, isSYN: isSYN, isFIN: isFIN, payload: payload,
        missing: missing, time: time, into: &sink)
      return
    }
    let count = payload.byteCount
    guard count > 0 else { return }
    let offset = nextOffset
    nextOffset = offset &+ UInt64(count)
    expected = UInt64(sequenceNumber &+ UInt32(truncatingIfNeeded: count))
    sink.bytes(payload, at: offset, moreFollows: false)
  }

  /// Takes a segment without SYN and FIN if it is simply the next one, the usual case.
  ///
  /// Returns the offset of its bytes, which the caller has at hand. Nil says that it is for
  /// `receive`.
  @inline(__always)
  public mutating func receiveInOrder(sequenceNumber: UInt32, count: Int) -> UInt64? {
    guard UInt64(sequenceNumber) == expected else { return nil }
    let offset = nextOffset
    nextOffset = offset &+ UInt64(count)
    expected = UInt64(sequenceNumber &+ UInt32(truncatingIfNeeded: count))
    return offset
  }

  /// Takes note that the peer has acknowledged everything before a sequence number.
  ///
  /// Shows where a stream begins whose SYN was not captured, and that bytes are missing at the end.
  /// A hole is not a gap because of it, as a capture may have the acknowledgement before the data;
  /// but it becomes one sooner.
  @inline(__always)
  public mutating func acknowledged(upTo acknowledgementNumber: UInt32) {
    let ahead = acknowledgementNumber &- UInt32(truncatingIfNeeded: expected)
    // Old, and nothing is held that it could tell about.
    if expected < Self.detour, Int32(bitPattern: ahead) <= 0 { return }
    acknowledgedAhead(upTo: acknowledgementNumber)
  }

  /// Lets time pass: holes that have waited too long become gaps.
  @inline(__always)
  public mutating func advance(to time: Int64, into sink: inout some ByteStreamSink) {
    if expected < Self.detour { return }
    expire(at: time, into: &sink)
  }

  /// Ends the stream, with the capture or the connection: every hole is a gap.
  ///
  /// So is what is missing at the end, up to the FIN or to what is known to have been sent. Without
  /// the FIN, a single acknowledged byte at the end is taken for the FIN itself, which takes a
  /// sequence number too.
  public mutating func finish(into sink: inout some ByteStreamSink) {
    if phase == .opening { beginAtFirstHeld(into: &sink) }
    guard phase == .begun else { return }
    while isWaiting { passFirstHole(into: &sink) }
    store = []
    passTail(into: &sink)
  }

  // MARK: state

  /// The sequence number of the next byte to give out (of the FIN, if that is next); nil while the
  /// beginning is not known.
  public var nextSequenceNumber: UInt32? {
    phase == .begun ? UInt32(truncatingIfNeeded: expected) : nil
  }

  /// The sequence number of offset 0, nil while it is not known.
  public var firstSequenceNumber: UInt32? {
    nextSequenceNumber.map { $0 &- UInt32(truncatingIfNeeded: nextOffset) }
  }

  /// True if it is known where the stream begins.
  var hasBegun: Bool { phase == .begun }

  /// The peer's acknowledgement number before the stream has begun, if there was one.
  var openingAcknowledgement: UInt32? {
    acknowledgementKnown ? UInt32(truncatingIfNeeded: acknowledgedOffset) : nil
  }

  /// True if the FIN was seen and everything before it was given out.
  public var isFinished: Bool {
    phase == .begun && nextOffset >= finOffset
  }

  /// Bytes held because others before them are missing.
  public var heldBytes: Int {
    store.isEmpty ? 0 : store[0].byteCount
  }

  /// True if segments are held: time or further segments will tell.
  public var isWaiting: Bool {
    !store.isEmpty && !store[0].isEmpty
  }

  /// The first offset held, `unknown` if nothing is: the first hole ends there.
  var heldStart: UInt64 {
    store.isEmpty ? Self.unknown : store[0].start ?? Self.unknown
  }

  var limits: ReassemblyLimits {
    ownLimits.first ?? .default
  }

  // MARK: output

  /// Gives out the next bytes.
  mutating func give(_ bytes: RawSpan, moreFollows: Bool, into sink: inout some ByteStreamSink) {
    let offset = nextOffset
    move(by: UInt64(bytes.byteCount))
    sink.bytes(bytes, at: offset, moreFollows: moreFollows)
  }

  /// Gives out a gap up to an offset, if there is anything before it.
  mutating func skip(to offset: UInt64, into sink: inout some ByteStreamSink) {
    guard offset > nextOffset else { return }
    let start = nextOffset
    if gapEnd != start { gapStart = start }
    gapEnd = offset
    move(by: offset &- start)
    sink.gap(offset: start, length: offset &- start)
  }

  private mutating func move(by count: UInt64) {
    let sequenceNumber = UInt32(truncatingIfNeeded: expected) &+ UInt32(truncatingIfNeeded: count)
    nextOffset &+= count
    expected = (expected & Self.detour) | UInt64(sequenceNumber)
  }

  /// Sets `detour` as the state demands; to be called after everything that changes it.
  mutating func refreshDetour() {
    let isPlain = phase == .begun && !isWaiting && finOffset == Self.unknown
    expected = (isPlain ? 0 : Self.detour) | UInt64(UInt32(truncatingIfNeeded: expected))
  }
}
