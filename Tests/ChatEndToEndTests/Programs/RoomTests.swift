import Foundation
import TestSupport
import Testing

@Suite("Clients in a room") struct RoomTests {
  @Test("the others are told who joins, leaves and is renamed")
  func comings() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      try ana.wait(forKind: "joined", nickname: "ben")
      try ben.say("/nick bob")
      try ana.wait(forKind: "renamed", nickname: "bob")
      #expect(try ben.finish() == .code(0))
      try ana.wait(forKind: "left", nickname: "bob")
    }
  }

  @Test(
    "a nickname that is taken is refused with the reason, and another one is given at the start")
  func taken() throws {
    try withStage { stage in
      let server = try stage.server()
      let first = try stage.client(server, nick: "ana")
      let second = try stage.client(server, nick: "ANA")
      let given = try second.wait(forKind: "session").nickname ?? ""
      #expect(!given.isEmpty && given.lowercased() != "ana")
      try second.wait(forKind: "refused", with: "ANA")
      try second.say("/nick Ana")
      try second.wait(for: "the second refusal") {
        $0.kind == "refused" && $0.text.contains("Ana")
      }
      #expect(try first.events("renamed").isEmpty)
      try second.say("/nick anna")
      try first.wait(forKind: "renamed", nickname: "anna")
    }
  }

  @Test("new clients are greeted with --motd")
  func greeting() throws {
    try withStage { stage in
      let server = try stage.server("--motd", "Welcome, be kind ✓")
      let ana = try stage.client(server, nick: "ana")
      try ana.wait(forKind: "notice", with: "Welcome, be kind ✓")
    }
  }

  @Test("on a server of one mode a client that asks for the other goes on with it, and says so")
  func fixedMode() throws {
    try withStage { stage in
      let server = try stage.server("--protocol", "sr")
      let ana = try stage.client(server, nick: "ana", "--protocol", "gbn")
      #expect(try ana.wait(forKind: "session").object.string("protocol") == "sr")
      try ana.wait(for: "what the server does instead") {
        ["information", "explanation", "notice"].contains($0.kind)
          && $0.text.contains("Selective Repeat")
      }
    }
  }

  @Test("10 clients hear 5 senders of 200 messages in one order", .timeLimit(.minutes(5)))
  func oneOrder() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0", "--log-level", "warning")
      let recipients = try (0..<10).map { number in
        try stage.client(
          server, nick: "r\(number)", "--protocol", number % 2 == 0 ? "gbn" : "sr",
          "--window-size", "\(2 << (number % 5))")
      }
      let senders = try (0..<5).map { number in
        try stage.client(
          server, nick: "s\(number)", "--protocol", number % 2 == 0 ? "sr" : "gbn",
          "--max-fragment-size", "\(6 + number)")
      }
      for number in 0..<200 {
        for (index, sender) in senders.enumerated() { try sender.say("s\(index) says \(number)") }
      }
      let orders = try recipients.map {
        try $0.wait(forMessageCount: 1_000, seconds: 240).map(\.text)
      }
      for order in orders { #expect(order == orders[0]) }
      for index in senders.indices {
        #expect(
          orders[0].filter { $0.hasPrefix("s\(index) ") }
            == (0..<200).map { "s\(index) says \($0)" })
      }
    }
  }

  @Test("a client that says too much is told so, and the session goes on")
  func flood() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "5")
      let ana = try stage.client(server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      for number in 0..<200 { try ana.say("flood \(number)") }
      let refusal = try ana.wait(forKind: "refused", with: "5 a second")
      #expect(refusal.text.contains("not passed on"))
      try ana.wait(forDelivered: 200)
      try ben.wait(forMessage: "flood 0")
      #expect(try ben.events("message").count < 200)
      try ben.say("calm down")
      try ana.wait(forMessage: "calm down")
    }
  }

  @Test("a client that is killed has left")
  func killed() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let ben = try stage.client(server, nick: "ben")
      ben.process.signal(SIGKILL)
      try ana.wait(forKind: "left", nickname: "ben")
      let here = try ana.whoIsHere()
      #expect(here.map { $0.string("nickname") } == ["ana"])
    }
  }

  @Test("native and original clients chat, and each lists the other")
  func withClassic() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let old = try ClassicPeerClient(port: server.port)
      try old.shakeHands()
      #expect(try old.setNickname("old") == "old")
      try ana.say("hello, old one")
      try old.wait(for: "[ana] hello, old one")
      try old.say("well met")
      try ana.wait(forMessage: "well met", from: "old")
      #expect(try old.list().sorted() == ["ana", "old"])
      let here = try ana.whoIsHere()
      #expect(here.map { $0.string("nickname") } == ["ana", "old"])
      #expect(here.map { $0.boolean("classic") } == [nil, true])
      try old.disconnect()
      try ana.wait(forKind: "left", nickname: "old")
    }
  }

  @Test("our client speaks the original dialect with our server")
  func classicClient() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let old = try stage.client(port: server.port, nick: "old", ["--classic"])
      try old.wait(forKind: "session")
      try old.say("grüße 😀, in fragments of three")
      try ana.wait(forMessage: "grüße 😀, in fragments of three", from: "old")
      try ana.say("you, too")
      try old.wait(forMessage: "you, too", from: "ana")
      #expect(try old.finish() == .code(0))
    }
  }

  @Test(
    "the end of the server is told, and a client without reconnecting exits with 5",
    arguments: [SIGINT, SIGTERM])
  func serverEnds(signal: Int32) throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana", "--no-reconnect")
      server.process.signal(signal)
      try ana.wait(forKind: "notice", with: "shutting down")
      #expect(try server.process.waitForExit() == .code(0))
      #expect(try ana.process.waitForExit() == .code(5))
    }
  }
}
