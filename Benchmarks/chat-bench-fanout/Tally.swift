import ChatProgram
import ChatWire

/// What was said and who has it.
///
/// A message is over when everybody but its sender has it; then its sender says the next one.
struct Tally {
  /// What one client has got.
  struct Receipt {
    var count = 0
    /// Depends on the order, so that equal digests mean equal orders.
    var digest = 0
  }

  private let recipientCount: Int
  private var sentAt: [Instant] = []
  private var senders: [Int] = []
  private var missing: [Int] = []
  private(set) var receipts: [Receipt]
  /// From being said to being received, in nanoseconds, of each delivery.
  private(set) var latencies: [UInt32] = []
  /// Messages that are over.
  private(set) var doneCount = 0
  /// Who may say something again.
  var idleSenders: [Int] = []
  /// A number that no message has was received, or one more often than it was sent.
  private(set) var strayCount = 0
  /// Notices that somebody has joined.
  var joinNoticeCount = 0

  init(clientCount: Int) {
    recipientCount = clientCount - 1
    receipts = [Receipt](repeating: Receipt(), count: clientCount)
  }

  var startedCount: Int { senders.count }
  var deliveryCount: Int { latencies.count }

  /// Begins anew.
  mutating func reset(messageCount: Int) {
    sentAt.removeAll(keepingCapacity: true)
    senders.removeAll(keepingCapacity: true)
    missing.removeAll(keepingCapacity: true)
    latencies.removeAll(keepingCapacity: true)
    latencies.reserveCapacity(messageCount * recipientCount)
    receipts = [Receipt](repeating: Receipt(), count: recipientCount + 1)
    doneCount = 0
    strayCount = 0
    idleSenders = []
  }

  /// Somebody says something; returns the number of the message.
  mutating func start(by sender: Int, at now: Instant) -> Int {
    sentAt.append(now)
    senders.append(sender)
    missing.append(recipientCount)
    return senders.count - 1
  }

  /// Somebody has got a message.
  @inline(__always)
  mutating func deliver(_ number: Int, to client: Int, at now: Instant) {
    guard number < senders.count, missing[number] > 0 else {
      strayCount += 1
      return
    }
    receipts[client].count += 1
    receipts[client].digest = receipts[client].digest &* 1_000_003 &+ number
    latencies.append(UInt32(clamping: sentAt[number].nanoseconds(to: now)))
    missing[number] -= 1
    if missing[number] == 0 {
      doneCount += 1
      idleSenders.append(senders[number])
    }
  }

  /// Everybody has got everything once, and those who have said nothing all in one order.
  func check() throws(Failure) {
    var saidCounts = [Int](repeating: 0, count: receipts.count)
    for sender in senders { saidCounts[sender] += 1 }
    var digest: Int?
    for (client, receipt) in receipts.enumerated() {
      let expected = senders.count - saidCounts[client]
      guard receipt.count == expected else {
        throw Failure("client \(client) has got \(receipt.count) messages instead of \(expected)")
      }
      guard saidCounts[client] == 0 else { continue }
      guard receipt.digest == digest ?? receipt.digest else {
        throw Failure("client \(client) has got the messages in another order than those before it")
      }
      digest = receipt.digest
    }
    guard strayCount == 0 else {
      throw Failure("\(strayCount) deliveries were of messages that nobody had said")
    }
  }
}
