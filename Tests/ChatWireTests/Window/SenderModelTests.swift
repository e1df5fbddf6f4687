import ChatWire
import TestSupport
import Testing

/// The sender against the model, by random operations.
@Suite("Sender model") struct SenderModelTests {
  /// Both, driven alike.
  private struct Pair {
    var sender: ARQSender
    var model: SenderModel
    var now: Int64 = 0
    let first: SequenceNumber
    let checksum = CRC32()
    var bytes: [UInt8] = []

    init(_ mode: ARQMode, random: inout SeededGenerator) {
      let window = [1, 2, 3, 7, 8, 9, 16, 40, 100][Int.random(in: 0..<9, using: &random)]
      let retries = Int.random(in: 2...10, using: &random)
      let retransmissions = Int.random(in: 5...100, using: &random)
      first = SequenceNumber(UInt16.random(in: 65_300...65_535, using: &random))
      sender = ARQSender(
        mode: mode, windowSize: window, fragmentSizeMax: 1, firstSequence: first,
        timeout: RetransmissionTimeout(), timerRetriesMax: retries,
        retransmissionsMax: retransmissions)
      model = SenderModel(
        mode: mode, window: window, timerRetriesMax: retries, retransmissionsMax: retransmissions)
    }

    var instant: Instant { Instant(nanoseconds: now) }

    /// One frame of both; nil if there is none, a text if they differ.
    mutating func send() -> (isNone: Bool, difference: String?) {
      bytes.removeAll(keepingCapacity: true)
      let real = sender.nextFrame(at: instant, into: &bytes, checksum: checksum)
      let expected = model.send(at: now)
      let realWords = real.map { "\(first.distance(to: $0.sequence)) \($0.cause)" } ?? "none"
      let modelWords = expected.map { "\($0.number & 0xFFFF) \($0.cause)" } ?? "none"
      return (real == nil, realWords == modelWords ? nil : "\(realWords), not \(modelWords)")
    }

    /// What differs between the two, if anything.
    var difference: String? {
      let differences: [String?] = [
        first.advanced(by: model.base) == sender.base ? nil : "base",
        first.advanced(by: model.next) == sender.next ? nil : "next",
        sender.sendWindow == min(model.window, model.advertised) ? nil : "window",
        sender.timeout == model.timeout ? nil : "timeout",
        sender.isExhausted == model.isExhausted ? nil : "isExhausted",
        sender.deadline.nanoseconds <= model.deadline ? nil : "a deadline too late",
        sender.inFlightCount <= model.window ? nil : "more than the window in flight",
        sender.isIdle == (model.base == model.next && model.waiting == 0) ? nil : "isIdle",
      ]
      return differences.compactMap { $0 }.first
    }
  }

  private func step(_ pair: inout Pair, using random: inout SeededGenerator) -> String? {
    switch Int.random(in: 0..<10, using: &random) {
    case 0:
      let count = Int.random(in: 1...30, using: &random)
      pair.sender.queue.append(.data, [UInt8](repeating: 1, count: count))
      pair.model.waiting += count
    case 1...3:
      // A driver that stops early now and then.
      let limit = Bool.random(using: &random) ? .max : Int.random(in: 1...4, using: &random)
      for _ in 0..<limit {
        let (isNone, difference) = pair.send()
        if let difference { return difference }
        if isNone { break }
      }
    case 4...7:
      let isNack = Int.random(in: 0..<3, using: &random) == 0
      let nextExpected = Int.random(
        in: (pair.model.base - 2)...(pair.model.next + 1), using: &random)
      // Small steps, or everything would be acknowledged at once.
      let said =
        Bool.random(using: &random) ? min(nextExpected, pair.model.base + 1) : pair.model.base
      let number =
        isNack && pair.model.mode == .goBackN
        ? said : Int.random(in: (pair.model.base - 2)...(pair.model.next + 1), using: &random)
      let window = Int.random(in: 0..<6, using: &random)
      let advertised = window == 0 ? Int.random(in: 0...3, using: &random) : pair.model.window + 1
      pair.model.acknowledge(
        isNack: isNack, number, nextExpected: said, window: advertised, at: pair.now)
      pair.sender.acknowledge(
        isNack: isNack, sequence: pair.first.advanced(by: number),
        payload: AcknowledgementPayload(
          nextExpected: pair.first.advanced(by: said), window: UInt16(advertised)),
        at: pair.instant)
    case 8:
      pair.now += Int64.random(in: 0...400, using: &random) * 1_000_000
      fallthrough
    default:
      if Bool.random(using: &random), pair.sender.deadline != .distantFuture {
        pair.now = max(pair.now, pair.sender.deadline.nanoseconds)
      }
      pair.model.expire(at: pair.now)
      pair.sender.expire(at: pair.instant)
      if !pair.sender.isExhausted, pair.sender.deadline <= pair.instant {
        return "the deadline is not ahead after expire"
      }
    }
    return pair.difference
  }

  @Test(
    "after any operations the sender is where the model is, and sends what it sends",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func agrees(_ mode: ARQMode) {
    var sent = 0
    var exhausted = 0
    for seed in 0..<UInt64(250 * effort) {
      var random = SeededGenerator(seed: seed)
      var pair = Pair(mode, random: &random)
      for number in 0..<150 where !pair.sender.isExhausted {
        if let difference = step(&pair, using: &random) {
          Issue.record("seed \(seed), operation \(number): \(difference)")
          return
        }
      }
      sent += pair.sender.firstTransmissionCount
      exhausted += pair.sender.isExhausted ? 1 : 0
    }
    #expect(sent > 2_000, "the operations get somewhere")
    #expect(exhausted > 2, "also to the end of patience")
  }

  @Test(
    "the ring of frames grows to the largest window, across the wrap, whatever is in its lists",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func grows(_ mode: ARQMode) {
    var random = SeededGenerator(seed: 5)
    var harness = SenderHarness(mode, window: 16_384, first: 60_000, frames: 16_384)
    var expected: [String] = []
    for count in [5, 9, 40, 3_000, 16_384] {
      // Stop in the middle of each size, and leave frames in both lists.
      let start = Int(harness.next &- 60_000)
      let words = harness.send(limit: count - start)
      #expect(words == (start..<count).map { "\(UInt16(truncatingIfNeeded: 60_000 + $0))" })
      let asked = UInt16(truncatingIfNeeded: 60_000 + Int.random(in: 1..<count, using: &random))
      harness.sender.acknowledge(
        isNack: true, sequence: SequenceNumber(asked),
        payload: AcknowledgementPayload(nextExpected: SequenceNumber(60_000), window: 16_384),
        at: harness.now)
      expected =
        mode == .selectiveRepeat
        ? ["\(asked) nack"]
        : ["\(asked) nack"]
          + ((Int(asked &- 60_000) + 1)..<count).map {
            "\(UInt16(truncatingIfNeeded: 60_000 + $0)) goBack"
          }
      #expect(harness.send(limit: expected.count) == expected)
    }
    #expect(harness.send() == [])
    #expect(harness.ack(100, next: UInt16(truncatingIfNeeded: 60_000 + 16_384)) == [])
    #expect(harness.sender.isIdle)
  }
}
