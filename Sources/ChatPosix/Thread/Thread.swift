internal import CSys
@preconcurrency internal import Glibc

/// A thread of the kernel.
public struct Thread: @unchecked Sendable {
  // Unchecked: a `pthread_t` is a name that any thread may use.
  private let handle: pthread_t

  /// Enough for everything that runs here; only what is touched takes memory.
  public static let stackSize = 256 << 10

  /// Starts a thread, which somebody has to `join`.
  ///
  /// - Parameter name: At most 15 bytes of it are shown by `top -H` and debuggers.
  public static func start(
    _ name: String, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) -> Thread {
    var handle = pthread_t()
    try create(&handle, name, isDetached: false, body)
    return Thread(handle: handle)
  }

  /// Starts a thread for which nobody waits.
  public static func detach(
    _ name: String, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    var handle = pthread_t()
    try create(&handle, name, isDetached: true, body)
  }

  private static func create(
    _ handle: inout pthread_t, _ name: String, isDetached: Bool,
    _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    if isDetached {
      pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    }
    let start = Unmanaged.passRetained(ThreadBody(name: name, body: body))
    let failure = pthread_create(&handle, &attributes, runThread, start.toOpaque())
    guard failure == 0 else {
      start.release()
      throw SystemError(number: failure)
    }
  }

  /// Waits until it ends; once.
  public func join() {
    pthread_join(handle, nil)
  }

  /// The calling thread.
  public static var current: Thread { Thread(handle: pthread_self()) }

  /// Interrupts this thread if it waits in `WakeablePoll.wait`, or else its next such wait.
  ///
  /// The thread must not have ended.
  public func wake() {
    pthread_kill(handle, WakeablePoll.signal)
  }
}

private final class ThreadBody {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
  csys_name_thread(start.name)
  start.body()
  return nil
}
