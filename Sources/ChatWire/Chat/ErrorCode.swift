/// The code of an ERROR frame (PROTOCOL.md section 7).
public struct ErrorCode: RawRepresentable, Sendable, Hashable {
  /// The byte on the wire.
  public var rawValue: UInt8

  /// Makes a code from its byte; every byte is a code, known or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The peer speaks another version.
  public static var unsupportedVersion: Self { Self(rawValue: 1) }
  /// The options of the handshake are wrong.
  public static var badHandshake: Self { Self(rawValue: 2) }
  /// The peer broke the protocol.
  public static var protocolViolation: Self { Self(rawValue: 3) }
  /// There is no room for another client.
  public static var serverFull: Self { Self(rawValue: 4) }
  /// The handshake took too long.
  public static var handshakeTimeout: Self { Self(rawValue: 5) }
  /// Nothing was heard for too long.
  public static var idleTimeout: Self { Self(rawValue: 6) }
  /// The recipient does not keep up.
  public static var recipientTooSlow: Self { Self(rawValue: 7) }
  /// A frame was retransmitted too often.
  public static var retriesExhausted: Self { Self(rawValue: 8) }
  /// The server goes away.
  public static var shuttingDown: Self { Self(rawValue: 9) }
  /// A fault in the program itself.
  public static var internalError: Self { Self(rawValue: 10) }
  /// No frame was found in more than 1 MiB.
  public static var framingLost: Self { Self(rawValue: 11) }

  /// The words of section 7, or `unknown error`.
  public var name: String {
    switch rawValue {
    case 1: "unsupported version"
    case 2: "bad handshake"
    case 3: "protocol violation"
    case 4: "server full"
    case 5: "handshake timeout"
    case 6: "idle timeout"
    case 7: "recipient too slow"
    case 8: "retries exhausted"
    case 9: "shutting down"
    case 10: "internal error"
    case 11: "framing lost"
    default: "unknown error"
    }
  }
}
