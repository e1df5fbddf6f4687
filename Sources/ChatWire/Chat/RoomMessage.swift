/// What a room has to say to its members, in the words of either dialect.
public enum RoomMessage: Sendable, Hashable {
  /// Somebody has said something.
  case broadcast(Broadcast)
  /// Something has happened.
  case notice(Notice)
  /// Who is here: sorted for native members, in order of connecting for classic ones.
  case roster(Roster, names: [String])

  /// What a classic member gets.
  public enum ClassicForm: Sendable, Hashable {
    /// Frames for `ClassicServerSession.broadcast(_:)`.
    case broadcast(ClassicBroadcastFrames)
    /// The nickname for `ClassicServerSession.giveNickname(_:)`.
    case nickname(String)
    /// The names for `ClassicServerSession.list(_:)`.
    case names([String])
    /// The dialect has no words for it.
    case nothing
  }

  /// The message for native members: a type and a payload.
  ///
  /// Encode it once and share it among all recipients.
  public func encoded() -> (type: FrameType, payload: [UInt8]) {
    var payload: [UInt8] = []
    switch self {
    case .broadcast(let broadcast):
      // A nickname always fits.
      _ = broadcast.encode(into: &payload)
      return (.data, payload)
    case .notice(let notice):
      notice.payload.encode(into: &payload)
      return (.notice, payload)
    case .roster(let roster, _):
      // The room keeps to the largest number of entries.
      _ = roster.encode(into: &payload)
      return (.roster, payload)
    }
  }

  /// The message for classic members; encode it once and share it among all recipients.
  public func classicForm() -> ClassicForm {
    switch self {
    case .broadcast(let broadcast):
      .broadcast(ClassicBroadcastFrames(name: broadcast.nickname, text: broadcast.text))
    case .notice(.nicknameAccepted(let nickname)): .nickname(nickname)
    case .notice: .nothing
    case .roster(_, let names): .names(names)
    }
  }
}

/// A message and who gets it.
public struct RoomDelivery: Sendable, Hashable {
  /// Who gets a message; only established members do.
  public enum Recipients: Sendable, Hashable {
    case one(RoomMemberID)
    case all
    case others(than: RoomMemberID)
  }

  /// Who gets it.
  public var recipients: Recipients
  /// What they get.
  public var message: RoomMessage

  /// Makes a delivery.
  public init(to recipients: Recipients, _ message: RoomMessage) {
    self.recipients = recipients
    self.message = message
  }
}
