internal import ChatWire

extension SimulationPlan {
  /// The plan of a seed: any mode, windows 1 to 64, fragments 1 to 2,000, numbers near the wrap,
  /// losses to 30 % each way, copies, disorder, damage to any part of a frame, delays, lines fast
  /// and slow.
  ///
  /// Messages are few, so that hundreds of thousands of seeds can be tried.
  public static func random(seed: UInt64) -> SimulationPlan {
    var generator = SplitMix64(seed: SplitMix64.seed(seed, purpose: 100))
    var plan = SimulationPlan()
    plan.seed = seed
    plan.mode = generator.chance(50) ? .goBackN : .selectiveRepeat
    plan.windowSize = size(&generator, upTo: 64)
    plan.fragmentSizeMax = size(&generator, upTo: 2_000)
    plan.clientInitialSequence = initialSequence(&generator)
    plan.serverInitialSequence = initialSequence(&generator)
    plan.messages = traffic(&generator, fragment: plan.fragmentSizeMax, atLeast: 1)
    plan.replies = traffic(&generator, fragment: plan.fragmentSizeMax, atLeast: 0)
    if generator.chance(40) { plan.interval = .microseconds(generator.within(100...60_000)) }
    plan.roundTrip = .microseconds(generator.within(0...100_000))
    if generator.chance(40) { plan.jitter = .microseconds(generator.within(1...40_000)) }
    if generator.chance(25) { plan.bytesPerSecond = generator.within(5_000...2_000_000) }
    if generator.chance(15) { plan.queueLimit = generator.within(2...64) }
    if generator.chance(40) { plan.readHold = .microseconds(generator.within(1...3_000)) }
    // A fixed timeout shorter than the queue of a slow line adds copies faster than they leave.
    if plan.bytesPerSecond == nil, generator.chance(20) {
      plan.fixedTimeout = .milliseconds(generator.within(50...400))
    }
    plan.retriesMax = generator.chance(20) ? generator.within(1...10) : nil
    plan.faults = faults(&generator)
    if generator.chance(25) { plan.pauseCount = generator.within(1...4) }
    plan.limit = .seconds(1_000_000)
    return plan
  }

  /// Small numbers as often as large ones.
  private static func size(_ generator: inout SplitMix64, upTo max: Int) -> Int {
    var bound = max
    while bound > 4, generator.chance(35) { bound /= 2 }
    return generator.within(1...bound)
  }

  private static func initialSequence(_ generator: inout SplitMix64) -> UInt16 {
    UInt16(
      truncatingIfNeeded: generator.chance(60)
        ? 65_536 - generator.within(1...80) : generator.within(0...65_535))
  }

  private static func traffic(
    _ generator: inout SplitMix64, fragment: Int, atLeast least: Int
  ) -> Traffic {
    let count = generator.within(least...12)
    let fragments = generator.within(1...6)
    let most = Swift.min(fragment * fragments, 4_000)
    return Traffic(
      messageCount: count, byteCount: generator.within(0...Swift.min(most, 40))...most)
  }

  /// Rules, most of them mild, some of them all at once.
  private static func faults(_ generator: inout SplitMix64) -> String {
    var rules: [String] = []
    let worst = [0, 5, 15, 30][generator.below(4)]
    for direction in ["c2s", "s2c"] {
      let percent = generator.within(0...worst)
      if percent > 0 { rules.append("drop \(percent)% \(direction)") }
    }
    if generator.chance(30) { rules.append("duplicate \(generator.within(1...15))%") }
    if generator.chance(30) {
      rules.append("reorder \(generator.within(1...15))% gap \(generator.within(1...6))")
    }
    if generator.chance(25) {
      let time = generator.within(1...60)
      rules.append("delay \(time)ms jitter \(generator.within(1...time))ms \(worst + 5)%")
    }
    for part in ["payload", "checksum", "header", "length"] where generator.chance(25) {
      rules.append("corrupt \(part) \(generator.within(1...12))%")
    }
    if generator.chance(15) { rules.append("drop nth \(generator.within(1...6)) c2s") }
    if generator.chance(15) { rules.append("drop nth \(generator.within(1...6)) s2c") }
    return rules.joined(separator: "; ")
  }
}
