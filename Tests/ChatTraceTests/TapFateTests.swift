import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What the trace says of frames that faults act on in the middle of a connection.
@Suite("Tapped connections: fates") struct TapFateTests {
  private func data(_ sequence: UInt16, isCopy: Bool = false) -> [UInt8] {
    EngineSessionTests.data(sequence, "m\(sequence)", isCopy: isCopy)
  }

  private func ack(_ sequence: UInt16, _ nextExpected: UInt16) -> [UInt8] {
    EngineSessionTests.ack(sequence, nextExpected)
  }

  private func nack(_ sequence: UInt16, _ nextExpected: UInt16) -> [UInt8] {
    EngineSessionTests.nack(sequence, nextExpected)
  }

  private func sender(_ base: UInt16, _ next: UInt16) -> SenderWindow {
    SenderWindow(base: base, next: next, inFlight: UInt32(next &- base), window: 4)
  }

  // MARK: DATA

  @Test("dropped DATA was sent, but not received", arguments: [Mode.goBackN, .selectiveRepeat])
  func droppedData(_ mode: Mode) {
    var script = TapScript.opened(mode)
    script.client(data(101), .drop)  // 4
    script.client(data(102))  // 5
    script.server(nack(101, 101))  // 6
    script.client(data(101, isCopy: true))  // 7
    let trace = script.trace()
    #expect(trace.frame(4).event.disposition == .dropped)
    #expect(trace.frame(4).event.leg == .client)
    #expect(trace.frame(4).event.sender == sender(101, 102))
    #expect(
      trace.sentences(4).last == "dropped here by the rule 'drop c2s': the server will not see it")
    #expect(trace.frame(6).event.leg == .server)
    #expect(trace.frame(6).causes(.nackFault) == [4])
    #expect(trace.sentences(6) == ["asks for sequence 101 again: frame 4 was dropped here"])
    #expect(trace.frame(7).causes(.retransmissionNack) == [4, 6])
    #expect(
      trace.sentences(7).first
        == "retransmission of frame 4, which was dropped here: NACK in frame 6 reported it missing")
    #expect(trace.frame(7).event.isRepair)
  }

  @Test func `a retransmission by timeout says what became of the copy`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101), .drop)  // 4
    script.wait(milliseconds: 199)
    script.client(data(101, isCopy: true), .corrupt(.payload))  // 5
    script.server(nack(101, 101), .drop)  // 6
    script.wait(milliseconds: 397)
    script.client(data(101, isCopy: true))  // 7
    let trace = script.trace()
    #expect(
      trace.sentences(5) == [
        "retransmission of frame 4, which was dropped here: "
          + "no acknowledgement within 200.0 ms, the timer ran out",
        "damaged here by the rule 'corrupt payload c2s', in its payload: "
          + "the server will find a bad checksum",
      ])
    #expect(trace.frame(5).event.checksum == .good)
    #expect(!trace.frame(5).event.isRepair)
    #expect(trace.sentences(6).first == "asks for sequence 101 again: frame 5 was damaged here")
    #expect(trace.frame(7).causes(.retransmissionTimeout) == [5, 6])
    #expect(
      trace.sentences(7) == [
        "retransmission of frame 5, which was damaged here: no acknowledgement within 399.0 ms, "
          + "the timer ran out; the NACK in frame 6 has not come through here"
      ])
    #expect(trace.frame(7).event.attempt == 3)
    #expect(trace.frame(7).event.isRepair)
  }

  @Test("corrupted DATA is good here", arguments: [Mode.goBackN, .selectiveRepeat])
  func corruptedData(_ mode: Mode) {
    var script = TapScript.opened(mode)
    script.client(data(101))  // 4
    script.client(data(102), .corrupt(.checksum))  // 5
    script.server(ack(101, 102))  // 6
    script.server(nack(102, 102))  // 7
    script.client(data(102, isCopy: true))  // 8
    let trace = script.trace()
    #expect(trace.frame(5).event.checksum == .good)
    #expect(trace.frame(5).event.disposition == .corrupted)
    #expect(trace.frame(6).causes(.acknowledges) == [4])
    #expect(trace.sentences(7) == ["asks for sequence 102 again: frame 5 was damaged here"])
    #expect(
      trace.sentences(8).first
        == "retransmission of frame 5, which was damaged here: "
        + "NACK in frame 7 reported a bad checksum")
  }

  @Test func `Go-Back-N asks for what it expects when a later frame was damaged`() {
    var script = TapScript.opened(.goBackN)
    script.client(data(101), .delay(nanoseconds: 50_000_000))  // 4
    script.client(data(102), .corrupt(.payload))  // 5
    script.server(nack(101, 101))  // 6: because of 102
    let trace = script.trace()
    #expect(trace.frame(6).causes(.nackFault) == [5])
  }

  @Test func `a damaged header may be answered as another frame`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101), .corrupt(.header))  // 4
    script.server(nack(103, 101))  // 5: the sequence was changed
    script.client(data(102))  // 6
    script.server(ack(102, 101))  // 7
    script.server(nack(101, 101))  // 8
    let trace = script.trace()
    #expect(
      trace.sentences(5) == ["asks for sequence 103 again: the header of frame 4 was damaged here"])
    #expect(
      trace.sentences(8) == ["asks for sequence 101 again: the header of frame 4 was damaged here"])
  }

  @Test("delayed and reordered DATA is only late", arguments: [Mode.goBackN, .selectiveRepeat])
  func lateData(_ mode: Mode) {
    for action in [TappedAction.delay(nanoseconds: 50_000_000), .reorder(gap: 1)] {
      var script = TapScript.opened(mode)
      script.client(data(101), action)  // 4
      script.client(data(102))  // 5
      script.server(nack(101, 101))  // 6
      script.client(data(101, isCopy: true))  // 7
      script.server(ack(101, mode == .goBackN ? 102 : 103))  // 8
      script.server(ack(101, mode == .goBackN ? 102 : 103))  // 9: the late copy has come
      let trace = script.trace()
      let isDelay = action == .delay(nanoseconds: 50_000_000)
      #expect(trace.frame(4).event.disposition == (isDelay ? .delayed : .reordered))
      #expect(
        trace.sentences(4).last
          == (isDelay
            ? "held for 50.0 ms here by the rule 'delay 50ms c2s': the server gets it later"
            : "held back here by the rule 'reorder gap 1 c2s': "
              + "the server gets it behind the next frame"))
      let what = isDelay ? "delayed" : "held back"
      #expect(trace.sentences(6) == ["asks for sequence 101 again: frame 4 was \(what) here"])
      #expect(
        trace.sentences(7).first
          == "retransmission of frame 4, which was \(what) here: "
          + "NACK in frame 6 reported it missing")
      #expect(!trace.frame(7).event.isRepair)
      #expect(trace.frame(9).causes(.acknowledgementDuplicate) == [7])
    }
  }

  @Test("duplicated DATA is acknowledged twice", arguments: [Mode.goBackN, .selectiveRepeat])
  func duplicatedData(_ mode: Mode) {
    var script = TapScript.opened(mode)
    script.client(data(101), .duplicate)  // 4
    script.server(ack(101, 102))  // 5
    script.server(ack(101, 102))  // 6
    let trace = script.trace()
    #expect(trace.frames.count == 6, "one record for each frame that arrives")
    #expect(
      trace.sentences(4).last
        == "duplicated here by the rule 'duplicate c2s': the server gets it twice")
    #expect(trace.sentences(6) == ["duplicate acknowledgement: frame 4 was duplicated here"])
  }

  // MARK: ACK and NACK

  @Test(
    "the window of the sender waits for what it has heard",
    arguments: [Mode.goBackN, .selectiveRepeat], [TappedAction.drop, .corrupt(.payload)])
  func lostAcknowledgement(_ mode: Mode, _ action: TappedAction) {
    var script = TapScript.opened(mode)
    script.client(data(101))  // 4
    script.server(ack(101, 102), action)  // 5
    script.client(data(102))  // 6
    script.wait(milliseconds: 196)
    script.client(data(101, isCopy: true))  // 7
    script.server(ack(101, 102))  // 8
    script.server(ack(102, 103))  // 9
    let trace = script.trace()
    #expect(trace.frame(5).event.sender == sender(101, 102))
    #expect(
      trace.frame(5).event.receiver == ReceiverWindow(nextExpected: 102, window: 4, buffered: 0))
    #expect(trace.frame(5).causes(.acknowledges) == [4])
    #expect(trace.frame(5).event.roundTripNanoseconds == nil)
    #expect(trace.frame(6).event.sender == sender(101, 103))
    let what = action == .drop ? "dropped" : "damaged"
    #expect(
      trace.sentences(7).first
        == "retransmission of frame 4, which has arrived: its acknowledgement in frame 5 was "
        + "\(what) here, and none had come within 199.0 ms")
    #expect(trace.frame(7).causes(.retransmissionUnheard) == [4, 5])
    #expect(!trace.frame(7).event.isRepair)
    #expect(trace.frame(8).event.sender == sender(102, 103))
    #expect(trace.frame(8).causes(.acknowledges) == [7])
    #expect(trace.frame(9).event.sender == sender(103, 103))
  }

  @Test func `a retransmission that crosses the next acknowledgement is explained by the lost one`()
  {
    var script = TapScript.opened(.goBackN)
    script.client(data(101))  // 4
    script.server(ack(101, 102), .drop)  // 5
    script.client(data(102))  // 6
    script.server(ack(102, 103))  // 7
    script.client(data(101, isCopy: true))  // 8
    let trace = script.trace()
    #expect(trace.frame(7).causes(.acknowledges) == [4, 6])
    #expect(trace.frame(8).causes(.retransmissionUnheard) == [4, 5])
  }

  @Test func `a delayed acknowledgement is heard when it is passed on`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101))  // 4
    script.server(ack(101, 102), .delay(nanoseconds: 100_000_000))  // 5
    script.client(data(102))  // 6
    script.wait(milliseconds: 60)
    script.client(data(101, isCopy: true))  // 7
    script.wait(milliseconds: 60)
    script.client(data(103))  // 8
    let trace = script.trace()
    #expect(trace.frame(5).event.sender == sender(101, 102))
    #expect(trace.frame(5).event.roundTripNanoseconds == 1_000_000)
    #expect(trace.frame(6).event.sender == sender(101, 103))
    #expect(
      trace.sentences(7).first
        == "retransmission of frame 4, which has arrived: its acknowledgement in frame 5 was "
        + "delayed here, and none had come within 63.0 ms")
    #expect(trace.frame(8).event.sender == sender(102, 104))
  }

  @Test func `a reordered acknowledgement is heard behind the next one`() {
    var script = TapScript.opened(.goBackN)
    script.client(data(101))  // 4
    script.client(data(102))  // 5
    script.server(ack(101, 102), .reorder(gap: 1))  // 6
    script.server(ack(102, 103))  // 7
    let trace = script.trace()
    #expect(trace.frame(6).event.sender == sender(101, 103))
    #expect(trace.frame(7).event.sender == sender(103, 103))
  }

  @Test func `a sender that goes on has heard what was held`() {
    var script = TapScript.opened(.goBackN)
    for sequence in UInt16(101)...104 { script.client(data(sequence)) }  // 4...7
    script.server(ack(104, 105), .reorder(gap: 0))  // 8
    script.client(data(105))  // 9
    let trace = script.trace()
    #expect(trace.frame(8).event.sender == sender(101, 105))
    #expect(trace.frame(9).event.sender == sender(105, 106))
    #expect(!trace.frame(9).has(.windowOverrun))
  }

  @Test func `a lost NACK does not cause a retransmission`() {
    var script = TapScript.opened(.goBackN)
    script.client(data(101), .drop)  // 4
    script.client(data(102))  // 5
    script.server(nack(101, 101), .corrupt(.header))  // 6
    script.wait(milliseconds: 300)
    script.client(data(101, isCopy: true))  // 7
    script.client(data(102, isCopy: true))  // 8
    let trace = script.trace()
    #expect(trace.frame(6).causes(.nackFault) == [4])
    #expect(trace.frame(7).causes(.retransmissionTimeout) == [4, 6])
    #expect(trace.frame(8).causes(.retransmissionGoBack) == [5, 7])
  }

  @Test func `a duplicated NACK may be obeyed twice`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101), .drop)  // 4
    script.client(data(102))  // 5
    script.server(nack(101, 101), .duplicate)  // 6
    script.client(data(101, isCopy: true))  // 7
    script.client(data(101, isCopy: true))  // 8
    let trace = script.trace()
    #expect(trace.frame(7).causes(.retransmissionNack) == [4, 6])
    #expect(trace.frame(8).causes(.retransmissionNack) == [7, 6])
    #expect(
      trace.sentences(8).first
        == "retransmission of frame 7: NACK in frame 6 asked for it, and was duplicated here")
  }

  @Test func `the receiver's statements count, whether they are heard or not`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101), .drop)  // 4
    script.client(data(102))  // 5
    script.client(data(103))  // 6
    script.server(ack(102, 101), .drop)  // 7
    script.server(nack(101, 101))  // 8
    script.server(ack(103, 101))  // 9
    script.client(data(101, isCopy: true))  // 10
    script.server(ack(101, 104))  // 11
    let trace = script.trace()
    func receiver(_ next: UInt16, _ buffered: UInt32) -> ReceiverWindow {
      ReceiverWindow(nextExpected: next, window: 4, buffered: buffered)
    }
    #expect(trace.frame(7).event.receiver == receiver(101, 1))
    #expect(trace.frame(7).causes(.acknowledgesSelectively) == [5])
    #expect(trace.frame(8).event.receiver == receiver(101, 1))
    #expect(trace.frame(9).event.receiver == receiver(101, 2))
    #expect(trace.frame(11).event.receiver == receiver(104, 0))
    #expect(trace.frame(11).event.sender == sender(104, 104))
  }
}
