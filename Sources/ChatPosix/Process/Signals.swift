internal import Glibc
internal import Synchronization

/// A signal that asks the program to end.
public enum TerminationSignal: Int32, Sendable {
  case interrupt = 2
  case terminate = 15

  /// The exit code by which a shell knows that the signal ended the program.
  public var exitCode: Int32 { 128 + rawValue }
}

/// Turns signals into something that `poll` can wait for.
///
/// A signal handler may do next to nothing, so it writes the signal's number into a pipe, whose
/// other end the main loop polls. The first signal is handled so; then the default action of both
/// is restored, and a second one, whichever it is, ends a program that hangs.
public struct SignalPipe: ~Copyable {
  private let readEnd: FileDescriptor
  private let writeEnd: FileDescriptor

  /// Starts to catch SIGINT and SIGTERM.
  public init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    _ = try valueOrError { () -> Int32 in pipe(&ends) }
    readEnd = FileDescriptor(owning: ends[0])
    writeEnd = FileDescriptor(owning: ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    signalPipeEnd.store(writeEnd.rawValue, ordering: .sequentiallyConsistent)
    // Whoever started this program may have had them blocked, and a child inherits that.
    var caught = sigset_t()
    sigemptyset(&caught)
    for signal in [SIGINT, SIGTERM] { sigaddset(&caught, signal) }
    pthread_sigmask(SIG_UNBLOCK, &caught, nil)
    for signal in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = writeSignalNumber
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
  }

  deinit {
    for signal in [SIGINT, SIGTERM] { Glibc.signal(signal, SIG_DFL) }
    signalPipeEnd.store(-1, ordering: .sequentiallyConsistent)
  }

  /// The descriptor that becomes readable when a signal has come.
  public var pollDescriptor: Int32 { readEnd.rawValue }

  /// The signal that has come, if any.
  public borrowing func take() -> TerminationSignal? {
    var number: UInt8 = 0
    guard Glibc.read(readEnd.rawValue, &number, 1) == 1 else { return nil }
    return TerminationSignal(rawValue: Int32(number))
  }
}

/// Where the handler writes: the only state that it can reach.
private let signalPipeEnd = Atomic<Int32>(-1)

private func writeSignalNumber(_ signal: Int32) {
  let savedError = errno
  Glibc.signal(SIGINT, SIG_DFL)
  Glibc.signal(SIGTERM, SIG_DFL)
  var number = UInt8(truncatingIfNeeded: signal)
  _ = Glibc.write(signalPipeEnd.load(ordering: .relaxed), &number, 1)
  errno = savedError
}

/// What the whole program does with signals that it does not wait for.
public enum Signals {
  /// Makes a write to a pipe that nobody reads fail, instead of ending the program.
  public static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Leaves Ctrl-C to the child that has the terminal.
  public static func ignoreInterrupts() {
    signal(SIGINT, SIG_IGN)
    signal(SIGQUIT, SIG_IGN)
  }

  /// For a process that ends when its work does, and not when the terminal or the user asks: what
  /// asks to end it does nothing, and a write beyond a limit of file sizes fails.
  public static func ignoreRequestsToEnd() {
    for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }
}
