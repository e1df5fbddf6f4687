/// The kind byte of a handshake option (PROTOCOL.md 3.1).
public struct HandshakeOptionKind: RawRepresentable, Sendable, Hashable {
  /// The byte on the wire.
  public var rawValue: UInt8

  /// Makes a kind from its byte; every byte is a kind, known or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The protocol version, 1.
  public static var version: Self { Self(rawValue: 1) }
  /// Go-Back-N or Selective Repeat.
  public static var mode: Self { Self(rawValue: 2) }
  /// Frames that may be in flight.
  public static var window: Self { Self(rawValue: 3) }
  /// Bytes in a fragment.
  public static var fragment: Self { Self(rawValue: 4) }
  /// Bytes in the largest message that the server accepts.
  public static var maxMessage: Self { Self(rawValue: 5) }
  /// The client's initial sequence number, given back.
  public static var acknowledges: Self { Self(rawValue: 6) }
  /// Eight bytes that name the session.
  public static var session: Self { Self(rawValue: 7) }
  /// The nickname wanted, or given.
  public static var nickname: Self { Self(rawValue: 8) }
  /// The name of the program.
  public static var name: Self { Self(rawValue: 9) }

  /// The kinds that version 1 defines, in order of their bytes.
  public static var known: [Self] { (1...9).map { Self(rawValue: $0) } }

  /// True if version 1 defines it.
  public var isKnown: Bool { rawValue &- 1 < 9 }

  /// The name in lower snake case, as in a trace; `option_N` if unknown.
  public var label: String {
    switch rawValue {
    case 1: "version"
    case 2: "mode"
    case 3: "window"
    case 4: "fragment"
    case 5: "max_message"
    case 6: "acknowledges"
    case 7: "session"
    case 8: "nickname"
    case 9: "name"
    default: "option_\(rawValue)"
    }
  }

  /// How many bytes its value may have; any number for an unknown kind.
  public var lengths: ClosedRange<Int> {
    switch rawValue {
    case 1, 2: 1...1
    case 3, 4, 6: 2...2
    case 5: 4...4
    case 7: 8...8
    case 8: 1...64
    case 9: 0...64
    default: 0...255
    }
  }

  /// True if the table of section 3.1 gives it a meaning in a frame; elsewhere it is skipped.
  public func isDefined(in frame: HandshakeFrame) -> Bool {
    switch frame {
    case .syn: (1...4).contains(rawValue) || rawValue == 8 || rawValue == 9
    case .synAck: isKnown
    case .handshakeAck: self == .session
    }
  }

  /// True if a frame without it is a bad handshake.
  public func isRequired(in frame: HandshakeFrame) -> Bool {
    switch frame {
    case .syn: (1...4).contains(rawValue)
    case .synAck: (1...8).contains(rawValue)
    case .handshakeAck: self == .session
    }
  }
}
