import ChatWire
import Foundation
import TestSupport
import Testing

@Suite("Clients of the original dialect in our room") struct ClassicRoomTests {
  @Test("the handshake is answered as the original does, keys in their order")
  func handshake() throws {
    try withStage { stage in
      let server = try stage.server()
      let client = try ClassicPeerClient(port: server.port)
      try client.shakeHands(mode: "sr", fragment: 5, window: 9)
      let answer = client.acknowledgement
      #expect(answer?.string("status") == "ok")
      #expect(answer?.string("protocol") == "sr")
      #expect(answer?.integer("max_fragment_size") == 5)
      #expect(answer?.integer("window_size") == 9)
      let session = answer?.string("session_id") ?? ""
      #expect(session.count == 8 && session.allSatisfy(\.isHexDigit))
    }
  }

  @Test("original and native clients hear and see each other")
  func together() throws {
    try withStage { stage in
      let server = try stage.server()
      let crowd = Crowd(port: server.port)
      let nat = try crowd.enter(nickname: "nat", mode: .selectiveRepeat)
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      let older = try ClassicPeerClient(port: server.port)
      try older.shakeHands(fragment: 100)
      #expect(try old.setNickname("  oldtimer ") == "oldtimer")
      #expect(try older.setNickname("methuselah") == "methuselah")
      #expect(try old.list().sorted() == ["methuselah", "nat", "oldtimer"])

      try nat.say("hello, old ones ✓")
      try crowd.run(until: "it is sent") { nat.isAllAcknowledged }
      try old.wait(for: "[nat] hello, old ones ✓")
      try older.wait(for: "[nat] hello, old ones ✓")
      try old.say("grüße, 😀 wie früher")
      try older.wait(for: "[oldtimer] grüße, 😀 wie früher")
      try crowd.run(until: "nat hears it") {
        nat.messages.contains { $0.nickname == "oldtimer" && $0.text == "grüße, 😀 wie früher" }
      }
      // Never to the sender.
      #expect(!old.broadcasts.contains { $0.hasPrefix("[oldtimer]") })

      try nat.who()
      try crowd.run(until: "nat sees who is here") { nat.roster?.entries.count == 3 }
      let entries = nat.roster?.entries ?? []
      #expect(entries.map(\.nickname) == ["methuselah", "nat", "oldtimer"])
      #expect(entries.map(\.isClassic) == [true, false, true])

      try old.disconnect()
      older.end()
      try crowd.run(until: "nat is told that both left") { nat.leftCount == 2 }
      try server.waitForStatus("one is left") { $0.integer("client_count") == 1 }
    }
  }

  @Test("an original client without a nickname has a name that both sides can use")
  func nameless() throws {
    try withStage { stage in
      let server = try stage.server()
      let crowd = Crowd(port: server.port)
      let nat = try crowd.enter(nickname: "nat")
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      let names = try old.list()
      #expect(names.count == 2 && names.contains("nat"))
      try old.say("who am I")
      try crowd.run(until: "nat hears it") { nat.messages.count == 1 }
      #expect(names.contains(nat.messages[0].nickname))
      try nat.who()
      try crowd.run(until: "nat sees who is here") { nat.roster?.entries.count == 2 }
      #expect(nat.roster?.entries.map(\.nickname).sorted() == names.sorted())
    }
  }

  @Test("a long text comes in frames that one recv(1024) takes, cut between characters")
  func long() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0")
      let crowd = Crowd(port: server.port)
      let nat = try crowd.enter(nickname: "nat")
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      _ = try old.list()
      let text = (0..<400).map { "\($0) 😀é✓" }.joined(separator: " ")
      try nat.say(text)
      try crowd.run(until: "it is sent") { nat.isAllAcknowledged }
      let name = "[nat] "
      try old.wait(for: "the whole text") { broadcasts in
        broadcasts.map { $0.dropFirst(name.count) }.joined() == text
      }
      let frames = old.frames.filter { $0.type == ClassicPeerType.data }
      #expect(frames.count > 1)
      #expect(frames.allSatisfy { $0.payload.count <= 1_012 && $0.isLast })
      #expect(frames.allSatisfy { String(validating: $0.payload, as: UTF8.self) != nil })
      #expect(frames.allSatisfy { $0.text.hasPrefix(name) })
    }
  }

  @Test("frames for an original client come one by one, so that it misses few of many")
  func pace() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0")
      let crowd = Crowd(port: server.port)
      let nat = try crowd.enter(nickname: "nat")
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      _ = try old.list()
      for number in 0..<100 { try nat.say("message \(number)") }
      try crowd.run(until: "all are sent") { nat.isAllAcknowledged }
      let expected = (0..<100).map { "[nat] message \($0)" }
      try old.wait(for: "all of them, in order") { $0 == expected }
      // Without pauses the original would see a quarter of them.
      #expect(old.missedCount < 50, "\(old.missedCount) of 100 came behind another")
    }
  }

  @Test("a damaged frame is answered with NACK, and taken when it comes again")
  func damaged() throws {
    try withStage { stage in
      let server = try stage.server()
      let crowd = Crowd(port: server.port)
      let nat = try crowd.enter(nickname: "nat")
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands(fragment: 100)
      try old.sendDamaged(
        ClassicPeerFrame(ClassicPeerType.data, isLast: true, "damaged on the way"))
      try old.waitForFrame("a NACK") { $0.type == ClassicPeerType.nack && $0.sequence == 0 }
      try old.say("damaged on the way")
      try crowd.run(until: "nat hears it once") { nat.messages.count == 1 }
      #expect(nat.messages.map(\.text) == ["damaged on the way"])
    }
  }

  @Test("the sixth NACK in a row ends the connection")
  func sixNacks() throws {
    try withStage { stage in
      let server = try stage.server()
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      for _ in 0..<6 {
        try old.sendDamaged(ClassicPeerFrame(ClassicPeerType.data, isLast: true, "damaged"))
      }
      try old.waitForEnd()
      #expect(old.frames.filter { $0.type == ClassicPeerType.nack }.count == 6)
    }
  }

  @Test("an original client is closed on when the server ends")
  func serverEnds() throws {
    try withStage { stage in
      let server = try stage.server()
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      _ = try old.list()
      server.process.signal(SIGTERM)
      try old.waitForEnd()
      #expect(try server.process.waitForExit() == .code(0))
    }
  }
}
