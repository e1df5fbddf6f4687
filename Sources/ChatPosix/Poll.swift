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
}
