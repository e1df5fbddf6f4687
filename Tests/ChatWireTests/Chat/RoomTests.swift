import ChatWire
import TestSupport
import Testing

/// The hub as a value (PROTOCOL.md section 6 and 9.2).
@Suite struct RoomTests {
  private let start = Instant(nanoseconds: 5_000_000_000)
  private let native = RoomProfile(
    dialect: .native, mode: .selectiveRepeat, window: 16, fragment: 1_024)
  private let classic = RoomProfile(ClassicParameterSet())

  private func id(_ number: UInt64) -> RoomMemberID { RoomMemberID(rawValue: number) }

  /// A room with members of these names, numbered from 1; names in capitals speak classic.
  private func room(_ names: String..., welcome: String? = nil) -> Room {
    var room = Room(welcome: welcome)
    for (index, name) in names.enumerated() {
      let profile = name.first?.isUppercase == true ? classic : native
      _ = room.join(id(UInt64(index + 1)), profile, wanted: Array(name.utf8), at: start)
      _ = room.established(id(UInt64(index + 1)))
    }
    return room
  }

  private func recipients(_ delivery: RoomDelivery, in room: Room) -> [UInt64] {
    var result: [UInt64] = []
    room.forEachRecipient(of: delivery) { result.append($0.id.rawValue) }
    return result
  }

  private func notice(_ recipients: RoomDelivery.Recipients, _ notice: Notice) -> RoomDelivery {
    RoomDelivery(to: recipients, .notice(notice))
  }

  // MARK: coming

  @Test func `a legal nickname is given and reserved from the moment of joining`() {
    var room = Room()
    #expect(room.join(id(1), native, wanted: Array("Ana".utf8), at: start).nickname.value == "Ana")
    let second = room.join(id(2), native, wanted: Array("aNA".utf8), at: start)
    #expect(second.nickname.value == "guest-1")
    #expect(second.refusal == "The nickname aNA is taken.")
    #expect(room.count == 2)
  }

  @Test func `without a wish one is guest-N`() {
    var room = room("guest-2")
    #expect(room.join(id(11), native, at: start).nickname.value == "guest-1")
    #expect(room.join(id(12), native, at: start).nickname.value == "guest-3")
    #expect(room.join(id(13), native, wanted: [], at: start).refusal == "The nickname is empty.")
    #expect(room.member(id(13))?.nickname.value == "guest-4")
  }

  @Test func `canonically equivalent nicknames are the same`() {
    var room = room("zo\u{E9}")
    let refused = room.join(id(2), native, wanted: Array("ZOE\u{301}".utf8), at: start)
    #expect(refused.refusal != nil)
    #expect(refused.nickname.value == "guest-1")
  }

  @Test func `whoever is here is welcomed, told of a refusal and announced, in this order`() {
    var room = room("ana", "Bob", welcome: "Hello.")
    _ = room.join(id(3), native, wanted: Array("-x".utf8), at: start)
    let deliveries = room.established(id(3))
    #expect(
      deliveries == [
        notice(.one(id(3)), .welcome("Hello.")),
        notice(
          .one(id(3)),
          .refused("A nickname cannot begin with U+002D, only with a letter, a digit or _.")),
        notice(.others(than: id(3)), .joined(nickname: "guest-1")),
      ])
    #expect(deliveries.map { recipients($0, in: room) } == [[3], [3], [1, 2]])
    // Only once.
    #expect(room.established(id(3)) == [])
    #expect(room.established(id(99)) == [])
  }

  @Test func `joining twice changes nothing`() {
    var room = room("ana")
    #expect(room.join(id(1), classic, wanted: Array("bob".utf8), at: .zero).nickname.value == "ana")
    #expect(room.count == 1)
    #expect(room.member(id(1))?.profile.dialect == .native)
  }

  @Test func `members that have not finished the handshake get nothing and are not listed`() {
    var room = room("ana", "bob")
    _ = room.join(id(3), native, wanted: Array("cleo".utf8), at: start)
    #expect(recipients(notice(.all, .shuttingDown("")), in: room) == [1, 2])
    #expect(recipients(notice(.one(id(3)), .shuttingDown("")), in: room) == [])
    #expect(room.text(from: id(3), [0x61], sentAtMilliseconds: 0) == [])
    #expect(room.nickname(from: id(3), [0x61]) == [])
    #expect(room.roster(for: id(3), at: start) == [])
    guard case .roster(let roster, _)? = room.roster(for: id(1), at: start).first?.message else {
      Issue.record("there is no roster")
      return
    }
    #expect(roster.entries.map(\.nickname) == ["ana", "bob"])
    // And nobody is told that they left.
    #expect(room.leave(id(3)) == [])
    #expect(room.join(id(4), native, wanted: Array("cleo".utf8), at: start).refusal == nil)
  }

  // MARK: going

  @Test func `all others are told who left and why`() {
    var room = room("ana", "bob", "cleo")
    #expect(
      room.leave(id(2), reason: "bye") == [notice(.all, .left(nickname: "bob", reason: "bye"))])
    #expect(room.leave(id(2)) == [])
    #expect(room.leave(id(1), reason: "") == [notice(.all, .left(nickname: "ana", reason: nil))])
    #expect(recipients(notice(.all, .shuttingDown("")), in: room) == [3])
    #expect(room.member(id(1)) == nil)
  }

  @Test func `the end of the server is told to all`() {
    let room = room("ana", "Bob")
    #expect(room.shutDown("Goodbye.") == [notice(.all, .shuttingDown("Goodbye."))])
  }

  // MARK: text

  @Test func `text goes to every other member and never to its sender`() {
    let room = room("ana", "Bob", "cleo")
    let deliveries = room.text(from: id(2), Array("hi €".utf8), sentAtMilliseconds: 1_234)
    #expect(
      deliveries == [
        RoomDelivery(
          to: .others(than: id(2)),
          .broadcast(Broadcast(sentAtMilliseconds: 1_234, nickname: "Bob", text: "hi €")))
      ])
    #expect(recipients(deliveries[0], in: room) == [1, 3])
  }

  @Test func `text that breaks the rules is refused and nothing is broadcast`() {
    let room = room("ana", "bob")
    let cases: [([UInt8], String)] = [
      ([], "The text is empty."), ([0x61, 0xFF], "The text is not UTF-8 at byte 1."),
      ([0x1B], "The text has the control character U+001B at byte 0."),
      ([0xC2, 0x85], "The text has the control character U+0085 at byte 0."),
    ]
    for (bytes, sentence) in cases {
      #expect(
        room.text(from: id(1), bytes, sentAtMilliseconds: 0)
          == [notice(.one(id(1)), .refused(sentence))])
    }
    #expect(room.text(from: id(1), Array("a\tb\n".utf8), sentAtMilliseconds: 0).count == 1)
    #expect(room.text(from: id(9), Array("x".utf8), sentAtMilliseconds: 0) == [])
  }

  // MARK: nicknames

  @Test func `a nickname is accepted and the others told`() {
    var room = room("ana", "bob", "cleo")
    let deliveries = room.nickname(from: id(1), Array("anna".utf8))
    #expect(
      deliveries == [
        notice(.one(id(1)), .nicknameAccepted("anna")),
        notice(.others(than: id(1)), .renamed(from: "ana", to: "anna")),
      ])
    #expect(recipients(deliveries[1], in: room) == [2, 3])
    // The old one is free.
    #expect(room.nickname(from: id(2), Array("ANA".utf8)).count == 2)
    // One's own in another spelling is not taken.
    #expect(room.nickname(from: id(2), Array("aNa".utf8)).count == 2)
    #expect(room.member(id(2))?.nickname.value == "aNa")
  }

  @Test func `a refused nickname changes nothing`() {
    var room = room("ana", "bob")
    #expect(
      room.nickname(from: id(1), Array("BOB".utf8))
        == [notice(.one(id(1)), .refused("The nickname BOB is taken."))])
    #expect(
      room.nickname(from: id(1), [0xFF])
        == [notice(.one(id(1)), .refused("The nickname is not UTF-8 at byte 0."))])
    #expect(room.nickname(from: id(1), Array("a b".utf8)).count == 1)
    #expect(room.member(id(1))?.nickname.value == "ana")
    #expect(room.nickname(from: id(9), Array("x".utf8)) == [])
  }

  @Test(arguments: [
    ("zoe", "zoe"), ("bob", "bob2"), ("BOB", "BOB2"), ("z o\te!", "zoe"), ("-.zoe-.", "zoe-."),
    ("\u{301}zoe", "zoe"), ("10.0.0.1:5000", "10.0.0.15000"), ("[ana]", "ana2"),
    (String(repeating: "x", count: 3_000), String(repeating: "x", count: 32)),
    (String(repeating: "é", count: 40), String(repeating: "é", count: 32)),
    (String(repeating: "中", count: 40), String(repeating: "中", count: 21)),
  ])
  func `a classic member gets the nickname or a near one`(_ pair: (String, String)) {
    var room = room("ana", "bob", "Classic")
    let deliveries = room.nickname(from: id(3), Array(pair.0.utf8))
    #expect(
      deliveries == [
        notice(.one(id(3)), .nicknameAccepted(pair.1)),
        notice(.others(than: id(3)), .renamed(from: "Classic", to: pair.1)),
      ])
    #expect(deliveries.first?.message.classicForm() == .nickname(pair.1))
  }

  @Test func `a classic member without a legal character is a guest`() {
    var room = room("Ana")
    for wish in ["", "!!", "---"] {
      #expect(
        room.nickname(from: id(1), Array(wish.utf8)).first
          == notice(.one(id(1)), .nicknameAccepted("guest-1")))
    }
  }

  @Test func `a number shortens a nickname that is long already`() {
    let long = String(repeating: "x", count: 32)
    var room = room(long, "B")
    _ = room.nickname(from: id(2), Array(long.utf8))
    #expect(room.member(id(2))?.nickname.value == String(repeating: "x", count: 31) + "2")
    let wide = String(repeating: "中", count: 21)
    var other = self.room(wide, "B")
    _ = other.nickname(from: id(2), Array(wide.utf8))
    #expect(other.member(id(2))?.nickname.value == String(repeating: "中", count: 21) + "2")
    // 64 bytes: the number needs one of them.
    let full = String(repeating: "é", count: 32)
    var third = self.room(full, "B")
    _ = third.nickname(from: id(2), Array(full.utf8))
    #expect(third.member(id(2))?.nickname.value == String(repeating: "é", count: 31) + "2")
  }

  @Test func `thousands of one name are told apart`() {
    var room = room("x")
    var names: Set<String> = ["x"]
    for number in 2...2_000 {
      let member = id(UInt64(number))
      _ = room.join(member, classic, at: start)
      _ = room.established(member)
      _ = room.nickname(from: member, Array("x".utf8))
      names.insert(room.member(member)?.nickname.value ?? "")
    }
    #expect(names.count == 2_000)
    #expect(names.contains("x2"))
    #expect(names.allSatisfy { $0.utf8.count <= 5 })
  }

  @Test func `sitting on the doubled numbers stops nobody`() {
    var room = room("x")
    var number = 2
    for index in 2...40 {
      let member = id(UInt64(index))
      _ = room.join(member, native, wanted: Array("x\(number)".utf8), at: start)
      number *= 2
    }
    _ = room.join(id(100), classic, at: start)
    _ = room.established(id(100))
    _ = room.nickname(from: id(100), Array("x".utf8))
    #expect(room.member(id(100))?.nickname.value == "x3")
  }

  // MARK: who is here

  @Test func `a roster is sorted by the folded nickname and says who you are`() throws {
    let room = room("bob", "Ana", "zoé", "_x", "Éva")
    let later = start.advanced(by: .milliseconds(61_999))
    let delivery = try #require(room.roster(for: id(1), at: later).first)
    guard case .roster(let roster, _) = delivery.message else {
      Issue.record("it is no roster")
      return
    }
    #expect(recipients(delivery, in: room) == [1])
    #expect(roster.entries.map(\.nickname) == ["_x", "Ana", "bob", "zoé", "Éva"])
    #expect(roster.entries.map(\.isYou) == [false, false, true, false, false])
    #expect(roster.entries.map(\.isClassic) == [false, true, false, false, true])
    #expect(
      roster.entries[2]
        == Roster.Entry(
          nickname: "bob", mode: 2, window: 16, fragment: 1_024, connectedSeconds: 61, flags: 1))
    #expect(
      roster.entries[1]
        == Roster.Entry(
          nickname: "Ana", mode: 1, window: 4, fragment: 3, connectedSeconds: 61, flags: 2))
  }

  @Test func `a classic member gets names in order of connecting`() {
    let room = room("bob", "Ana", "zoé", "_x")
    #expect(
      room.roster(for: id(2), at: start).first?.message.classicForm()
        == .names(["bob", "Ana", "zoé", "_x"]))
  }

  @Test func `times that cannot be are clamped`() {
    let room = room("ana")
    for (now, expected) in [(Instant.zero, UInt32(0)), (.distantFuture, .max)] {
      guard case .roster(let roster, _)? = room.roster(for: id(1), at: now).first?.message else {
        Issue.record("there is no roster")
        return
      }
      #expect(roster.entries.first?.connectedSeconds == expected)
    }
  }

  // MARK: on the wire

  @Test func `messages are encoded for native members`() throws {
    let broadcast = Broadcast(sentAtMilliseconds: 7, nickname: "ana", text: "hi")
    let (type, payload) = RoomMessage.broadcast(broadcast).encoded()
    #expect(type == .data)
    #expect(try Broadcast(decoding: payload.span.bytes) == broadcast)
    let notice = RoomMessage.notice(.joined(nickname: "ana")).encoded()
    #expect(notice.type == .notice)
    #expect(notice.payload == [1] + Array("ana".utf8))
    let roster = Roster(entries: [])
    #expect(RoomMessage.roster(roster, names: []).encoded().type == .roster)
    #expect(RoomMessage.roster(roster, names: []).encoded().payload == [0, 0])
  }

  @Test func `a classic member hears broadcasts and nothing of notices`() {
    let broadcast = Broadcast(sentAtMilliseconds: 7, nickname: "ana", text: "hi")
    #expect(
      RoomMessage.broadcast(broadcast).classicForm()
        == .broadcast(ClassicBroadcastFrames(name: "ana", text: "hi")))
    for notice in [
      Notice.joined(nickname: "x"), .left(nickname: "x", reason: nil), .refused("x"),
      .renamed(from: "x", to: "y"), .shuttingDown("x"), .welcome("x"),
    ] {
      #expect(RoomMessage.notice(notice).classicForm() == .nothing)
    }
  }
}
