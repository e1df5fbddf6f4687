internal import ChatWire

/// Watches the sequenced frames that a side gets and the acknowledgements that it sends.
///
/// It acknowledges only what has arrived, never takes back what it has acknowledged, advertises at
/// most W, and leaves no frame without an ACK that has to have one (PROTOCOL.md 4.1 and 4.2).
struct ReceiverCheck: Sendable {
  private let mode: ARQMode
  private let window: Int
  /// Frames that it can hold in any case.
  private let capacity: Int
  private var hasArrived: [Bool]
  private let mask: Int
  /// The lowest number that cannot have been delivered yet.
  private(set) var nextExpected: SequenceNumber
  private var acknowledged: SequenceNumber
  /// Frames that have arrived and for which no ACK was sent yet.
  private(set) var unansweredCount = 0

  init(_ agreement: Agreement, initialSequence: SequenceNumber, bufferSizeMax: Int) {
    mode = agreement.mode
    window = agreement.windowSize
    capacity = max(1, min(window, bufferSizeMax / max(1, agreement.fragmentSizeMax)))
    nextExpected = initialSequence.next
    acknowledged = nextExpected
    var size = 1
    while size < agreement.windowSize { size *= 2 }
    mask = size - 1
    hasArrived = Array(repeating: false, count: size)
  }

  /// A good sequenced frame has arrived.
  mutating func arrived(_ sequence: SequenceNumber) {
    switch mode {
    case .goBackN:
      if sequence == nextExpected {
        nextExpected = nextExpected.next
        unansweredCount += 1
      } else if sequence.precedes(nextExpected) {
        unansweredCount += 1
      }
    case .selectiveRepeat:
      if sequence.precedes(nextExpected) || nextExpected.distance(to: sequence) < capacity {
        unansweredCount += 1
      }
      guard nextExpected.distance(to: sequence) < window else { return }
      hasArrived[Int(sequence.rawValue) & mask] = true
      while hasArrived[Int(nextExpected.rawValue) & mask] {
        hasArrived[Int(nextExpected.rawValue) & mask] = false
        nextExpected = nextExpected.next
      }
    }
  }

  /// This side sends an ACK or NACK.
  mutating func sent(_ type: FrameType, _ payload: AcknowledgementPayload) -> String? {
    guard !payload.nextExpected.precedes(acknowledged) else {
      return
        "sends \(type.name) with nextExpected \(payload.nextExpected.rawValue) after "
        + "\(acknowledged.rawValue)."
    }
    acknowledged = payload.nextExpected
    guard !nextExpected.precedes(payload.nextExpected) else {
      return
        "acknowledges everything before \(payload.nextExpected.rawValue), but "
        + "\(nextExpected.rawValue) has not arrived."
    }
    guard Int(payload.window) <= window else {
      return "advertises a window of \(payload.window), but \(window) was negotiated."
    }
    if type == .ack, unansweredCount > 0 { unansweredCount -= 1 }
    return nil
  }

  /// The session is at rest: every ACK that was due has been sent.
  mutating func quiet() -> String? {
    guard unansweredCount > 0 else { return nil }
    defer { unansweredCount = 0 }
    return "owes \(unansweredCount) ACKs and does not send them."
  }
}
