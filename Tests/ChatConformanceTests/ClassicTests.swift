import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// The classic dialect: the original programs define it, and ours keep to it.
@Suite struct ClassicTests {
  /// A conversation of our classic session types: texts, nicknames, lists, a channel that loses,
  /// damages and delays, broadcasts, goodbye.
  static func talk(seed: UInt64) -> ClassicPair {
    var random = SeededGenerator(seed: seed)
    let pair = ClassicPair(seed: seed, fragmentCharacters: Int.random(in: 1...30, using: &random))
    var time = 200
    for number in 0..<Int.random(in: 1...12, using: &random) {
      time += Int.random(in: 0...300, using: &random)
      let size = Int.random(in: 1...60, using: &random)
      let draw = Int.random(in: 0..<10, using: &random)
      let share: Double = [0.0, 0.0, 0.3, 1.0].randomElement(using: &random) ?? 0
      pair.at(time) { pair in
        switch draw {
        case 0: pair.ask { $0.setNickname("ana\(number)") }
        case 1: pair.ask { $0.requestNames() }
        case 2:
          var config = ClassicChannelConfig()
          config.corruptionProbability = share
          config.lossProbability = share / 2
          config.delayProbability = share
          config.delaySeconds = 0.05
          pair.ask { $0.configureChannel(config) }
        case 3: pair.broadcast("broadcast \(number)")
        default: pair.ask { $0.send(String(repeating: "é", count: size)) }
        }
      }
    }
    pair.at(time + 10_000) { pair in pair.ask { $0.disconnect() } }
    pair.run()
    return pair
  }

  @Test func `of our classic sessions nobody is blamed`() throws {
    for seed in 1...UInt64(30 * effort) {
      let pair = Self.talk(seed: seed)
      #expect(pair.frames.count > 6)
      for check in [
        try examine(file: pair.sight.recording), examine(pair.sight.plain),
      ] {
        #expect(check.streams.first?.dialect == .classic)
        #expect(
          check.verdict == .conformant && check.breaches.isEmpty,
          "seed \(seed): \(check.breaches.lines)")
      }
    }
  }

  /// A peer that breaks a rule of the dialect.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var side: Session.Role
    var rule: String
    var mutate: @Sendable (ClassicType, Int, [UInt8]) -> [[UInt8]]

    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "speaks first", side: .client, rule: "classic.first") { type, _, frame in
      type == .syn ? [bytes(.data, 0, "hello"), frame] : [frame]
    },
    Case(
      name: "speaks before it has confirmed", side: .client, rule: "classic.handshake"
    ) { type, _, frame in
      type == .handshakeAck ? [bytes(.data, 0, "hello"), frame] : [frame]
    },
    Case(
      name: "confirms what was not answered", side: .client, rule: "classic.handshake"
    ) { type, _, frame in
      type == .syn ? [frame, bytes(.handshakeAck, 0, #"{"session_id": "1"}"#)] : [frame]
    },
    Case(name: "sends what servers send", side: .client, rule: "classic.role") { type, nth, frame in
      type == .data && nth == 2 ? [bytes(.listResponse, 0, "[]"), frame] : [frame]
    },
    Case(name: "sends what clients send", side: .server, rule: "classic.role") { type, nth, frame in
      type == .ack && nth == 3 ? [frame, bytes(.disconnect, 0, "Disconnect")] : [frame]
    },
    Case(
      name: "skips a fragment", side: .client, rule: "classic.sequence"
    ) { type, nth, frame in
      type == .data && nth == 2 ? [bytes(.data, 2, "abcdefghij")] : [frame]
    },
    Case(
      name: "repeats a fragment that was not refused", side: .client, rule: "classic.repeated"
    ) { type, nth, frame in
      type == .data && nth == 2 ? [frame, frame] : [frame]
    },
    Case(
      name: "acknowledges what was not sent", side: .server, rule: "classic.ack_unasked"
    ) { type, nth, frame in
      type == .ack && nth == 3 ? [frame, bytes(.ack, 9, "ACK for seq 9")] : [frame]
    },
    Case(
      name: "refuses what was not sent", side: .server, rule: "classic.nack_unasked"
    ) { type, nth, frame in
      type == .ack && nth == 3 ? [frame, bytes(.nack, 9, "NACK for seq 9")] : [frame]
    },
  ]

  private static func bytes(_ type: ClassicType, _ sequence: UInt16, _ payload: String) -> [UInt8] {
    var bytes: [UInt8] = []
    encodeClassicFrame(
      type, sequence: sequence, payload: Array(payload.utf8), isLast: false, into: &bytes)
    return bytes
  }

  /// What a proxy sees of it.
  static func sight(_ wrong: Case) -> Sight {
    let pair = ClassicPair()
    pair.culprit = wrong.side
    pair.mutate = wrong.mutate
    pair.at(500) { pair in pair.ask { $0.send(String(repeating: "abcdefghij", count: 4)) } }
    pair.at(3_000) { pair in pair.ask { $0.disconnect() } }
    pair.run()
    return pair.sight
  }

  @Test(arguments: cases)
  func `a peer that breaks the classic dialect is found`(wrong: Case) throws {
    let sight = Self.sight(wrong)
    for check in [try examine(file: sight.recording), examine(sight.plain)] {
      let found = check.breaches.first { $0.rule.name == wrong.rule }
      #expect(found?.side == wrong.side, "\(wrong.name): \(check.findings.lines)")
      #expect(
        check.breaches.allSatisfy { $0.side == wrong.side && $0.section == "9" },
        "\(wrong.name): \(check.findings.lines)")
      #expect((found?.frame ?? 0) > 0)
    }
  }

  @Test(arguments: try CaptureFile.names)
  func `only the capture of a misbehaving server shows a breach`(name: String) throws {
    let check = try examine(file: try CaptureFile.bytes(name))
    #expect(
      (check.verdict == .violated) == name.hasPrefix("misbehaving"), "\(check.breaches.lines)")
    #expect(!check.streams.isEmpty)
    // Those that somebody has cut or mixed are not whole.
    guard check.verdict != .violated else { return }
    let isWhole = !["midstream", "holes", "reordered"].contains { name.contains($0) }
    #expect((check.verdict == .conformant) == isWhole, "\(check.streams.flatMap(\.doubts))")
  }
}
