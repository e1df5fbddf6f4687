internal import ChatPosix
internal import ChatProgram
internal import Logging

/// The server's log: takes records from all threads and has a process of its own write them.
///
/// The threads only put a line in a bounded queue (`LogChannel`). One thread (`LogLink`) sends the
/// lines, numbered, over a local socket to this executable started again (`LogWorker`), which
/// writes them and acknowledges what is on the disk. A stalled disk or terminal stalls that process
/// alone; when it is killed it is started again, and neither loses nor repeats a record.
final class ServerLog: Sendable {
  /// What a test changes.
  struct Context: Sendable {
    /// The server's own file.
    var executable = "/proc/self/exe"
    var limits = LogQueue.Limits()
    /// Says a sentence to whoever watches the server.
    var say: @Sendable (String) -> Void = { sayIfPossible($0) }
  }

  /// What the server logs with; the message is the name of the event.
  let logger: Logger
  private let directory: String?
  private let channel: LogChannel

  private init(_ channel: LogChannel, directory: String?, level: Logger.Level) {
    self.channel = channel
    self.directory = directory
    logger = Logger(label: "chat-server") { _ in ServerLogHandler(channel, level: level) }
  }

  /// Starts the logging process, and returns when it is ready to write.
  static func start(
    _ settings: LogSettings, context: Context = Context()
  ) throws(Failure) -> ServerLog {
    guard let level = Logger.Level(rawValue: settings.level.lowercased()) else {
      let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure("there is no log level \"\(settings.level)\"; there are \(levels)")
    }
    let run = hexadecimal(UInt64.random(in: 0...UInt64.max))
    let format = settings.directory == nil ? LogRecord.Format.readable : .json(run: run)
    let log: ServerLog
    do throws(SystemError) {
      let channel = try LogChannel(format, limits: context.limits)
      let start = LogWorkerConnection.Start(
        arguments: LogWorkerCommand.arguments(settings, run: run), executable: context.executable)
      let place = settings.directory.map { "the log in \($0)" } ?? "the log on standard error"
      try Thread.detach("log link") {
        LogLink(channel, start, place: place, say: context.say).run()
      }
      log = ServerLog(channel, directory: settings.directory, level: level)
    } catch {
      throw Failure("the log cannot be started: \(error.message)")
    }
    try log.waitUntilReady()
    return log
  }

  private func waitUntilReady() throws(Failure) {
    let seconds: Int64 = 30
    let phase = channel.state.wait(
      untilNanoseconds: Clock.monotonicNanoseconds() + seconds * 1_000_000_000
    ) { $0.phase == .starting ? nil : $0.phase }
    switch phase {
    case .refused(let reason): throw Failure(reason)
    case nil:
      finish(deadlineNanoseconds: 0)
      throw Failure("the logging process was not ready within \(seconds) seconds")
    case .starting, .running, .finishing, .finished: break
    }
  }

  /// How the log is doing.
  func status() -> ServerStatus.LogStatus {
    let directory = directory
    return channel.state.withLock { state in
      ServerStatus.LogStatus(
        directory: directory, processIdentifier: state.workerIdentifier,
        acknowledgedCount: state.queue.acknowledged, pendingCount: state.queue.count,
        droppedCount: state.queue.droppedCount, restartCount: state.restartCount)
    }
  }

  /// Takes no more records, and waits until those that were taken are written and the logging
  /// process has ended, or the time is over; then it is ended.
  func finish(deadlineNanoseconds: Int64) {
    channel.state.change { state in
      switch state.phase {
      case .starting, .running:
        state.phase = .finishing(deadlineNanoseconds: deadlineNanoseconds)
      case .refused, .finishing, .finished: break
      }
    }
    channel.wakeUp.signal()
    // The link gives up at the deadline, and leaves the process a second to end. If even that takes
    // longer, nobody should wait for it.
    let limit = max(deadlineNanoseconds, Clock.monotonicNanoseconds()) + 3_000_000_000
    _ = channel.state.wait(untilNanoseconds: limit) { state in
      switch state.phase {
      case .finished, .refused: true
      case .starting, .running, .finishing: nil as Bool?
      }
    }
  }

  /// Sixteen digits.
  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// Says a sentence on standard error, unless that is stalled: the log must not wait for it.
  private static func sayIfPossible(_ sentence: String) {
    var entries = [Poll.Entry(2, .writable)]
    Poll.wait(for: &entries, nanoseconds: 0)
    if entries[0].result.contains(.writable) { Diagnostics.say(sentence) }
  }
}
