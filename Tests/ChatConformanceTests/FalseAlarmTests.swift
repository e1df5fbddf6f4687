import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Sessions that keep to the protocol: nothing is ever said against them.
@Suite struct FalseAlarmTests {
  /// The sight of a random run that is seen whole; nil for one whose frames are lost on the way to
  /// the faults, where nobody sees it.
  static func run(seed: UInt64) throws -> (plan: SimulationPlan, sight: SimulatedSight) {
    var plan = SimulationPlan.random(seed: seed)
    plan.queueLimit = nil
    // A broadcast has a text.
    plan.replies.byteCount =
      max(
        10, plan.replies.byteCount.lowerBound)...max(
        10, plan.replies.byteCount.upperBound)
    // Sessions that never give up on a line that hardly carries anything are long, and no more.
    plan.limit = .seconds(600)
    var sight = SimulatedSight()
    let report = try plan.run(&sight)
    #expect(report.failure == nil || report.end == .timeLimit)
    return (plan, sight)
  }

  @Test func `of a recording of our sessions nobody is blamed, whatever the line does`() throws {
    for seed in 1...UInt64(60 * effort) {
      let (plan, sight) = try Self.run(seed: seed)
      let check = try examine(file: sight.proxy.recording)
      let breaches = check.breaches.filter {
        plan.retriesMax != nil || $0.rule.name != "arq.retries"
      }
      guard check.verdict != .conformant, !breaches.isEmpty || check.breaches.isEmpty else {
        continue
      }
      Issue.record(
        """
        seed \(seed): \(check.verdict) \(check.streams.map(\.doubts))
        \(breaches.lines)
        \(plan.command)
        """)
    }
  }

  @Test(arguments: SimulatedSight.Place.allCases)
  func `of a capture with faults on its sides nobody is blamed who may be innocent`(
    place: SimulatedSight.Place
  ) throws {
    var options = ConformanceOptions()
    if place != .atClient { options.atClient = .possible }
    if place != .atServer { options.atServer = .possible }
    for seed in 1...UInt64(30 * effort) {
      let (plan, sight) = try Self.run(seed: seed)
      let check = examine(sight[place], options: options)
      guard !check.breaches.isEmpty || check.streams.count != 1 else { continue }
      Issue.record(
        "seed \(seed), \(place): \(check.verdict)\n\(check.breaches.lines)\n\(plan.command)")
    }
  }
}
