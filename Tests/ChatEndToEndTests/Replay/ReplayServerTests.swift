import ChatWire
import Foundation
import TestSupport
import Testing

/// A recorded server, played to live clients.
@Suite("A replayed server") struct ReplayServerTests {
  private func record(_ stage: Stage, _ options: [String] = []) throws -> String {
    try stage.recordConversation(
      before: try stage.server().port, clients: [("ana", options), ("bia", options)],
      lines: [
        ("ana", "one"), ("bia", "two"), ("bia", "/who"), ("ana", "three"), ("ana", "/nick anna"),
        ("bia", "four"),
      ])
  }

  /// Has somebody play the clients, and both compare.
  @Test(
    "Replayed clients and a replayed server say what was recorded",
    arguments: ["gbn", "sr", "classic"])
  func bothSides(kind: String) throws {
    try withStage { stage in
      let file = try record(stage, kind == "classic" ? ["--classic"] : ["--protocol", kind])
      let (server, port) = try stage.replayServer(file, "--pace", "asap")
      let clients = try stage.replay(file, to: port, "--pace", "asap")
      #expect(clients.verdict == "same", "\(clients.output)")
      #expect(try server.waitForExit() == .code(0), "\(server.output.text)")
    }
  }

  @Test(
    "Captures are played from both sides",
    arguments: [
      "native_gbn_clean", "native_sr_faults", "native_mixed_reorder", "b_three_clients",
      "i_big_512",
    ])
  func captures(name: String) throws {
    try withStage { stage in
      let file = ReplayClientTests.capture(name)
      let (server, port) = try stage.replayServer(file, "--pace", "asap")
      let clients = try stage.replay(file, to: port, "--pace", "asap")
      #expect(clients.verdict == "same", "\(clients.output)")
      #expect(try server.waitForExit() == .code(0), "\(server.output.text)")
    }
  }

  @Test("One connection can be played alone, and what was not recorded is answered somehow")
  func alone() throws {
    try withStage { stage in
      let file = try record(stage)
      let (server, port) = try stage.replayServer(
        file, "--pace", "asap", "--stream", "1", "--patience", "1")
      let peer = try WirePeer(port: port)
      try peer.shakeHands(nickname: "somebody")
      #expect(peer.parameters.nicknameText == "bia")
      try peer.sendNext(.who)
      let first = try peer.wait(for: .roster)
      try peer.sendNext(.who)
      #expect(try peer.wait(for: .roster).payload == first.payload)
      try peer.sendNext(.nick, Array("x".utf8))
      #expect(
        try peer.wait(for: .notice) { $0.coded?.code == 5 }.coded?.text.contains("recording")
          == true)
      // A second client finds no place.
      let other = try WirePeer(port: port)
      try other.send(other.syn(nickname: "bia"))
      #expect(try other.wait(for: .error).coded?.code == 4)
      try peer.sendNext(.fin)
      #expect(try server.waitForExit() == .code(1), "\(server.output.text)")
    }
  }

  @Test("A server that is played ends by Ctrl-C, whether somebody has come or not")
  func interrupted() throws {
    try withStage { stage in
      let file = try record(stage)
      let (nobody, _) = try stage.replayServer(file)
      nobody.signal(2)
      #expect(try nobody.waitForExit() == .code(130))
      let (server, port) = try stage.replayServer(file)
      let peer = try WirePeer(port: port)
      try peer.shakeHands(nickname: "ana")
      server.signal(2)
      _ = try peer.wait(for: .fin)
      #expect(try server.waitForExit() == .code(130))
    }
  }

  @Test("Clients that leave early, or send what is no chat, do not disturb the others")
  func rudeClients() throws {
    try withStage { stage in
      let file = try record(stage)
      let (server, port) = try stage.replayServer(file, "--patience", "1")
      let noise = try WirePeer(port: port)
      try noise.send([UInt8](repeating: 0x41, count: 10_000))
      _ = try noise.waitForEnd()
      let peer = try WirePeer(port: port)
      try peer.shakeHands(nickname: "ana")
      peer.shutDown()
      #expect(try server.waitForExit() == .code(5), "\(server.output.text)")
    }
  }
}
