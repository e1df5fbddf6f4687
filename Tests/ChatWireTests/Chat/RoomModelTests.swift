import ChatWire
import TestSupport
import Testing

/// The room against a model that is too simple to be wrong.
@Suite struct RoomModelTests {
  private struct Person {
    var id: UInt64
    var name: String
    var isEstablished = false
    var isClassic: Bool
    var joinedAt: Instant
  }

  /// An array in order of joining, searched from the front.
  private struct Model {
    var people: [Person] = []

    func index(_ id: UInt64) -> Int? { people.firstIndex { $0.id == id } }

    func owner(_ name: String) -> UInt64? {
      people.first { Nickname.key($0.name) == Nickname.key(name) }?.id
    }

    var established: [Person] { people.filter(\.isEstablished) }

    var sortedNames: [String] {
      established.map { (Nickname.key($0.name), $0.name) }.sorted {
        Array($0.0.unicodeScalars.map(\.value)).lexicographicallyPrecedes(
          $1.0.unicodeScalars.map(\.value))
      }.map(\.1)
    }
  }

  private static let wishes = [
    "ana", "Ana", "ANA", "bob", "zo\u{E9}", "ZOE\u{301}", "guest-1", "guest-2", "guest-3", "x y",
    "",
    "-a", "ß", "SS", "_", "ana2", "ana4", "\u{1F600}", "é",
  ]

  private func recipients(_ delivery: RoomDelivery, _ room: Room) -> [UInt64] {
    var result: [UInt64] = []
    room.forEachRecipient(of: delivery) { result.append($0.id.rawValue) }
    return result
  }

  private func check(_ room: Room, _ model: Model, at now: Instant, _ seed: UInt64) {
    #expect(room.count == model.people.count, "seed \(seed)")
    let all = RoomDelivery(to: .all, .notice(.welcome("")))
    #expect(recipients(all, room) == model.established.map(\.id), "seed \(seed)")
    guard let asker = model.established.last else { return }
    let id = RoomMemberID(rawValue: asker.id)
    let others = RoomDelivery(to: .others(than: id), .notice(.welcome("")))
    #expect(
      recipients(others, room) == model.established.map(\.id).filter { $0 != asker.id },
      "seed \(seed)")
    guard case .roster(let roster, let names)? = room.roster(for: id, at: now).first?.message else {
      Issue.record("seed \(seed): there is no roster")
      return
    }
    if asker.isClassic {
      #expect(names == model.established.map(\.name), "seed \(seed)")
    } else {
      #expect(roster.entries.map(\.nickname) == model.sortedNames, "seed \(seed)")
      let you = roster.entries.filter(\.isYou)
      #expect(you.map(\.nickname) == [asker.name], "seed \(seed)")
      #expect(
        you.first?.connectedSeconds
          == UInt32(asker.joinedAt.nanoseconds(to: now) / 1_000_000_000), "seed \(seed)")
    }
  }

  @Test func `random operations have the results of the model`() {
    for seed in 0..<UInt64(60 * effort) {
      var random = SeededGenerator(seed: seed)
      var room = Room()
      var model = Model()
      var now = Instant.zero
      for _ in 0..<200 {
        now = now.advanced(by: .milliseconds(Int64.random(in: 0...900, using: &random)))
        let number = UInt64.random(in: 0..<12, using: &random)
        let id = RoomMemberID(rawValue: number)
        let wish = Self.wishes.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<5, using: &random) {
        case 0: join(number, wish, &room, &model, isClassic: number.isMultiple(of: 3), at: now)
        case 1:
          let told = room.established(id)
          if let index = model.index(number), !model.people[index].isEstablished {
            model.people[index].isEstablished = true
            #expect(
              told.last
                == RoomDelivery(
                  to: .others(than: id), .notice(.joined(nickname: model.people[index].name))))
          } else {
            #expect(told == [])
          }
        case 2: rename(number, wish, &room, &model)
        case 3:
          let told = room.leave(id)
          let index = model.index(number)
          let wasEstablished = index.map { model.people[$0].isEstablished } ?? false
          #expect(told.count == (wasEstablished ? 1 : 0))
          if let index { model.people.remove(at: index) }
        default:
          let told = room.text(from: id, Array(wish.utf8), sentAtMilliseconds: 1)
          let isHeard = model.index(number).map { model.people[$0].isEstablished } ?? false
          #expect(told.count == (isHeard ? 1 : 0))
        }
        check(room, model, at: now, seed)
      }
    }
  }

  private func join(
    _ number: UInt64, _ wish: String, _ room: inout Room, _ model: inout Model, isClassic: Bool,
    at now: Instant
  ) {
    let profile = RoomProfile(
      dialect: isClassic ? .classic : .native, mode: .goBackN, window: 1, fragment: 1)
    let isNew = model.index(number) == nil
    let isGiven = (try? Nickname(wish)) != nil && model.owner(wish) == nil
    let (given, refusal) = room.join(
      RoomMemberID(rawValue: number), profile, wanted: Array(wish.utf8), at: now)
    guard isNew else { return }
    #expect((refusal == nil) == isGiven)
    #expect(isGiven ? given.value == wish : given.value.hasPrefix("guest-"))
    #expect(model.owner(given.value) == nil)
    model.people.append(
      Person(id: number, name: given.value, isClassic: isClassic, joinedAt: now))
  }

  private func rename(_ number: UInt64, _ wish: String, _ room: inout Room, _ model: inout Model) {
    let id = RoomMemberID(rawValue: number)
    let told = room.nickname(from: id, Array(wish.utf8))
    guard let index = model.index(number), model.people[index].isEstablished else {
      #expect(told == [])
      return
    }
    let owner = model.owner(wish)
    let isFree = (try? Nickname(wish)) != nil && (owner == nil || owner == number)
    guard isFree || model.people[index].isClassic else {
      #expect(told.count == 1)
      return
    }
    guard case .notice(.nicknameAccepted(let name))? = told.first?.message else {
      Issue.record("the nickname \(wish) is not accepted")
      return
    }
    if isFree { #expect(name == wish) }
    #expect((try? Nickname(name)) != nil)
    #expect(model.owner(name) == nil || model.owner(name) == number)
    #expect(
      told.last?.message == .notice(.renamed(from: model.people[index].name, to: name)))
    model.people[index].name = name
  }

  @Test func `ten thousand come, rename and go`() {
    var room = Room()
    let profile = RoomProfile(dialect: .native, mode: .goBackN, window: 16, fragment: 1_024)
    let count: UInt64 = 10_000
    for number in 0..<count {
      let id = RoomMemberID(rawValue: number)
      _ = room.join(id, profile, at: .zero)
      _ = room.established(id)
    }
    for number in 0..<count {
      let name = "n\(count - number)"
      _ = room.nickname(from: RoomMemberID(rawValue: number), Array(name.utf8))
    }
    let first = RoomMemberID(rawValue: 0)
    guard case .roster(let roster, _)? = room.roster(for: first, at: .zero).first?.message else {
      Issue.record("there is no roster")
      return
    }
    #expect(roster.entries.count == 10_000)
    #expect(roster.entries.prefix(3).map(\.nickname) == ["n1", "n10", "n100"])
    for number in 0..<count where !number.isMultiple(of: 1_000) {
      _ = room.leave(RoomMemberID(rawValue: number))
    }
    #expect(
      recipients(RoomDelivery(to: .all, .notice(.welcome(""))), room)
        == (0..<10).map { $0 * 1_000 })
  }
}
