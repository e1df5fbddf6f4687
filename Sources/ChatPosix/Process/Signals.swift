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
  private let pipe: SignalSelfPipe

  /// Starts to catch SIGINT and SIGTERM.
  public init() throws(SystemError) {
    pipe = try SignalSelfPipe()
    signalPipeEnd.store(pipe.writeEnd.rawValue, ordering: .sequentiallyConsistent)
    SignalSelfPipe.catchSignals([SIGINT, SIGTERM], writeSignalNumber)
  }

  deinit {
    for signal in [SIGINT, SIGTERM] { Glibc.signal(signal, SIG_DFL) }
    signalPipeEnd.store(-1, ordering: .sequentiallyConsistent)
  }

  /// The descriptor that becomes readable when a signal has come.
  public var pollDescriptor: Int32 { pipe.readEnd.rawValue }

  /// The signal that has come, if any.
  public borrowing func take() -> TerminationSignal? {
    pipe.take().flatMap { TerminationSignal(rawValue: $0) }
  }
}

/// Where the handler writes: the only state that it can reach.
private let signalPipeEnd = Atomic<Int32>(-1)

private func writeSignalNumber(_ signal: Int32) {
  Glibc.signal(SIGINT, SIG_DFL)
  Glibc.signal(SIGTERM, SIG_DFL)
  SignalSelfPipe.write(signal, to: signalPipeEnd.load(ordering: .relaxed))
}

/// What the whole program does with signals that it does not wait for.
public enum Signals {
  /// Makes a write to a pipe that nobody reads, or to a file that may not grow, fail instead of
  /// ending the program.
  public static func ignoreFailedWrites() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
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
