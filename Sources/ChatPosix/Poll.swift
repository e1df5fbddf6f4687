internal import Glibc

/// Waiting for several descriptors at once.
public enum Poll {
  /// What woke the wait.
  public struct Result: Sendable {
    /// Something can be read from one of the descriptors.
    public var isReadable = false
    /// Nobody reads what the output descriptor is given any more.
    public var isOutputClosed = false
  }

  /// Waits until one of `descriptors` can be read, nobody reads `output`, a signal comes, or the
  /// time is over.
  public static func wait(
    for descriptors: [Int32], output: Int32?, milliseconds: Int32
  ) -> Result {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if let output { entries.append(pollfd(fd: output, events: 0, revents: 0)) }
    var result = Result()
    guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return result }
    result.isReadable = entries.prefix(descriptors.count).contains { $0.revents != 0 }
    if output != nil, let last = entries.last {
      result.isOutputClosed = last.revents & Int16(POLLERR) != 0
    }
    return result
  }

  /// A descriptor, and what is waited for there.
  public struct Entry: Sendable {
    /// The descriptor; a negative one is left out.
    public var descriptor: Int32
    /// What is waited for.
    public var interest: WakeablePoll.Interest
    /// What has come.
    public var result: WakeablePoll.Interest = []

    /// Waits for something.
    public init(_ descriptor: Int32, _ interest: WakeablePoll.Interest) {
      self.descriptor = descriptor
      self.interest = interest
    }
  }

  /// Waits until something that is waited for has come, a signal comes, or the time is over (nil:
  /// no limit), and fills in the results.
  public static func wait(for entries: inout [Entry], nanoseconds: Int64?) {
    var table = entries.map {
      pollfd(fd: $0.descriptor, events: $0.interest.pollEvents, revents: 0)
    }
    let milliseconds: Int32 =
      if let nanoseconds {
        Int32(clamping: max(0, nanoseconds) / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0))
      } else { -1 }
    let count = poll(&table, nfds_t(table.count), milliseconds)
    for index in entries.indices {
      entries[index].result = count > 0 ? .init(pollEvents: table[index].revents) : []
    }
  }
}

extension WakeablePoll.Interest {
  var pollEvents: Int16 {
    (contains(.readable) ? Int16(POLLIN) : 0) | (contains(.writable) ? Int16(POLLOUT) : 0)
  }

  init(pollEvents events: Int16) {
    self = []
    if events & Int16(POLLIN) != 0 { insert(.readable) }
    if events & Int16(POLLOUT) != 0 { insert(.writable) }
    if events & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { insert(.closed) }
  }
}
