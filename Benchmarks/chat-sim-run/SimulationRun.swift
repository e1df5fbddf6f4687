import ChatSimulation
import ChatWire
import Dispatch
import Foundation

/// Runs seeds on all cores.
enum SimulationRun {
  /// What came of a range of seeds.
  struct Tally: Sendable {
    var runs = 0
    var steps = 0
    var framesSent = 0
    var framesRetransmitted = 0
    var messagesDelivered = 0
    var errors = 0
    var failures: [String] = []

    mutating func add(_ report: SimulationReport) {
      runs += 1
      steps += report.stepCount
      for side in Session.Role.both {
        let counts = report.counts[side]
        framesSent += counts.sequencedFramesSent
        framesRetransmitted += counts.retransmissions
        messagesDelivered += counts.deliveryTimes.count
      }
      if report.counts.client.end?.code != nil || report.counts.server.end?.code != nil {
        errors += 1
      }
      if let failure = report.failure { failures.append(failure) }
    }

    mutating func add(_ other: Tally) {
      runs += other.runs
      steps += other.steps
      framesSent += other.framesSent
      framesRetransmitted += other.framesRetransmitted
      messagesDelivered += other.messagesDelivered
      errors += other.errors
      failures += other.failures
    }
  }

  /// Seeds that one core takes at a time.
  private static let chunk: UInt64 = 250
  /// Failures that are printed.
  private static let failuresMax = 20

  static func main() {
    let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) }
    guard arguments.count <= 2, !arguments.contains(nil) else {
      FileHandle.standardError.write(Data("usage: chat-sim-run [FIRST-SEED [COUNT]]\n".utf8))
      exit(2)
    }
    let first = arguments.first.flatMap { $0 } ?? 1
    let count = arguments.count > 1 ? arguments[1] ?? 0 : 10_000
    let tally = run(first: first, count: count)
    print(
      "\(tally.runs) runs: \(tally.messagesDelivered) messages delivered, \(tally.framesSent) "
        + "frames sent, \(tally.framesRetransmitted) of them again, \(tally.steps) steps, "
        + "\(tally.errors) runs ended by an ERROR, \(tally.failures.count) failures")
    for failure in tally.failures.prefix(failuresMax) { print(failure) }
    exit(tally.failures.isEmpty ? 0 : 1)
  }

  private static func run(first: UInt64, count: UInt64) -> Tally {
    var total = Tally()
    let cores = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
    let round = chunk * cores
    var done: UInt64 = 0
    while done < count {
      let size = min(round, count - done)
      let begin = first &+ done
      let parts = (size + chunk - 1) / chunk
      let tallies = Tallies(count: Int(parts))
      DispatchQueue.concurrentPerform(iterations: Int(parts)) { part in
        let from = UInt64(part) * chunk
        var tally = Tally()
        for seed in from..<min(size, from + chunk) {
          tally.add(report(of: begin &+ seed))
        }
        tallies.put(tally, at: part)
      }
      for tally in tallies.all() { total.add(tally) }
      done += size
      if done % (round * 10) == 0 || done == count {
        FileHandle.standardError.write(
          Data("\(done) of \(count) seeds, \(total.failures.count) failures\n".utf8))
      }
      if total.failures.count >= failuresMax { break }
    }
    return total
  }

  private static func report(of seed: UInt64) -> SimulationReport {
    let plan = SimulationPlan.random(seed: seed)
    do {
      return try plan.run()
    } catch {
      fatalError("the rules of seed \(seed) are wrong: \(plan.faults)")
    }
  }
}

/// What the cores have found, each in its place.
final class Tallies: @unchecked Sendable {  // guarded by `lock`
  private let lock = NSLock()
  private var tallies: [SimulationRun.Tally]

  init(count: Int) {
    tallies = Array(repeating: SimulationRun.Tally(), count: count)
  }

  func put(_ tally: SimulationRun.Tally, at index: Int) {
    lock.withLock { tallies[index] = tally }
  }

  func all() -> [SimulationRun.Tally] {
    lock.withLock { tallies }
  }
}
