internal import ChatWire

/// Watches the sequenced frames that a side gets and the acknowledgements that it sends.
///
/// It acknowledges only what has arrived, never takes back what it has acknowledged, and advertises
/// at most W.
struct ReceiverCheck: Sendable {
  private let mode: ARQMode
  private let window: Int
  private var hasArrived: [Bool]
  private let mask: Int
  /// The lowest number that cannot have been delivered yet.
  private(set) var nextExpected: SequenceNumber
  private var acknowledged: SequenceNumber

  init(_ agreement: Agreement, initialSequence: SequenceNumber) {
    mode = agreement.mode
    window = agreement.windowSize
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
      if sequence == nextExpected { nextExpected = nextExpected.next }
    case .selectiveRepeat:
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
    return nil
  }
}
