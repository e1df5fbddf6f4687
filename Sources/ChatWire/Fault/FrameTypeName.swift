/// The types of frame by name, whichever dialect has them (PROTOCOL.md 2.2 and the classic
/// dialect).
///
/// A name that both dialects have is one name.
public enum FrameTypeName: UInt8, Sendable, Hashable, CaseIterable {
  case syn, ack, handshakeAck, data, nack, fin, nick, who, roster, synAck, ping, pong, notice, error
  case disconnect, setNick, listRequest, listResponse, channelConfig
  /// Any other type.
  case unknown

  /// The name of a type byte.
  @inlinable
  public init(_ typeCode: UInt8, _ dialect: Dialect) {
    switch dialect {
    case .native:
      self = typeCode &- 1 < 14 ? FrameTypeName(rawValue: typeCode &- 1) ?? .unknown : .unknown
    case .classic:
      switch typeCode {
      case 1...5: self = FrameTypeName(rawValue: typeCode &- 1) ?? .unknown
      case 6: self = .disconnect
      case 7: self = .setNick
      case 8: self = .listRequest
      case 9: self = .listResponse
      case 99: self = .channelConfig
      default: self = .unknown
      }
    }
  }

  /// The name as a trace shows it.
  public var name: String {
    switch self {
    case .disconnect: ClassicType.disconnect.name
    case .setNick: ClassicType.setNick.name
    case .listRequest: ClassicType.listRequest.name
    case .listResponse: ClassicType.listResponse.name
    case .channelConfig: ClassicType.channelConfig.name
    default: FrameType(rawValue: rawValue &+ 1).name
    }
  }

  /// The type of a name in any case; nil if there is none.
  init?(word: String) {
    let wanted = word.uppercased()
    for type in Self.allCases where type.name == wanted {
      self = type
      return
    }
    return nil
  }
}

/// A set of types of frame.
public struct FrameTypeSet: Sendable, Hashable {
  private var bits: UInt32 = 0

  /// A set with nothing in it.
  public init() {}

  /// True if there is nothing in it.
  public var isEmpty: Bool { bits == 0 }

  /// True if a type is in it.
  public func contains(_ type: FrameTypeName) -> Bool {
    bits >> UInt32(type.rawValue) & 1 != 0
  }

  /// Adds a type.
  public mutating func insert(_ type: FrameTypeName) {
    bits |= 1 << UInt32(type.rawValue)
  }

  /// The types in it, in the order of the table.
  public var types: [FrameTypeName] { FrameTypeName.allCases.filter { contains($0) } }
}
