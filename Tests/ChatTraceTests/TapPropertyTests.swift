import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What must hold for every connection that is tapped.
@Suite("Tapped connections: properties") struct TapPropertyTests {
  private static let start: Int64 = 1_700_000_000_000_000_000

  /// The lines of NDJSON of a trace, but for the summary.
  private struct Lines: TraceSink {
    var renderer = NDJSONRenderer(includesPayload: true)
    var bytes: [UInt8] = []
    var summary = TraceSummary()

    mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
      var plain = event
      // Only these may differ between a capture and a source in the middle.
      plain.leg = .wire
      if plain.disposition == .forwarded { plain.disposition = .seen }
      renderer.render(plain, payload: payload, into: &bytes)
    }

    mutating func finish(_ summary: TraceSummary) { self.summary = summary }

    var lines: [Substring] { String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
  }

  /// Forwards everything at the times of the packets that `captured` makes of it.
  private static func tapped(_ dialogue: Dialogue) -> Lines {
    var engine = TraceEngine()
    var sink = Lines()
    func time(_ packet: Int) -> TraceTime {
      TraceTime(nanoseconds: start + Int64(packet) * 1_000_000)
    }
    let stream = engine.openConnection(
      client: "10.0.0.1:40000", server: "10.0.0.2:5000", at: time(0), into: &sink)
    for (index, chunk) in dialogue.chunks.enumerated() {
      engine.frame(
        chunk.bytes.span.bytes, stream: stream,
        direction: chunk.fromClient ? .clientToServer : .serverToClient, at: time(3 + index),
        fate: .forwarded, into: &sink)
    }
    let end = 3 + dialogue.chunks.count
    engine.closeConnection(stream: stream, .halfClose(.clientToServer), at: time(end), into: &sink)
    engine.closeConnection(
      stream: stream, .halfClose(.serverToClient), at: time(end + 1), into: &sink)
    engine.finish(into: &sink)
    return sink
  }

  private static func captured(_ dialogue: Dialogue) -> Lines {
    var random = SeededGenerator(seed: 1)
    var plan = WirePlan()
    plan.acknowledges = false
    plan.coalesces = false
    plan.sizes = 60_000...60_000
    var engine = TraceEngine()
    var sink = Lines()
    for packet in Wrapping().packets(plan.segments(dialogue, using: &random)) {
      let record = CaptureRecord(
        time: packet.nanoseconds.map(TraceTime.init), linkType: packet.linkType, offset: 0,
        capturedLength: packet.bytes.count, originalLength: packet.bytes.count)
      engine.packet(packet.bytes.span.bytes, record: record, into: &sink)
    }
    engine.finish(into: &sink)
    return sink
  }

  private static func expectEqual(_ dialogue: Dialogue, _ label: String) {
    let tapped = tapped(dialogue)
    let captured = captured(dialogue)
    for (line, expected) in zip(tapped.lines, captured.lines) where line != expected {
      Issue.record("\(label):\n\(line)\ninstead of\n\(expected)")
      return
    }
    #expect(tapped.lines.count == captured.lines.count, "\(label)")
    let ledgers = [tapped, captured].map { lines in
      lines.summary.streams.map { [$0.clientToServer, $0.serverToClient] }
    }
    #expect(ledgers[0] == ledgers[1], "\(label)")
    #expect(tapped.summary.streams.map(\.verdict) == captured.summary.streams.map(\.verdict))
    #expect(tapped.summary.otherStreams == captured.summary.otherStreams)
  }

  @Test(
    "what is only forwarded is traced as captured", arguments: [Mode.goBackN, .selectiveRepeat])
  func forwarded(_ mode: Mode) {
    for seed in 0..<UInt64(20 * effort) {
      let session = SimulatedSession(
        mode: mode, window: [1, 4, 8][Int(seed % 3)], isn: seed % 2 == 0 ? 65_520 : 100,
        messages: EngineAnalysisTests.texts(12), fragmentSize: 8,
        trouble: [(.lostBefore, 6), (.lostBehind, 6), (.damagedBefore, 6), (.repeated, 6)],
        seed: seed)
      var dialogue = session.dialogue
      if seed % 4 == 3 {
        var random = SeededGenerator(seed: seed)
        for index in dialogue.chunks.indices where Int.random(in: 0..<8, using: &random) == 0 {
          // A length that cannot be, or bytes that are no frame.
          if Bool.random(using: &random) { dialogue.chunks[index].bytes[0] ^= 0x40 }
          if Bool.random(using: &random) { dialogue.chunks[index].bytes.insert(7, at: 0) }
        }
      }
      Self.expectEqual(dialogue, "\(mode), seed \(seed)")
    }
  }

  @Test("captures forwarded again are traced as captured", arguments: CaptureFixture.small)
  func captures(_ name: String) throws {
    // Times of several streams differ from those of one, so each by itself.
    let all = Dialogue(of: try packets(of: name))
    for connection in Set(all.chunks.map(\.connection)).sorted() {
      var dialogue = Dialogue()
      dialogue.chunks = all.chunks.filter { $0.connection == connection }.map {
        Dialogue.Chunk(connection: 0, fromClient: $0.fromClient, bytes: $0.bytes)
      }
      Self.expectEqual(dialogue, "\(name), connection \(connection)")
    }
  }

  @Test func `what is no chat is counted, and nothing else`() {
    var random = SeededGenerator(seed: 5)
    for kind in 0..<4 {
      Self.expectEqual(EngineStreamsTests.other(kind, using: &random), "kind \(kind)")
    }
  }

  // MARK: faults in the middle

  @Test(
    "windows are what each side knows, and faults explain what follows from them",
    arguments: [Mode.goBackN, .selectiveRepeat], [1, 4, 8])
  func simulated(_ mode: Mode, _ window: Int) {
    let troubles: [[(SimulatedSession.Fate, Int)]] = [
      [(.lostBehind, 20)], [(.damagedBehind, 20)], [(.lostBehind, 12), (.damagedBehind, 12)],
    ]
    for (kind, trouble) in troubles.enumerated() {
      for seed in 0..<UInt64(12 * effort) {
        let session = SimulatedSession(
          mode: mode, window: window, isn: seed % 2 == 0 ? 65_520 : 100,
          messages: EngineAnalysisTests.texts(12), fragmentSize: 8, trouble: trouble, seed: seed)
        let trace = Self.script(session).trace()
        let label = "\(mode), window \(window), trouble \(kind), seed \(seed)"
        #expect(trace.frames.count == session.truth.count, "\(label)")
        for (frame, truth) in zip(trace.frames, session.truth) {
          guard let problem = Self.problem(frame, truth, session, trace) else { continue }
          Issue.record("\(label), frame \(frame.event.frame): \(problem); \(frame.event.notes)")
          return
        }
        let lines = trace.texts.flatMap { $0.split(separator: "\n").map(String.init) }
        #expect(lines.sorted() == session.messages.sorted(), "\(label)")
      }
    }
  }

  private static func script(_ session: SimulatedSession) -> TapScript {
    var script = TapScript()
    for (chunk, truth) in zip(session.dialogue.chunks, session.truth) {
      let actions: [TappedAction] =
        switch truth.fate {
        case .lostBehind: [.drop]
        case .damagedBehind: [.corrupt(.payload)]
        default: []
        }
      script.arrives(
        chunk.bytes, chunk.fromClient ? .clientToServer : .serverToClient,
        TappedFate(acts: actions.map { TappedAct(rule: "some", action: $0) }))
      // Longer than a copy that was doubled would take, shorter than any timer.
      script.wait(milliseconds: 1)
    }
    return script
  }

  /// What is wrong with a frame's record.
  private static func problem(
    _ frame: TracedRecord, _ truth: SimulatedSession.Truth, _ session: SimulatedSession,
    _ trace: Trace
  ) -> String? {
    let event = frame.event
    guard truth.type == .data || truth.type == .ack || truth.type == .nack else { return nil }
    if event.sender?.base != truth.heardBase || event.sender?.next != truth.next {
      return "window \(String(describing: event.sender)), not \(truth)"
    }
    if event.sender?.window != UInt32(session.window) { return "window" }
    if event.receiver?.nextExpected != truth.stated { return "receiver, not \(truth)" }
    if event.attempt != truth.attempt { return "attempt, not \(truth)" }
    // Everything happens here, so nothing may be put down to somebody else.
    let foreign: [NoteID] = [
      .nackLostLater, .nackMissing, .nackCorrupt, .retransmissionSpurious, .retransmissionUnseen,
      .windowOverrun, .skipped, .outOfOrder, .duplicate, .acknowledgementUnseen,
    ]
    if let note = foreign.first(where: frame.has) { return "\(note)" }
    switch truth.fate {
    case .lostBehind:
      if !frame.has(.faultDropped) || event.disposition != .dropped { return "not dropped" }
    case .damagedBehind:
      if !frame.has(.faultCorrupted) || event.disposition != .corrupted { return "not damaged" }
    default: if event.disposition != .forwarded { return "not forwarded" }
    }
    return cause(of: frame, truth, session, trace)
  }

  /// What is wrong with the reason that a retransmission or a NACK is given.
  private static func cause(
    of frame: TracedRecord, _ truth: SimulatedSession.Truth, _ session: SimulatedSession,
    _ trace: Trace
  ) -> String? {
    func fate(_ number: UInt64?) -> SimulatedSession.Fate? {
      number.map { session.truth[Int($0) - 1].fate }
    }
    if frame.has(.nackFault) {
      let culprit = fate(frame.causes(.nackFault).first)
      if culprit != .lostBehind, culprit != .damagedBehind { return "blames \(culprit as Any)" }
    }
    if let note = frame.note(.retransmissionUnheard) {
      let answer = session.truth[Int(note.causes[1]) - 1]
      if answer.type != .ack || answer.fate == .passes { return "no lost ACK" }
    }
    if let note = frame.note(.retransmissionTimeout) {
      let what = fate(note.causes[0])
      let said =
        note.text.contains("which was dropped here")
        ? SimulatedSession.Fate.lostBehind
        : note.text.contains("which was damaged here") ? .damagedBehind : .passes
      if what != said { return "the copy \(what as Any), not \(said)" }
    }
    switch truth.cause {
    case .timeout where session.mode == .selectiveRepeat:
      // Where three later ones were acknowledged, a sender may be quicker than its timer.
      let guesses: [NoteID] = [.retransmissionTimeout, .retransmissionUnheard, .retransmissionFast]
      if !guesses.contains(where: frame.has) {
        return "not the timer"
      }
    case .nack(let number):
      if frame.has(.retransmissionTimeout) || frame.has(.retransmissionUnheard) {
        return "not NACK \(number)"
      }
    default: break
    }
    return nil
  }

  // MARK: anything

  @Test func `any bytes with any fate are traced, and accounted for`() {
    var random = SeededGenerator(seed: 17)
    let actions: [TappedAction] = [
      .drop, .corrupt(nil), .corrupt(.header), .corrupt(.length), .duplicate, .reorder(gap: 2),
      .delay(nanoseconds: 3_000_000), .delay(nanoseconds: .max), .other("wave"),
      .reset, .hold, .alter, .release, .slowClose(nanoseconds: 5), Self.bandwidth,
    ]
    let dispositions: [TraceEvent.Disposition] = [.forwarded, .dropped, .delayed, .reordered]
    for seed in 0..<UInt64(60 * effort) {
      let session = SimulatedSession(
        mode: seed % 2 == 0 ? .goBackN : .selectiveRepeat, window: 8, isn: 65_530,
        messages: EngineAnalysisTests.texts(8), fragmentSize: 8,
        trouble: [(.lostBehind, 9), (.repeated, 9)], seed: seed)
      var script = TapScript()
      var acts = 0
      for chunk in session.dialogue.chunks {
        var bytes = chunk.bytes
        if Int.random(in: 0..<10, using: &random) == 0 {
          bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << (seed % 8)
        }
        if Int.random(in: 0..<30, using: &random) == 0 { bytes.removeLast() }
        var fate = TappedFate(dispositions.randomElement(using: &random) ?? .forwarded)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          fate.acts.append(
            TappedAct(rule: "r", action: actions.randomElement(using: &random) ?? .drop))
        }
        // In pieces, as well as several at once.
        let cut = Int.random(in: 0..<3, using: &random) == 0 ? bytes.count / 2 : 0
        if cut > 0 {
          script.arrives(
            Array(bytes[..<cut]), chunk.fromClient ? .clientToServer : .serverToClient, .forwarded)
        }
        acts += fate.acts.count
        script.arrives(
          Array(bytes[cut...]), chunk.fromClient ? .clientToServer : .serverToClient, fate)
      }
      if Bool.random(using: &random) { script.close() }
      let trace = script.trace()
      #expect(trace.inconsistencies.isEmpty, "seed \(seed): \(trace.inconsistencies)")
      let told = trace.records.filter { $0.event.kind == .fault }.count
      #expect(told == acts, "seed \(seed): every act is told once")
      if told != acts || !trace.inconsistencies.isEmpty { return }
    }
  }

  private static let bandwidth = TappedAction("bandwidth 64kB/s")

  @Test func `an action says in words what it is`() {
    #expect(FaultRate(text: "64kB/s").map { .bandwidth($0) } == Self.bandwidth)
    let spoken: [(TappedAction, String)] = [
      (.drop, "drop"), (.corrupt(nil), "corrupt"), (.corrupt(.length), "corrupt length"),
      (.delay(nanoseconds: 50_000_000), "delay 50ms"), (.delay(nanoseconds: 0), "delay 0s"),
      (.delay(nanoseconds: 1_500_000), "delay 1500us"), (.delay(nanoseconds: 7), "delay 7ns"),
      (.delay(nanoseconds: 2_000_000_000), "delay 2s"), (.duplicate, "duplicate"),
      (.reorder(gap: 0), "reorder"), (.reorder(gap: 3), "reorder gap 3"), (.other("wave"), "wave"),
      (Self.bandwidth, "bandwidth 64kB/s"), (.reset, "reset"), (.hold, "hold"),
      (.slowClose(nanoseconds: 1_500_000_000), "slow close 1500ms"), (.release, "release"),
      (.alter, "alter"),
    ]
    for (action, words) in spoken {
      #expect(action.description == words)
      #expect(TappedAction(words) == action)
    }
    for words in [
      "", "delay", "delay 5", "delay 99999999999999999999s", "delay 9999999999999s", "delay -5ms",
      "corrupt soul", "reorder gap -1", "reorder gap 0", "drop it", "Drop", "delay 050ms",
      "delay 1000ms", "reorder gap +3", "bandwidth", "bandwidth 64", "bandwidth 64000B/s",
      "bandwidth 0B/s", "slow close", "slow 2s", "slow_close 2s", "slow close 2000ms", "hold on",
    ] {
      #expect(TappedAction(words) == .other(words), "\(words)")
    }
  }

  @Test func `what matters most of several acts is the disposition`() {
    func disposition(_ actions: TappedAction...) -> TraceEvent.Disposition {
      TappedFate(acts: actions.map { TappedAct(rule: "", action: $0) }).disposition
    }
    #expect(disposition() == .forwarded)
    #expect(disposition(.other("wave")) == .forwarded)
    #expect(disposition(.delay(nanoseconds: 1), .reorder(gap: 1)) == .reordered)
    #expect(disposition(.reorder(gap: 1), .duplicate) == .duplicated)
    #expect(disposition(.duplicate, .corrupt(.payload)) == .corrupted)
    #expect(disposition(.corrupt(.payload), .drop, .duplicate) == .dropped)
    #expect(disposition(.duplicate, .reset) == .dropped)
    #expect(disposition(.hold) == .delayed)
    #expect(disposition(Self.bandwidth) == .delayed)
    #expect(disposition(.slowClose(nanoseconds: 1), .release) == .forwarded)
    #expect(disposition(.alter) == .corrupted)
  }
}
