import ChatWire
import Testing

/// A sender under a script: messages, acknowledgements and milliseconds go in, frames in words come
/// out: the sequence number, and why it is sent again.
struct SenderHarness {
  var sender: ARQSender
  var now = Instant.zero
  private let checksum = CRC32()

  /// A sender of one-byte fragments, with so many frames waiting and, unless it is nil, this round
  /// trip measured.
  init(
    _ mode: ARQMode, window: Int = 8, first: UInt16 = 100, frames: Int = 0,
    roundTrip milliseconds: Int64? = nil, fixed: Duration? = nil, timerRetriesMax: Int = 10,
    retransmissionsMax: Int = 100
  ) {
    sender = ARQSender(
      mode: mode, windowSize: window, fragmentSizeMax: 1, firstSequence: SequenceNumber(first),
      timeout: RetransmissionTimeout(fixed: fixed), timerRetriesMax: timerRetriesMax,
      retransmissionsMax: retransmissionsMax)
    if let milliseconds { sender.timeout.sample(nanoseconds: milliseconds * 1_000_000) }
    queue(frames)
  }

  /// Lets a message of so many frames wait.
  mutating func queue(_ frames: Int) {
    if frames > 0 { sender.queue.append(.data, [UInt8](repeating: 120, count: frames)) }
  }

  /// The frames that go now.
  mutating func send(limit: Int = .max) -> [String] {
    var words: [String] = []
    var bytes: [UInt8] = []
    while words.count < limit,
      let transmission = sender.nextFrame(at: now, into: &bytes, checksum: checksum)
    {
      let header = FrameHeader(.native, in: bytes.span.bytes, at: 0)
      #expect(transmission.byteCount == bytes.count)
      #expect(header?.sequence == transmission.sequence.rawValue)
      #expect(
        header?.flags == (transmission.isLast ? FrameHeader.lastFlag : 0)
          | (transmission.cause == .first ? 0 : FrameHeader.retransmissionFlag))
      words.append(
        "\(transmission.sequence.rawValue)"
          + (transmission.cause == .first ? "" : " \(transmission.cause)"))
      bytes.removeAll(keepingCapacity: true)
    }
    return words
  }

  /// An ACK comes; what it causes goes.
  mutating func ack(_ sequence: UInt16, next: UInt16, window: UInt16 = 8) -> [String] {
    acknowledge(isNack: false, sequence, next, window)
  }

  /// A NACK comes; what it causes goes.
  mutating func nack(_ sequence: UInt16, next: UInt16? = nil, window: UInt16 = 8) -> [String] {
    acknowledge(isNack: true, sequence, next ?? sequence, window)
  }

  private mutating func acknowledge(
    isNack: Bool, _ sequence: UInt16, _ next: UInt16, _ window: UInt16
  ) -> [String] {
    sender.acknowledge(
      isNack: isNack, sequence: SequenceNumber(sequence),
      payload: AcknowledgementPayload(nextExpected: SequenceNumber(next), window: window), at: now)
    return send()
  }

  /// Time passes without a call.
  mutating func skip(_ milliseconds: Int64) {
    now = now.advanced(byNanoseconds: milliseconds * 1_000_000)
  }

  /// Goes from deadline to deadline; each frame with its time in milliseconds.
  mutating func run(until milliseconds: Int64) -> [String] {
    let end = Instant(nanoseconds: milliseconds * 1_000_000)
    var words: [String] = []
    while sender.deadline <= end, !sender.isExhausted {
      now = max(now, sender.deadline)
      sender.expire(at: now)
      words += send().map { "\(now.nanoseconds / 1_000_000): \($0)" }
      #expect(sender.isExhausted || sender.deadline > now)
    }
    if sender.isExhausted {
      words.append("\(now.nanoseconds / 1_000_000): exhausted")
    } else {
      now = end
    }
    return words
  }

  var base: UInt16 { sender.base.rawValue }
  var next: UInt16 { sender.next.rawValue }
}
