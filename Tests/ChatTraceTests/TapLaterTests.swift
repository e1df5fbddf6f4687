import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What the trace says of what is done apart from bytes that arrive, and of slow and broken lines.
@Suite("Tapped connections: later acts") struct TapLaterTests {
  private func data(_ sequence: UInt16, isCopy: Bool = false) -> [UInt8] {
    EngineSessionTests.data(sequence, "m\(sequence)", isCopy: isCopy)
  }

  private func ack(_ sequence: UInt16, _ nextExpected: UInt16) -> [UInt8] {
    EngineSessionTests.ack(sequence, nextExpected)
  }

  private func nack(_ sequence: UInt16) -> [UInt8] {
    EngineSessionTests.nack(sequence, sequence)
  }

  private func sender(_ base: UInt16, _ next: UInt16) -> SenderWindow {
    SenderWindow(base: base, next: next, inFlight: UInt32(next &- base), window: 4)
  }

  private func faults(_ trace: Trace) -> [TraceEvent] {
    trace.records.map(\.event).filter { $0.kind == .fault }
  }

  private let bandwidth = TappedAction("bandwidth 1kB/s")

  @Test func `a frame at which the connection is reset was not delivered`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101), .reset)  // 4
    script.close(.reset)
    let trace = script.trace()
    #expect(trace.frame(4).event.disposition == .dropped)
    #expect(
      trace.sentences(4).last
        == "the connection is reset here by the rule 'reset c2s': the server will not see this, "
        + "and neither side anything more")
    #expect(faults(trace).map(\.action) == ["reset"])
    #expect(trace.end == .reset)
  }

  @Test func `an acknowledgement that is slowed down is heard when the line has carried it`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101))  // 4
    script.client(data(102))  // 5
    script.server(ack(101, 102), bandwidth)  // 6: 17 bytes, 17 ms
    script.server(ack(102, 103), bandwidth)  // 7: behind it
    script.wait(milliseconds: 16)
    script.client(data(103))  // 8
    script.wait(milliseconds: 15)
    script.client(data(104))  // 9
    let trace = script.trace()
    #expect(trace.frame(6).event.disposition == .delayed)
    #expect(
      trace.sentences(6).last
        == "waits here by the rule 'bandwidth 1kB/s s2c' until a line of 1kB/s is free: "
        + "the client gets it later")
    #expect(trace.frame(7).event.sender == sender(101, 103))
    #expect(trace.frame(8).event.sender == sender(102, 104))
    #expect(trace.frame(9).event.sender == sender(103, 105))
  }

  @Test func `the end of a direction that is held back has a record without a frame`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.fault("slow_close 2s c2s", .slowClose(nanoseconds: 2_000_000_000), .clientToServer)
    script.close()
    script.fault("slow_close 2s s2c", .slowClose(nanoseconds: 2_000_000_000), .serverToClient)
    let trace = script.trace()
    let told = faults(trace)
    #expect(told.count == 1, "what is closed has no end that could be held")
    #expect(told.first?.frame == 0)
    #expect(told.first?.direction == .clientToServer)
    #expect(told.first?.action == "slow close 2s")
    #expect(told.first?.time == TraceTime(nanoseconds: 3_000_000))
    #expect(
      told.first?.notes.map(\.text) == [
        "the end is held back for 2.000 s here by the rule 'slow_close 2s c2s': "
          + "the server learns later that no more is sent"
      ])
  }

  @Test func `what is not known to be chat has no faults`() {
    var script = TapScript()
    script.fault("slow_close 2s", .slowClose(nanoseconds: 5), .clientToServer)
    #expect(script.trace().records.isEmpty)
  }

  @Test func `a frame that was held by hand is released, and the sender hears it then`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101))  // 4
    script.server(ack(101, 102), .hold)  // 5
    script.client(data(102))  // 6
    script.server(ack(102, 102))  // 7: another answer does not set it free
    script.fault("intercept", .release, frame: 5, .serverToClient)
    script.client(data(103))  // 8
    let trace = script.trace()
    #expect(trace.frame(5).event.disposition == .delayed)
    #expect(trace.frame(6).event.sender == sender(101, 103))
    #expect(trace.frame(8).event.sender == sender(102, 104))
    #expect(faults(trace).last?.frame == 5)
    #expect(
      faults(trace).last?.notes.map(\.text) == [
        "frame 5 is let go by hand: the client gets it now"
      ])
  }

  @Test(
    "A held frame that is dropped or altered explains what follows",
    arguments: [TappedAction.drop, .alter])
  func lostByHand(_ action: TappedAction) {
    let what = action == .drop ? "dropped" : "altered"
    var script = TapScript.opened(.selectiveRepeat)
    script.arrives(
      data(101), .clientToServer, TappedFate(acts: [TappedAct(rule: "intercept", action: .hold)]))
    script.client(data(102))  // 5
    script.fault("intercept", action, frame: 4, .clientToServer)
    script.server(nack(101))  // 6
    script.client(data(101, isCopy: true))  // 7
    script.server(ack(101, 103), .hold)  // 8
    script.fault("intercept", action, frame: 8, .serverToClient)
    script.wait(milliseconds: 300)
    script.client(data(101, isCopy: true))  // 9
    let trace = script.trace()
    #expect(
      trace.sentences(4).last
        == "held here by hand: the server gets it when somebody lets it go")
    #expect(
      faults(trace)[1].notes.first?.text
        == (action == .drop
          ? "frame 4, which was held, is dropped by hand: the server will not see it"
          : "frame 4, which was held, is altered and let go by hand: "
            + "the server gets something else"))
    #expect(trace.sentences(6) == ["asks for sequence 101 again: frame 4 was \(what) here"])
    #expect(
      trace.sentences(9).first?.contains("its acknowledgement in frame 8 was \(what) here")
        == true)
    #expect(trace.frame(9).event.sender == sender(101, 103))
  }

  @Test func `a classic frame that was dropped by hand explains its copy`() {
    var script = TapScript()
    func classic(_ sequence: UInt16, _ text: String) -> [UInt8] {
      var bytes: [UInt8] = []
      encodeClassicFrame(
        .data, sequence: sequence, payload: Array(text.utf8), isLast: true, into: &bytes)
      return bytes
    }
    script.client(classic(0, "hi"))
    script.client(classic(0, "there"), .hold)
    script.fault("intercept", .drop, frame: 2, .clientToServer)
    script.client(classic(0, "there"))
    let trace = script.trace()
    #expect(trace.sentences(3).contains { $0.contains("frame 2, which was dropped here") })
  }

  @Test func `a later act has a row of its own and its notes in NDJSON`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.arrives(
      data(101), .clientToServer, TappedFate(acts: [TappedAct(rule: "intercept", action: .hold)]))
    script.fault("intercept", .release, frame: 4, .clientToServer)
    var sink = RenderingSink()
    script.run(into: &sink)
    let text = String(decoding: sink.textBytes, as: UTF8.self)
    let lines = text.split(separator: "\n").filter { $0.contains("fault on frame 4") }
    #expect(lines.count == 1, "the hold is told by the notes of the frame")
    #expect(lines.first?.contains("release (rule: intercept)") == true)
    let ndjson = String(decoding: sink.ndjsonBytes, as: UTF8.self).split(separator: "\n")
    let released = ndjson.last { $0.contains(#""kind":"fault""#) }
    #expect(released?.contains(#""id":"fault.released""#) == true)
    #expect(released?.contains(#""because":[4]"#) == true)
  }
}
