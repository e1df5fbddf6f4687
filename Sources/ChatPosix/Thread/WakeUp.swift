internal import CSys
internal import Glibc

/// Wakes a thread that waits in `poll`, from any other thread.
public final class WakeUp: Sendable {
  /// The descriptor that becomes readable when somebody has called `signal`.
  public let pollDescriptor: Int32

  /// Makes one.
  public init() throws(SystemError) {
    pollDescriptor = try valueOrError { () -> Int32 in csys_eventfd() }
  }

  deinit {
    _ = Glibc.close(pollDescriptor)
  }

  /// Wakes whoever waits, or who will next.
  public func signal() {
    var one: UInt64 = 1
    _ = Glibc.write(pollDescriptor, &one, 8)
  }

  /// Forgets that somebody has called.
  public func clear() {
    var count: UInt64 = 0
    _ = Glibc.read(pollDescriptor, &count, 8)
  }
}
