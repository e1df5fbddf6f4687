/// Messages that wait to be sent, and the fragmenter that cuts them (PROTOCOL.md section 5).
///
/// Fragments are made when the window lets them go, never before: they are ranges of the message's
/// bytes, which are shared, not copied.
package struct OutgoingQueue: Sendable, Hashable {
  /// A message.
  package struct Message: Sendable, Hashable {
    /// Its type.
    package var type: FrameType
    /// Its bytes.
    package var bytes: [UInt8]
  }

  /// One fragment: a range of a message's bytes.
  package struct Fragment: Sendable, Hashable {
    /// The message's type.
    package var type: FrameType
    /// The message's bytes.
    package var bytes: [UInt8]
    /// Where the fragment begins.
    package var start: Int
    /// How many bytes it has.
    package var count: Int
    /// It ends the message.
    package var isLast: Bool
  }

  private var messages: [Message] = []
  /// The first message that waits.
  private var head = 0
  /// Bytes of it that were sent.
  private var sentByteCount = 0
  /// Bytes that wait.
  package private(set) var byteCount = 0

  /// An empty queue.
  package init() {}

  /// True if nothing waits.
  package var isEmpty: Bool { head == messages.count }

  /// Messages that wait, the one that is sent in part included.
  package var count: Int { messages.count - head }

  /// Adds a message.
  package mutating func append(_ type: FrameType, _ bytes: [UInt8]) {
    messages.append(Message(type: type, bytes: bytes))
    byteCount += bytes.count
  }

  /// Cuts the next fragment off; nil if nothing waits.
  ///
  /// An empty message is one empty fragment.
  package mutating func nextFragment(sizeMax: Int) -> Fragment? {
    guard head < messages.count else { return nil }
    let message = messages[head]
    let count = min(max(1, sizeMax), message.bytes.count - sentByteCount)
    let fragment = Fragment(
      type: message.type, bytes: message.bytes, start: sentByteCount, count: count,
      isLast: sentByteCount + count == message.bytes.count)
    sentByteCount += count
    byteCount -= count
    if fragment.isLast {
      // The array may go before the frames are acknowledged: they hold the bytes themselves.
      messages[head].bytes = []
      head += 1
      sentByteCount = 0
      compact()
    }
    return fragment
  }

  /// Forgets everything that waits.
  package mutating func removeAll() {
    self = OutgoingQueue()
  }

  private mutating func compact() {
    if head == messages.count {
      messages.removeAll(keepingCapacity: messages.capacity <= 64)
      head = 0
    } else if head >= 64, head >= messages.count / 2 {
      messages.removeFirst(head)
      head = 0
    }
  }
}
