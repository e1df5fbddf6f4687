import ChatWire
import Foundation
import TestSupport
import Testing

@Suite("The end of a server") struct ShutdownTests {
  @Test(
    "a signal ends every session with NOTICE 6 and a FIN, and the server with 0",
    arguments: [SIGINT, SIGTERM])
  func ends(signal: Int32) throws {
    try withStage { stage in
      let server = try stage.server()
      let crowd = Crowd(port: server.port)
      let members = try (0..<5).map { number in
        try crowd.enter(
          nickname: "m\(number)", mode: number % 2 == 0 ? .goBackN : .selectiveRepeat)
      }
      try members[0].say("the last word")
      server.process.signal(signal)
      try crowd.run(until: "all sessions end") { members.allSatisfy { $0.outcome != nil } }
      for member in members {
        #expect(member.outcome?.ending == .clean)
        #expect(member.notices.contains { if case .shuttingDown = $0 { true } else { false } })
      }
      #expect(try server.process.waitForExit() == .code(0))
      #expect(!FileManager.default.fileExists(atPath: server.controlPath))
    }
  }

  @Test("a client that does not say goodbye is cut off, and the server ends with 0 all the same")
  func stubborn() throws {
    try withStage { stage in
      let server = try stage.server()
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "stubborn")
      server.process.signal(SIGTERM)
      let frames = try peer.waitForEnd()
      #expect(frames.contains { $0.type == .notice && $0.coded?.code == 6 })
      #expect(frames.contains { $0.type == .fin })
      let error = frames.last { $0.type == .error }?.coded
      #expect(error?.code == ErrorCode.shuttingDown.rawValue)
      #expect(try server.process.waitForExit() == .code(0))
    }
  }

  @Test(
    "a second signal ends the server at once",
    arguments: [[SIGINT, SIGINT], [SIGTERM, SIGTERM], [SIGINT, SIGTERM], [SIGTERM, SIGINT]])
  func second(signals: [Int32]) throws {
    try withStage { stage in
      let server = try stage.server()
      // Somebody for whom the server would wait.
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "stubborn")
      server.process.signal(signals[0])
      _ = try peer.wait(for: .fin)
      server.process.signal(signals[1])
      let frames = try peer.waitForEnd()
      // Not the orderly end, in which those who do not say goodbye get an ERROR.
      #expect(!frames.contains { $0.type == .error })
      _ = try server.process.waitForExit()
    }
  }

  @Test("who connects during the end is not let in")
  func late() throws {
    try withStage { stage in
      let server = try stage.server()
      let peer = try WirePeer(port: server.port)
      try peer.shakeHands(nickname: "stubborn")
      server.process.signal(SIGTERM)
      _ = try peer.wait(for: .fin)
      _ = withExtendedLifetime(peer) {
        #expect(throws: (any Error).self) {
          let late = try WirePeer(port: server.port)
          try late.shakeHands(nickname: "late")
        }
      }
      #expect(try server.process.waitForExit() == .code(0))
    }
  }

  @Test("the status names every client and counts what it has done")
  func status() throws {
    try withStage { stage in
      let server = try stage.server("--name", "Test room")
      let crowd = Crowd(port: server.port)
      let ana = try crowd.enter(nickname: "ana", mode: .selectiveRepeat, window: 7, fragment: 99)
      let ben = try crowd.enter(nickname: "ben")
      try ana.say("hello")
      try crowd.run(until: "ben hears it") { ben.messages.count == 1 && ana.isAllAcknowledged }
      let status = try server.status()
      #expect(status.string("name") == "Test room")
      #expect(status.string("address") == "127.0.0.1:\(server.port)")
      #expect(status.integer("process_identifier") == Int(server.process.processIdentifier))
      let clients = status.objects("clients") ?? []
      #expect(clients.map { $0.string("nickname") } == ["ana", "ben"])
      #expect(clients.first?.string("mode") == "sr")
      #expect(clients.first?.integer("window_size") == 7)
      #expect(clients.first?.integer("fragment_size_max") == 99)
      #expect(status.object("totals")?.integer("connections_accepted") == 2)
      let plain = try stage.run("chat-server", "status", "--control", server.controlPath)
      #expect(plain.status == 0)
      #expect(plain.output.contains("ana") && plain.output.contains("ben"))
    }
  }

  @Test("a status that nobody answers is exit 5")
  func nobody() throws {
    try withStage { stage in
      let asked = try stage.run(
        "chat-server", "status", "--control", "\(stage.directory)/none", "--json")
      #expect(asked.status == 5)
      #expect(asked.output == "")
      #expect(asked.errors.contains("\(stage.directory)/none"))
    }
  }
}
