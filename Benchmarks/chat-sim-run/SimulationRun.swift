import ChatSimulation
import ChatWire
import Glibc

/// Runs the plans of seeds one after the other; `make sim` starts one of these on each processor.
enum SimulationRun {
  /// What came of the seeds so far.
  struct Tally {
    var runs: UInt64 = 0
    var framesSent = 0
    var framesRetransmitted = 0
    var messagesDelivered = 0
    var errors = 0
    var failures = 0

    mutating func add(_ report: SimulationReport) {
      runs += 1
      for side in Session.Role.both {
        let counts = report.counts[side]
        framesSent += counts.firstTransmissions
        framesRetransmitted += counts.retransmissions
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
      "\(runs) runs, \(messagesDelivered) messages delivered, \(framesSent) frames sent for the "
        + "first time, \(framesRetransmitted) again; \(errors) runs ended by an ERROR, "
        + "\(failures) failures"
    }
  }

  /// Runs between two lines that tell how far it is.
  private static let progressEvery: UInt64 = 10_000
  /// Failures after which there is no point in going on.
  private static let failuresMax = 20

  static func main() {
    let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) }
    guard arguments.count <= 2, !arguments.contains(nil) else {
      print("usage: chat-sim-run [FIRST-SEED [COUNT]]")
      exit(2)
    }
    let first = arguments.first.flatMap { $0 } ?? 1
    let count = arguments.count > 1 ? arguments[1] ?? 0 : 10_000
    var tally = Tally()
    let checksum = CRC32()
    for index in 0..<count {
      let plan = SimulationPlan.random(seed: first &+ index)
      do {
        tally.add(try plan.run(checksum: checksum))
      } catch {
        print("seed \(plan.seed): the fault rules are wrong: \(plan.faults)")
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
}
