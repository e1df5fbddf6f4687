/// The flags of a TCP header.
public struct TCPFlags: OptionSet, Hashable, Sendable {
  /// The byte in the header.
  public let rawValue: UInt8

  /// Makes flags from the byte in the header.
  @inline(__always)
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// No more data from the sender.
  public static let fin = TCPFlags(rawValue: 0x01)
  /// Opens a connection.
  public static let syn = TCPFlags(rawValue: 0x02)
  /// Ends the connection at once.
  public static let reset = TCPFlags(rawValue: 0x04)
  /// Asks the receiver to hand the data on.
  public static let push = TCPFlags(rawValue: 0x08)
  /// The acknowledgement number counts.
  public static let ack = TCPFlags(rawValue: 0x10)
  /// The urgent pointer counts.
  public static let urgent = TCPFlags(rawValue: 0x20)
}

/// What a TCP segment says, and where its payload lies.
///
/// Checksums are not verified: on the machine that sends, captures are made before the network card
/// fills them in.
public struct TCPSegment: Equatable, Sendable {
  /// Who sent it.
  public var source: Endpoint
  /// To whom.
  public var destination: Endpoint
  /// The sequence number of the first payload byte, or of SYN.
  public var sequenceNumber: UInt32
  /// The next sequence number that the sender of this segment expects; counts only with `.ack`.
  public var acknowledgementNumber: UInt32
  /// The flags.
  public var flags: TCPFlags
  /// The receive window, not scaled.
  public var window: UInt16
  /// Where the payload begins in the packet's span, or in the decoder's `reassembled`.
  public var payloadOffset: Int
  /// Payload bytes that were captured.
  public var payloadLength: Int
  /// Bytes at the end of the payload that were on the wire and are not in the capture.
  public var missingLength: Int
  /// True if the payload lies in the decoder's `reassembled`, because the packet came in IP
  /// fragments.
  public var isReassembled: Bool

  /// Makes a segment.
  @inline(__always)
  public init(
    source: Endpoint, destination: Endpoint, sequenceNumber: UInt32,
    acknowledgementNumber: UInt32 = 0, flags: TCPFlags, window: UInt16 = 0, payloadOffset: Int = 0,
    payloadLength: Int = 0, missingLength: Int = 0, isReassembled: Bool = false
  ) {
    self.source = source
    self.destination = destination
    self.sequenceNumber = sequenceNumber
    self.acknowledgementNumber = acknowledgementNumber
    self.flags = flags
    self.window = window
    self.payloadOffset = payloadOffset
    self.payloadLength = payloadLength
    self.missingLength = missingLength
    self.isReassembled = isReassembled
  }
}

/// What a packet turned out to be.
public enum PacketOutcome: Equatable, Sendable {
  /// A TCP segment, whole or completed by this fragment.
  case segment(TCPSegment)
  /// An IP fragment, held until the rest of its packet comes.
  case fragmentHeld
  /// Something that is not TCP over IP.
  case other
  /// The capture's snap length cut off the headers.
  case truncated
  /// Its headers contradict themselves or its length.
  case malformed
}
