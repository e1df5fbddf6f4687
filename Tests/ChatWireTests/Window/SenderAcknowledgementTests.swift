import ChatWire
import TestSupport
import Testing

/// What an ACK does to a sender (PROTOCOL.md sections 4 and 4.3).
@Suite("Sender, acknowledgements") struct SenderAcknowledgementTests {
  private static let modes = [ARQMode.goBackN, .selectiveRepeat]

  @Test("new frames go while next - base is below the smaller of W and A", arguments: modes)
  func window(_ mode: ARQMode) {
    var harness = SenderHarness(mode, window: 4, frames: 100)
    #expect(harness.send() == ["100", "101", "102", "103"])
    #expect(harness.ack(100, next: 101) == ["104"])
    #expect(harness.ack(101, next: 102, window: 2) == [], "A is 2, three are in flight")
    #expect(harness.ack(103, next: 104, window: 2) == ["105"])
    #expect(
      harness.ack(105, next: 106, window: 1_000) == ["106", "107", "108", "109"], "at most W")
    #expect(harness.ack(109, next: 110, window: 0) == [])
    #expect(harness.sender.isHeldByClosedWindow)
    #expect(harness.ack(109, next: 110, window: 1) == ["110"], "the same number opens the window")
  }

  @Test("an ACK is cumulative: everything before next expected is acknowledged", arguments: modes)
  func cumulative(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 8)
    _ = harness.send()
    _ = harness.ack(50, next: 105)
    #expect(harness.base == 105)
    _ = harness.ack(107, next: 108)
    #expect(harness.base == 108)
    #expect(harness.sender.isIdle && harness.sender.deadline == .distantFuture)
    #expect(harness.sender.acknowledgedMessageCount == 1)
  }

  @Test func `Go-Back-N: an ACK says nothing beyond next expected`() {
    var harness = SenderHarness(.goBackN, frames: 8)
    _ = harness.send()
    _ = harness.ack(104, next: 101)
    #expect(harness.base == 101)
    _ = harness.ack(105, next: 105)
    #expect(harness.base == 105, "104 and 105 were not marked")
  }

  @Test func `Selective Repeat: an ACK marks its sequence, and base moves over marked frames`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 20)
    _ = harness.send()
    #expect(harness.ack(101, next: 100) == [])
    #expect(harness.ack(102, next: 100) == [])
    #expect(harness.base == 100)
    #expect(harness.ack(100, next: 100) == ["108", "109", "110"])
    #expect(harness.base == 103, "100 by its own number, 101 and 102 were marked")
    _ = harness.ack(104, next: 103)
    #expect(harness.ack(104, next: 104).count == 2)
    #expect(harness.base == 105, "103 cumulatively, 104 was marked")
  }

  @Test("a stale ACK changes neither base nor A", arguments: modes)
  func stale(_ mode: ARQMode) {
    var harness = SenderHarness(mode, window: 4, frames: 20)
    _ = harness.send()
    _ = harness.ack(101, next: 102)
    #expect(harness.ack(99, next: 101, window: 0) == [])
    #expect(harness.base == 102)
    #expect(harness.sender.sendWindow == 4, "A was not changed")
    #expect(harness.ack(99, next: 32_870, window: 0) == [])
    #expect(harness.sender.sendWindow == 4)
  }

  @Test func `a stale ACK's sequence still counts in Selective Repeat, not in Go-Back-N`() {
    var selective = SenderHarness(.selectiveRepeat, window: 4, frames: 20)
    _ = selective.send()
    _ = selective.ack(101, next: 102)
    #expect(selective.ack(102, next: 101) == ["106"])
    #expect(selective.base == 103)
    #expect(selective.nack(104, next: 101) == ["104 nack"])
    var goBackN = SenderHarness(.goBackN, window: 4, frames: 20)
    _ = goBackN.send()
    _ = goBackN.ack(101, next: 102)
    #expect(goBackN.ack(102, next: 101) == [])
    #expect(goBackN.base == 102)
    #expect(goBackN.nack(103, next: 101) == [], "a stale NACK is not obeyed")
    #expect(goBackN.nack(103, next: 102) == ["103 nack", "104 goBack", "105 goBack"])
  }

  @Test("an ACK whose next expected lies beyond next is ignored whole", arguments: modes)
  func beyond(_ mode: ARQMode) {
    var harness = SenderHarness(mode, window: 4, frames: 20)
    _ = harness.send()
    for next: UInt16 in [105, 106, 32_867, 32_868] {
      #expect(harness.ack(100, next: next, window: 1) == [])
      #expect(harness.nack(101, next: next, window: 1) == [])
    }
    #expect(harness.base == 100)
    #expect(harness.sender.sendWindow == 4)
    #expect(harness.ack(103, next: 104) == ["104", "105", "106", "107"], "exactly next is right")
  }

  @Test("a NACK acknowledges what is before its next expected, and sets A", arguments: modes)
  func nackAcknowledges(_ mode: ARQMode) {
    var harness = SenderHarness(mode, window: 4, frames: 20)
    _ = harness.send()
    let words = harness.nack(102, window: 3)
    #expect(harness.base == 102)
    #expect(
      words == (mode == .goBackN ? ["102 nack", "103 goBack", "104"] : ["102 nack", "104"]),
      "retransmissions go before the new frame")
  }

  @Test("numbers wrap", arguments: modes)
  func wraps(_ mode: ARQMode) {
    var harness = SenderHarness(mode, window: 4, first: 65_534, frames: 6)
    #expect(harness.send() == ["65534", "65535", "0", "1"])
    #expect(harness.ack(65_535, next: 0) == ["2", "3"])
    #expect(harness.nack(1, next: 0).contains("1 nack"))
    #expect(harness.ack(3, next: 4) == [])
    #expect(harness.sender.isIdle)
  }

  @Test("messages are counted when their last frame is acknowledged", arguments: modes)
  func messages(_ mode: ARQMode) {
    var harness = SenderHarness(mode)
    for count in [3, 1, 2] { harness.queue(count) }
    harness.sender.queue.append(.fin, [])
    #expect(harness.send().count == 7)
    _ = harness.ack(101, next: 102)
    #expect(harness.sender.acknowledgedMessageCount == 0)
    _ = harness.ack(103, next: 104)
    #expect(harness.sender.acknowledgedMessageCount == 2)
    _ = harness.ack(106, next: 107)
    #expect(harness.sender.acknowledgedMessageCount == 4)
  }
}
