internal import ChatPosix
internal import Logging

/// Where the threads of the server leave their records, and the link to the logging process fetches
/// them.
///
/// Nobody waits here for a disk or a terminal: a record is put in the queue, or dropped if that is
/// full.
final class LogChannel: Sendable {
  /// How far things are.
  enum Phase: Sendable, Equatable {
    /// The first logging process has not said that it is ready.
    case starting
    case running
    /// The first logging process cannot work, for this reason.
    case refused(String)
    /// No more records are taken; those that wait are written until then.
    case finishing(deadlineNanoseconds: Int64)
    case finished
  }

  struct State: Sendable {
    var queue: LogQueue
    var phase = Phase.starting
    /// Nil while there is none.
    var workerIdentifier: Int32?
    var restartCount = 0
  }

  /// How lines look.
  let format: LogRecord.Format
  /// Reached by the link, too; nothing is done under this lock but moving records.
  let state: Locked<State>
  /// Wakes the link.
  let wakeUp: WakeUp

  init(_ format: LogRecord.Format, limits: LogQueue.Limits) throws(SystemError) {
    self.format = format
    state = Locked(State(queue: LogQueue(limits)))
    wakeUp = try WakeUp()
  }

  /// Puts a record in the queue, unless the log is finished; never waits.
  func append(_ level: Logger.Level, _ event: String, _ metadata: Logger.Metadata) {
    append(record(level, event, metadata), evenAtEnd: false)
  }

  /// Puts in a record of the log about itself, which no level holds back, and which is written even
  /// while the log ends.
  func appendOwn(_ level: Logger.Level, _ event: String, _ metadata: Logger.Metadata) {
    append(record(level, event, metadata), evenAtEnd: true)
  }

  private func append(_ record: LogRecord, evenAtEnd: Bool) {
    let format = format
    let mustWake = state.withLock { state in
      switch state.phase {
      case .starting, .running: break
      case .finishing where evenAtEnd: break
      case .refused, .finishing, .finished: return false
      }
      let unsentCount = state.queue.unsentCount
      let untoldCount = state.queue.untoldDroppedCount
      state.queue.tellDropped { Self.droppedRecord(format, count: $0) }
      state.queue.append(record)
      // It looks again by itself as long as there is something to send.
      return (unsentCount == 0 && state.queue.unsentCount > 0)
        || (untoldCount == 0 && state.queue.untoldDroppedCount > 0)
    }
    if mustWake { wakeUp.signal() }
  }

  /// Forgets records that are in the file; what was dropped is told as soon as there is room.
  func acknowledge(through number: UInt64) {
    let format = format
    state.withLock { state in
      state.queue.acknowledge(through: number)
      state.queue.tellDropped { Self.droppedRecord(format, count: $0) }
    }
  }

  private func record(
    _ level: Logger.Level, _ event: String, _ metadata: Logger.Metadata
  ) -> LogRecord {
    LogRecord(
      format, nanosecondsSince1970: Clock.realNanoseconds(), level: level, event: event,
      metadata: metadata)
  }

  private static func droppedRecord(_ format: LogRecord.Format, count: UInt64) -> LogRecord {
    LogRecord(
      format, nanosecondsSince1970: Clock.realNanoseconds(), level: .warning,
      event: "log.dropped", metadata: ["count": .stringConvertible(count)])
  }
}
