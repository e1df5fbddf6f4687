internal import Glibc
internal import Synchronization

/// The signals that matter to a program that has a terminal, as something that `poll` can wait for.
///
/// Unlike `SignalPipe` it catches them again and again: what a second Ctrl-C means is decided by
/// the program.
public struct TerminalSignals: ~Copyable {
  /// What has come.
  public enum Event: Int32, CaseIterable, Sendable {
    /// The terminal is gone.
    case hangup = 1
    /// Ctrl-C.
    case interrupt = 2
    /// Ctrl-\.
    case quit = 3
    /// Somebody asks the program to end.
    case terminate = 15
    /// The program goes on after it was stopped.
    case resumed = 18
    /// Ctrl-Z.
    case stop = 20
    /// The terminal has another size.
    case resized = 28
  }

  private let readEnd: FileDescriptor
  private let writeEnd: FileDescriptor

  /// Starts to catch them.
  public init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    _ = try valueOrError { () -> Int32 in pipe(&ends) }
    readEnd = FileDescriptor(owning: ends[0])
    writeEnd = FileDescriptor(owning: ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    terminalSignalsEnd.store(writeEnd.rawValue, ordering: .sequentiallyConsistent)
    var caught = sigset_t()
    sigemptyset(&caught)
    for event in Event.allCases { sigaddset(&caught, event.rawValue) }
    pthread_sigmask(SIG_UNBLOCK, &caught, nil)
    for event in Event.allCases { Self.catchSignal(event.rawValue) }
  }

  deinit {
    for event in Event.allCases { signal(event.rawValue, SIG_DFL) }
    terminalSignalsEnd.store(-1, ordering: .sequentiallyConsistent)
  }

  /// The descriptor that becomes readable when a signal has come.
  public var pollDescriptor: Int32 { readEnd.rawValue }

  /// The next signal that has come, if any.
  public borrowing func take() -> Event? {
    var number: UInt8 = 0
    guard Glibc.read(readEnd.rawValue, &number, 1) == 1 else { return nil }
    return Event(rawValue: Int32(number))
  }

  /// Stops the program as Ctrl-Z would have done, and returns when it goes on.
  public borrowing func stopProcess() {
    signal(SIGTSTP, SIG_DFL)
    // To this thread, so that it is delivered before the handler is back.
    raise(SIGTSTP)
    Self.catchSignal(SIGTSTP)
  }

  private static func catchSignal(_ number: Int32) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = writeTerminalSignal
    action.sa_flags = SA_RESTART
    sigaction(number, &action, nil)
  }
}

/// Where the handler writes: the only state that it can reach.
private let terminalSignalsEnd = Atomic<Int32>(-1)

private func writeTerminalSignal(_ signal: Int32) {
  let savedError = errno
  var number = UInt8(truncatingIfNeeded: signal)
  _ = Glibc.write(terminalSignalsEnd.load(ordering: .relaxed), &number, 1)
  errno = savedError
}
