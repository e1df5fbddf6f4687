/// The payload of ACK and NACK: four bytes (PROTOCOL.md 2.2 and section 4).
public struct AcknowledgementPayload: Sendable, Hashable {
  /// Bytes of the payload.
  public static let byteCount = 4

  /// The lowest sequence number not yet received in order.
  public var nextExpected: SequenceNumber
  /// How many frames, counted from `nextExpected`, the receiver is willing to hold.
  public var window: UInt16

  /// Makes a payload from its parts.
  public init(nextExpected: SequenceNumber, window: UInt16) {
    self.nextExpected = nextExpected
    self.window = window
  }

  /// Reads a payload; nil unless it has exactly four bytes.
  public init?(decoding bytes: RawSpan) {
    guard bytes.byteCount == Self.byteCount else { return nil }
    let word = UInt32(
      bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
    nextExpected = SequenceNumber(UInt16(truncatingIfNeeded: word >> 16))
    window = UInt16(truncatingIfNeeded: word)
  }

  /// Appends the payload.
  public func encode(into output: inout [UInt8]) {
    output.appendInteger(nextExpected.rawValue)
    output.appendInteger(window)
  }
}
