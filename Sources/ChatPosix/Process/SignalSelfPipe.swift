internal import Glibc

/// A pipe into which signal handlers write the number of their signal, since they may do next to
/// nothing else.
struct SignalSelfPipe: ~Copyable {
  let readEnd: FileDescriptor
  let writeEnd: FileDescriptor

  init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    _ = try valueOrError { () -> Int32 in pipe(&ends) }
    readEnd = FileDescriptor(owning: ends[0])
    writeEnd = FileDescriptor(owning: ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
  }

  /// The number of the next signal that has come, if any.
  borrowing func take() -> Int32? {
    var number: UInt8 = 0
    guard Glibc.read(readEnd.rawValue, &number, 1) == 1 else { return nil }
    return Int32(number)
  }

  /// Has a handler called for signals; calls that they interrupt are repeated.
  static func catchSignals(_ numbers: [Int32], _ handler: @convention(c) (Int32) -> Void) {
    // Whoever started this program may have had them blocked, and a child inherits that.
    var caught = sigset_t()
    sigemptyset(&caught)
    for number in numbers { sigaddset(&caught, number) }
    pthread_sigmask(SIG_UNBLOCK, &caught, nil)
    for number in numbers {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = handler
      action.sa_flags = SA_RESTART
      sigaction(number, &action, nil)
    }
  }

  /// What a handler does: writes its signal's number to the end of the pipe.
  static func write(_ signal: Int32, to end: Int32) {
    let savedError = errno
    var number = UInt8(truncatingIfNeeded: signal)
    _ = Glibc.write(end, &number, 1)
    errno = savedError
  }
}
