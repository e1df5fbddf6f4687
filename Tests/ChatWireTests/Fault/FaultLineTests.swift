import ChatWire
import TestSupport
import Testing

/// What a line does beyond losing, changing and delaying frames: it is slow, swallows everything,
/// breaks, or keeps an end back.
@Suite("Faults of the line") struct FaultLineTests {
  private func injector(_ rules: String, seed: UInt64 = 1) throws -> FaultInjector {
    FaultInjector(rules: try FaultRules(parsing: rules), seed: seed, connection: 0)
  }

  /// A frame of so many bytes, its header among them.
  private func frame(
    _ sequence: UInt16, _ direction: Direction = .clientToServer, size: Int = 100
  ) -> TrafficFrame {
    let byte = UInt8(truncatingIfNeeded: sequence)
    return TrafficFrame(direction, .data, sequence, Array(repeating: byte, count: size - 11))
  }

  private func rate(_ text: String) throws -> FaultRate { try #require(FaultRate(text: text)) }

  // MARK: bandwidth

  @Test func `frames go out when a line of that rate has carried them`() throws {
    var injector = try injector("bandwidth 10kB/s c2s")
    for number in 1...3 as ClosedRange<UInt16> {
      let fate = injector.receive(frame(number), at: moment(5))
      #expect(fate.disposition == .delayed)
      #expect(fate.acts.map(\.change) == [.bandwidth(try rate("10kB/s"))])
    }
    // 100 bytes take 10 ms.
    for (number, time) in [(1 as UInt64, 15), (2, 25), (3, 35)] {
      #expect(injector.drain(.clientToServer, at: moment(time - 1)).deadline == moment(time))
      #expect(injector.drain(.clientToServer, at: moment(time)).outputs.map(\.number) == [number])
    }
    // The line has been free for a while.
    _ = injector.receive(frame(4), at: moment(100))
    #expect(injector.drain(.clientToServer, at: moment(100)).deadline == moment(110))
  }

  @Test func `the directions have lines of their own, and so have the rules`() throws {
    var injector = try injector("bandwidth 10kB/s; rate 5kB/s nth 1,3")
    _ = injector.receive(frame(1), at: moment(0))
    _ = injector.receive(frame(1, .serverToClient), at: moment(0))
    _ = injector.receive(frame(2), at: moment(0))
    _ = injector.receive(frame(3), at: moment(0))
    // One line lies behind the other: 10 ms, then 20 ms; the second frame passes only the first.
    #expect(injector.drain(.serverToClient, at: moment(29)).deadline == moment(30))
    #expect(injector.drain(.clientToServer, at: moment(20)).outputs.map(\.number) == [3])
    #expect(injector.drain(.clientToServer, at: moment(30)).outputs.map(\.number) == [1])
    #expect(injector.drain(.clientToServer, at: moment(50)).outputs.map(\.number) == [4])
  }

  @Test func `two rules with the same words are two lines`() throws {
    var injector = try injector("bandwidth 10kB/s; bandwidth 10kB/s")
    for number in 1...2 as ClosedRange<UInt16> { _ = injector.receive(frame(number)) }
    // As on two lines of equal rate, the frames follow each other at that rate.
    #expect(injector.drain(.clientToServer, at: moment(20)).outputs.map(\.number) == [1])
    #expect(injector.drain(.clientToServer, at: moment(30)).outputs.map(\.number) == [2])
  }

  @Test func `a frame is held by all that holds it, in the order of the rules`() throws {
    for (rules, due) in [
      ("delay 50ms nth 1; bandwidth 10kB/s", [60, 70]),
      ("bandwidth 10kB/s; delay 50ms nth 1", [20, 60]),
      ("bandwidth 10kB/s; duplicate nth 1", [20, 30]),
      ("drop nth 1; bandwidth 10kB/s", [10]),
    ] {
      var injector = try injector(rules)
      for number in 1...2 as ClosedRange<UInt16> { _ = injector.receive(frame(number)) }
      var times: [Int] = []
      for time in 0...100 where !injector.drain(.clientToServer, at: moment(time)).outputs.isEmpty {
        times.append(time)
      }
      #expect(times == due, "\(rules)")
    }
  }

  @Test func `what is slowed down keeps its order and its rate, however it comes`() throws {
    var random = SeededGenerator(seed: 30)
    for round in 0..<40 * effort {
      let bytesPerSecond = UInt64.random(in: 1_000...5_000_000, using: &random)
      var injector = try injector("bandwidth \(bytesPerSecond)B/s", seed: UInt64(round))
      var now: Int64 = 0
      var first: Int64?
      var sent: [UInt64] = []
      var byteCount = 0
      for sequence in 1...80 as ClosedRange<UInt16> {
        now += Int64.random(in: 0...3_000_000, using: &random)
        first = first ?? now
        let size = Int.random(in: 11...2_000, using: &random)
        _ = injector.receive(frame(sequence, size: size), at: Instant(nanoseconds: now))
        for output in injector.drain(.clientToServer, at: Instant(nanoseconds: now)).outputs {
          sent.append(output.number)
          byteCount += output.bytes.count
        }
        let seconds = Double(now - (first ?? now)) / 1e9
        #expect(Double(byteCount) <= seconds * Double(bytesPerSecond) + 1e-6)
      }
      sent += injector.drain(.clientToServer, at: moment(10_000_000)).outputs.map(\.number)
      #expect(sent == Array(1...80))
    }
  }

  @Test func `a slow line is congested before frames go early, and says how much it holds`() throws
  {
    var injector = try injector("bandwidth 1B/s c2s")
    var count = 0
    while !injector.isCongested(.clientToServer), count < 5_000 {
      _ = injector.receive(frame(UInt16(count), size: 11))
      count += 1
    }
    #expect(count == FaultLimits.heldFramesMax / 2)
    #expect(injector.heldByteCount(.clientToServer) == 11 * count)
    #expect(!injector.isCongested(.serverToClient))
    #expect(injector.releasedEarlyCount == 0)
    #expect(injector.drain(.clientToServer, at: moment(11_000)).outputs.count == 1)
    // However slow: time does not overflow.
    let huge = frame(1, size: 60_000)
    for _ in 0..<200 { _ = injector.receive(huge, at: Instant(nanoseconds: .max - 5)) }
    #expect(injector.heldByteCount(.clientToServer) <= FaultLimits.heldBytesMax)
  }

  @Test func `the end of a direction waits for what is slowed down`() throws {
    var injector = try injector("bandwidth 10kB/s; slow_close 1s c2s; delay 5s nth 3 s2c")
    for number in 1...2 as ClosedRange<UInt16> { _ = injector.receive(frame(number)) }
    let closing = injector.closing(.clientToServer, at: moment(5))
    #expect(closing.delay == .milliseconds(15 + 1_000))
    #expect(closing.acts == [FaultAct(rule: "slow_close 1s c2s", .slowClose(.seconds(1)))])
    #expect(injector.closing(.serverToClient, at: moment(5)).delay == .zero)
  }

  // MARK: reset

  @Test func `a reset drops its frame and what is held, in both directions`() throws {
    var injector = try injector("delay 1s s2c; reset nth 2 c2s; duplicate; corrupt nth 2")
    _ = injector.receive(frame(1, .serverToClient))
    let first = injector.receive(frame(1))
    #expect(!first.resetsConnection)
    let second = injector.receive(frame(2))
    #expect(second.resetsConnection)
    #expect(second.disposition == .dropped)
    // Behind it nothing is left to act on.
    #expect(second.acts.map(\.change) == [.reset])
    #expect(injector.drain(.clientToServer).outputs.map(\.number) == [2, 2])
    #expect(injector.drain(.serverToClient).deadline == .distantFuture)
    #expect(injector.heldByteCount(.serverToClient) == 0)
  }

  @Test func `a rule behind a drop resets nothing`() throws {
    var injector = try injector("drop; reset")
    #expect(!injector.receive(frame(1)).resetsConnection)
  }

  // MARK: time

  /// The numbers of frames, one each 100 ms from the beginning, that are dropped.
  private func dropped(_ rules: String, count: UInt16 = 100) throws -> [UInt16] {
    var injector = try injector(rules)
    injector.begin(at: moment(1_000))
    return (0..<count).filter { number in
      injector.receive(frame(number), at: moment(1_000 + Int(number) * 100)).disposition == .dropped
    }
  }

  @Test func `a blackhole swallows everything that fits, in turns`() throws {
    #expect(try dropped("blackhole s2c").isEmpty)
    #expect(try dropped("blackhole").count == 100)
    #expect(
      try dropped("blackhole on 200ms off 800ms", count: 25) == [0, 1, 10, 11, 20, 21])
    #expect(
      try dropped("blackhole on 200ms off 800ms after 500ms", count: 25) == [5, 6, 15, 16])
    // What comes in between is not counted.
    #expect(
      try dropped("blackhole on 200ms off 800ms nth 2,3", count: 25) == [1, 10])
    var injector = try injector("blackhole on 1s off 1s")
    let fate = injector.receive(frame(1), at: moment(77))
    #expect(fate.acts == [FaultAct(rule: "blackhole on 1s off 1s", .drop)])
  }

  @Test func `rules act after a time, and for a time`() throws {
    #expect(try dropped("drop after 300ms", count: 6) == [3, 4, 5])
    #expect(try dropped("drop for 300ms", count: 6) == [0, 1, 2])
    #expect(try dropped("drop after 200ms for 200ms", count: 6) == [2, 3])
    #expect(try dropped("drop after 0s for 1ns", count: 6) == [0])
    #expect(try dropped("drop first 2 after 300ms", count: 9) == [3, 4])
    #expect(try dropped("reset after 300ms nth 1", count: 9) == [3])
  }

  @Test func `the connection begins with the first time that is given, or when it is said`() throws
  {
    var injector = try injector("drop after 1s")
    _ = injector.drain(.serverToClient, at: moment(500))
    #expect(injector.receive(frame(1), at: moment(1_499)).disposition == .forwarded)
    #expect(injector.receive(frame(2), at: moment(1_500)).disposition == .dropped)
    injector = try self.injector("drop after 1s")
    injector.begin(at: moment(5_000))
    injector.begin(at: moment(9_000))
    // Time that goes back is no time.
    #expect(injector.receive(frame(1), at: moment(0)).disposition == .forwarded)
    #expect(injector.receive(frame(2), at: moment(6_000)).disposition == .dropped)
  }

  // MARK: ends

  @Test func `slow closes are drawn for each end, and add up`() throws {
    let rules = "slow_close 2s; slow close 500ms s2c connection 0; slow_close 1s connection 7"
    var injector = try injector(rules + "; slow_close 9s after 1s")
    #expect(injector.receive(frame(1)).acts.isEmpty, "frames are not what it is about")
    #expect(injector.closing(.clientToServer, at: moment(10)).delay == .seconds(2))
    #expect(injector.closing(.serverToClient, at: moment(10)).delay == .milliseconds(2_500))
    #expect(injector.closing(.clientToServer, at: moment(1_000)).delay == .seconds(11))
    var count = 0
    for seed in 0..<400 as Range<UInt64> {
      var injector = try self.injector("slow_close 1s 25%", seed: seed)
      let one = injector.closing(.clientToServer, at: .zero).acts
      #expect(injector.closing(.clientToServer, at: moment(5)).acts == one)
      count += one.count
    }
    #expect((60...140).contains(count))
  }

  // MARK: the ledger

  @Test(
    "A ledger repeats every word",
    arguments: [
      "bandwidth 10kB/s 50%", "reset nth 5", "blackhole on 30ms off 50ms", "blackhole c2s",
      "drop after 50ms for 60ms", "slow_close 2s c2s", "slow close 1s 50%; bandwidth 20kB/s s2c",
    ])
  func replays(rules: String) throws {
    func run(
      _ injector: FaultInjector, step: Int
    ) -> (ledger: FaultLedger, outputs: [[UInt64]], delays: [Duration]) {
      var injector = injector
      var ledger = FaultLedger(seed: 3, rules: injector.rules)
      var outputs: [[UInt64]] = []
      var delays: [Duration] = []
      for number in 1...30 as ClosedRange<UInt16> {
        for direction in [Direction.clientToServer, .serverToClient] {
          let fate = injector.receive(frame(number, direction), at: moment(Int(number) * step))
          ledger.record(fate)
          if fate.resetsConnection { return (ledger, outputs, delays) }
          outputs.append(
            injector.drain(direction, at: moment(Int(number) * step)).outputs.map(\.number))
        }
      }
      for direction in [Direction.clientToServer, .serverToClient] {
        let closing = injector.closing(direction, at: moment(30 * step))
        ledger.record(closing.acts, endOf: direction, connection: 0)
        delays.append(closing.delay)
      }
      return (ledger, outputs, delays)
    }
    let original = run(try injector(rules, seed: 3), step: 10)
    #expect(!original.ledger.entries.isEmpty)
    let ledger = try FaultLedger(parsing: original.ledger.text)
    #expect(ledger == original.ledger)
    let replay = run(FaultInjector(replaying: ledger, connection: 0), step: 10)
    #expect(replay.ledger.entries == original.ledger.entries)
    #expect(replay.outputs == original.outputs)
    #expect(replay.delays == original.delays)
    // At other times the same is done to the same.
    let slower = run(FaultInjector(replaying: ledger, connection: 0), step: 35)
    #expect(slower.ledger.entries == original.ledger.entries)
  }
}
