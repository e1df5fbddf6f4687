internal import CSys
internal import Glibc

/// A set of descriptors that are waited for together, however many they are (epoll(7)).
///
/// Level-triggered: what is not taken is reported again. Only where nothing is waited for, an end
/// or an error is reported once, and again after `change`.
public struct EventSet: ~Copyable {
  /// What is waited for, and what came.
  public struct Interest: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt32
    /// Makes a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Something can be read, or the end of the stream has come.
    public static let readable = Interest(rawValue: 1)
    /// Something can be written.
    public static let writable = Interest(rawValue: 2)
    /// The connection is broken; always waited for.
    public static let broken = Interest(rawValue: 4)
    /// Both directions have ended; always waited for.
    public static let ended = Interest(rawValue: 8)
  }

  private let descriptor: Int32
  private let events: UnsafeMutablePointer<csys_event>
  private static let capacity = 256
  private var count = 0

  /// An empty set.
  public init() throws(SystemError) {
    descriptor = try valueOrError { () -> Int32 in csys_epoll() }
    events = .allocate(capacity: Self.capacity)
    events.initialize(repeating: csys_event(token: 0, result: 0), count: Self.capacity)
  }

  deinit {
    events.deallocate()
    _ = Glibc.close(descriptor)
  }

  /// Adds a descriptor, which is reported by its token.
  public borrowing func add(
    _ descriptor: Int32, _ interest: Interest, token: UInt64
  ) throws(SystemError) {
    _ = try valueOrError { () -> Int32 in
      csys_epoll_add(self.descriptor, descriptor, interest.rawValue, token)
    }
  }

  /// Changes what is waited for.
  public borrowing func change(_ descriptor: Int32, _ interest: Interest, token: UInt64) {
    _ = csys_epoll_change(self.descriptor, descriptor, interest.rawValue, token)
  }

  /// Takes a descriptor out; closing it does so too.
  public borrowing func remove(_ descriptor: Int32) {
    _ = csys_epoll_remove(self.descriptor, descriptor)
  }

  /// Waits until something has come, or the time is over (nil: no limit); says how much has.
  public mutating func wait(nanoseconds: Int64?) -> Int {
    count = max(
      0,
      Int(
        csys_epoll_wait(
          descriptor, events, Int32(Self.capacity), nanoseconds.map { max(0, $0) } ?? -1)))
    return count
  }

  /// What has come, by its index below what `wait` has said.
  public subscript(index: Int) -> (token: UInt64, result: Interest) {
    precondition(index < count)
    return (events[index].token, Interest(rawValue: events[index].result))
  }
}
