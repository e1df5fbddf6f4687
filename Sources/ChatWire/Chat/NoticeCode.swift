/// The code of a NOTICE frame (PROTOCOL.md 6.4).
public struct NoticeCode: RawRepresentable, Sendable, Hashable {
  /// The byte on the wire.
  public var rawValue: UInt8

  /// Makes a code from its byte; every byte is a code, known or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Somebody has come.
  public static var joined: Self { Self(rawValue: 1) }
  /// Somebody has gone.
  public static var left: Self { Self(rawValue: 2) }
  /// Somebody has another name.
  public static var renamed: Self { Self(rawValue: 3) }
  /// The nickname is yours.
  public static var nicknameAccepted: Self { Self(rawValue: 4) }
  /// What was asked for or sent is refused.
  public static var refused: Self { Self(rawValue: 5) }
  /// The server goes away.
  public static var shuttingDown: Self { Self(rawValue: 6) }
  /// A greeting.
  public static var welcome: Self { Self(rawValue: 7) }

  /// The words of section 6.4, or `unknown notice`.
  public var name: String {
    switch rawValue {
    case 1: "joined"
    case 2: "left"
    case 3: "renamed"
    case 4: "nickname accepted"
    case 5: "refused"
    case 6: "server is shutting down"
    case 7: "welcome"
    default: "unknown notice"
    }
  }
}
