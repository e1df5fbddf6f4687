import ChatPosix
import ChatWire
import Testing

@testable import chat_client

/// A connection with a server that behaves, in both dialects.
@Suite("Connection") struct ConnectionTests {
  @Test(arguments: [ARQMode.goBackN, .selectiveRepeat])
  func `what is said is delivered, and confirmed in order`(mode: ARQMode) throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) {
      $0.wishes.mode = mode
      $0.wishes.nickname = "ana"
      $0.wishes.fragmentSizeMax = 10
    }
    let long = String(repeating: "long ", count: 500)
    client.say("one", long, "three")
    let info = client.waitForSession()
    #expect(info?.mode == mode)
    #expect(info?.nickname == "ana")
    #expect(info?.fragmentSizeMax == 10)
    #expect(info?.isReconnection == false)
    client.waitForDelivery(of: 3)
    #expect(server.waitForMessages(3) == ["one", long, "three"])
    #expect(client.quit() == .done)
    let confirmed = client.events.compactMap { event in
      if case .delivered(let number) = event { number } else { nil }
    }
    #expect(confirmed == confirmed.sorted())
    #expect(confirmed.last == 3)
    #expect(client.connection.status().unacknowledgedCount == 0)
  }

  @Test func `nicknames and lists between messages do not count as messages`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port)
    client.waitForSession()
    client.say("one")
    client.connection.perform(.nickname("ana"))
    client.connection.perform(.who)
    client.say("two")
    client.waitForDelivery(of: 2)
    let said = client.events.compactMap { event in
      if case .delivered(let number) = event { number } else { nil }
    }
    #expect(said.max() == 2)
    #expect(server.waitForMessages(2) == ["one", "two"])
    #expect(server.heard.withLock { $0.map(\.nickname) } == ["guest-1", "ana"])
    let end = client.quit()
    #expect(end == .done)
    let roster = client.events.compactMap { event in
      if case .roster(let lines) = event { lines } else { nil }
    }.first
    #expect(roster?.map(\.nickname) == ["ana"])
    #expect(roster?.first?.isSelf == true)
    #expect(client.events.contains(.notice(.nicknameAccepted("ana"))))
  }

  @Test func `two clients hear each other, and of each other`() throws {
    let server = try TestServer()
    let ana = try TestClient(port: server.port) { $0.wishes.nickname = "ana" }
    ana.waitForSession()
    let ben = try TestClient(port: server.port) {
      $0.wishes.nickname = "ben"
      $0.wishes.isClassic = true
    }
    let info = ben.waitForSession()
    #expect(info?.dialect == .classic)
    #expect(info?.sessionID == "deadbeef")
    _ = ben.wait(for: "nickname") { $0 == .notice(.nicknameAccepted("ben")) ? true : nil }
    ana.say("hello ben")
    #expect(ben.waitForMessage() == "ana: hello ben")
    ben.say("hello ana", "zażółć 🦊")
    #expect(ana.waitForMessage() == "ben: hello ana")
    #expect(ana.waitForMessage() == "ben: zażółć 🦊")
    ben.waitForDelivery(of: 2)
    ben.connection.perform(.who)
    let roster = ben.wait(for: "roster") { event in
      if case .roster(let lines) = event { lines.map(\.nickname) } else { nil }
    }
    #expect(roster == ["ana", "ben"])
    #expect(ben.quit() == .done)
    _ = ana.wait(for: "leaving") { event in
      if case .notice(.left("ben", _)) = event { true } else { nil }
    }
    #expect(ana.quit() == .done)
  }

  @Test func `texts that break the rules are not sent, and the others are`() throws {
    let server = try TestServer()
    server.change { $0.configuration.messageSizeMax = 100 }
    let client = try TestClient(port: server.port)
    client.say("fine", "bell\u{7}", "", String(repeating: "x", count: 101), "fine too")
    client.waitForDelivery(of: 5)
    #expect(server.waitForMessages(2) == ["fine", "fine too"])
    #expect(client.quit() == .done)
    var reasons: [UInt64: String] = [:]
    for case .undeliverable(let number, let reason) in client.events { reasons[number] = reason }
    #expect(
      reasons == [
        2: "The text has the control character U+0007 at byte 4.", 3: "The text is empty.",
        4: "The message has 101 bytes; the server accepts at most 100.",
      ])
  }

  @Test func `another mode than the one asked for is said`() throws {
    let server = try TestServer()
    server.change { $0.configuration.mode = .selectiveRepeat }
    let client = try TestClient(port: server.port)
    #expect(client.waitForSession()?.mode == .selectiveRepeat)
    #expect(client.quit() == .done)
    #expect(
      client.events.contains(
        .information("the server does not offer Go-Back-N: it is Selective Repeat")))
  }

  @Test func `more than anybody reads does not get lost`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) { $0.wishes.windowSize = 1_000 }
    client.say("ready")
    client.waitForDelivery(of: 1)
    // More than the connection keeps for a reader that does not come.
    let count = ClientEvents.stopWeight + 2_000
    for number in 1...count { server.say("message \(number)") }
    for number in 1...count {
      guard client.waitForMessage() == "server: message \(number)" else {
        Issue.record("message \(number) is missing")
        return
      }
    }
    client.say("still here")
    client.waitForDelivery(of: 2)
    #expect(client.quit() == .done)
  }

  @Test func `another session takes over where the one before stood`() throws {
    let server = try TestServer()
    let client = try TestClient(port: server.port) { $0.wishes.nickname = "ana" }
    client.waitForSession()
    client.say("one")
    client.waitForDelivery(of: 1)
    client.connection.perform(.reconnect(ClientWishes(mode: .selectiveRepeat, windowSize: 3)))
    client.say("two")
    let info = client.waitForSession()
    #expect(info?.mode == .selectiveRepeat)
    #expect(info?.windowSize == 3)
    #expect(info?.nickname == "ana")
    #expect(info?.isReconnection == true)
    client.waitForDelivery(of: 2)
    #expect(server.waitForMessages(2) == ["one", "two"])
    #expect(client.quit() == .done)
  }
}
