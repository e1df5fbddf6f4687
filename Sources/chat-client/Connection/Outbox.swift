/// What was said and is not confirmed, in order: a new session sends it again.
struct Outbox {
  /// A message.
  struct Message {
    /// Counted from 1, in the order in which they were given.
    var number: UInt64
    var bytes: [UInt8]
  }

  /// Messages that may wait: more than anybody types.
  static let countMax = 10_000
  /// Bytes that may wait: several of the largest messages that a server takes.
  static let byteCountMax = 16 << 20

  private var messages: [Message] = []
  /// How many of `messages` are done with.
  private var head = 0
  /// How many of `messages` the session in hand has been given.
  private var handed = 0
  private(set) var byteCount = 0

  /// Messages that are not confirmed.
  var count: Int { messages.count - head }
  var isEmpty: Bool { count == 0 }

  /// Keeps a message; false if too much waits.
  mutating func append(number: UInt64, _ bytes: [UInt8]) -> Bool {
    guard count < Self.countMax, byteCount + bytes.count <= Self.byteCountMax else { return false }
    if head >= 64, head >= messages.count / 2 {
      messages.removeSubrange(..<head)
      handed -= head
      head = 0
    }
    messages.append(Message(number: number, bytes: bytes))
    byteCount += bytes.count
    return true
  }

  /// The message that the session is to get next.
  var next: Message? { handed < messages.count ? messages[handed] : nil }

  /// The session has got it.
  mutating func handOver() {
    handed += 1
  }

  /// A new session begins: it gets everything that is not confirmed.
  mutating func startAgain() {
    handed = head
  }

  /// Everything up to a message is confirmed.
  mutating func confirm(upTo number: UInt64) {
    while head < messages.count, messages[head].number <= number { dropFirst() }
  }

  /// A message is given up.
  mutating func remove(_ number: UInt64) {
    guard let index = messages[head...].firstIndex(where: { $0.number == number }) else { return }
    byteCount -= messages[index].bytes.count
    messages.remove(at: index)
    if handed > index { handed -= 1 }
  }

  private mutating func dropFirst() {
    byteCount -= messages[head].bytes.count
    // Let go of the bytes now.
    messages[head].bytes = []
    head += 1
    handed = max(handed, head)
  }
}
