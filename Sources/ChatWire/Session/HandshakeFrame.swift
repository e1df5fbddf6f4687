/// The three frames of the handshake, which carry options (PROTOCOL.md 3.1).
public enum HandshakeFrame: UInt8, Sendable, Hashable, CaseIterable {
  case syn = 0x01
  case handshakeAck = 0x03
  case synAck = 0x0A

  /// The handshake frame of a type; nil if the type is none.
  public init?(_ type: FrameType) {
    self.init(rawValue: type.rawValue)
  }

  /// Its type.
  public var type: FrameType { FrameType(rawValue: rawValue) }

  /// The name in PROTOCOL.md 2.2.
  public var name: String { type.name }
}
