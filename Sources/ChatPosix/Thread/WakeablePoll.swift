internal import CSys
@preconcurrency internal import Glibc

/// Waiting for one descriptor, from which another thread can wake without a descriptor of its own:
/// a server with ten thousand clients cannot spend two descriptors on each.
///
/// The signal is blocked but for the time of the wait itself (ppoll(2)), so none is lost between
/// looking and sleeping.
public enum WakeablePoll {
  static let signal = SIGUSR2

  /// What is waited for, and what came.
  public struct Interest: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Something can be read, or the end of the stream has come.
    public static let readable = Interest(rawValue: 1)
    /// Something can be written.
    public static let writable = Interest(rawValue: 2)
    /// The connection is broken, or closed in both directions.
    public static let closed = Interest(rawValue: 4)
  }

  /// Prepares the program: to be called before any thread is started, since threads inherit what is
  /// blocked.
  public static func prepare() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = ignoreWakeSignal
    sigaction(signal, &action, nil)
    csys_prepare_wake_signal(signal)
  }

  /// Waits until something of `interest` is there, the connection breaks, somebody wakes this
  /// thread, or the time is over (nil: no limit).
  public static func wait(
    for descriptor: Int32, _ interest: Interest, nanoseconds: Int64?
  ) -> Interest {
    var entry = pollfd(fd: descriptor, events: interest.pollEvents, revents: 0)
    let count = csys_poll_with_signal(&entry, 1, nanoseconds.map { max(0, $0) } ?? -1)
    return count > 0 ? Interest(pollEvents: entry.revents) : []
  }
}

private func ignoreWakeSignal(_ signal: Int32) {}
