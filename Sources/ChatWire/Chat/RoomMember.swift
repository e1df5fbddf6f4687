/// Who somebody in a room is: the number of a connection.
public struct RoomMemberID: RawRepresentable, Sendable, Hashable {
  /// The number.
  public var rawValue: UInt64

  /// Makes an identity.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// How a member is connected, as rosters show it.
public struct RoomProfile: Sendable, Hashable {
  /// The dialect.
  public var dialect: Dialect
  /// The mode in force.
  public var mode: ARQMode
  /// The window in force, in frames.
  public var window: UInt16
  /// The fragment size in force: bytes, or characters in the classic dialect.
  public var fragment: UInt16

  /// Makes a profile.
  public init(dialect: Dialect, mode: ARQMode, window: UInt16, fragment: UInt16) {
    self.dialect = dialect
    self.mode = mode
    self.window = window
    self.fragment = fragment
  }

  /// The profile of a classic session.
  public init(_ parameters: ClassicParameterSet) {
    self.init(
      dialect: .classic, mode: parameters.mode, window: UInt16(clamping: parameters.window),
      fragment: UInt16(clamping: parameters.fragmentCharacters))
  }
}

/// Somebody in a room.
public struct RoomMember: Sendable, Hashable {
  /// Who it is.
  public let id: RoomMemberID
  /// How they are connected.
  public let profile: RoomProfile
  /// What they are called.
  public internal(set) var nickname: Nickname
  /// True once their handshake is complete; before that they get nothing and are not listed.
  public internal(set) var isEstablished = false
  /// When they joined.
  public let joinedAt: Instant
  /// True while the nickname is one that the room made up.
  var isGuest: Bool
  /// Why the nickname that they wanted was refused; said once they are established.
  var refusal: String?
}
