import ChatWire
import TestSupport
import Testing

/// The receivers against the tables of PROTOCOL.md 4.1 and 4.2, written with sets.
@Suite("Receiver model") struct ReceiverModelTests {
  private struct Model {
    let mode: ARQMode
    let window: Int
    var next = 0
    var buffered: Set<Int> = []
    var nacked: Set<Int> = []
    /// Go-Back-N: the out-of-order frame before, since `next` moved last.
    var before: Int?

    private func ack(_ number: Int) -> String { "ACK \(number & 0xFFFF) next \(next & 0xFFFF)" }
    private func nack(_ number: Int) -> String { "N" + ack(number) }

    mutating func take(_ number: Int, again: Bool) -> [String] {
      mode == .goBackN ? takeGoBackN(number) : takeSelectiveRepeat(number, again: again)
    }

    private mutating func takeGoBackN(_ number: Int) -> [String] {
      if number == next {
        next += 1
        before = nil
        return [ack(number), "deliver \(number & 0xFFFF)"]
      }
      if number < next { return [ack(next - 1)] }
      guard number - next <= window else { return [] }
      defer { before = number }
      if let before, number > before { return [] }
      return [nack(next)]
    }

    private mutating func takeSelectiveRepeat(_ number: Int, again: Bool) -> [String] {
      if number < next || buffered.contains(number) { return [ack(number)] }
      guard number < next + window else { return [] }
      buffered.insert(number)
      let start = next
      while buffered.contains(next) {
        buffered.remove(next)
        next += 1
      }
      var words = [ack(number)]
      for missing in next..<max(next, number) where !buffered.contains(missing) {
        if again || !nacked.contains(missing) { words.append(nack(missing)) }
        nacked.insert(missing)
      }
      return words + (start..<next).map { "deliver \($0 & 0xFFFF)" }
    }

    mutating func takeCorrupt(_ number: Int) -> [String] {
      if mode == .goBackN { return [nack(next)] }
      guard (next..<(next + window)).contains(number), !buffered.contains(number) else {
        return []
      }
      nacked.insert(number)
      return [nack(number)]
    }
  }

  @Test(
    "whatever arrives, answers and deliveries are those of the table",
    arguments: [ARQMode.goBackN, .selectiveRepeat])
  func agrees(_ mode: ARQMode) {
    var delivered = 0
    for seed in 0..<UInt64(200 * effort) {
      var random = SeededGenerator(seed: seed)
      let window = [1, 2, 3, 8, 15, 16, 17, 33, 64][Int.random(in: 0..<9, using: &random)]
      let first = Int.random(in: 65_400...65_535, using: &random)
      var model = Model(mode: mode, window: window, next: first)
      var harness = ReceiverHarness(
        mode, window: window, next: UInt16(truncatingIfNeeded: first))
      for step in 0..<200 {
        let reach = Int.random(in: 0...3, using: &random) == 0 ? window + 2 : min(window, 3)
        let number = model.next + Int.random(in: -2...reach, using: &random)
        let sequence = UInt16(truncatingIfNeeded: number)
        let expected: [String]
        let actual: [String]
        if Int.random(in: 0..<6, using: &random) == 0 {
          expected = model.takeCorrupt(number)
          actual = harness.takeCorrupt(sequence)
        } else {
          let again = Bool.random(using: &random)
          expected = model.take(number, again: again)
          actual = harness.take(sequence, again: again, payload: [1, 2])
        }
        guard actual == expected,
          harness.receiver.bufferedFrameCount == model.buffered.count,
          harness.receiver.bufferedByteCount == 2 * model.buffered.count
        else {
          Issue.record("seed \(seed), step \(step): \(actual), not \(expected)")
          return
        }
      }
      delivered += model.next - first
    }
    #expect(delivered > 2_000, "the arrivals get somewhere")
  }
}
