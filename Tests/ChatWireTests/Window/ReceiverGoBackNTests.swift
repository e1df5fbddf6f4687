import ChatWire
import TestSupport
import Testing

/// PROTOCOL.md section 4.1, row by row.
@Suite("Receiver, Go-Back-N") struct ReceiverGoBackNTests {
  @Test func `valid, next expected: deliver; advance; ACK with the one just delivered`() {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.take(100) == ["ACK 100 next 101", "deliver 100"])
    #expect(harness.take(101) == ["ACK 101 next 102", "deliver 101"])
    #expect(harness.receiver.nextExpected.rawValue == 102)
  }

  @Test(
    "valid, precedes: discard; ACK with next expected - 1",
    arguments: [99, 92, 0, 65_535, 32_869] as [UInt16])
  func precedes(_ sequence: UInt16) {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.take(sequence) == ["ACK 99 next 100"])
    #expect(harness.take(sequence, again: true) == ["ACK 99 next 100"], "each time")
  }

  @Test(
    "valid, 1 to W ahead: discard; NACK with next expected", arguments: [101, 107, 108] as [UInt16])
  func ahead(_ sequence: UInt16) {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.take(sequence) == ["NACK 100 next 100"])
    #expect(harness.receiver.bufferedFrameCount == 0)
  }

  @Test func `ahead: once per value of next expected`() {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.take(101) == ["NACK 100 next 100"])
    #expect((102...108).flatMap { harness.take($0) } == [])
    #expect(harness.take(100) == ["ACK 100 next 101", "deliver 100"])
    #expect(harness.take(102) == ["NACK 101 next 101"], "a new value")
  }

  @Test func `ahead: again whenever the frame is not above the out-of-order frame before it`() {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.take(103) == ["NACK 100 next 100"])
    #expect(harness.take(103) == ["NACK 100 next 100"], "equal is not above")
    #expect(harness.take(104) == [])
    #expect(harness.take(102) == ["NACK 100 next 100"], "below")
    #expect(harness.take(103) == [], "above the one before, which was 102")
  }

  @Test func `ahead: the frame before it is one of the same value of next expected`() {
    var harness = ReceiverHarness(.goBackN)
    _ = harness.take(105)
    _ = harness.take(100)
    #expect(harness.take(105) == ["NACK 101 next 101"])
    #expect(harness.take(106) == [])
  }

  @Test(
    "valid, further ahead: discard silently",
    arguments: [109, 1_000, 32_867, 32_868] as [UInt16])
  func furtherAhead(_ sequence: UInt16) {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.take(sequence) == [])
    #expect(harness.take(101) == ["NACK 100 next 100"], "it is no frame to be above of")
  }

  @Test(
    "corrupt, its type byte sequenced: NACK with next expected, whatever its sequence",
    arguments: [100, 99, 5_000] as [UInt16])
  func corrupt(_ sequence: UInt16) {
    var harness = ReceiverHarness(.goBackN)
    for type: FrameType in [.data, .fin, .nick, .who, .roster, .notice, .init(rawValue: 0x5F)] {
      #expect(harness.takeCorrupt(sequence, type: type) == ["NACK 100 next 100"])
    }
  }

  @Test func `corrupt: does not use up the "once"`() {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.takeCorrupt(100) == ["NACK 100 next 100"])
    #expect(harness.take(101) == ["NACK 100 next 100"])
    #expect(harness.takeCorrupt(102) == ["NACK 100 next 100"], "nor does the once stop it")
    #expect(harness.take(103) == [])
  }

  @Test(
    "corrupt, otherwise: discard silently",
    arguments: [0x00, 0x01, 0x02, 0x05, 0x0E, 0x0F, 0x3F, 0x60, 0xFF] as [UInt8])
  func corruptOtherwise(_ type: UInt8) {
    var harness = ReceiverHarness(.goBackN)
    #expect(harness.takeCorrupt(100, type: FrameType(rawValue: type)) == [])
  }

  @Test func `every row holds across the wrap`() {
    var harness = ReceiverHarness(.goBackN, next: 65_534)
    #expect(harness.take(0) == ["NACK 65534 next 65534"], "ahead")
    #expect(harness.take(6) == [], "still ahead, W of them")
    #expect(harness.take(7) == [], "further ahead")
    #expect(harness.take(1) == ["NACK 65534 next 65534"], "not above")
    #expect(harness.take(65_534) == ["ACK 65534 next 65535", "deliver 65534"])
    #expect(harness.take(65_535) == ["ACK 65535 next 0", "deliver 65535"])
    #expect(harness.take(65_535) == ["ACK 65535 next 0"], "precedes")
    #expect(harness.takeCorrupt(3) == ["NACK 0 next 0"])
    #expect(harness.take(0) == ["ACK 0 next 1", "deliver 0"])
  }

  @Test func `a window of one takes frames in order only`() {
    var harness = ReceiverHarness(.goBackN, window: 1, next: 0)
    #expect(harness.take(1) == ["NACK 0 next 0"])
    #expect(harness.take(2) == [])
    #expect(harness.take(0) == ["ACK 0 next 1", "deliver 0"])
  }

  @Test func `the window advertised is W unless the application limits it`() {
    var harness = ReceiverHarness(.goBackN, window: 8)
    #expect(harness.receiver.advertisedWindow == 8)
    harness.receiver.windowLimit = 3
    #expect(harness.take(100) == ["ACK 100 next 101 window 3", "deliver 100"])
    harness.receiver.windowLimit = 0
    #expect(harness.take(101) == ["ACK 101 next 102 window 0", "deliver 101"], "still taken")
    harness.receiver.windowLimit = 100
    #expect(harness.receiver.advertisedWindow == 8, "at most W")
    harness.receiver.announce()
    #expect(harness.answers() == ["ACK 101 next 102"])
  }
}
