internal import ChatPosix
internal import Logging

/// The server's side of the logging process, in a thread of its own.
///
/// Starts the process, sends it the records, and starts it again when it has died, until the log is
/// finished.
///
/// Records stay in the queue until the process has said that they are in the file. A process that
/// is started again says what is there, and gets the rest: so nothing is lost and nothing written
/// twice.
final class LogLink {
  private let channel: LogChannel
  private let start: LogWorkerConnection.Start
  private let place: String
  private let say: @Sendable (String) -> Void
  private var restartDelay = RestartDelay()
  private var wasReady = false
  private var saidReason: String?
  private var dropReport = DropReport()

  /// - Parameter place: what is written to, as messages call it.
  init(
    _ channel: LogChannel, _ start: LogWorkerConnection.Start, place: String,
    say: @escaping @Sendable (String) -> Void
  ) {
    self.channel = channel
    self.start = start
    self.place = place
    self.say = say
  }

  /// Works until the log is finished, or cannot begin.
  func run() {
    while !isDone(at: Clock.monotonicNanoseconds()) {
      let reason = runWorker()
      channel.state.change { state in
        state.workerIdentifier = nil
        state.queue.forgetSent()
        if state.phase == .starting {
          state.phase = .refused(reason ?? "the logging process ended before it was ready")
        }
      }
      if case .refused = channel.state.withLock({ $0.phase }) { return }
      waitForRestart()
    }
    let missingCount = channel.state.change { state in
      state.phase = .finished
      return state.queue.count
    }
    if missingCount > 0 { say("\(missingCount) log records could not be written to \(place)") }
  }

  /// True if nothing is left to do: the log ends, and everything is written or the time is over.
  private func isDone(at now: Int64) -> Bool {
    channel.state.withLock { state in
      guard case .finishing(let deadline) = state.phase else { return false }
      return state.queue.count == 0 || now >= deadline
    }
  }

  /// Starts a process and works with it until it ends; returns why it could not begin, if it could
  /// not.
  private func runWorker() -> String? {
    let worker: LogWorkerConnection
    do throws(SystemError) {
      worker = try LogWorkerConnection(start)
    } catch {
      let reason = "the logging process cannot be started: \(error.message)"
      sayOnce(reason)
      return reason
    }
    defer { worker.end() }
    return exchange(with: worker)
  }

  private func exchange(with worker: LogWorkerConnection) -> String? {
    var isReady = false
    var closingDeadline: Int64?
    while true {
      let now = Clock.monotonicNanoseconds()
      if let closingDeadline {
        if worker.hasEnded || now >= closingDeadline { return nil }
      } else if isDone(at: now) {
        worker.sayEnd()
        closingDeadline = now + 1_000_000_000
      } else if isReady {
        worker.fetch(from: channel.state)
      }
      reportDrops(at: now)
      worker.send()
      worker.wait(for: channel.wakeUp, nanoseconds: waitTime(from: now, closingDeadline))
      for frame in worker.receive() {
        if case .refused(let reason) = frame {
          if wasReady { sayOnce("\(reason); log records wait in memory") }
          return reason
        }
        if case .ready = frame { isReady = true }
        handle(frame, from: worker)
      }
      if worker.hasEnded, closingDeadline == nil {
        if isReady {
          say(
            "the logging process (\(worker.identifier)) has ended; "
              + "it is started again, and no record is lost")
        }
        return nil
      }
    }
  }

  private func handle(_ frame: LogFrame, from worker: LogWorkerConnection) {
    switch frame {
    case .ready(let last):
      channel.acknowledge(through: last)
      let isRestart = wasReady
      wasReady = true
      saidReason = nil
      let restarts = channel.state.change { state in
        state.workerIdentifier = worker.identifier
        if state.phase == .starting { state.phase = .running }
        if isRestart { state.restartCount += 1 }
        return (count: state.restartCount, pending: state.queue.count)
      }
      if isRestart {
        channel.appendOwn(
          .warning, "log.restarted",
          [
            "count": .stringConvertible(restarts.count),
            "pending": .stringConvertible(restarts.pending),
          ])
      }
    case .acknowledged(let last):
      channel.acknowledge(through: last)
      restartDelay.reset()
    case .failing(let reason):
      say("\(place) cannot be written: \(reason); log records wait in memory until it can")
    case .recovered:
      say("\(place) is written again")
      channel.appendOwn(.warning, "log.recovered", [:])
    // The process says no such thing, and for a refusal its connection is left.
    case .record, .refused: break
    }
  }

  /// Says a sentence unless it was the last that was said here: an attempt every two seconds is not
  /// news.
  private func sayOnce(_ sentence: String) {
    guard wasReady, saidReason != sentence else { return }
    saidReason = sentence
    say(sentence)
  }

  private func reportDrops(at now: Int64) {
    let (droppedCount, waitingCount) = channel.state.withLock {
      ($0.queue.droppedCount, $0.queue.count)
    }
    guard let count = dropReport.take(of: droppedCount, at: now) else { return }
    say(
      "\(count) log records were dropped: \(waitingCount) wait already, since \(place) "
        + "is not written fast enough")
  }

  private func waitTime(from now: Int64, _ closingDeadline: Int64?) -> Int64? {
    let phase = channel.state.withLock { $0.phase }
    var deadlines = [closingDeadline, dropReport.nextMoment].compactMap { $0 }
    if closingDeadline == nil, case .finishing(let deadline) = phase { deadlines.append(deadline) }
    return deadlines.min().map { max(0, $0 - now) }
  }

  /// Waits before the next process is started; each that achieves nothing makes it longer.
  private func waitForRestart() {
    let end = Clock.monotonicNanoseconds() + restartDelay.next()
    while true {
      let now = Clock.monotonicNanoseconds()
      guard now < end, !isDone(at: now) else { return }
      let next = min(end, waitTime(from: now, nil).map { now + $0 } ?? end)
      var entries = [Poll.Entry(channel.wakeUp.pollDescriptor, .readable)]
      Poll.wait(for: &entries, nanoseconds: next - now)
      channel.wakeUp.clear()
      reportDrops(at: Clock.monotonicNanoseconds())
    }
  }
}
