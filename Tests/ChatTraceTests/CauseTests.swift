import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What explanations say of traces in which everything is known.
@Suite("Causes") struct CauseTests {
  typealias Wire = EngineSessionTests

  private static func lost(_ mode: Mode = .selectiveRepeat) -> TapScript {
    var script = TapScript.opened(mode)
    script.client(Wire.data(101, "one"))
    script.server(Wire.ack(101, 102))
    script.client(Wire.data(102, "two"), .drop)
    script.client(Wire.data(103, "three"))
    return script
  }

  @Test func `a retransmission leads to the rule that dropped the frame`() throws {
    var script = Self.lost()
    script.server(Wire.ack(103, 102))
    script.server(Wire.nack(102, 102))
    script.client(Wire.data(102, "two", isCopy: true))
    script.server(Wire.ack(102, 104))
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(10) == [10, 9, 6])
    #expect(why.root(10) == "frame 6 was dropped here by the rule 'drop c2s'")
    #expect(why.chain(11) == [11, 10, 9, 6])
    #expect(why.root(11) == "somebody at the client sent a message")
    #expect(why.troubles(11) == "frame 6 was dropped here by the rule 'drop c2s'")
    let relations = why.answer(.frame(11)).steps.map(\.relation)
    #expect(relations == [nil, .arrival, .request, .copy])
    #expect(try manualText("WHY.md").contains("```\n\(why.text(.frame(10)))```"))
    #expect(why.effects(of: 6).steps.map(\.frame) == [6, 9, 10, 11])
    #expect(why.effects(of: 6).steps.map(\.depth) == [0, 1, 2, 3])
  }

  @Test func `a timer that ran out leads to the acknowledgement that was dropped`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(Wire.data(101, "one"))
    script.server(Wire.ack(101, 102), .drop)
    script.wait(milliseconds: 200)
    script.client(Wire.data(101, "one", isCopy: true))
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(6) == [6, 5, 4])
    #expect(why.root(6) == "frame 5 was dropped here by the rule 'drop s2c'")
  }

  @Test func `a timer that ran out without a trace of trouble is put down to either or`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(Wire.data(101, "one"))
    script.wait(milliseconds: 200)
    script.client(Wire.data(101, "one", isCopy: true))
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(5) == [5, 4])
    #expect(
      why.root(5) == "frame 4 passed here undamaged, and no answer came back here in time: "
        + "either it was lost further on, or the answer was lost before it came here, "
        + "or it was late")
  }

  @Test func `what Go-Back-N discards is put down to the frame that was missing`() {
    var script = Self.lost(.goBackN)
    script.client(Wire.data(104, "four"))
    script.server(Wire.nack(102, 102))
    // The server has thrown the first copy of 103 away; the second one is on its way.
    script.client(Wire.data(102, "two", isCopy: true))
    script.client(Wire.data(103, "three", isCopy: true), .reorder(gap: 1))
    script.client(Wire.data(104, "four", isCopy: true))
    script.server(Wire.ack(102, 103))
    script.server(Wire.nack(103, 103))
    script.server(Wire.ack(103, 104))
    script.server(Wire.nack(104, 104))
    let trace = script.trace()
    let why = ExplainedTrace(trace)
    let last = UInt64(trace.frames.count)
    #expect(trace.frames[Int(last) - 1].causes(.nackFault) == [11])
    #expect(why.root(last).contains("frame 11 was held back behind later ones here"))
    #expect(!why.root(last).contains("further on"))
  }

  @Test func `a frame dropped by hand says so`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(Wire.data(101, "one"), .hold)
    script.fault(TappedAct.interceptionRule, .drop, frame: 4, .clientToServer)
    script.client(Wire.data(102, "two"))
    script.server(Wire.ack(102, 101))
    script.server(Wire.nack(101, 101))
    let why = ExplainedTrace(script.trace())
    #expect(why.root(7) == "frame 4 was dropped here by hand")
    #expect(why.text(.frame(4)).contains("frame 4, which was held, is dropped by hand"))
  }

  @Test func `goodbyes, signs of life and errors are put down to what they answer`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.server(native(.ping, 0, [1, 1, 1, 1, 1, 1, 1, 1]))
    script.client(native(.ping, 0, [2, 2, 2, 2, 2, 2, 2, 2]))
    script.client(native(.pong, 0, [1, 1, 1, 1, 1, 1, 1, 1]))
    script.server(native(.pong, 0, [2, 2, 2, 2, 2, 2, 2, 2]))
    script.client(native(.fin, 101, [], flags: 1))
    script.server(Wire.ack(101, 102))
    script.server(native(.fin, 501, [], flags: 1))
    script.client(Wire.ack(501, 502))
    script.close()
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(6) == [6, 4, 3])
    #expect(why.chain(7) == [7, 5, 4])
    #expect(why.chain(10) == [10, 8])
    #expect(why.chain(11) == [11, 10, 8])
    #expect(why.root(.end(stream: 0)) == "the client said goodbye")
    #expect(why.answer(.end(stream: 0)).steps.map(\.event.frame) == [0, 10, 8])
  }

  @Test func `an ERROR leads to the frame that broke the rules`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(native(.fin, 101, [], flags: 1))
    script.client(Wire.data(102, "too late"))
    script.server(native(.error, 0, [3] + Array("a message after FIN".utf8)))
    script.close()
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(6).prefix(2) == [6, 5])
    #expect(why.text(.frame(6)).contains("complains about frame 5"))
    #expect(why.answer(.end(stream: 0)).steps.map(\.event.frame).prefix(3) == [0, 6, 5])
  }

  @Test func `an ERROR after the last try leads to every try`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(Wire.data(101, "one"), .drop)
    for _ in 0..<3 {
      script.wait(milliseconds: 200)
      script.client(Wire.data(101, "one", isCopy: true), .drop)
    }
    script.wait(milliseconds: 200)
    script.client(native(.error, 0, [8]))
    script.close()
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(8) == [8, 7, 6, 5, 4])
    #expect(why.root(8) == "frames 6, 5 and 4 were dropped here by the rule 'drop c2s'")
    #expect(
      why.root(.end(stream: 0)) == "frames 6, 5 and 4 were dropped here by the rule 'drop c2s'")
  }

  @Test func `a reset leads to its rule, and without one nobody is blamed`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(Wire.data(101, "one"), .reset)
    script.close(.reset)
    let why = ExplainedTrace(script.trace())
    #expect(
      why.root(.end(stream: 0))
        == "the connection was reset here by the rule 'reset c2s', when frame 4 came")
    var plain = TapScript.opened(.selectiveRepeat)
    plain.client(Wire.data(101, "one"))
    plain.close(.reset)
    let unknown = ExplainedTrace(plain.trace())
    #expect(
      unknown.root(.end(stream: 0))
        == "who reset the connection, and why, the trace does not show")
  }

  @Test func `notices are put down to what they answer`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(native(.nick, 101, Array("bia".utf8), flags: 1))
    script.client(native(.data, 102, [7], flags: 1))
    script.client(native(.who, 103, [], flags: 1))
    script.client(native(.nick, 104, Array("-".utf8), flags: 1))
    script.server(native(.notice, 501, [4] + Array("bia".utf8), flags: 1))
    script.server(native(.notice, 502, [5] + Array("no control characters".utf8), flags: 1))
    script.server(native(.roster, 503, [0, 0], flags: 1))
    script.server(native(.notice, 504, [5] + Array("no such nickname".utf8), flags: 1))
    script.server(native(.notice, 505, [7] + Array("welcome".utf8), flags: 1))
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(8) == [8, 4])
    #expect(why.chain(9) == [9, 5])
    #expect(why.chain(10) == [10, 6])
    #expect(why.chain(11) == [11, 7])
    #expect(why.chain(12).prefix(2) == [12, 3])
  }

  @Test func `a SYN_ACK that comes again answers the SYN that did`() {
    var script = TapScript()
    script.client(native(.syn, 100, Wire.syn()))
    script.server(native(.synAck, 500, Wire.synAck(acknowledges: 100)), .drop)
    script.wait(milliseconds: 1_000)
    script.client(native(.syn, 100, Wire.syn()))
    script.server(native(.synAck, 500, Wire.synAck(acknowledges: 100)))
    let why = ExplainedTrace(script.trace())
    #expect(why.chain(3) == [3, 2, 1])
    #expect(why.root(3) == "frame 2 was dropped here by the rule 'drop s2c'")
    #expect(why.chain(4) == [4, 3, 2, 1])
  }

  @Test func `what is left out is counted`() {
    var script = TapScript.opened(.selectiveRepeat)
    for index in UInt16(0)..<40 {
      script.server(native(.ping, 0, [0, 0, 0, 0, 0, 0, 0, UInt8(index)]))
      script.client(native(.pong, 0, [0, 0, 0, 0, 0, 0, 0, UInt8(index)]))
    }
    let why = ExplainedTrace(script.trace())
    let tree = why.effects(of: 3, countMax: 5)
    #expect(tree.steps.count == 6)
    #expect(tree.leftOut == 75)
    #expect(why.effects(of: 83).steps.map(\.frame) == [83])
    #expect(why.effects(of: 900).steps.map(\.frame) == [900])
  }
}
