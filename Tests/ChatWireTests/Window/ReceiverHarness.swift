import ChatWire

/// A receiver under a script: arrivals go in, answers and deliveries in words come out.
struct ReceiverHarness {
  var receiver: ARQReceiver

  init(
    _ mode: ARQMode, window: Int = 8, capacity: Int? = nil, byteCountMax: Int = .max,
    next: UInt16 = 100
  ) {
    receiver = ARQReceiver(
      mode: mode, windowSize: window, capacity: capacity ?? window, byteCountMax: byteCountMax,
      nextExpected: SequenceNumber(next))
  }

  /// A valid frame arrives.
  mutating func take(
    _ sequence: UInt16, again: Bool = false, payload: [UInt8] = [], type: FrameType = .data
  ) -> [String] {
    let reception = receiver.receive(
      SequenceNumber(sequence), type: type, isLast: true, isRetransmission: again,
      payload: payload.span.bytes)
    var words = answers()
    guard reception == .deliver else { return words }
    var next = SequenceNumber(sequence)
    words.append("deliver \(next.rawValue)")
    while receiver.takeBuffered() != nil {
      next = next.next
      words.append("deliver \(next.rawValue)")
    }
    return words
  }

  /// A corrupt frame arrives.
  mutating func takeCorrupt(_ sequence: UInt16, type: FrameType = .data) -> [String] {
    receiver.receiveCorrupt(SequenceNumber(sequence), type: type)
    return answers()
  }

  /// What is due to the sender: kind, sequence, next expected.
  mutating func answers() -> [String] {
    var words: [String] = []
    while let answer = receiver.answers.next() {
      words.append(
        "\(answer.isNack ? "NACK" : "ACK") \(answer.sequence.rawValue)"
          + " next \(answer.nextExpected.rawValue)"
          + (Int(answer.window) == receiver.windowSize ? "" : " window \(answer.window)"))
    }
    return words
  }
}
