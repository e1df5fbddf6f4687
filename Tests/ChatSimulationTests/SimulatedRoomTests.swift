import ChatSimulation
import ChatWire
import TestSupport
import Testing

@Suite("Simulated room") struct SimulatedRoomTests {
  private func clients(_ count: Int, faults: String, seed: UInt64) throws -> [ConnectionParameters]
  {
    try (0..<count).map { index in
      var parameters = ConnectionParameters()
      parameters.client.mode = index % 2 == 0 ? .goBackN : .selectiveRepeat
      parameters.client.windowSize = 1 + index * 5
      parameters.client.fragmentSizeMax = 10 + index * 100
      parameters.client.nickname = "client\(index)"
      parameters.client.tuning.timerRetriesMax = 1_000
      parameters.server.tuning.timerRetriesMax = 1_000
      var link = LinkParameters()
      link.latency = .milliseconds(5 + 7 * index)
      link.jitter = .milliseconds(3)
      parameters.links = BothDirections(both: link)
      parameters.faults = try FaultRules(parsing: faults)
      parameters.seed = seed
      return parameters
    }
  }

  private func text(_ speaker: Int, _ number: Int) -> [UInt8] {
    Array("\(speaker) says \(number)".utf8)
  }

  /// Everybody speaks `count` times, then leaves.
  private func talk(_ speakers: Int, _ count: Int) -> [RoomCommand] {
    var commands: [RoomCommand] = []
    for speaker in 0..<speakers {
      for number in 0..<count {
        let time = Instant.zero.advanced(by: .milliseconds(1_500 + 20 * number))
        commands.append(
          RoomCommand(at: time, client: speaker, .send(.client, .data, text(speaker, number))))
      }
      let end = Instant.zero.advanced(by: .seconds(120))
      commands.append(RoomCommand(at: end, client: speaker, .finish(.client, reason: "")))
    }
    return commands
  }

  private func heard(_ room: SimulatedRoom, by client: Int) -> [String] {
    room.heard[client].compactMap { message in
      guard message.type == .data else { return nil }
      let bytes = message.bytes
      return (try? Broadcast(decoding: bytes.span.bytes)).map { "\($0.nickname): \($0.text)" }
    }
  }

  @Test(arguments: ["", "drop 10%; duplicate 5%; reorder 5% gap 2; corrupt length 2%"])
  func `all who are present hear all others in one order`(faults: String) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      var room = SimulatedRoom(
        try clients(4, faults: faults, seed: seed), commands: talk(4, 6), welcome: "Welcome.")
      #expect(room.run() == .finished)
      let said = room.broadcasts.map { "\($0.nickname): \($0.text)" }
      #expect(said.count == 24)
      for client in 0..<4 {
        #expect(heard(room, by: client) == said.filter { !$0.hasPrefix("client\(client):") })
      }
    }
  }

  @Test func `the room tells who comes, who goes, and who has a new name`() throws {
    let second = Instant.zero.advanced(by: .seconds(1))
    var room = SimulatedRoom(
      try clients(2, faults: "", seed: 1),
      commands: [
        RoomCommand(at: second, client: 0, .send(.client, .nick, Array("ana".utf8))),
        RoomCommand(at: second, client: 0, .send(.client, .who, [])),
        RoomCommand(
          at: second.advanced(by: .seconds(1)), client: 0, .finish(.client, reason: "tea")),
        RoomCommand(at: second.advanced(by: .seconds(2)), client: 1, .finish(.client, reason: "")),
      ])
    #expect(room.run() == .finished)
    #expect(room.heard[0].map(\.type) == [.notice, .notice, .roster])
    let notices = room.heard[1].compactMap { message in
      let bytes = message.bytes
      return message.type == .notice ? String(decoding: bytes.dropFirst(), as: UTF8.self) : nil
    }
    #expect(notices == ["client0\nana", "ana\ntea"])
  }
}
