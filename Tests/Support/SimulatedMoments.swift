public import ChatLens
public import ChatSimulation
public import ChatTrace
public import ChatWire

/// The records of a simulated session, traced where its faults act.
public struct SimulatedMoments: SimulationObserver {
  private var engine = TracedEngine()

  /// Runs a plan to its end.
  public static func of(_ plan: SimulationPlan) throws -> [LensMoment] {
    var observer = SimulatedMoments()
    var pair = try SimulatedPair(plan)
    let end = pair.run(until: Instant.zero.advanced(by: plan.limit), &observer)
    if case .violated(let violation) = end { throw violation }
    return observer.engine.moments
  }

  /// A frame comes to where faults act.
  public mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    engine.frame(frame, fate, direction, at: TraceTime(nanoseconds: now.nanoseconds))
  }
}

/// The engine with its sink: a class, since the engine cannot be copied.
private final class TracedEngine {
  private struct Sink: TraceSink {
    var moments: [LensMoment] = []

    mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
      moments.append(LensMoment(event))
    }

    mutating func finish(_ summary: TraceSummary) {}
  }

  private var engine = TraceEngine()
  private var sink = Sink()
  private let stream: Int

  init() {
    stream = engine.openConnection(
      client: "192.0.2.1:40000", server: "192.0.2.2:5000", at: TraceTime(nanoseconds: 0),
      into: &sink)
  }

  var moments: [LensMoment] { sink.moments }

  func frame(
    _ frame: RawSpan, _ fate: SimulatedFate, _ direction: Direction, at time: TraceTime
  ) {
    engine.frame(
      frame, stream: stream, direction: direction, at: time,
      fate: TappedFate(fate.disposition, acts: fate.acts), into: &sink)
  }
}
