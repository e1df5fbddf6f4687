import ChatWire
import TestSupport
import Testing

@Suite("Fault decisions") struct FaultDecisionTests {
  /// The fates of frames with the sequence numbers from 1 on, without a handshake.
  private func fates(
    _ rules: String, count: Int, seed: UInt64, connection: Int = 0,
    direction: Direction = .clientToServer
  ) throws -> [Fate] {
    var injector = FaultInjector(
      rules: try FaultRules(parsing: rules), seed: seed, connection: connection)
    var bytes: [UInt8] = []
    return (1...count).map { number in
      let fate = injector.receive(
        TrafficFrame(direction, .data, UInt16(truncatingIfNeeded: number), [1, 2, 3, 4]))
      bytes.removeAll(keepingCapacity: true)
      while case .forward = injector.nextOutput(direction, at: .zero, into: &bytes) {}
      return fate
    }
  }

  /// True if a count lies within five standard deviations of what is likely.
  private func isLikely(_ count: Int, of trials: Int, _ probability: Double) -> Bool {
    let expected = Double(trials) * probability
    let deviation = (expected * (1 - probability)).squareRoot()
    return abs(Double(count) - expected) < 5 * deviation
  }

  @Test func `a percentage is what it says`() throws {
    for (rule, probability, count) in [
      ("drop 10%", 0.1, 100_000), ("drop 0.5", 0.5, 20_000), ("drop 1%", 0.01, 20_000),
    ] {
      let dropped = try fates(rule, count: count, seed: 1).count { !$0.acts.isEmpty }
      #expect(isLikely(dropped, of: count, probability), "\(rule): \(dropped)")
    }
    #expect(try fates("drop 0%", count: 1_000, seed: 1).allSatisfy { $0.acts.isEmpty })
    #expect(try fates("drop 100%", count: 1_000, seed: 1).allSatisfy { !$0.acts.isEmpty })
  }

  @Test func `rules, seeds, connections and directions decide independently`() throws {
    let count = 30_000
    let first = try fates("duplicate 10%", count: count, seed: 1).map { !$0.acts.isEmpty }
    for other in [
      try fates("delay 1ms 10%", count: count, seed: 1),
      try fates("duplicate 10%", count: count, seed: 2),
      try fates("duplicate 10%", count: count, seed: 1, connection: 1),
      try fates("duplicate 10%", count: count, seed: 1, direction: .serverToClient),
    ] {
      let both = zip(first, other).count { $0 && !$1.acts.isEmpty }
      #expect(isLikely(both, of: count, 0.01), "\(both)")
    }
    // Also two rules with the same words.
    let twice = try fates("duplicate 10%; duplicate 10%", count: count, seed: 1)
    #expect(isLikely(twice.count { $0.acts.count == 2 }, of: count, 0.01))
    #expect(zip(first, twice).allSatisfy { !$0 || !$1.acts.isEmpty })
  }

  @Test func `neighbouring frames decide independently`() throws {
    let acts = try fates("drop 50%", count: 30_000, seed: 5).map { !$0.acts.isEmpty }
    #expect(isLikely(zip(acts, acts.dropFirst()).count { $0 && $1 }, of: 29_999, 0.25))
  }

  @Test func `the same frame has the same fate, whatever happens to others`() throws {
    var random = SeededGenerator(seed: 8)
    let rules = "drop 20%; corrupt 20%; delay 10ms jitter 5ms 20%; duplicate 2 20%"
    let all = try fates(rules, count: 500, seed: 3)
    var injector = FaultInjector(
      rules: try FaultRules(parsing: rules), seed: 3, connection: 0)
    _ = injector.receive(TrafficFrame(.clientToServer, .data, 1, [1, 2, 3, 4]))
    for number in 2...500 where Bool.random(using: &random) {
      let fate = injector.receive(
        TrafficFrame(.clientToServer, .data, UInt16(number), [1, 2, 3, 4]),
        at: moment(Int.random(in: 0...10_000, using: &random)))
      #expect(fate.acts == all[number - 1].acts)
    }
  }

  @Test func `where a rule stands among others does not matter to its dice`() throws {
    let alone = try fates("corrupt 10%", count: 2_000, seed: 1).map(\.acts)
    let among = try fates("delay 5ms 30%; corrupt 10%; duplicate", count: 2_000, seed: 1)
    #expect(alone == among.map { $0.acts.filter { $0.rule == "corrupt payload 10%" } })
  }

  @Test(
    "Corruption flips one bit of the part, each as often as any other",
    arguments: [
      ("payload", 11..<15), ("checksum", 6..<10), ("length", 0..<3), ("header", 3..<11),
    ])
  func bits(part: String, bytes: Range<Int>) throws {
    var counts: [Int: Int] = [:]
    let count = 20_000
    for fate in try fates("corrupt \(part)", count: count, seed: 2) {
      guard case .corrupt(let found, let byte, let bit)? = fate.acts.first?.change else {
        Issue.record("not corrupted")
        return
      }
      #expect(found.name == part && bytes.contains(byte) && 0..<8 ~= bit)
      counts[byte * 8 + bit, default: 0] += 1
    }
    let bitCount = part == "length" ? 24 : 32
    #expect(counts.count == bitCount)
    #expect(counts.values.allSatisfy { isLikely($0, of: count, 1 / Double(bitCount)) })
  }

  @Test func `header corruption leaves length and checksum alone, in both dialects`() throws {
    for dialect in [Dialect.native, .classic] {
      var injector = FaultInjector(
        rules: try FaultRules(parsing: "corrupt header"), seed: 1, connection: 0)
      var changed: Set<Int> = []
      for number in 0..<2_000 as Range<UInt16> {
        let frame =
          dialect == .native
          ? TrafficFrame(.clientToServer, .data, number, [1])
          : TrafficFrame(classic: .clientToServer, .data, number, "x")
        _ = injector.receive(frame)
        for output in injector.drain(.clientToServer).outputs {
          for index in frame.bytes.indices where frame.bytes[index] != output.bytes[index] {
            changed.insert(index)
          }
        }
      }
      #expect(changed == (dialect == .native ? [3, 4, 5, 10] : [4, 5, 6, 11]))
    }
  }

  @Test func `a frame without payload is corrupted in its checksum`() throws {
    var injector = FaultInjector(
      rules: try FaultRules(parsing: "corrupt"), seed: 1, connection: 0)
    let fate = injector.receive(TrafficFrame(.clientToServer, .who, 1))
    guard case .corrupt(.checksum, let byte, _)? = fate.acts.first?.change else {
      Issue.record("\(fate.acts)")
      return
    }
    #expect(6..<10 ~= byte)
  }

  @Test func `two corruptions never undo each other`() throws {
    let fates = try fates("corrupt header; corrupt header where seq > 0", count: 3_000, seed: 1)
    for fate in fates {
      #expect(fate.acts.count == 2)
      #expect(fate.acts.first?.change != fate.acts.last?.change)
    }
  }

  @Test func `jitter spreads evenly and never below nothing`() throws {
    let delays = try fates("delay 10ms jitter 10ms", count: 8_000, seed: 4).compactMap { fate in
      if case .delay(let time)? = fate.acts.first?.change { time.nanoseconds } else { nil }
    }
    #expect(delays.count == 8_000)
    #expect(delays.allSatisfy { (0...20_000_000).contains($0) })
    for quarter in 0..<4 as Range<Int64> {
      let range = (quarter * 5_000_000)..<(quarter + 1) * 5_000_000
      #expect(isLikely(delays.count { range.contains($0) }, of: 8_000, 0.25))
    }
    let clipped = try fates("delay 1ms jitter 10ms", count: 1_000, seed: 4)
    #expect(clipped.contains { $0.acts.map(\.change) == [.delay(.zero)] })
  }

  @Test func `nth, first and every count the frames that fit, apart for each direction`() throws {
    let acts = { (rule: String) in
      try (1...2).flatMap { round in
        try self.fates(
          rule, count: 12, seed: 1, direction: round == 1 ? .clientToServer : .serverToClient
        ).enumerated().filter { !$0.element.acts.isEmpty }.map { $0.offset + 1 }
      }
    }
    #expect(try acts("drop nth 2,5") == [2, 5, 2, 5])
    #expect(try acts("drop first 3") == [1, 2, 3, 1, 2, 3])
    #expect(try acts("drop every 4") == [4, 8, 12, 4, 8, 12])
    #expect(try acts("drop every 4 first 9") == [4, 8, 4, 8])
    #expect(try acts("drop nth 2 where seq >= 5") == [6, 6])
    #expect(try acts("drop c2s; duplicate nth 3 c2s; drop nth 2 s2c").suffix(1) == [2])
  }

  @Test func `a rule counts frames that another one drops`() throws {
    let fates = try fates("drop nth 1; duplicate nth 2", count: 3, seed: 1)
    #expect(fates.map(\.disposition) == [.dropped, .duplicated, .forwarded])
  }

  @Test func `all rules act in order until one drops`() throws {
    let fates = try fates(
      "delay 5ms; corrupt checksum; duplicate 2; drop nth 2; reorder gap 2", count: 2, seed: 1)
    #expect(
      fates[0].acts.map(\.rule) == [
        "delay 5ms", "corrupt checksum", "duplicate 2", "reorder gap 2",
      ])
    #expect(fates[0].disposition == .corrupted)
    #expect(fates[1].acts.last?.change == .drop)
    #expect(fates[1].acts.count == 4)
    #expect(fates[1].disposition == .dropped)
  }

  @Test func `selectors pick by connection, field and number`() throws {
    #expect(try fates("drop connection 4", count: 1, seed: 1, connection: 4)[0].acts.count == 1)
    #expect(try fates("drop connection 4", count: 1, seed: 1, connection: 5)[0].acts.isEmpty)
    var injector = FaultInjector(
      rules: try FaultRules(
        parsing: """
          drop where next_expected == 18 and advertised_window <= 4
          duplicate where length == 0 and type == WHO
          delay 1ms where last == false and direction == c2s and dialect == native
          reorder where message != 1
          """), seed: 1, connection: 0)
    for frame in try handshake(client: 0, server: 0) {
      #expect(injector.receive(frame).acts.allSatisfy { $0.change == .delay(.milliseconds(1)) })
    }
    let ack = { (window: UInt16) in
      TrafficFrame.acknowledgement(
        .serverToClient, .ack, 17, nextExpected: 18, window: window)
    }
    #expect(injector.receive(ack(5)).disposition == .forwarded)
    #expect(injector.receive(ack(4)).disposition == .dropped)
    #expect(
      injector.receive(TrafficFrame(.clientToServer, .who, 1)).acts.map(\.change) == [
        .duplicate(copies: 1)
      ])
    // A comparison with a field that is absent is false, != too.
    #expect(injector.receive(ack(9)).disposition == .forwarded)
    #expect(
      injector.receive(TrafficFrame(.clientToServer, .data, 2, isLast: false)).acts.map(\.change)
        == [.delay(.milliseconds(1)), .reorder(gap: 1)])
  }

  @Test func `decisions stay what they were in earlier versions`() throws {
    let fates = try fates("drop 10%; corrupt 20%; delay 10ms jitter 5ms 5%", count: 60, seed: 42)
    var report = ""
    for fate in fates {
      for act in fate.acts { report += "\(fate.identity): \(act.change) (\(act.rule))\n" }
    }
    expectFaultGolden(report, named: "fault-decisions.txt")
  }
}
