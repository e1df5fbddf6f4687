import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Connections that are tapped, from their opening to their end, and how they are shown.
@Suite("Tapped connections: sessions") struct TapSessionTests {
  private static let syn = native(.syn, 100, EngineSessionTests.syn())
  private static let synAck = native(.synAck, 500, EngineSessionTests.synAck(acknowledges: 100))
  private static let handshakeAck = TapScript.handshakeAck

  private func data(_ sequence: UInt16, isCopy: Bool = false) -> [UInt8] {
    EngineSessionTests.data(sequence, "m\(sequence)", isCopy: isCopy)
  }

  private func ack(_ sequence: UInt16) -> [UInt8] {
    EngineSessionTests.ack(sequence, sequence &+ 1)
  }

  // MARK: handshake

  @Test func `a handshake that is dropped is repeated for a reason`() {
    var script = TapScript()
    script.client(Self.syn, .drop)  // 1
    script.wait(milliseconds: 999)
    script.client(Self.syn)  // 2
    script.server(Self.synAck, .corrupt(.length))  // 3
    script.wait(milliseconds: 998)
    script.client(Self.syn)  // 4
    script.server(Self.synAck)  // 5
    script.client(Self.handshakeAck, .drop)  // 6
    script.wait(milliseconds: 998)
    script.server(Self.synAck)  // 7
    script.client(Self.handshakeAck)  // 8
    let trace = script.trace()
    #expect(trace.sentences(2) == ["repeats frame 1, which was dropped here"])
    #expect(trace.frame(3).event.roundTripNanoseconds == nil)
    #expect(trace.sentences(4) == ["repeats frame 2: frame 3 was damaged here"])
    #expect(trace.sentences(5) == ["repeats frame 3, which was damaged here"])
    #expect(!trace.frame(6).has(.handshakeCompletes))
    #expect(trace.sentences(7) == ["repeats frame 5: frame 6 was dropped here"])
    #expect(trace.frame(8).has(.handshakeCompletes))
    #expect(trace.sentences(8).first == "repeats frame 6, which was dropped here")
    let established = trace.records.map(\.event).filter {
      $0.state == .established && $0.end == nil
    }
    #expect(established.count == 1)
  }

  @Test func `DATA stands for a HANDSHAKE_ACK that was dropped, unless it is dropped too`() {
    var script = TapScript()
    script.client(Self.syn)  // 1
    script.server(Self.synAck)  // 2
    script.client(Self.handshakeAck, .drop)  // 3
    script.client(data(101), .drop)  // 4
    script.client(data(102))  // 5
    let trace = script.trace()
    #expect(!trace.frame(4).has(.handshakeImplied))
    #expect(
      trace.sentences(5).first
        == "confirms the SYN_ACK in frame 2, as the HANDSHAKE_ACK in frame 3 would have, "
        + "which was dropped here")
  }

  @Test func `a handshake that is duplicated is answered twice`() {
    var script = TapScript()
    script.client(Self.syn, .duplicate)  // 1
    script.server(Self.synAck)  // 2
    script.server(Self.synAck)  // 3
    script.client(Self.handshakeAck)  // 4
    let trace = script.trace()
    #expect(trace.sentences(3) == ["repeats frame 2: frame 1 was duplicated here"])
  }

  // MARK: endings

  @Test func `every way to end is told`() {
    func ended(
      _ closings: [TappedClosing], dropsLast: Bool = false, fins: Bool = true
    ) -> [TracedRecord] {
      var script = TapScript.opened(.goBackN)
      if fins {
        script.client(native(.fin, 101, flags: 1))
        script.server(ack(101))
        script.server(native(.fin, 501, flags: 1))
        if dropsLast { script.client(ack(501), .drop) } else { script.client(ack(501)) }
      }
      for closing in closings { script.close(closing) }
      return script.trace().records.suffix(2)
    }
    let closed = ended([.close])
    #expect(closed.map(\.event.kind) == [.tcp, .session])
    #expect(closed[0].event.tcpEvent == .close)
    #expect(closed[0].event.time == TraceTime(nanoseconds: 7_000_000))
    #expect(closed[1].event.end == .clean)
    let halves = ended([.halfClose(.clientToServer), .halfClose(.serverToClient)])
    #expect(halves[0].event.time == TraceTime(nanoseconds: 8_000_000))
    #expect(halves[1].event.end == .clean)
    #expect(ended([.halfClose(.clientToServer)], fins: false).last?.event.end == .open)
    #expect(ended([.close], fins: false).last?.event.end == .abrupt)
    let reset = ended([.reset, .close], fins: false)
    #expect(reset[0].event.tcpEvent == .reset)
    #expect(reset[1].event.end == .reset)
    #expect(ended([.close], dropsLast: true).last?.event.end == .unconfirmed)
  }

  @Test func `an acknowledgement on its way has come when the connection is over`() {
    var script = TapScript.opened(.goBackN)
    script.client(native(.fin, 101, flags: 1))
    script.server(ack(101))
    script.server(native(.fin, 501, flags: 1))
    script.client(ack(501), .delay(nanoseconds: 5_000_000_000))
    script.close()
    #expect(script.trace().end == .clean)
  }

  @Test func `streams are numbered together, and what is closed takes no more`() {
    var engine = TraceEngine()
    var sink = CollectingSink()
    let now = TraceTime(nanoseconds: 0)
    let numbers = (0..<3).map { index in
      engine.openConnection(client: "c\(index)", server: nil, at: now, into: &sink)
    }
    #expect(numbers == [0, 1, 2])
    func take(_ bytes: [UInt8], _ stream: Int) {
      engine.frame(
        bytes.span.bytes, stream: stream, direction: .clientToServer, at: now, fate: .forwarded,
        into: &sink)
    }
    take(Self.syn, 2)
    take(Array("GET / HTTP/1.1\r\n".utf8), 0)
    take(Self.syn, 1)
    engine.closeConnection(stream: 2, .close, at: now, into: &sink)
    take(Self.syn, 2)
    take(Self.syn, 7)
    engine.closeConnection(stream: -1, .close, at: now, into: &sink)
    #expect(engine.openConnection(client: nil, server: nil, at: now, into: &sink) == 3)
    engine.finish(into: &sink)
    let opened = sink.records.filter { $0.event.tcpEvent == .open }.map(\.event)
    #expect(opened.map(\.stream) == [2, 1])
    #expect(opened.map(\.client) == ["c2", "c1"])
    #expect(opened.allSatisfy { $0.server == nil })
    #expect(sink.summary.streams.map(\.stream) == [1, 2])
    #expect(sink.summary.otherStreams == 2)
  }

  // MARK: what arrives damaged

  @Test func `what arrives damaged is recorded as such, with its fate`() {
    var script = TapScript.opened(.selectiveRepeat)
    var damaged = data(101)
    damaged[12] ^= 1
    script.client(damaged, .drop)  // 4
    script.client(data(102))  // 5
    let trace = script.trace()
    #expect(trace.frame(4).event.checksum == .bad)
    #expect(trace.frame(4).event.disposition == .dropped)
    #expect(trace.frame(5).event.disposition == .forwarded)
    let kinds = trace.records.map(\.event.kind).suffix(4)
    #expect(kinds == [.frame, .fault, .frame, .session])
    #expect(trace.summary.streams.first?.verdict == .damaged)
  }

  @Test func `acts on what turns out to be no frame are told without one`() {
    var script = TapScript.opened(.selectiveRepeat)
    var damaged = data(101)
    damaged[0] = 9
    script.client(damaged, .drop)
    script.client(data(101, isCopy: true), .duplicate)  // 4
    script.client([0, 0], .delay(nanoseconds: 1_000))
    let trace = script.trace()
    let faults = trace.records.filter { $0.event.kind == .fault }.map(\.event)
    #expect(faults.map(\.frame) == [0, 4, 0])
    #expect(faults.map(\.action) == ["drop", "duplicate", "delay 1us"])
    #expect(faults.map(\.direction) == [.clientToServer, .clientToServer, .clientToServer])
    #expect(trace.frame(4).event.disposition == .duplicated)
    #expect(trace.records.contains { $0.event.kind == .junk })
    #expect(trace.inconsistencies.isEmpty, "\(trace.inconsistencies)")
  }

  @Test func `each act has a record behind its frame, before the session's`() {
    var script = TapScript()
    script.client(Self.syn)
    script.server(Self.synAck)
    script.arrives(
      Self.handshakeAck, .clientToServer,
      TappedFate(acts: [
        TappedAct(rule: "a", action: "delay 50ms"),
        TappedAct(rule: "b", action: "corrupt checksum"),
        TappedAct(rule: "c", action: "wave"),
      ]))
    script.client(Self.handshakeAck, .delay(nanoseconds: 1))
    let records = script.trace().records.map(\.event)
    let kinds: [TraceEvent.Kind] = [
      .tcp, .frame, .frame, .frame, .fault, .fault, .fault, .frame, .fault, .session, .session,
    ]
    #expect(records.map(\.kind) == kinds)
    #expect(records[3].disposition == .corrupted)
    #expect(records[4...6].map(\.rule) == ["a", "b", "c"])
    #expect(records[4...6].map(\.action) == ["delay 50ms", "corrupt checksum", "wave"])
    #expect(records[4...6].allSatisfy { $0.frame == 3 && $0.time == records[3].time })
  }

  // MARK: the classic dialect

  @Test func `faults in a classic session are named`() {
    var script = TapScript()
    script.client(classic(.data, 0, "abc"), .drop)  // 1
    script.client(classic(.data, 0, "abc"), .corrupt(.payload))  // 2
    script.server(classic(.nack, 0, ""))  // 3
    script.client(classic(.data, 0, "abc"))  // 4
    script.server(classic(.ack, 0, "ACK for seq 0"), .drop)  // 5
    script.client(classic(.data, 0, "abc"))  // 6
    let trace = script.trace()
    #expect(trace.sentences(2).first == "retransmission of frame 1, which was dropped here")
    #expect(trace.sentences(3) == ["refuses frame 2, which was damaged here"])
    #expect(trace.frame(4).causes(.classicRetransmission) == [2, 3])
    #expect(trace.frame(5).event.sender?.inFlight == 1)
    // It did arrive the first time, and the original server will append it twice.
    #expect(trace.frame(6).causes(.classicRepeated) == [4])
  }

  // MARK: views

  @Test func `filters and fields find fates and faults`() throws {
    var script = TapScript.opened(.goBackN)
    script.client(data(101), .drop)
    script.server(ack(100), .delay(nanoseconds: 2_000_000))
    let records = script.trace().records.map(\.event)
    func found(_ filter: String) throws -> [TraceEvent.Kind] {
      try records.filter { try passes(filter, $0) }.map(\.kind)
    }
    #expect(try found("disposition == dropped") == [.frame])
    #expect(try found("leg == client").count == 3)
    #expect(try found("kind == fault") == [.fault, .fault])
    #expect(try found("rule contains \"delay\"") == [.fault])
    #expect(try found("action == \"drop\" and direction == c2s and frame == 4") == [.fault])
    #expect(try found("notes.id == \"fault.dropped\"") == [.frame])
    let dropped = try #require(records.first { $0.disposition == .dropped && $0.kind == .frame })
    #expect(try shown("disposition", dropped) == "dropped")
    #expect(try shown("leg", dropped) == "client")
  }

  @Test func `statistics count faults, and messages that came through`() {
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101), .drop)
    script.client(data(101, isCopy: true), .corrupt(.payload))
    script.client(data(101, isCopy: true))
    script.server(ack(101), .drop)
    script.client(data(101, isCopy: true), .delay(nanoseconds: 1))
    script.server(ack(101))
    script.client(data(102), .drop)
    var statistics = TraceStatistics()
    script.run(into: &statistics)
    let lines = statistics.text(width: 80).split(separator: "\n").map(String.init)
    func row(_ name: String) -> [String]? {
      lines.first { $0.contains("  " + name) }.map { line in
        line.split(separator: " ").map(String.init).suffix(2)
      }
    }
    #expect(row("dropped here") == ["2", "1"])
    #expect(row("corrupted here") == ["1", "0"])
    #expect(row("delayed here") == ["1", "0"])
    #expect(row("messages") == ["1", "0"])
    #expect(row("message bytes") == ["4", "0"])
    #expect(statistics.ndjson().contains(#""faults":{"dropped":2,"corrupted":1,"delayed":1}"#))
  }

  /// One of each fault, in a session of Selective Repeat.
  private static var everyFault: TapScript {
    func data(_ sequence: UInt16, isCopy: Bool = false) -> [UInt8] {
      EngineSessionTests.data(sequence, "message \(sequence)", isCopy: isCopy)
    }
    func ack(_ sequence: UInt16, _ next: UInt16) -> [UInt8] {
      EngineSessionTests.ack(sequence, next)
    }
    func nack(_ sequence: UInt16) -> [UInt8] { EngineSessionTests.nack(sequence, sequence) }
    var script = TapScript.opened(.selectiveRepeat)
    script.client(data(101))
    script.server(ack(101, 102))
    script.client(data(102), .drop)
    script.client(data(103))
    script.server(ack(103, 102))
    script.server(nack(102))
    script.client(data(102, isCopy: true))
    script.server(ack(102, 104))
    script.client(data(104))
    script.server(ack(104, 105), .drop)
    script.wait(milliseconds: 198)
    script.client(data(104, isCopy: true))
    script.server(ack(104, 105))
    script.client(data(105), .corrupt(.payload))
    script.server(nack(105))
    script.client(data(105, isCopy: true))
    script.server(ack(105, 106))
    script.client(data(106), .delay(nanoseconds: 50_000_000))
    script.client(data(107))
    script.server(ack(107, 106))
    script.server(nack(106))
    script.client(data(106, isCopy: true))
    script.server(ack(106, 108))
    script.wait(milliseconds: 50)
    script.server(ack(106, 108))
    script.client(data(108), .duplicate)
    script.server(ack(108, 109))
    script.server(ack(108, 109))
    script.client(data(109), .reorder(gap: 1))
    script.client(data(110))
    script.server(ack(110, 109))
    script.server(nack(109))
    script.server(ack(109, 111))
    // The two cross.
    script.client(data(109, isCopy: true))
    script.server(ack(109, 111))
    script.arrives(
      data(111), .clientToServer, TappedFate(acts: [TappedAct(rule: "intercept", action: .hold)]))
    script.wait(milliseconds: 20)
    script.fault("intercept", .release, frame: UInt64(script.frameCount), .clientToServer)
    script.server(ack(111, 112))
    script.client(data(112), TappedAction("bandwidth 4kB/s"))
    script.wait(milliseconds: 20)
    script.server(ack(112, 113))
    script.server(native(.fin, 501, flags: 1), .drop)
    script.wait(milliseconds: 200)
    script.server(native(.fin, 501, flags: 3))
    script.client(ack(501, 502))
    script.client(native(.fin, 113, flags: 1))
    script.server(ack(113, 114))
    script.fault("slow_close 2s c2s", .slowClose(nanoseconds: 2_000_000_000), .clientToServer)
    script.wait(milliseconds: 2_000)
    script.close()
    return script
  }

  @Test func `a session with every fault reads as it should`() {
    var sink = RenderingSink()
    Self.everyFault.run(into: &sink)
    expectGolden(String(decoding: sink.textBytes, as: UTF8.self), named: "tap-every-fault.txt")
    expectGolden(String(decoding: sink.ndjsonBytes, as: UTF8.self), named: "tap-every-fault.ndjson")
    var narrow = TextRenderer.Options()
    narrow.width = 80
    var renderer = TextRenderer(narrow)
    var output: [UInt8] = []
    for record in Self.everyFault.trace().records {
      renderer.render(record.event, payload: record.payload.span.bytes, into: &output)
    }
    expectGolden(String(decoding: output, as: UTF8.self), named: "tap-every-fault-80.txt")
  }
}
