import ChatWire
import Foundation
import TestSupport
import Testing

/// What `verify` says of real programs.
@Suite("Verifying real programs") struct VerifyTests {
  private static let faults =
    "drop 10%; corrupt 5%; corrupt length 2%; duplicate 5%; reorder 5%; delay 5ms jitter 5ms 10%"

  /// Ana and ben talk through a proxy, and leave.
  private static func converse(
    _ stage: Stage, through proxy: TestProxy, mode: String, _ options: [String] = []
  ) throws {
    let ben = try stage.client(port: proxy.port, nick: "ben", [])
    try ben.whoIsHere()
    let ana = try stage.client(port: proxy.port, nick: "ana", ["--protocol", mode] + options)
    try ana.whoIsHere()
    for number in 1...12 { try ana.say("message \(number) olá 你好") }
    try ana.say("/nick anna")
    for number in 1...12 {
      try ben.wait(forMessage: "message \(number) olá 你好", from: "ana")
    }
    _ = try ana.finish()
    _ = try ben.finish()
  }

  @Test(
    "Our programs keep to the protocol, whatever a proxy does to them", arguments: ["gbn", "sr"])
  func innocent(mode: String) throws {
    try withStage { stage in
      let file = "\(stage.directory)/session.pcapng"
      let server = try stage.server()
      let proxy = try stage.proxy(
        before: server.port, "--faults", Self.faults, "--seed", "11", "-w", file)
      try Self.converse(stage, through: proxy, mode: mode)
      #expect(try proxy.stop() == .code(130))
      let verdict = try stage.run("chat-inspect", "verify", file)
      #expect(verdict.status == 0, "\(verdict.output)")
      let strict = try stage.run("chat-inspect", "verify", file, "--hidden-faults", "none")
      #expect(strict.status == 0, "\(strict.output)")
      // Whoever captures on one side only sees less, and blames nobody for it.
      for (leg, side) in [(UInt32(0), "server"), (1, "client")] {
        let plain = try stage.plainCapture(of: file, interface: leg)
        let half = try stage.run("chat-inspect", "verify", plain, "--hidden-faults", side)
        #expect(half.status != 1 && half.status != 2, "\(half.output)")
      }
    }
  }

  @Test(
    "A client that disturbs its own frames is not taken for one that breaks the protocol",
    arguments: ["gbn", "sr"])
  func ownFaults(mode: String) throws {
    try withStage { stage in
      let file = "\(stage.directory)/session.pcapng"
      let server = try stage.server()
      let proxy = try stage.proxy(before: server.port, "-w", file)
      try Self.converse(stage, through: proxy, mode: mode, ["--faults", Self.faults])
      #expect(try proxy.stop() == .code(130))
      for leg in [UInt32(0), 1] {
        for path in [file, try stage.plainCapture(of: file, interface: leg)] {
          let verdict = try stage.run("chat-inspect", "verify", path)
          #expect(verdict.status == 0 || verdict.status == 3, "\(verdict.output)")
        }
      }
    }
  }

  /// What a client does wrong, and the rule that is found.
  struct Bug: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var rule: String
    var act: @Sendable (WirePeer) throws -> Void
  }

  static let bugs = [
    Bug(testDescription: "says too little in an ACK", rule: "frame.answer_length") {
      try $0.send(.ack, [0, 64])
    },
    Bug(testDescription: "goes on after FIN", rule: "message.after_fin") {
      try $0.sendNext(.fin)
      try $0.sendNext(.data, Array("one more thing".utf8))
    },
    Bug(testDescription: "says nothing at all in a message", rule: "chat.text") {
      try $0.sendNext(.data)
    },
    Bug(testDescription: "answers a PING that nobody has sent", rule: "session.pong_unasked") {
      try $0.send(.pong, [1, 2, 3, 4, 5, 6, 7, 8])
    },
  ]

  @Test("A client with a bug is found, and the server is not blamed", arguments: bugs)
  func guilty(bug: Bug) throws {
    try withStage { stage in
      let file = "\(stage.directory)/session.pcapng"
      let server = try stage.server()
      let proxy = try stage.proxy(before: server.port, "-w", file)
      let peer = try WirePeer(port: proxy.port)
      try peer.shakeHands(nickname: "mallory")
      try bug.act(peer)
      // What was sent has been looked at when this is answered, or the connection is over.
      try? peer.send(.ping, [9, 9, 9, 9, 9, 9, 9, 9])
      _ = try? peer.wait(for: .pong) { $0.payload == [9, 9, 9, 9, 9, 9, 9, 9] }
      peer.shutDown()
      #expect(try proxy.stop() == .code(130))
      let verdict = try stage.run("chat-inspect", "verify", file, "-T", "ndjson")
      #expect(verdict.status == 1)
      let findings = try verdict.output.split(separator: "\n").map { try JSONObject(String($0)) }
        .filter { $0.string("kind") == "finding" && $0.string("blame") == "peer" }
      #expect(findings.contains { $0.string("rule") == bug.rule }, "\(verdict.output)")
      #expect(findings.allSatisfy { $0.string("side") == "client" }, "\(verdict.output)")
    }
  }
}
