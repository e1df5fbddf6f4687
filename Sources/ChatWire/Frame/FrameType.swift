/// The type byte of a native frame (PROTOCOL.md section 2.2).
@frozen
public struct FrameType: RawRepresentable, Equatable, Hashable, Sendable {
  /// The byte on the wire.
  public var rawValue: UInt8

  /// Makes a type from its byte; every byte is a type, known or not.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Opens a session (client).
  @inlinable public static var syn: FrameType { FrameType(rawValue: 0x01) }
  /// Acknowledges.
  @inlinable public static var ack: FrameType { FrameType(rawValue: 0x02) }
  /// Completes the handshake (client).
  @inlinable public static var handshakeAck: FrameType { FrameType(rawValue: 0x03) }
  /// Chat text.
  @inlinable public static var data: FrameType { FrameType(rawValue: 0x04) }
  /// Reports a missing or damaged frame.
  @inlinable public static var nack: FrameType { FrameType(rawValue: 0x05) }
  /// Says "no more messages from me".
  @inlinable public static var fin: FrameType { FrameType(rawValue: 0x06) }
  /// Asks for a nickname (client).
  @inlinable public static var nick: FrameType { FrameType(rawValue: 0x07) }
  /// Asks who is here (client).
  @inlinable public static var who: FrameType { FrameType(rawValue: 0x08) }
  /// Lists who is here (server).
  @inlinable public static var roster: FrameType { FrameType(rawValue: 0x09) }
  /// Answers SYN (server).
  @inlinable public static var synAck: FrameType { FrameType(rawValue: 0x0A) }
  /// Asks for a sign of life.
  @inlinable public static var ping: FrameType { FrameType(rawValue: 0x0B) }
  /// Answers PING.
  @inlinable public static var pong: FrameType { FrameType(rawValue: 0x0C) }
  /// A coded notice (server).
  @inlinable public static var notice: FrameType { FrameType(rawValue: 0x0D) }
  /// Ends the session at once.
  @inlinable public static var error: FrameType { FrameType(rawValue: 0x0E) }

  /// True for types that take a sequence number and are acknowledged, extensions 0x40 to 0x5F
  /// included.
  @inlinable @inline(__always)
  public var isSequenced: Bool {
    // One bit for each of DATA, FIN, NICK, WHO, ROSTER, NOTICE.
    rawValue < 0x10
      ? (0b0010_0011_1101_0000 as UInt16) >> UInt16(rawValue) & 1 != 0
      : isExtension
  }

  /// True for the sequenced extensions 0x40 to 0x5F.
  @inlinable
  public var isExtension: Bool { rawValue & 0xE0 == 0x40 }

  /// True if section 2.2 lists the type or it is a sequenced extension.
  @inlinable
  public var isPlausible: Bool { rawValue &- 1 < 0x0E || isExtension }

  /// The name in section 2.2, or `UNKNOWN`.
  public var name: String {
    switch rawValue {
    case 0x01: "SYN"
    case 0x02: "ACK"
    case 0x03: "HANDSHAKE_ACK"
    case 0x04: "DATA"
    case 0x05: "NACK"
    case 0x06: "FIN"
    case 0x07: "NICK"
    case 0x08: "WHO"
    case 0x09: "ROSTER"
    case 0x0A: "SYN_ACK"
    case 0x0B: "PING"
    case 0x0C: "PONG"
    case 0x0D: "NOTICE"
    case 0x0E: "ERROR"
    default: "UNKNOWN"
    }
  }
}
