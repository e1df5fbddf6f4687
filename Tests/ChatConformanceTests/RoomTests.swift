import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Servers that broadcast what they should not: it shows only over several connections.
@Suite struct RoomTests {
  /// What a server does wrong with what ana has said: "one", "two", "three".
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var rule: String
    /// Which connection hears it, and which of its broadcasts it is about.
    var stream = 1
    var broadcast: Int
    /// What ana hears, and what eve hears; bob hears everything as it should be.
    var toAna: [String] = []
    var toEve = ["one", "two", "three"]

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "broadcasts a message to its sender", rule: "chat.broadcast_to_sender", stream: 0,
      broadcast: 1, toAna: ["two"]),
    Case(
      name: "changes the order", rule: "chat.broadcast_order", broadcast: 2,
      toEve: ["two", "one", "three"]),
    Case(
      name: "broadcasts a message twice", rule: "chat.broadcast_twice", broadcast: 3,
      toEve: ["one", "two", "two", "three"]),
    Case(
      name: "changes a text", rule: "chat.broadcast_unsent", broadcast: 2,
      toEve: ["one", "too", "three"]),
    Case(
      name: "leaves a message out", rule: "chat.broadcast_missing", broadcast: 2,
      toEve: ["one", "three"]),
  ]

  /// Ana speaks; eve and bob hear it.
  private static func sight(toAna: [String], toEve: [String]) -> Sight {
    var sight = Sight()
    for (number, nickname) in ["ana", "eve", "bob"].enumerated() {
      let pair = MisbehavingPair()
      pair.connection = number
      pair.nickname = nickname
      pair.clientInitial = UInt16(1_000 * number)
      let texts = ["one", "two", "three"]
      if number == 0 {
        pair.at(100) { pair in for text in texts { pair.say(.client, text) } }
      }
      let heard = number == 0 ? toAna : number == 1 ? toEve : texts
      pair.at(150) { pair in for text in heard { pair.say(.server, text, of: "ana") } }
      pair.at(1_000) { $0.finish(.client) }
      pair.run()
      sight = sight.merged(with: pair.sight)
    }
    return sight
  }

  static func sight(_ wrong: Case) -> Sight { sight(toAna: wrong.toAna, toEve: wrong.toEve) }

  /// The number in the trace of the nth broadcast to a client.
  private func frame(_ sight: Sight, stream: Int, broadcast: Int) -> UInt64 {
    var frames: UInt64 = 0
    var broadcasts = 0
    for entry in sight.entries {
      guard case .arrived(let direction, let bytes, _, _) = entry.event else { continue }
      frames += 1
      guard entry.connection == stream, direction == .serverToClient,
        WireFrame(bytes)?.type == .data
      else { continue }
      broadcasts += 1
      if broadcasts == broadcast { return frames }
    }
    return 0
  }

  @Test func `a room in which everybody hears everything is conformant`() throws {
    let sight = Self.sight(toAna: [], toEve: ["one", "two", "three"])
    let check = try examine(file: sight.recording)
    #expect(check.verdict == .conformant && check.findings.isEmpty, "\(check.findings.lines)")
    #expect(check.streams.count == 3)
  }

  @Test(arguments: cases)
  func `a server that broadcasts wrongly is found`(wrong: Case) throws {
    let sight = Self.sight(wrong)
    let check = try examine(file: sight.recording)
    let found = try #require(check.breaches.first, "\(wrong.name)")
    #expect(found.rule.name == wrong.rule, "\(check.breaches.lines)")
    #expect(found.side == .server && found.stream == wrong.stream)
    #expect(
      found.frame == frame(sight, stream: wrong.stream, broadcast: wrong.broadcast),
      "\(found.line)")
    #expect(check.breaches.allSatisfy { $0.stream == wrong.stream && $0.side == .server })
    #expect(check.streams[wrong.stream].serverVerdict == .violated)
    #expect(check.streams[2].verdict == .conformant)
  }

  @Test func `in rooms with bad lines nobody is blamed`() throws {
    for seed in 1...UInt64(6 * effort) {
      var room = SimulatedRoom(try clients(seed: seed), commands: talk(seed: seed))
      var watch = RoomSight(count: 3)
      let end = room.run(until: .zero.advanced(by: .seconds(400)), &watch)
      #expect(end == .finished)
      let check = try examine(file: watch.sight.recording)
      #expect(check.streams.count == 3)
      #expect(
        check.verdict == .conformant && check.breaches.isEmpty,
        "seed \(seed): \(check.breaches.lines)")
    }
  }

  private func clients(seed: UInt64) throws -> [ConnectionParameters] {
    try (0..<3).map { index in
      var parameters = ConnectionParameters()
      parameters.client.mode = index % 2 == 0 ? .goBackN : .selectiveRepeat
      parameters.client.windowSize = 1 + index * 5
      parameters.client.fragmentSizeMax = 20 + index * 100
      parameters.client.nickname = "client\(index)"
      parameters.links = BothDirections(
        both: {
          var link = LinkParameters()
          link.latency = .milliseconds(5 + 7 * index)
          link.jitter = .milliseconds(3)
          return link
        }())
      parameters.faults = try FaultRules(
        parsing: "drop 8%; duplicate 4%; reorder 4% gap 2; corrupt 2%; corrupt length 2%")
      parameters.seed = seed
      return parameters
    }
  }

  /// Everybody says things, some of them twice and some that are refused, changes names, asks who
  /// is here, and leaves.
  private func talk(seed: UInt64) -> [RoomCommand] {
    var random = SeededGenerator(seed: seed)
    var commands: [RoomCommand] = []
    for speaker in 0..<3 {
      for number in 0..<12 {
        let time = Instant.zero.advanced(by: .milliseconds(3_000 + 40 * number))
        let command: SimulationCommand =
          switch Int.random(in: 0..<10, using: &random) {
          case 0: .send(.client, .who, [])
          case 1: .send(.client, .nick, Array("name\(number % 3)".utf8))
          case 2: .send(.client, .data, Array("the same".utf8))
          default: .send(.client, .data, Array("\(speaker) says \(number)".utf8))
          }
        commands.append(RoomCommand(at: time, client: speaker, command))
      }
      let end = Instant.zero.advanced(by: .seconds(60 + speaker))
      commands.append(RoomCommand(at: end, client: speaker, .finish(.client, reason: "bye")))
    }
    return commands
  }
}

/// What a proxy sees of all connections of a room.
private struct RoomSight: SimulationObserver {
  var sight = Sight()

  init(count: Int) {
    for number in 0..<count { sight.add(.open, at: .zero, connection: number) }
  }

  mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    sight.add(
      .arrived(
        direction, bytes, number: fate.number, TappedFate(fate.disposition, acts: fate.acts)),
      at: now, connection: connection)
  }

  mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    sight.add(.sent(direction, bytes, number: number), at: now, connection: connection)
  }

  mutating func heldEnd(
    _ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant
  ) {
    sight.add(.ended(direction), at: now, connection: connection)
  }

  mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    sight.add(.passedEnd(side.opposite.outgoing), at: now, connection: connection)
  }
}
