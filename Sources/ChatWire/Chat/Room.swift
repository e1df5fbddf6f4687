/// The hub of a server as a pure value: who is here, what they are called, and who hears what in
/// which order.
///
/// Methods return what is to be delivered and deliver nothing. A server keeps the room behind one
/// lock: it calls a method, expands the deliveries with `forEachRecipient` into the members' queues
/// in the order in which they are listed, and only then lets go of the lock. So all members that
/// are present get all messages in one order.
///
/// The life of a member: `join` when its SYN is taken, which reserves a nickname; `established`
/// when its handshake is complete; `leave`, once, whatever happened before.
///
/// With n members, joining, leaving and renaming take time O(log n) and the move of an array of n
/// small integers; a delivery to all takes one step for each member, in order of joining.
public struct Room: Sendable {
  /// What to greet new members with; nil for no greeting.
  public var welcome: String?

  private(set) var members = RoomMembers()
  private var guestCount = 0

  /// An empty room.
  public init(welcome: String? = nil) {
    self.welcome = welcome
  }

  /// How many have joined and not left.
  public var count: Int { members.count }

  /// Somebody who is here; nil if there is nobody of this identity.
  public func member(_ id: RoomMemberID) -> RoomMember? { members[id] }

  /// Calls a function with everybody who gets a message, in order of joining.
  public func forEachRecipient(of delivery: RoomDelivery, _ body: (RoomMember) -> Void) {
    switch delivery.recipients {
    case .one(let id): if let member = members[id], member.isEstablished { body(member) }
    case .all: members.forEach { if $0.isEstablished { body($0) } }
    case .others(let id): members.forEach { if $0.isEstablished, $0.id != id { body($0) } }
    }
  }

  // MARK: coming and going

  /// Somebody comes, before their handshake is answered: the nickname that they get, and why it is
  /// not the one that they wanted.
  ///
  /// The nickname is reserved from now on. An identity that is here already is left as it is.
  public mutating func join(
    _ id: RoomMemberID, _ profile: RoomProfile, wanted: [UInt8]? = nil, at now: Instant
  ) -> (nickname: Nickname, refusal: String?) {
    if let member = members[id] { return (member.nickname, member.refusal) }
    var nickname: Nickname?
    var refusal: String?
    if let wanted {
      do throws(Nickname.Violation) {
        let legal = unsafe try Nickname(decoding: wanted.span.bytes)
        if members.owner(of: legal) == nil {
          nickname = legal
        } else {
          refusal = Self.taken(legal)
        }
      } catch {
        refusal = error.sentence
      }
    }
    let given = nickname ?? nextGuest()
    members.append(
      RoomMember(
        id: id, profile: profile, nickname: given, joinedAt: now, isGuest: nickname == nil,
        refusal: refusal))
    return (given, refusal)
  }

  /// The handshake of somebody who has joined is complete.
  public mutating func established(_ id: RoomMemberID) -> [RoomDelivery] {
    guard let member = members.establish(id), !member.isEstablished else { return [] }
    var deliveries: [RoomDelivery] = []
    if let welcome { deliveries.append(RoomDelivery(to: .one(id), .notice(.welcome(welcome)))) }
    if let refusal = member.refusal {
      deliveries.append(RoomDelivery(to: .one(id), .notice(.refused(refusal))))
    }
    let nickname = member.nickname.value
    deliveries.append(RoomDelivery(to: .others(than: id), .notice(.joined(nickname: nickname))))
    return deliveries
  }

  /// Somebody goes, for a reason if one is known; those who were never here are not missed.
  public mutating func leave(_ id: RoomMemberID, reason: String? = nil) -> [RoomDelivery] {
    guard let member = members.remove(id), member.isEstablished else { return [] }
    let reason = reason.flatMap { $0.isEmpty ? nil : $0 }
    return [
      RoomDelivery(to: .all, .notice(.left(nickname: member.nickname.value, reason: reason)))
    ]
  }

  /// The server goes away.
  public func shutDown(_ sentence: String) -> [RoomDelivery] {
    [RoomDelivery(to: .all, .notice(.shuttingDown(sentence)))]
  }

  // MARK: nicknames

  /// Somebody asks for a nickname.
  ///
  /// A native member gets it or is told why not. A classic member, which cannot be told, gets one
  /// that is near; without any legal character it is a guest.
  public mutating func nickname(from id: RoomMemberID, _ bytes: [UInt8]) -> [RoomDelivery] {
    guard let member = members[id], member.isEstablished else { return [] }
    let given: Nickname
    var isGuest = false
    switch member.profile.dialect {
    case .native:
      do throws(Nickname.Violation) {
        given = unsafe try Nickname(decoding: bytes.span.bytes)
      } catch {
        return refusal(error.sentence, to: id)
      }
      guard isFree(given, for: id) else { return refusal(Self.taken(given), to: id) }
    case .classic:
      if let near = Nickname.nearest(to: String(decoding: bytes, as: UTF8.self)) {
        given = freeVariant(of: near, for: id)
      } else {
        given = member.isGuest ? member.nickname : nextGuest()
        isGuest = true
      }
    }
    members.rename(id, to: given, isGuest: isGuest)
    let (old, new) = (member.nickname.value, given.value)
    return [
      RoomDelivery(to: .one(id), .notice(.nicknameAccepted(new))),
      RoomDelivery(to: .others(than: id), .notice(.renamed(from: old, to: new))),
    ]
  }

  func refusal(_ sentence: String, to id: RoomMemberID) -> [RoomDelivery] {
    [RoomDelivery(to: .one(id), .notice(.refused(sentence)))]
  }

  private static func taken(_ nickname: Nickname) -> String {
    "The nickname " + nickname.value + " is taken."
  }

  private func isFree(_ nickname: Nickname, for id: RoomMemberID) -> Bool {
    let owner = members.owner(of: nickname)
    return owner == nil || owner == id
  }

  /// The nickname, or with a number behind it that nobody has.
  ///
  /// With thousands of the same name, trying one number after the other would take long: a free one
  /// is found by doubling, and halving leads down to one whose predecessor is taken. Where somebody
  /// sits on the doubled numbers, one after the other is tried; among more numbers than members one
  /// is free.
  private mutating func freeVariant(of nickname: Nickname, for id: RoomMemberID) -> Nickname {
    if isFree(nickname, for: id) { return nickname }
    var taken = 1
    var free = 2
    while free <= 2 * count {
      guard !isFree(nickname.numbered(free), for: id) else { break }
      taken = free
      free *= 2
    }
    guard isFree(nickname.numbered(free), for: id) else {
      return (2...count + 2).lazy.map { nickname.numbered($0) }
        .first { self.isFree($0, for: id) } ?? nextGuest()
    }
    while free - taken > 1 {
      let middle = (taken + free) / 2
      if isFree(nickname.numbered(middle), for: id) { free = middle } else { taken = middle }
    }
    return nickname.numbered(free)
  }

  /// The next `guest-N` that nobody has taken.
  private mutating func nextGuest() -> Nickname {
    while true {
      guestCount += 1
      let nickname = Nickname(unchecked: "guest-" + String(guestCount))
      if members.owner(of: nickname) == nil { return nickname }
    }
  }
}
