import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What the trace says of sessions of which everything is known.
@Suite("Analysis") struct EngineAnalysisTests {
  static func texts(_ count: Int) -> [String] {
    (0..<count).map { index in
      "message \(index): "
        + String(repeating: ["é", "漢", "a ", "👋🏽"][index % 4], count: index % 7 + 1)
    }
  }

  static func trace(_ dialogue: Dialogue, ending: Int = 1) -> Trace {
    var random = SeededGenerator(seed: 1)
    var plan = WirePlan()
    plan.ending = ending
    plan.acknowledges = false
    plan.coalesces = false
    // Every frame in a segment of its own, so that the order on the wire is that of the dialogue.
    plan.sizes = 60_000...60_000
    return ChatTraceTests.trace(Wrapping().packets(plan.segments(dialogue, using: &random)))
  }

  @Test(
    "a simulated session is explained",
    arguments: [Mode.goBackN, .selectiveRepeat], [1, 4, 8])
  func simulated(_ mode: Mode, _ window: Int) {
    let troubles: [[(SimulatedSession.Fate, Int)]] = [
      [], [(.lostBefore, 15)], [(.lostBehind, 15)], [(.damagedBefore, 15)], [(.repeated, 15)],
      [(.lostBefore, 6), (.lostBehind, 6), (.damagedBefore, 6), (.repeated, 6)],
    ]
    for (kind, trouble) in troubles.enumerated() {
      for seed in 0..<UInt64(8 * effort) {
        let session = SimulatedSession(
          mode: mode, window: window, isn: seed % 2 == 0 ? 65_520 : 100,
          messages: Self.texts(12), fragmentSize: 8, trouble: trouble, seed: seed)
        let trace = Self.trace(session.dialogue)
        let label = "\(mode), window \(window), trouble \(kind), seed \(seed)"
        #expect(trace.frames.count == session.truth.count, "\(label)")
        for (frame, truth) in zip(trace.frames, session.truth) {
          guard let problem = Self.problem(frame, truth, session, trace) else { continue }
          Issue.record("\(label), frame \(frame.event.frame): \(problem)")
          return
        }
        let lines = trace.texts.flatMap { $0.split(separator: "\n").map(String.init) }
        #expect(lines.sorted() == session.messages.sorted(), "\(label)")
      }
    }
  }

  /// What is wrong with a frame's record.
  static func problem(
    _ frame: TracedRecord, _ truth: SimulatedSession.Truth, _ session: SimulatedSession,
    _ trace: Trace
  ) -> String? {
    let event = frame.event
    if event.typeCode != truth.type.rawValue || event.sequence != truth.sequence {
      return "type \(event.typeCode) sequence \(event.sequence), not \(truth)"
    }
    if (event.checksum == .bad) != truth.isDamaged { return "checksum" }
    guard truth.type == .data || truth.type == .ack || truth.type == .nack else { return nil }
    if event.sender?.base != truth.base || event.sender?.next != truth.next {
      return "window \(String(describing: event.sender)), not \(truth)"
    }
    let inFlight = Int((truth.next ?? 0) &- (truth.base ?? 0))
    if Int(event.sender?.inFlight ?? 0) != inFlight { return "in flight" }
    if event.sender?.window != UInt32(session.window) { return "window" }
    guard truth.type == .data else { return nil }
    if event.text != truth.text { return "text \(event.text ?? "-"), not \(truth)" }
    if truth.isDamaged {
      // Numbers only where it fits what is in flight.
      if let attempt = event.attempt, attempt != truth.attempt { return "attempt \(attempt)" }
      if let message = event.message, let known = truth.message, message != known {
        return "message \(message)"
      }
      return nil
    }
    if event.attempt != truth.attempt {
      return "attempt \(event.attempt ?? 0), not \(truth.attempt ?? 0) of \(truth)"
    }
    if let message = truth.message {
      if event.message != message || event.fragment != truth.fragment {
        return "message \(event.message ?? 0) fragment \(event.fragment ?? 0), not \(truth)"
      }
    }
    let causes: [NoteID] = [
      .retransmissionNack, .retransmissionTimeout, .retransmissionGoBack, .retransmissionFast,
      .retransmissionSpurious,
    ]
    switch truth.cause {
    case .nack(let number):
      if frame.has(.retransmissionSpurious) { return nil }
      // Where a copy lies between, the trace cannot tell which NACK made the sender send.
      let copy = (causes.compactMap { frame.causes($0).first }.first).map(Int.init) ?? 0
      if copy > number { return nil }
      let named = frame.causes(.retransmissionNack).last ?? 0
      let asks = named > 0 && trace.frames[Int(named) - 1].event.sequence == truth.sequence
      if !asks || named > UInt64(number) { return "\(event.notes), not NACK in frame \(number)" }
    case .goBack, .timeout, .fast:
      if !causes.contains(where: frame.has) { return "no cause: \(truth)" }
    case nil: break
    }
    return nil
  }
}
