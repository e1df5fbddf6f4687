import ChatSimulation
import ChatWire
import TestSupport
import Testing

/// Lines that are slow, break, swallow everything for a while, or keep an end back, with all
/// checkers looking on.
@Suite("Simulated faults of the line") struct LineFaultTests {
  private func plan(_ faults: String, _ mode: ARQMode) -> SimulationPlan {
    var plan = SimulationPlan()
    plan.mode = mode
    plan.faults = faults
    plan.messages = SimulationPlan.Traffic(messageCount: 40, byteCount: 100...100)
    return plan
  }

  @Test(
    "everything arrives over a slow line, and not faster than that",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func bandwidth(mode: ARQMode) throws {
    let report = try plan("bandwidth 20kB/s c2s DATA", mode).run()
    if let failure = report.failure { Issue.record("\(failure)") }
    let times = report.counts.server.deliveryTimes
    #expect(times.count == 40)
    // 40 frames of 111 bytes.
    let seconds = Double((times.last ?? .zero).nanoseconds) / 1e9
    #expect(seconds >= 40 * 111 / 20_000)
  }

  @Test(
    "a reset ends both sessions at once",
    arguments: [ARQMode.goBackN, .selectiveRepeat],
    ["c2s DATA nth 7", "s2c ACK nth 7", "after 15ms"])
  func reset(mode: ARQMode, which: String) throws {
    let report = try plan("delay 3ms; reset " + which, mode).run()
    if let failure = report.failure { Issue.record("\(failure)") }
    #expect(report.counts.client.end?.ending == .abrupt)
    #expect(report.counts.server.end?.ending == .abrupt)
    #expect(report.counts.client.endTime == report.counts.server.endTime)
    #expect(report.counts.server.deliveryTimes.count < 40)
  }

  @Test("a blackhole is survived", arguments: [ARQMode.goBackN, .selectiveRepeat])
  func blackhole(mode: ARQMode) throws {
    for faults in ["blackhole on 50ms off 250ms after 100ms", "blackhole after 100ms for 300ms"] {
      var plan = plan(faults, mode)
      plan.interval = .milliseconds(10)
      plan.retriesMax = nil
      let report = try plan.run()
      if let failure = report.failure { Issue.record("\(failure)") }
      #expect(report.counts.server.deliveryTimes.count == 40)
      #expect(report.counts.client.retransmissions > 0)
    }
  }

  @Test func `an end that is kept back is seen so much later`() throws {
    struct Ends: SimulationObserver {
      var reached: [Instant] = []
      var acts: [FaultAct] = []
      var seen: [Instant] = []
      mutating func heldEnd(
        _ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant
      ) {
        reached.append(now)
        self.acts += acts
      }
      mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
        seen.append(now)
      }
    }
    // A client that closes TCP without a word: the server sees it by the end of the stream alone.
    var parameters = ConnectionParameters()
    parameters.faults = try FaultRules(parsing: "slow_close 2s c2s")
    var pair = SimulatedPair(
      parameters, commands: [TimedCommand(at: Instant(nanoseconds: 100_000_000), .close(.client))])
    var ends = Ends()
    #expect(pair.run(&ends) == .finished)
    #expect(ends.acts == [FaultAct(rule: "slow_close 2s c2s", .slowClose(.seconds(2)))])
    #expect(ends.seen == ends.reached.prefix(1).map { $0.advanced(by: .seconds(2)) })
  }

  @Test func `random lines with all words violate nothing`() throws {
    var random = SeededGenerator(seed: 8)
    let words = [
      "bandwidth 30kB/s", "bandwidth 200kB/s 50%", "blackhole on 20ms off 200ms",
      "slow_close 300ms",
      "blackhole after 50ms for 100ms", "reset 0.2%", "drop 10% for 1s", "delay 5ms jitter 5ms",
      "duplicate 10%", "reorder 10% gap 2",
    ]
    for seed in 0..<UInt64(150 * effort) {
      let chosen = words.shuffled(using: &random).prefix(3)
      var plan = plan(chosen.joined(separator: "; "), seed % 2 == 0 ? .goBackN : .selectiveRepeat)
      plan.windowSize = Int.random(in: 1...20, using: &random)
      plan.seed = seed
      plan.retriesMax = nil
      let report = try plan.run()
      if let failure = report.failure { Issue.record("\(failure)") }
    }
  }
}
