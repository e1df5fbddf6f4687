/// What the frame decoder found next in a stream: a frame, or bytes that are none.
///
/// Every byte of the stream belongs to exactly one unit, to a gap, or is left undecided at the end.
@frozen
public struct DecodedUnit: Sendable, Equatable {
  /// What was found.
  @frozen
  public enum Kind: UInt8, Sendable {
    /// A complete frame with a valid checksum.
    case frame
    /// A complete frame whose checksum fails, its length trusted (PROTOCOL.md section 2.3, step 1).
    case corrupt
    /// A frame whose header is known and whose payload is not all there (observers only).
    case unverified
    /// Framing was lost: a run of bytes with the header found at its start (step 2).
    case lost
    /// A run of bytes skipped after a gap, or at the start, before the first frame (observers
    /// only).
    case skipped
    /// Payload bytes behind a gap that belong to the `unverified` unit before it (observers only).
    case rest
    /// Bytes too few to tell, at a gap or at the end (observers only).
    case undecided
    /// More was discarded in one scan than a receiver puts up with: ERROR 11 is due.
    case overflow
  }

  /// What was found.
  public var kind: Kind
  /// The header; of `skipped`, `rest`, `undecided` and `overflow` meaningless.
  public var header: FrameHeader
  /// Bytes of the stream before it.
  public var offset: UInt64
  /// How many bytes of the stream it covers.
  public var byteCount: Int
  /// Where its payload begins: in the chunk handed to `next`, or in `FrameDecoder.buffer`.
  public var payloadOffset: Int
  /// Payload bytes that are there.
  public var payloadCount: Int
  /// True if the payload lies in `FrameDecoder.buffer`.
  public var isBuffered: Bool
  /// True for the first frame after a scan: framing was found again here.
  public var isResynchronised: Bool

  /// Makes a unit.
  @inlinable
  public init(
    _ kind: Kind, header: FrameHeader, offset: UInt64, byteCount: Int, payloadOffset: Int,
    payloadCount: Int, isBuffered: Bool, isResynchronised: Bool
  ) {
    self.kind = kind
    self.header = header
    self.offset = offset
    self.byteCount = byteCount
    self.payloadOffset = payloadOffset
    self.payloadCount = payloadCount
    self.isBuffered = isBuffered
    self.isResynchronised = isResynchronised
  }
}
