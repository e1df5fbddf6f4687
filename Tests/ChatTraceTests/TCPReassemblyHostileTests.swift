import TestSupport
import Testing

@testable import ChatTrace

/// Input that no honest host sends.
@Suite struct TCPReassemblyHostileTests {
  @Test(arguments: UInt64(0)..<8)
  func `random segments never trap, and never make more be held than may be`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var limits = ReassemblyLimits.default
    limits.heldBytes = [1, 100, 10_000].randomElement(using: &random) ?? 0
    limits.heldSegments = [1, 10, 200].randomElement(using: &random) ?? 0
    var reassembler = TCPReassembler(limits: limits)
    var sink = CountingSink()
    // Sequence numbers from anywhere, or near each other.
    let mask: UInt32 = seed.isMultiple(of: 2) ? .max : 0xFFFF
    let payload = [UInt8](repeating: 1, count: 2000)
    for index in 0..<20_000 {
      let number = UInt32(truncatingIfNeeded: random.next()) & mask
      let roll = Int.random(in: 0..<1000, using: &random)
      let missing =
        roll < 5 ? [Int.max, .min, -1, 1 << 26][roll % 4] : roll < 100 ? roll : 0
      reassembler.receive(
        sequenceNumber: number, isSYN: roll == 500, isFIN: roll == 501 && index > 10_000,
        payload: payload.span.bytes.extracting(0..<Int.random(in: 0...2000, using: &random)),
        missing: missing, time: Int64(bitPattern: random.next()), into: &sink)
      if roll < 300 { reassembler.acknowledged(upTo: UInt32(truncatingIfNeeded: random.next())) }
      #expect(reassembler.heldBytes <= limits.heldBytes, "segment \(index)")
      #expect(reassembler.store.first?.count ?? 0 <= limits.heldSegments, "segment \(index)")
      if let broken = reassembler.brokenInvariant {
        Issue.record("segment \(index): \(broken)")
        return
      }
    }
    reassembler.finish(into: &sink)
    #expect(!reassembler.isWaiting)
    #expect(!sink.isBroken)
    #expect(sink.nextOffset == reassembler.nextOffset)
  }

  @Test func `limits and time never make wrong bytes, only gaps`() {
    for seed in UInt64(0)..<2000 {
      var random = SeededGenerator(seed: seed)
      var limits = ReassemblyLimits.default
      limits.heldBytes = Int.random(in: 1...500, using: &random)
      limits.heldSegments = Int.random(in: 1...20, using: &random)
      limits.holeAge = 100
      limits.holeSegments = Int.random(in: 0...10, using: &random)
      var line = Line(initialSequenceNumber: UInt32.max - 500, limits: limits)
      line.syn()
      for _ in 0..<60 {
        line.time += Int64.random(in: 0...30, using: &random)
        // Somewhere near the next byte.
        let next = Int(line.reassembler.nextOffset)
        let start = max(0, next + Int.random(in: -50...150, using: &random))
        line.segment(start..<start + Int.random(in: 0...60, using: &random))
        if random.next().isMultiple(of: 4) { line.acknowledge(next + 40) }
        if line.reassembler.heldBytes > limits.heldBytes { Issue.record("seed \(seed): too much") }
      }
      line.finish()
      let isRight = line.sink.outputs.allSatisfy {
        guard case .bytes(let start, let bytes) = $0 else { return true }
        return bytes == Line.bytes(Int(start)..<Int(start) + bytes.count)
      }
      #expect(isRight && !line.sink.isBroken, "seed \(seed)")
      if !isRight || line.sink.isBroken { return }
    }
  }

  @Test func `a segment that covers thousands of held ones fills every hole`() {
    var line = Line()
    line.syn()
    for start in stride(from: 1, to: 6000, by: 2) { line.segment(start..<start + 1) }
    line.segment(0..<6001)
    #expect(line.sink.outputs == [.stream(0..<6001)])
    #expect(!line.reassembler.isWaiting)
  }

  @Test func `what stays held keeps its bytes, but not those given out meanwhile`() {
    var line = Line()
    line.syn()
    line.segment(60_050..<60_100)
    line.segment(60_000..<60_050)
    for start in stride(from: 0, to: 60_000, by: 20) {
      line.segment(start + 10..<start + 20)
      line.segment(start..<start + 10)
      #expect(line.reassembler.store.first?.bytes.count ?? 0 < 5000)
    }
    #expect(line.sink.outputs == [.stream(0..<60_100)])
    #expect(!line.reassembler.isWaiting)
  }

  @Test func `repeated forgeries of held bytes take no memory`() {
    var line = Line()
    line.syn()
    for start in 0..<10_000 { line.segment(at: 100 + start % 50, [UInt8](repeating: 1, count: 50)) }
    #expect(line.reassembler.heldBytes == 99)
    #expect(line.reassembler.store.first?.bytes.count == 99)
  }
}

/// A sink that keeps nothing.
private struct CountingSink: ByteStreamSink {
  private(set) var nextOffset: UInt64 = 0
  private(set) var isBroken = false

  mutating func bytes(_ bytes: RawSpan, at offset: UInt64, moreFollows: Bool) {
    if offset != nextOffset { isBroken = true }
    nextOffset += UInt64(bytes.byteCount)
  }

  mutating func gap(offset: UInt64, length: UInt64) {
    if offset != nextOffset { isBroken = true }
    nextOffset += length
  }

  mutating func remark(_ remark: TCPRemark) {}
}
