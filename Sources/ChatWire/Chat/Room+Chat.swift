// What is said in a room, and who is in it.

extension Room {
  /// Somebody says something, which is broadcast if it obeys PROTOCOL.md 6.1, to everybody else.
  public func text(
    from id: RoomMemberID, _ bytes: [UInt8], sentAtMilliseconds: UInt64
  ) -> [RoomDelivery] {
    guard let member = members[id], member.isEstablished else { return [] }
    do throws(ChatText.Violation) {
      let text = unsafe try ChatText(decoding: bytes.span.bytes)
      let broadcast = Broadcast(
        sentAtMilliseconds: sentAtMilliseconds, nickname: member.nickname.value, text: text.value)
      return [RoomDelivery(to: .others(than: id), .broadcast(broadcast))]
    } catch {
      return refusal(error.sentence, to: id)
    }
  }

  /// Somebody asks who is here: all established members, sorted by nickname (PROTOCOL.md 6.3), and
  /// their names in order of connecting for a classic member.
  public func roster(for id: RoomMemberID, at now: Instant) -> [RoomDelivery] {
    guard let asker = members[id], asker.isEstablished else { return [] }
    var roster = Roster(entries: [])
    var names: [String] = []
    switch asker.profile.dialect {
    case .native:
      members.forEachByName { member in
        // The count has 16 bits.
        guard member.isEstablished, roster.entries.count < Int(UInt16.max) else { return }
        roster.entries.append(Self.entry(of: member, for: id, at: now))
      }
    case .classic: members.forEach { if $0.isEstablished { names.append($0.nickname.value) } }
    }
    return [RoomDelivery(to: .one(id), .roster(roster, names: names))]
  }

  private static func entry(
    of member: RoomMember, for asker: RoomMemberID, at now: Instant
  ) -> Roster.Entry {
    let seconds = member.joinedAt.nanoseconds(to: now) / 1_000_000_000
    var flags: UInt8 = member.id == asker ? 1 : 0
    switch member.profile.dialect {
    case .native: break
    case .classic: flags |= 2
    }
    return Roster.Entry(
      nickname: member.nickname.value, mode: member.profile.mode.rawValue,
      window: member.profile.window, fragment: member.profile.fragment,
      connectedSeconds: UInt32(clamping: seconds), flags: flags)
  }
}
