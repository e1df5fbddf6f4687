public import ChatWire

/// Bytes that a recorded proxy has sent on: what a peer really got, as against what arrived.
///
/// Only recordings have them (docs/RECORDING.md): of a capture, both peers saw the same bytes.
public struct Passage: Sendable, Hashable {
  /// The connection.
  public var stream: Int
  /// Which way the bytes travel: they are on the leg of the peer that receives.
  public var direction: Direction
  /// When they were sent on.
  public var time: TraceTime?
  /// The place, in this direction of the arriving bytes (`TraceEvent.offset`), of what they are a
  /// copy of; nil if that is not in the recording.
  public var origin: UInt64?
  /// Bytes that are missing on this leg before them, because packets of the recording are.
  public var missingByteCount: UInt64 = 0

  /// Makes a passage.
  public init(stream: Int, direction: Direction, time: TraceTime?, origin: UInt64?) {
    self.stream = stream
    self.direction = direction
    self.time = time
    self.origin = origin
  }
}
