/// The type byte of a classic frame (docs/PROTOCOL.md, classic dialect).
@frozen
public struct ClassicType: RawRepresentable, Equatable, Hashable, Sendable {
  /// The byte on the wire.
  public var rawValue: UInt8

  /// Makes a type from its byte; every byte is a type, known or not.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Opens a session: JSON (client).
  @inlinable public static var syn: ClassicType { ClassicType(rawValue: 1) }
  /// Acknowledges: SYN-ACK, `ACK for seq N`, `NICK OK: name`, `Disconnect ACK` (server).
  @inlinable public static var ack: ClassicType { ClassicType(rawValue: 2) }
  /// Completes the handshake: JSON (client).
  @inlinable public static var handshakeAck: ClassicType { ClassicType(rawValue: 3) }
  /// A fragment of a message (client) or a broadcast (server).
  @inlinable public static var data: ClassicType { ClassicType(rawValue: 4) }
  /// Refuses a frame (server).
  @inlinable public static var nack: ClassicType { ClassicType(rawValue: 5) }
  /// Leaves (client).
  @inlinable public static var disconnect: ClassicType { ClassicType(rawValue: 6) }
  /// Sets the nickname (client).
  @inlinable public static var setNick: ClassicType { ClassicType(rawValue: 7) }
  /// Asks who is here (client).
  @inlinable public static var listRequest: ClassicType { ClassicType(rawValue: 8) }
  /// Lists who is here: JSON (server).
  @inlinable public static var listResponse: ClassicType { ClassicType(rawValue: 9) }
  /// Configures the server's channel simulation: JSON (client).
  @inlinable public static var channelConfig: ClassicType { ClassicType(rawValue: 99) }

  /// True for the types that the original programs know: 1-9 and 99.
  @inlinable
  public var isPlausible: Bool { rawValue &- 1 < 9 || rawValue == 99 }

  /// The name used in traces, or `UNKNOWN`.
  public var name: String {
    switch rawValue {
    case 1: "SYN"
    case 2: "ACK"
    case 3: "HANDSHAKE_ACK"
    case 4: "DATA"
    case 5: "NACK"
    case 6: "DISCONNECT"
    case 7: "SET_NICK"
    case 8: "LIST_REQUEST"
    case 9: "LIST_RESPONSE"
    case 99: "CHANNEL_CONFIG"
    default: "UNKNOWN"
    }
  }
}
