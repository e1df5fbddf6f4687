import ChatWire
import TestSupport
import Testing

/// NACKs, damping and fast retransmit (PROTOCOL.md section 4.3).
@Suite("Sender, NACKs") struct SenderNackTests {
  private static let modes = [ARQMode.goBackN, .selectiveRepeat]

  @Test func `Go-Back-N: a NACK goes back to its frame and sends every one after it, in order`() {
    var harness = SenderHarness(.goBackN, frames: 5)
    _ = harness.send()
    #expect(harness.nack(102) == ["102 nack", "103 goBack", "104 goBack"])
    #expect(harness.base == 102)
    #expect(harness.nack(104, next: 102) == ["104 nack"])
  }

  @Test func `Selective Repeat: a NACK sends its frame alone`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 5)
    _ = harness.send()
    #expect(harness.nack(102) == ["102 nack"])
    #expect(harness.nack(104, next: 102) == ["104 nack"])
    _ = harness.ack(103, next: 102)
    #expect(harness.nack(103, next: 102) == [], "it was marked")
  }

  @Test("a NACK for a frame that is not in flight is not obeyed", arguments: modes)
  func notInFlight(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 5)
    _ = harness.send()
    _ = harness.ack(101, next: 102)
    #expect(harness.nack(101, next: 102) == [])
    #expect(harness.nack(105, next: 102) == [])
    #expect(harness.nack(40_000, next: 102) == [])
  }

  @Test("without a measured round trip every NACK is obeyed", arguments: modes)
  func unmeasured(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1)
    _ = harness.send()
    for _ in 0..<5 { #expect(harness.nack(100) == ["100 nack"]) }
  }

  @Test("a NACK half a round trip after the transmission is obeyed at once", arguments: modes)
  func half(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, roundTrip: 400)
    _ = harness.send()
    harness.skip(200)
    #expect(harness.nack(100) == ["100 nack"])
    harness.skip(199)
    #expect(harness.nack(100) == [], "the retransmission counts")
    harness.skip(1)
    #expect(harness.nack(100) == ["100 nack"])
  }

  @Test("an earlier one is obeyed 1.25 round trips after the transmission", arguments: modes)
  func delayed(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 2, roundTrip: 400)
    _ = harness.send()
    harness.skip(199)
    #expect(harness.nack(100) == [])
    #expect(harness.run(until: 499) == [])
    #expect(
      harness.run(until: 500)
        == ["500: 100 nack"] + (mode == .goBackN ? ["500: 101 goBack"] : []))
    #expect(harness.run(until: 1_000) == [], "once")
  }

  @Test("a burst of NACKs causes one retransmission", arguments: modes)
  func burst(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, roundTrip: 400)
    _ = harness.send()
    harness.skip(200)
    #expect((0..<10).flatMap { _ in harness.nack(100) } == ["100 nack"])
    #expect(harness.run(until: 699) == [])
    #expect(harness.run(until: 700) == ["700: 100 nack"], "1.25 round trips after that one")
  }

  @Test("a remembered NACK is forgotten when its frame is acknowledged", arguments: modes)
  func acknowledgedMeanwhile(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, roundTrip: 400)
    _ = harness.send()
    _ = harness.nack(100)
    _ = harness.ack(100, next: 101)
    #expect(harness.run(until: 20_000) == [])
    #expect(harness.sender.deadline == .distantFuture)
  }

  @Test func `Selective Repeat: a remembered NACK is forgotten when its frame is marked`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 2, roundTrip: 400)
    _ = harness.send()
    _ = harness.nack(101, next: 100)
    _ = harness.ack(101, next: 100)
    #expect(harness.run(until: 1_199) == [])
    #expect(harness.run(until: 1_200) == ["1200: 100 timeout"])
  }

  @Test("a remembered NACK is forgotten when its frame is sent again", arguments: modes)
  func sentMeanwhile(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, roundTrip: 400)
    _ = harness.send()
    harness.skip(100)
    _ = harness.nack(100)
    harness.skip(150)
    #expect(harness.nack(100) == ["100 nack"], "250 ms after the transmission")
    #expect(harness.run(until: 1_449) == [])
    #expect(harness.run(until: 1_450) == ["1450: 100 timeout"])
  }

  @Test func `Go-Back-N: a NACK for a frame that the present pass has yet to reach adds nothing`() {
    var harness = SenderHarness(.goBackN, frames: 6)
    _ = harness.send()
    harness.sender.acknowledge(
      isNack: true, sequence: SequenceNumber(101),
      payload: AcknowledgementPayload(nextExpected: SequenceNumber(101), window: 8),
      at: harness.now)
    #expect(harness.send(limit: 2) == ["101 nack", "102 goBack"])
    #expect(harness.nack(104, next: 101) == ["103 goBack", "104 goBack", "105 goBack"])
  }

  @Test func `Go-Back-N: a pass goes on behind what was acknowledged meanwhile`() {
    var harness = SenderHarness(.goBackN, frames: 6)
    _ = harness.send()
    harness.sender.acknowledge(
      isNack: true, sequence: SequenceNumber(100),
      payload: AcknowledgementPayload(nextExpected: SequenceNumber(100), window: 8),
      at: harness.now)
    #expect(harness.send(limit: 1) == ["100 nack"])
    #expect(harness.ack(103, next: 104) == ["104 goBack", "105 goBack"])
  }

  @Test func `fast retransmit: three transmissions after it, not two`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 8)
    _ = harness.send()
    #expect(harness.ack(101, next: 100) == [], "1 after")
    #expect(harness.ack(102, next: 100) == [], "2 after")
    #expect(harness.ack(103, next: 100) == ["100 fast"], "3 after")
    #expect(harness.ack(104, next: 100) == [], "its copy is newer than 104")
  }

  @Test func `fast retransmit: every unmarked frame so old is lost`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 8)
    _ = harness.send()
    _ = harness.ack(101, next: 100)
    #expect(harness.ack(106, next: 100) == ["100 fast", "102 fast", "103 fast"])
  }

  @Test func `fast retransmit: the latest transmission counts, of both frames`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 5)
    _ = harness.send()
    #expect(harness.nack(100) == ["100 nack"])
    #expect(harness.ack(104, next: 100) == ["101 fast"], "100 went after 104")
    #expect(harness.nack(102, next: 100) == ["102 nack"])
    #expect(harness.nack(103, next: 100) == ["103 nack"])
    #expect(harness.ack(103, next: 100) == ["100 fast"], "100 is transmission 5, 103 is 8")
  }

  @Test func `fast retransmit: a second acknowledgement of a frame is no news`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 8)
    _ = harness.send()
    _ = harness.ack(103, next: 100)
    #expect(harness.ack(103, next: 100) == [])
    #expect(harness.ack(99, next: 100) == [])
    #expect(harness.nack(107, next: 100) == ["107 nack"], "nor is a NACK an acknowledgement")
  }

  @Test func `fast retransmit: a frame acknowledged only cumulatively overtakes nobody`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 8)
    _ = harness.send()
    #expect(harness.nack(100) == ["100 nack"])
    #expect(harness.ack(50, next: 101) == [])
    #expect(harness.ack(100, next: 101) == [])
  }

  @Test func `fast retransmit is for Selective Repeat alone`() {
    var harness = SenderHarness(.goBackN, frames: 8)
    _ = harness.send()
    #expect((101...107).flatMap { harness.ack($0, next: 100) } == [])
  }
}
