import ChatSimulation
import ChatWire
import TestSupport
import Testing

/// Keeps a digest of everything that happens.
private struct Digest: SimulationObserver {
  var hash = CRC32()
  var lines: [String] = []

  mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant
  ) {
    lines.append("\(now.nanoseconds) \(side.name) \(hash.checksum(of: frame))")
  }

  mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    lines.append("\(now.nanoseconds) \(direction.name) \(number) \(hash.checksum(of: frame))")
  }
}

@Suite("Simulations") struct SimulationTests {
  @Test(arguments: 0..<8)
  func `every message arrives exactly once and intact, or there is an explicit ERROR`(part: Int)
    throws
  {
    let checksum = CRC32()
    var ends = 0
    for index in 0..<250 * effort {
      let plan = SimulationPlan.random(seed: UInt64(part * 1_000_003 + index))
      let report = try plan.run(checksum: checksum)
      if let failure = report.failure { Issue.record("\(failure)") }
      if report.counts.client.end?.code == nil { ends += 1 }
    }
    // Nearly all lines are good enough for a good end; without it the rest would prove little.
    #expect(ends > 225 * effort)
  }

  @Test func `plans reach all that they are to reach`() {
    let plans = (0..<4_000).map { SimulationPlan.random(seed: $0) }
    #expect(Set(plans.map(\.windowSize)) == Set(1...64))
    #expect(
      plans.contains { $0.fragmentSizeMax == 1 } && plans.contains { $0.fragmentSizeMax > 1_900 })
    #expect(plans.contains { $0.clientInitialSequence > 65_500 })
    #expect(plans.contains { $0.faults.contains("drop 30%") })
    for part in ["payload", "checksum", "header", "length"] {
      #expect(plans.contains { $0.faults.contains("corrupt \(part)") })
    }
    for word in ["duplicate", "reorder", "delay"] {
      #expect(plans.contains { $0.faults.contains(word) })
    }
    #expect(plans.allSatisfy { (try? FaultRules(parsing: $0.faults)) != nil })
  }

  @Test func `equal seeds give equal runs, to the byte and the nanosecond`() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let plan = SimulationPlan.random(seed: seed)
      var first = Digest()
      var second = Digest()
      _ = try plan.run(&first)
      _ = try plan.run(&second)
      #expect(!first.lines.isEmpty)
      #expect(first.lines == second.lines)
    }
  }

  @Test func `another seed draws other faults`() throws {
    var plan = SimulationPlan()
    plan.faults = "drop 20%"
    var first = Digest()
    _ = try plan.run(&first)
    plan.seed = 2
    var second = Digest()
    _ = try plan.run(&second)
    #expect(first.lines != second.lines)
  }

  @Test func `how bytes are cut into reads changes nothing but times`() throws {
    var plan = SimulationPlan()
    plan.messages = SimulationPlan.Traffic(messageCount: 40, byteCount: 0...300)
    plan.fragmentSizeMax = 50
    let whole = try plan.run()
    plan.readHold = .milliseconds(2)
    let cut = try plan.run()
    #expect(whole.isGood && cut.isGood)
    #expect(whole.counts.server.bytesDelivered == cut.counts.server.bytesDelivered)
    #expect(whole.counts.client.firstTransmissions == cut.counts.client.firstTransmissions)
    #expect(whole.time != cut.time)
  }

  @Test func `a plan prints the command that repeats it`() {
    #expect(
      SimulationPlan().command
        == "chat-inspect simulate --protocol gbn --window-size 16 --seed 1")
    var plan = SimulationPlan()
    plan.mode = .selectiveRepeat
    plan.windowSize = 4
    plan.faults = "drop 10% c2s\nduplicate 5%"
    plan.messages = SimulationPlan.Traffic(messageCount: 3, byteCount: 1...20)
    plan.roundTrip = .microseconds(1_500)
    plan.retriesMax = nil
    plan.seed = 42
    #expect(
      plan.command
        == "chat-inspect simulate --protocol sr --window-size 4 --messages 3 --size 1-20 "
        + "--rtt 1500us --retries none --faults \"drop 10% c2s; duplicate 5%\" --seed 42")
    plan.faults = "drop where (text == \"it's $1\")"
    #expect(
      plan.command.hasSuffix(#"--faults 'drop where (text == "it'\''s $1")' --seed 42"#))
    #expect(SimulationPlan.Traffic.sizes("1-20") == 1...20)
    #expect(SimulationPlan.Traffic.sizes("7") == 7...7)
    for text in ["", "-", "3-1", "1-2-3", "x", "-5"] {
      #expect(SimulationPlan.Traffic.sizes(text) == nil)
    }
  }

  @Test func `a line that is cut for ever is a failure with seed and command`() throws {
    var plan = SimulationPlan()
    plan.faults = "drop c2s"
    plan.seed = 9
    plan.limit = .seconds(5)
    let failure = try #require(try plan.run().failure)
    #expect(failure.hasPrefix("seed 9: "))
    #expect(failure.contains("--faults \"drop c2s\" --seed 9"))
  }

  @Test func `a slow line with a short queue loses frames and still delivers`() throws {
    var plan = SimulationPlan()
    plan.mode = .selectiveRepeat
    plan.windowSize = 32
    plan.messages = SimulationPlan.Traffic(messageCount: 100, byteCount: 200...200)
    plan.bytesPerSecond = 50_000
    plan.queueLimit = 8
    plan.retriesMax = nil
    let report = try plan.run()
    #expect(report.isGood)
    #expect(report.counts.client.retransmissions > 0)
    #expect(report.counts.server.deliveryTimes.count == 100)
  }
}
