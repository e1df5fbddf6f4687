/// What takes the bytes of one direction of a TCP connection, in order.
///
/// Every offset from 0 on is handed over once, either in `bytes` or in `gap`, and never goes back.
public protocol ByteStreamSink {
  /// Takes the next bytes.
  ///
  /// `moreFollows` says that bytes which the same segment has put in order follow at once, without
  /// a gap between.
  mutating func bytes(_ bytes: RawSpan, at offset: UInt64, moreFollows: Bool)

  /// Takes note that the next `length` bytes were on the wire but are not in the capture.
  mutating func gap(offset: UInt64, length: UInt64)

  /// Takes note of something odd about the segment in hand; comes before the bytes that it brings.
  mutating func remark(_ remark: TCPRemark)

  /// Says whether the bytes handed over earlier from `offset` on are known to have been other ones.
  ///
  /// The reassembler keeps nothing that it has given out, so only a sink that remembers can tell a
  /// faithful retransmission from a forged one. The default remembers nothing and says no.
  func differs(_ bytes: RawSpan, at offset: UInt64) -> Bool
}

extension ByteStreamSink {
  /// Says no: nothing is remembered.
  public func differs(_ bytes: RawSpan, at offset: UInt64) -> Bool { false }
}

/// Something worth a remark about a segment; missing bytes are told as gaps instead.
public enum TCPRemark: UInt8, Sendable, Hashable, CaseIterable {
  /// Brings only bytes that were seen before.
  case retransmission
  /// Brings bytes that were seen before and new ones.
  case overlap
  /// Brings other bytes for sequence numbers seen before; the first ones count. Comes besides
  /// `retransmission` or `overlap`.
  case overlapDiffers
  /// Was overtaken: bytes that belong after it were seen earlier.
  case outOfOrder
  /// Asks for a sign of life: at most one byte, one before the next to be sent.
  case keepAlive
  /// Brings only bytes that have been declared a gap: they come too late. Known of the latest gap;
  /// for older ones it is a `retransmission`.
  case late
  /// Brings only bytes before the first one known of a stream whose SYN was not captured.
  case beforeBeginning
  /// Lies so far ahead that it is taken for a stray, as nothing confirms it: its bytes are dropped.
  case implausible
  /// Starts the stream where it does not start.
  case synChanged
  /// Ends the stream where it does not end; the first end counts.
  case finChanged
  /// Brings bytes after the end of the stream; they are dropped.
  case dataAfterFin
}
