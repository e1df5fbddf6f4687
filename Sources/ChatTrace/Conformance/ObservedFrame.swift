import ChatWire

/// A frame as it was seen next to a peer: on its way to it, or coming from it.
struct ObservedFrame: Sendable {
  enum State: Sendable {
    /// Whole, with a good checksum.
    case good
    /// Whole, with a bad checksum.
    case corrupt
    /// Framing was lost at this header.
    case lost
  }

  var state: State
  var type: FrameType
  var sequence: UInt16
  var flags: UInt8
  /// Bytes of its payload.
  var byteCount: Int
  /// The CRC-32 of its payload.
  var payloadChecksum: UInt32 = 0
  /// Nanoseconds.
  var time: Int64
  /// What findings call it; see `FrameReference`.
  var reference: FrameReference

  var isLast: Bool { flags & FrameHeader.lastFlag != 0 }
  var isRetransmission: Bool { flags & FrameHeader.retransmissionFlag != 0 }
}

/// The number of a frame in the trace, or its place while the number is not known.
struct FrameReference: Sendable, Hashable {
  private var word: UInt64
  private static let placeBit: UInt64 = 1 << 63
  private static let directionBit: UInt64 = 1 << 62

  /// No frame.
  static let none = FrameReference(frame: 0)

  init(frame: UInt64) {
    word = frame & ~Self.placeBit
  }

  /// The frame that begins at an offset of what a direction carried.
  init(_ direction: Direction, offset: UInt64) {
    word =
      Self.placeBit | (direction == .serverToClient ? Self.directionBit : 0)
      | offset & (Self.directionBit - 1)
  }

  /// The number, if it is known.
  var frame: UInt64? { word & Self.placeBit == 0 ? word : nil }
  /// The place, if the number is not known.
  var place: (direction: Direction, offset: UInt64)? {
    guard word & Self.placeBit != 0 else { return nil }
    return (
      word & Self.directionBit != 0 ? .serverToClient : .clientToServer,
      word & (Self.directionBit - 1)
    )
  }
}

/// Where frames may be disturbed unseen, between the capture and a peer.
struct HiddenSides: OptionSet, Sendable, Hashable {
  let rawValue: UInt8
  /// What is sent to the peer.
  static let incoming = HiddenSides(rawValue: 1)
  /// What the peer sends.
  static let outgoing = HiddenSides(rawValue: 2)
}

/// A finding before it is known whether hidden faults may explain it.
struct ProvisionalFinding: Sendable {
  var rule: ConformanceRule
  var frame: FrameReference
  var because: [FrameReference] = []
  var expected: String
  var found: String
  /// The section and the row, where they are nearer than the rule's.
  var place: (section: String, row: Int?)?
  /// Hidden faults that could be behind it; none: nothing could.
  var explanations: HiddenSides = []
  /// It is nobody's breach, whatever else is found.
  var isNetwork = false
}
