import ChatSimulation
import ChatWire
import Glibc

/// What `make sim` starts on each processor: the plans of seeds, one after the other.
///
///     chat-sim-run [FIRST-SEED [COUNT]]   runs them; prints what fails and how to see it again
///     chat-sim-run plan SEED              prints the plan of a seed as a command
///     chat-sim-run explore [DEPTH]        everything that can happen to small windows
///     chat-sim-run efficiency             what losses cost, averaged over ten seeds
///
/// Exits 1 if a checker found something.
enum SimulationRun {
  /// What came of the seeds so far.
  struct Tally {
    var runs: UInt64 = 0
    var firstTransmissions = 0
    var retransmissions = 0
    var messagesDelivered = 0
    var errors = 0
    var failures = 0

    mutating func add(_ report: SimulationReport) {
      runs += 1
      for side in Session.Role.both {
        let counts = report.counts[side]
        firstTransmissions += counts.firstTransmissions
        retransmissions += counts.retransmissions
        messagesDelivered += counts.deliveryTimes.count
      }
      if report.counts.client.end?.code != nil || report.counts.server.end?.code != nil {
        errors += 1
      }
      if let failure = report.failure {
        failures += 1
        print(failure)
      }
    }

    var sentence: String {
      "\(runs) runs, \(messagesDelivered) messages delivered, \(firstTransmissions) frames and "
        + "\(retransmissions) copies sent; \(errors) runs ended by an ERROR, \(failures) failures"
    }
  }

  /// Runs between two lines that tell how far it is.
  private static let progressEvery: UInt64 = 10_000
  /// Failures after which there is no point in going on.
  private static let failuresMax = 20

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let numbers = arguments.compactMap { UInt64($0) }
    switch arguments.first {
    case "plan" where arguments.count == 2 && numbers.count == 1:
      print(SimulationPlan.random(seed: numbers[0]).command)
    case "explore" where arguments.count == numbers.count + 1 && numbers.count <= 1:
      explore(depth: numbers.first.map { Int(clamping: $0) } ?? 8)
    case "efficiency" where arguments.count == 1:
      var table = EfficiencyTable()
      table.seeds = 1...10
      print(table.text(), terminator: "")
    default:
      guard arguments.count == numbers.count, numbers.count <= 2 else {
        print("usage: chat-sim-run [FIRST-SEED [COUNT]] | plan SEED | explore [DEPTH] | efficiency")
        exit(2)
      }
      runSeeds(first: numbers.first ?? 1, count: numbers.count > 1 ? numbers[1] : 10_000)
    }
  }

  private static func runSeeds(first: UInt64, count: UInt64) {
    var tally = Tally()
    let checksum = CRC32()
    for index in 0..<count {
      let plan = SimulationPlan.random(seed: first &+ index)
      do {
        tally.add(try plan.run(checksum: checksum))
      } catch {
        print("seed \(plan.seed): \(error.message) (\(plan.faults))")
        exit(1)
      }
      if tally.failures >= failuresMax { break }
      if tally.runs % progressEvery == 0, tally.runs < count {
        print("\(tally.runs) of \(count) seeds from \(first) on, \(tally.failures) failures")
      }
    }
    print("seeds from \(first) on: \(tally.sentence)")
    exit(tally.failures == 0 ? 0 : 1)
  }

  private static func explore(depth: Int) {
    var isGood = true
    for settings in Exploration.Settings.all(depth: depth) {
      let findings = Exploration.explore(settings)
      print("\(settings.text): \(findings.text)")
      if findings.failure != nil { isGood = false }
    }
    exit(isGood ? 0 : 1)
  }
}
