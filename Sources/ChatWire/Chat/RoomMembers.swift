/// The members of a room, found by identity and by nickname, in order of joining and of nickname.
///
/// Members stand in slots that are used again. A chain through the slots keeps the order of
/// joining; an array of slot numbers keeps the order of nicknames: finding a place in it takes a
/// binary search, making room a move of four bytes for each member behind it.
struct RoomMembers: Sendable {
  private struct Slot: Sendable {
    var member: RoomMember
    var key: String
    /// The slots before and after, -1 at the ends.
    var previous: Int
    var next: Int
  }

  private var slots: [Slot?] = []
  private var freeSlots: [Int] = []
  private var first = -1
  private var last = -1
  private var slotByID: [RoomMemberID: Int] = [:]
  /// By key; strings compare by canonical equivalence.
  private var slotByKey: [String: Int] = [:]
  private var slotsByName: [Int32] = []

  var count: Int { slotByID.count }

  subscript(id: RoomMemberID) -> RoomMember? {
    slotByID[id].flatMap { slots[$0]?.member }
  }

  /// Who has a nickname, or one that counts as the same.
  func owner(of nickname: Nickname) -> RoomMemberID? {
    slotByKey[nickname.key].flatMap { slots[$0]?.member.id }
  }

  /// Adds a member at the end; neither it nor its nickname may be there.
  mutating func append(_ member: RoomMember) {
    let key = member.nickname.key
    let slot = Slot(member: member, key: key, previous: last, next: -1)
    let index: Int
    if let free = freeSlots.popLast() {
      index = free
      slots[index] = slot
    } else {
      index = slots.count
      slots.append(slot)
    }
    if last >= 0 { slots[last]?.next = index } else { first = index }
    last = index
    slotByID[member.id] = index
    addName(key, index)
  }

  /// Removes a member.
  mutating func remove(_ id: RoomMemberID) -> RoomMember? {
    guard let index = slotByID.removeValue(forKey: id), let slot = slots[index] else { return nil }
    removeName(slot.key)
    if slot.previous >= 0 { slots[slot.previous]?.next = slot.next } else { first = slot.next }
    if slot.next >= 0 { slots[slot.next]?.previous = slot.previous } else { last = slot.previous }
    slots[index] = nil
    freeSlots.append(index)
    return slot.member
  }

  /// Gives a member another nickname, which nobody else has.
  mutating func rename(_ id: RoomMemberID, to nickname: Nickname, isGuest: Bool) {
    guard let index = slotByID[id], let old = slots[index]?.key else { return }
    let key = nickname.key
    removeName(old)
    slots[index]?.key = key
    slots[index]?.member.nickname = nickname
    slots[index]?.member.isGuest = isGuest
    addName(key, index)
  }

  /// Marks a member as established; what it was like before.
  mutating func establish(_ id: RoomMemberID) -> RoomMember? {
    guard let index = slotByID[id], let member = slots[index]?.member else { return nil }
    slots[index]?.member.isEstablished = true
    slots[index]?.member.refusal = nil
    return member
  }

  /// Calls a function with each member, in order of joining.
  func forEach(_ body: (RoomMember) -> Void) {
    var index = first
    while index >= 0, let slot = slots[index] {
      body(slot.member)
      index = slot.next
    }
  }

  /// Calls a function with each member, in order of the scalars of their folded nicknames.
  func forEachByName(_ body: (RoomMember) -> Void) {
    for index in slotsByName {
      if let member = slots[Int(index)]?.member { body(member) }
    }
  }

  // MARK: order of nicknames

  private mutating func addName(_ key: String, _ index: Int) {
    slotByKey[key] = index
    slotsByName.insert(Int32(truncatingIfNeeded: index), at: place(of: key))
  }

  private mutating func removeName(_ key: String) {
    slotByKey[key] = nil
    let place = place(of: key)
    if place < slotsByName.count { slotsByName.remove(at: place) }
  }

  /// How many keys precede this one; the order of UTF-8 is that of the scalars.
  private func place(of key: String) -> Int {
    var low = 0
    var high = slotsByName.count
    while low < high {
      let middle = (low + high) / 2
      let precedes =
        slots[Int(slotsByName[middle])]?.key.utf8.lexicographicallyPrecedes(key.utf8) ?? false
      if precedes { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
