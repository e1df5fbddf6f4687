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

  private let pipe: SignalSelfPipe

  /// Starts to catch them.
  public init() throws(SystemError) {
    pipe = try SignalSelfPipe()
    terminalSignalsEnd.store(pipe.writeEnd.rawValue, ordering: .sequentiallyConsistent)
    SignalSelfPipe.catchSignals(Event.allCases.map(\.rawValue), writeTerminalSignal)
  }

  deinit {
    for event in Event.allCases { signal(event.rawValue, SIG_DFL) }
    terminalSignalsEnd.store(-1, ordering: .sequentiallyConsistent)
  }

  /// The descriptor that becomes readable when a signal has come.
  public var pollDescriptor: Int32 { pipe.readEnd.rawValue }

  /// The next signal that has come, if any.
  public borrowing func take() -> Event? {
    pipe.take().flatMap { Event(rawValue: $0) }
  }

  /// Stops the program as Ctrl-Z would have done, and returns when it goes on.
  public borrowing func stopProcess() {
    signal(SIGTSTP, SIG_DFL)
    // To this thread, so that it is delivered before the handler is back.
    raise(SIGTSTP)
    SignalSelfPipe.catchSignals([SIGTSTP], writeTerminalSignal)
  }
}

/// Where the handler writes: the only state that it can reach.
private let terminalSignalsEnd = Atomic<Int32>(-1)

private func writeTerminalSignal(_ signal: Int32) {
  SignalSelfPipe.write(signal, to: terminalSignalsEnd.load(ordering: .relaxed))
}
