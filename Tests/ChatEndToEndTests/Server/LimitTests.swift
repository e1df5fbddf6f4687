import ChatWire
import TestSupport
import Testing

@Suite("What a server does not take") struct LimitTests {
  @Test("with --max-clients, one too many is refused with ERROR 4, until somebody leaves")
  func clients() throws {
    try withStage { stage in
      let server = try stage.server("--max-clients", "3")
      let crowd = Crowd(port: server.port)
      let members = try (0..<3).map { try crowd.enter(nickname: "m\($0)") }
      let late = try crowd.join(nickname: "late")
      try crowd.run(until: "the fourth is refused") { late.outcome != nil }
      #expect(late.outcome?.code == .serverFull)
      #expect(late.outcome?.text.isEmpty == false)
      #expect(members.allSatisfy { $0.outcome == nil })
      members[0].leave()
      try crowd.run(until: "one leaves") { members[0].outcome != nil }
      _ = try crowd.enter(nickname: "later")
      #expect(try server.status().object("totals")?.integer("connections_refused") == 1)
    }
  }

  @Test("with --max-per-address, one too many from an address is refused with ERROR 4")
  func address() throws {
    try withStage { stage in
      let server = try stage.server("--max-per-address", "2")
      let crowd = Crowd(port: server.port)
      for number in 0..<2 { _ = try crowd.enter(nickname: "m\(number)") }
      let late = try crowd.join(nickname: "late")
      try crowd.run(until: "the third is refused") { late.outcome != nil }
      #expect(late.outcome?.code == .serverFull)
      #expect(late.outcome?.text.contains("address") == true)
    }
  }

  @Test("an unknown version is refused with ERROR 1")
  func version() throws {
    try withStage { stage in
      let server = try stage.server()
      let peer = try WirePeer(port: server.port)
      // Version 2, mode, window, fragment.
      let options: [UInt8] = [1, 1, 2, 2, 1, 1, 3, 2, 0, 16, 4, 2, 4, 0]
      try peer.send(.syn, sequence: SequenceNumber(1), options)
      let error = try peer.waitForEnd().last { $0.type == .error }
      #expect(error?.coded?.code == ErrorCode.unsupportedVersion.rawValue)
    }
  }

  @Test("a server of one mode gives that, and its own limits, whatever is asked for")
  func mode() throws {
    try withStage { stage in
      let server = try stage.server(
        "--protocol", "sr", "--window-size", "8", "--max-fragment-size", "100")
      let crowd = Crowd(port: server.port)
      let ana = try crowd.enter(nickname: "ana", mode: .goBackN, window: 64, fragment: 1_000)
      #expect(ana.parameters?.mode == .selectiveRepeat)
      #expect(ana.parameters?.windowSize == 8)
      #expect(ana.parameters?.fragmentSizeMax == 100)
      let ben = try crowd.enter(nickname: "ben", window: 2, fragment: 10)
      #expect(ben.parameters?.windowSize == 2)
      try ben.say(String(repeating: "fragmented ", count: 50))
      try crowd.run(until: "a message of 55 fragments") { ana.messages.count == 1 }
    }
  }

  @Test("a full table of open files is survived")
  func fullTable() throws {
    try withStage { stage in
      let server = try stage.server(openFileCountMax: 90)
      var peers = try (0..<150).map { _ in try WirePeer(port: server.port) }
      // Those that were let in hold their descriptors; the rest is turned away at once.
      try waitUntil("some are turned away") { try peers.contains { try $0.isEndedByNow() } }
      for peer in peers { peer.shutDown() }
      peers = []
      try server.waitForStatus("all have gone") { $0.integer("half_open_count") == 0 }
      let crowd = Crowd(port: server.port)
      let ana = try crowd.enter(nickname: "ana")
      let ben = try crowd.enter(nickname: "ben")
      try ana.say("room again")
      try crowd.run(until: "they can chat") { ben.messages.count == 1 }
      #expect(try server.stop() == .code(0))
    }
  }

  @Test("a second server on the same port says so and exits with 2")
  func portTaken() throws {
    try withStage { stage in
      let server = try stage.server()
      let second = try stage.run(
        "chat-server", "--host", "127.0.0.1", "--port", "\(server.port)", "--control",
        "\(stage.directory)/other")
      #expect(second.status == 2)
      #expect(second.errors.contains("\(server.port)"))
      #expect(second.output == "")
    }
  }
}
