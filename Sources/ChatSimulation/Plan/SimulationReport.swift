public import ChatWire

/// What came of a run.
public struct SimulationReport: Sendable {
  /// What was run.
  public var plan: SimulationPlan
  /// How it ended.
  public var end: SimulationEnd
  /// When it ended.
  public var time: Instant
  /// How often something happened.
  public var stepCount: Int
  /// What each side has done.
  public var counts: BothSides<SideCounts>

  /// True if no checker found anything and the sessions came to an end.
  public var isGood: Bool { end == .finished }

  /// What is wrong, with all that is needed to see it again; nil if nothing is.
  public var failure: String? {
    let sentence: String
    switch end {
    case .finished: return nil
    case .timeLimit: sentence = "\(time.secondsText) the sessions have not ended in time."
    case .stepLimit: sentence = "\(time.secondsText) not ended after \(stepCount) steps."
    case .violated(let violation): sentence = violation.line
    }
    return "seed \(plan.seed): \(sentence)\n  \(plan.command)"
  }
}

extension SimulationPlan {
  /// Steps after which a run is given up: far more than any plan of this size has reason for.
  public static let stepCountMax = 10_000_000

  /// Runs it.
  ///
  /// - Throws: what is wrong with the fault rules.
  public func run(
    checksum: CRC32 = CRC32(), _ observer: inout some SimulationObserver
  ) throws(FaultRuleError) -> SimulationReport {
    var pair = try SimulatedPair(self, checksum: checksum)
    let end = pair.run(
      until: Instant.zero.advanced(by: limit), stepCountMax: Self.stepCountMax, &observer)
    return SimulationReport(
      plan: self, end: end, time: pair.now, stepCount: pair.connection.stepCount,
      counts: BothSides(
        client: pair.connection.counts(.client), server: pair.connection.counts(.server)))
  }

  /// Runs it without anybody watching.
  ///
  /// - Throws: what is wrong with the fault rules.
  public func run(checksum: CRC32 = CRC32()) throws(FaultRuleError) -> SimulationReport {
    var nobody = NoObserver()
    return try run(checksum: checksum, &nobody)
  }
}
