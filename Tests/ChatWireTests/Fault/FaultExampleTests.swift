import ChatWire
import TestSupport
import Testing

/// The examples of the design, each with what it does.
@Suite("Fault examples") struct FaultExampleTests {
  /// Frames of one direction with consecutive sequence numbers.
  private func data(
    _ count: Int, _ direction: Direction = .clientToServer, payload: [UInt8] = [1, 2, 3],
    isLast: Bool = true
  ) -> [TrafficFrame] {
    (1...count).map {
      TrafficFrame(direction, .data, UInt16(100 + $0), payload, isLast: isLast)
    }
  }

  private func fates(
    _ rules: String, _ frames: [TrafficFrame], seed: UInt64 = 1
  ) throws -> [Fate] {
    var injector = FaultInjector(
      rules: try FaultRules(parsing: rules), seed: seed, connection: 0)
    return frames.map { injector.receive($0) }
  }

  @Test func `drop 10% DATA c2s drops about a tenth of the client's DATA and nothing else`() throws
  {
    let frames =
      data(1_000) + data(200, .serverToClient)
      + (1...200).map {
        .acknowledgement(.clientToServer, .ack, UInt16($0), nextExpected: UInt16($0 + 1))
      }
    let fates = try fates("drop 10% DATA c2s", frames)
    let dropped = fates[..<1_000].count { $0.disposition == .dropped }
    #expect((60...140).contains(dropped))
    #expect(fates[1_000...].allSatisfy { $0.disposition == .forwarded && $0.acts.isEmpty })
  }

  @Test func `corrupt payload nth 3 DATA c2s flips one payload bit of the third`() throws {
    var injector = FaultInjector(
      rules: try FaultRules(parsing: "corrupt payload nth 3 DATA c2s"), seed: 7, connection: 0)
    let frames = data(5)
    for (index, frame) in frames.enumerated() {
      let fate = injector.receive(frame)
      let sent = try #require(injector.drain(.clientToServer).outputs.first).bytes
      #expect(fate.disposition == (index == 2 ? .corrupted : .forwarded))
      let flipped = zip(frame.bytes, sent).map { ($0 ^ $1).nonzeroBitCount }
      #expect(flipped.reduce(0, +) == (index == 2 ? 1 : 0))
      if index == 2 { #expect(flipped[11...].contains(1)) }
    }
  }

  @Test func `duplicate 5% sends about one in twenty again, in both directions`() throws {
    let fates = try fates("duplicate 5%", data(1_000) + data(1_000, .serverToClient))
    for half in [fates[..<1_000], fates[1_000...]] {
      let duplicated = half.filter { $0.disposition == .duplicated }
      #expect((20...80).contains(duplicated.count))
      #expect(duplicated.allSatisfy { $0.acts.map(\.change) == [.duplicate(copies: 1)] })
    }
  }

  @Test func `delay 50ms jitter 10ms s2c holds each frame for 40 to 60 ms`() throws {
    let fates = try fates(
      "delay 50ms jitter 10ms s2c", data(300, .serverToClient) + data(10))
    var delays: [Int64] = []
    for fate in fates[..<300] {
      guard case .delay(let time)? = fate.acts.first?.change else {
        Issue.record("not delayed")
        continue
      }
      delays.append(time.nanoseconds)
    }
    #expect(delays.allSatisfy { (40_000_000...60_000_000).contains($0) })
    #expect(delays.contains { $0 < 43_000_000 } && delays.contains { $0 > 57_000_000 })
    #expect(fates[300...].allSatisfy { $0.disposition == .forwarded })
  }

  @Test func `reorder 2% gap 3 holds a frame until three later ones have passed`() throws {
    let frames = data(500)
    var injector = FaultInjector(
      rules: try FaultRules(parsing: "reorder 2% gap 3"), seed: 4, connection: 0)
    var sent: [UInt64] = []
    var reordered: [UInt64] = []
    for frame in frames {
      let fate = injector.receive(frame)
      if fate.disposition == .reordered { reordered.append(fate.number) }
      sent += injector.drain(.clientToServer).outputs.map(\.number)
    }
    #expect((2...25).contains(reordered.count))
    for number in reordered where number < 480 {
      let place = try #require(sent.firstIndex(of: number))
      #expect(sent[..<place].count { $0 > number } == 3)
    }
  }

  @Test func `drop ACK s2c where seq == 17 attempt 1 drops the first of these ACKs`() throws {
    let frames = [16, 17, 17, 18].map { sequence in
      TrafficFrame.acknowledgement(
        .serverToClient, .ack, sequence, nextExpected: sequence &+ 1)
    }
    let fates = try fates("drop ACK s2c where seq == 17 attempt 1", frames)
    #expect(fates.map(\.disposition) == [.forwarded, .dropped, .forwarded, .forwarded])
  }

  @Test func `corrupt length nth 2 flips a bit of the length field`() throws {
    let fates = try fates("corrupt length nth 2", data(3))
    #expect(fates.map(\.disposition) == [.forwarded, .corrupted, .forwarded])
    guard case .corrupt(.length, let byte, let bit)? = fates[1].acts.first?.change else {
      Issue.record("the length is not corrupted")
      return
    }
    #expect(0..<3 ~= byte && 0..<8 ~= bit)
  }

  @Test func `drop message 7 fragment 3 attempt 1 drops one copy of one fragment`() throws {
    var frames = try handshake(client: 0, server: 50)
    // Messages of four fragments; the seventh has the sequence numbers 25 to 28.
    frames += (1...32).map {
      TrafficFrame(.clientToServer, .data, UInt16($0), [1], isLast: $0 % 4 == 0)
    }
    frames += [27, 28].map { TrafficFrame(.clientToServer, .data, $0, [1], isLast: $0 == 28) }
    let fates = try fates("drop message 7 fragment 3 attempt 1", frames)
    let dropped = fates.filter { $0.disposition == .dropped }
    #expect(dropped.map(\.identity.place) == [.sequenced(27)])
    #expect(dropped.first?.identity.attempt == 1)
    #expect(fates[fates.count - 2].identity.attempt == 2)
    #expect(fates[fates.count - 2].frame.message == 7)
    #expect(fates[fates.count - 2].frame.fragment == 3)
  }

  @Test func `delay 200ms first 5 holds the first five of each direction`() throws {
    let fates = try fates("delay 200ms first 5", data(8) + data(8, .serverToClient))
    for half in [fates[..<8], fates[8...]] {
      #expect(half.prefix(5).allSatisfy { $0.acts.map(\.change) == [.delay(.milliseconds(200))] })
      #expect(half.dropFirst(5).allSatisfy { $0.disposition == .forwarded })
    }
  }

  @Test func `the examples print in one normal spelling`() throws {
    let rules = try FaultRules(
      parsing: """
        drop 10% DATA c2s            ; corrupt payload nth 3 DATA c2s ; duplicate 5%
        delay 50ms jitter 10ms s2c   ; reorder 2% gap 3 # some of them
        drop ACK s2c where seq == 17 attempt 1
        corrupt length nth 2         ; drop message 7 fragment 3 attempt 1
        delay 200ms first 5
        """)
    #expect(
      rules.description == """
        drop 10% DATA c2s
        corrupt payload DATA c2s nth 3
        duplicate 5%
        delay 50ms jitter 10ms s2c
        reorder gap 3 2%
        drop ACK s2c attempt 1 where sequence == 17
        corrupt length nth 2
        drop message 7 fragment 3 attempt 1
        delay 200ms first 5
        """)
  }
}
