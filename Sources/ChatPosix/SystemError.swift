internal import Glibc

/// What the kernel answered when it refused a system call.
public struct SystemError: Error, Hashable, Sendable {
  /// The error number.
  public let number: Int32

  /// Makes an error from an error number.
  public init(number: Int32) {
    self.number = number
  }

  /// The error of the system call that has just failed.
  static var current: SystemError { SystemError(number: errno) }

  /// Nobody reads what was written.
  public static var brokenPipe: SystemError { SystemError(number: EPIPE) }
  /// It would have to wait, and was told not to.
  public static var wouldBlock: SystemError { SystemError(number: EAGAIN) }
  /// A file was expected.
  public static var isDirectory: SystemError { SystemError(number: EISDIR) }

  /// True if there is no file of the name.
  public var isMissingFile: Bool { number == ENOENT || number == ENOTDIR }

  /// Whoever is at the other end of a pipe or a terminal is gone for good, or nobody ever was.
  public var meansNobodyReads: Bool { [EPIPE, EBADF, EIO, ENXIO].contains(number) }

  /// True if nothing can be read or written now.
  public var isWouldBlock: Bool { number == EAGAIN }

  /// The table of open files is full, here or in the whole system, or the kernel has no memory for
  /// one more: later there may be room.
  public var meansNoDescriptors: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number) }

  /// True if nobody listens there.
  public var isRefused: Bool { number == ECONNREFUSED }

  /// What went wrong, in lower case: `no such file or directory`.
  public var message: String {
    guard let text = strerror(number) else { return "error \(number)" }
    let message = String(cString: text)
    return message.prefix(1).lowercased() + message.dropFirst()
  }
}

/// The one funnel for system calls: repeats what a signal interrupted, and throws what failed.
func valueOrError<Value: FixedWidthInteger>(
  _ call: () -> Value
) throws(SystemError) -> Value {
  while true {
    let value = call()
    if value != -1 { return value }
    let error = SystemError.current
    guard error.number == EINTR else { throw error }
  }
}
