internal import Glibc

/// State that only the holder of a lock can reach.
///
/// A `pthread_mutex`, not Swift's `Mutex`: that one collapses when many threads want it, and
/// ThreadSanitizer does not know it.
public final class Locked<State>: @unchecked Sendable {
  // Unchecked: the state is reached under the lock only.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var state: State

  /// Puts state behind a lock.
  public init(_ state: sending State) {
    self.state = state
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Calls `body` with the state, under the lock.
  @inline(__always)
  public func withLock<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }

  /// Calls `body` if nobody else has the lock now, and returns nil otherwise.
  @inline(__always)
  public func withLockIfFree<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard pthread_mutex_trylock(mutex) == 0 else { return nil }
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }

  /// Changes the state under the lock, and wakes everybody who waits for it to change.
  public func change<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_mutex_unlock(mutex)
      pthread_cond_broadcast(condition)
    }
    return try body(&state)
  }

  /// Waits until `body` returns something, calling it whenever the state was changed by `change`;
  /// nil if that did not happen before the deadline.
  ///
  /// - Parameter deadlineNanoseconds: of the monotonic clock; nil waits as long as it takes.
  public func wait<Result, Failure: Error>(
    untilNanoseconds deadlineNanoseconds: Int64? = nil,
    for body: (inout State) throws(Failure) -> Result?
  ) throws(Failure) -> Result? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = try body(&state) { return result }
      if let deadlineNanoseconds {
        guard Clock.monotonicNanoseconds() < deadlineNanoseconds else { return nil }
        var moment = timespec(
          tv_sec: Int(deadlineNanoseconds / 1_000_000_000),
          tv_nsec: Int(deadlineNanoseconds % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &moment)
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
  }
}
