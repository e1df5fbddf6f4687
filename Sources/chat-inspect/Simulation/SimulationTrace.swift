internal import ChatSimulation
internal import ChatTrace
internal import ChatWire

/// Makes the trace of a simulated connection, as somebody sees it who stands where faults act.
///
/// A class, because the engine cannot be copied and observers can.
final class SimulationTrace<Sink: TraceSink>: SimulationObserver {
  private var engine: TraceEngine
  private(set) var sink: Sink
  private let stream: Int

  /// A trace that begins at time 0, between addresses that are nobody's (RFC 5737).
  init(into sink: Sink) {
    var engine = TraceEngine(options: .forProgram(assemblesText: true))
    var sink = sink
    stream = engine.openConnection(
      client: "192.0.2.1:40000", server: "192.0.2.2:5000", at: TraceTime(.zero), into: &sink)
    self.engine = engine
    self.sink = sink
  }

  func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    engine.frame(
      frame, stream: stream, direction: direction, at: TraceTime(now),
      fate: TappedFate(fate.disposition, acts: fate.acts), into: &sink)
  }

  func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    engine.closeConnection(
      stream: stream, .halfClose(side == .server ? .clientToServer : .serverToClient),
      at: TraceTime(now), into: &sink)
  }

  func heldEnd(_ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant) {
    for act in acts {
      engine.fault(
        TappedAct(act), frame: nil, stream: stream, direction: direction, at: TraceTime(now),
        into: &sink)
    }
  }

  func reset(connection: Int, at now: Instant) {
    engine.closeConnection(stream: stream, .reset, at: TraceTime(now), into: &sink)
  }

  /// Ends the trace.
  func finish(at now: Instant) {
    engine.advance(to: TraceTime(now), into: &sink)
    engine.finish(into: &sink)
  }
}

extension TraceTime {
  /// The simulation begins at 0.
  fileprivate init(_ instant: Instant) {
    self.init(nanoseconds: instant.nanoseconds)
  }
}
