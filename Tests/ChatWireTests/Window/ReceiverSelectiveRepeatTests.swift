import ChatWire
import TestSupport
import Testing

/// PROTOCOL.md section 4.2, row by row.
@Suite("Receiver, Selective Repeat") struct ReceiverSelectiveRepeatTests {
  @Test func `valid, in the range, new: buffer; ACK with its own sequence`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    #expect(harness.take(100) == ["ACK 100 next 101", "deliver 100"])
    #expect(harness.take(102).first == "ACK 102 next 101")
    #expect(harness.receiver.bufferedFrameCount == 1)
    #expect(harness.take(108).first == "ACK 108 next 101", "the last of the window")
  }

  @Test func `new: deliver the run that starts at next expected`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    for sequence: UInt16 in [103, 101, 102, 105] { _ = harness.take(sequence) }
    #expect(
      harness.take(100)
        == ["ACK 100 next 104", "deliver 100", "deliver 101", "deliver 102", "deliver 103"])
    #expect(harness.receiver.bufferedFrameCount == 1)
    #expect(harness.take(104) == ["ACK 104 next 106", "deliver 104", "deliver 105"])
    #expect(harness.receiver.bufferedFrameCount == 0)
  }

  @Test func `new: then NACK, once each, what is missing before it`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    #expect(
      harness.take(102) == ["ACK 102 next 100", "NACK 100 next 100", "NACK 101 next 100"])
    #expect(harness.take(104) == ["ACK 104 next 100", "NACK 103 next 100"], "not 100 and 101")
    #expect(harness.take(101) == ["ACK 101 next 100"], "100 was NACKed")
    #expect(harness.take(107) == ["ACK 107 next 100", "NACK 105 next 100", "NACK 106 next 100"])
    #expect(harness.take(106) == ["ACK 106 next 100"])
  }

  @Test func `new: a frame below one that was kept NACKs nothing twice`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    _ = harness.take(105)
    #expect(harness.take(103) == ["ACK 103 next 100"])
    #expect(harness.take(100) == ["ACK 100 next 101", "deliver 100"])
    #expect(harness.take(104) == ["ACK 104 next 101"], "101 and 102 were NACKed before")
  }

  @Test func `new: if it has RETRANSMISSION, NACK those already NACKed as well`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    _ = harness.take(103)
    #expect(
      harness.take(102, again: true)
        == ["ACK 102 next 100", "NACK 100 next 100", "NACK 101 next 100"], "not 103")
    #expect(
      harness.take(106, again: true) == [
        "ACK 106 next 100", "NACK 100 next 100", "NACK 101 next 100", "NACK 104 next 100",
        "NACK 105 next 100",
      ])
    #expect(harness.take(107) == ["ACK 107 next 100"])
    #expect(harness.take(100, again: true) == ["ACK 100 next 101", "deliver 100"])
  }

  @Test func `valid, already buffered: discard; ACK with its own sequence`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    _ = harness.take(102)
    #expect(harness.take(102) == ["ACK 102 next 100"])
    #expect(harness.take(102, again: true) == ["ACK 102 next 100"], "and no NACKs")
    #expect(harness.receiver.bufferedFrameCount == 1)
  }

  @Test(
    "valid, precedes: discard; ACK with its own sequence",
    arguments: [99, 92, 0, 65_535, 32_869] as [UInt16])
  func precedes(_ sequence: UInt16) {
    var harness = ReceiverHarness(.selectiveRepeat)
    #expect(harness.take(sequence, again: true) == ["ACK \(sequence) next 100"])
  }

  @Test(
    "valid, further ahead: discard silently", arguments: [108, 109, 32_867, 32_868] as [UInt16])
  func furtherAhead(_ sequence: UInt16) {
    var harness = ReceiverHarness(.selectiveRepeat)
    #expect(harness.take(sequence) == [])
    #expect(harness.receiver.bufferedFrameCount == 0)
  }

  @Test func `corrupt, sequenced, in the range and not buffered: NACK with that sequence`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    #expect(harness.takeCorrupt(100) == ["NACK 100 next 100"])
    #expect(harness.takeCorrupt(100) == ["NACK 100 next 100"], "each time")
    #expect(harness.takeCorrupt(107) == ["NACK 107 next 100"], "the last of the window")
    #expect(
      harness.take(102) == ["ACK 102 next 100", "NACK 101 next 100"], "100 was NACKed already")
    #expect(harness.takeCorrupt(103, type: .init(rawValue: 0x40)) == ["NACK 103 next 100"])
  }

  @Test func `corrupt, otherwise: discard silently`() {
    var harness = ReceiverHarness(.selectiveRepeat)
    _ = harness.take(102)
    #expect(harness.takeCorrupt(102) == [], "buffered")
    #expect(harness.takeCorrupt(99) == [], "precedes")
    #expect(harness.takeCorrupt(108) == [], "further ahead")
    for type: UInt8 in [0x00, 0x01, 0x02, 0x05, 0x0E, 0x0F, 0x3F, 0x60, 0xFF] {
      #expect(harness.takeCorrupt(100, type: FrameType(rawValue: type)) == [])
    }
  }

  @Test func `every row holds across the wrap`() {
    var harness = ReceiverHarness(.selectiveRepeat, next: 65_534)
    #expect(
      harness.take(0)
        == ["ACK 0 next 65534", "NACK 65534 next 65534", "NACK 65535 next 65534"])
    #expect(harness.take(5) == ["ACK 5 next 65534"] + (1...4).map { "NACK \($0) next 65534" })
    #expect(harness.take(6) == [], "further ahead")
    #expect(harness.takeCorrupt(65_535) == ["NACK 65535 next 65534"])
    #expect(harness.take(65_533) == ["ACK 65533 next 65534"], "precedes")
    #expect(harness.take(65_534) == ["ACK 65534 next 65535", "deliver 65534"])
    #expect(harness.take(65_535) == ["ACK 65535 next 1", "deliver 65535", "deliver 0"])
    #expect(harness.take(65_535) == ["ACK 65535 next 1"])
  }

  @Test func `what it cannot hold counts as further ahead, and is not advertised`() {
    var harness = ReceiverHarness(.selectiveRepeat, window: 8, capacity: 3)
    #expect(harness.receiver.advertisedWindow == 3)
    #expect(harness.take(103) == [])
    #expect(harness.takeCorrupt(103) == [])
    #expect(
      harness.take(102)
        == [
          "ACK 102 next 100 window 3", "NACK 100 next 100 window 3", "NACK 101 next 100 window 3",
        ])
    harness.receiver.windowLimit = 1
    #expect(harness.take(102) == ["ACK 102 next 100 window 1"])
    var least = ReceiverHarness(.selectiveRepeat, window: 8, capacity: 0)
    #expect(least.take(100) == ["ACK 100 next 101 window 1", "deliver 100"], "one at least")
  }

  @Test func `frames larger than negotiated do not make it hold more bytes than it may`() {
    var harness = ReceiverHarness(.selectiveRepeat, window: 100, byteCountMax: 25)
    let payload = [UInt8](repeating: 1, count: 10)
    _ = harness.take(101, payload: payload)
    _ = harness.take(102, payload: payload)
    #expect(harness.take(103, payload: payload) == [], "counts as further ahead")
    #expect(harness.receiver.bufferedByteCount == 20)
    #expect(harness.take(103, payload: [1, 2, 3, 4, 5]).first == "ACK 103 next 100")
    #expect(
      harness.take(100, payload: payload).first == "ACK 100 next 104", "what is next is not kept")
    #expect(harness.receiver.bufferedByteCount == 0)
    #expect(harness.take(105, payload: payload).first == "ACK 105 next 104")
  }

  @Test func `a window of 16,384 is filled and delivered in any order`() {
    var random = SeededGenerator(seed: 7)
    var harness = ReceiverHarness(.selectiveRepeat, window: 16_384, next: 60_000)
    var delivered = 0
    for offset in (0..<16_384).shuffled(using: &random) {
      let words = harness.take(UInt16(truncatingIfNeeded: 60_000 + offset), payload: [1])
      delivered += words.count { $0.hasPrefix("deliver") }
    }
    #expect(delivered == 16_384)
    #expect(harness.receiver.nextExpected.rawValue == UInt16(truncatingIfNeeded: 60_000 + 16_384))
    #expect(harness.receiver.bufferedFrameCount == 0 && harness.receiver.bufferedByteCount == 0)
  }
}
