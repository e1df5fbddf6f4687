internal import ChatProgram
internal import ChatSimulation
internal import ChatTrace
internal import ChatWire

/// Makes the trace of a simulated connection, as somebody sees it who stands where faults act, and
/// the recording that reads back as the same trace.
///
/// A class, because the engine cannot be copied and observers can.
final class SimulationTrace<Sink: TraceSink>: SimulationObserver {
  private var engine: TraceEngine
  private var notes: NoteCollector<Sink>
  private let stream: Int
  private var recording: SimulationRecording?
  /// Bytes that have arrived.
  private var offsets = BothDirections<UInt64>(both: 0)
  /// The end of the direction has been told.
  private var hasEnded = BothDirections(both: false)

  /// A trace that begins at time 0.
  ///
  /// - Parameter recording: Takes the same, if there is one.
  init(into sink: Sink, recording: consuming SimulationRecording?) {
    var engine = TraceEngine(options: .forProgram(assemblesText: true))
    var notes = NoteCollector(sink, isCollecting: recording != nil)
    let ends = SimulationRecording.ends
    stream = engine.openConnection(
      client: ends.client.description, server: ends.server.description, at: TraceTime(.zero),
      into: &notes)
    self.engine = engine
    self.notes = notes
    self.recording = recording
  }

  /// What the sink has come to.
  var sink: Sink { notes.inner }

  func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    let start = offsets[direction]
    offsets[direction] = start &+ UInt64(frame.byteCount)
    engine.frame(
      frame, stream: stream, direction: direction, at: TraceTime(now),
      fate: TappedFate(fate.disposition, acts: fate.acts), into: &notes)
    let said = notes.take(stream, direction, from: start)
    for found in said.others { explain(found) }
    recording?.arrived(frame, fate, direction, notes: said.notes, at: TraceTime(now))
  }

  func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    recording?.sent(frame, number: number, direction, at: TraceTime(now))
  }

  func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    let direction = side.opposite.outgoing
    if !hasEnded[direction] { end(direction, acts: [], at: TraceTime(now)) }
    recording?.passedEnd(direction, at: TraceTime(now))
  }

  func heldEnd(_ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant) {
    // Without an act it is passed on at once, or never, if the direction is cut.
    if !acts.isEmpty { end(direction, acts: acts.map { TappedAct($0) }, at: TraceTime(now)) }
  }

  func reset(connection: Int, at now: Instant) {
    engine.closeConnection(stream: stream, .reset, at: TraceTime(now), into: &notes)
    recording?.reset(at: TraceTime(now))
    explain()
  }

  /// Ends the trace, and the recording.
  ///
  /// - Throws: why the recording could not be written.
  func finish(at now: Instant) throws(Failure) {
    engine.advance(to: TraceTime(now), into: &notes)
    engine.finish(into: &notes)
    explain()
    try recording?.finish(at: TraceTime(now))
  }

  private func end(_ direction: Direction, acts: [TappedAct], at time: TraceTime) {
    hasEnded[direction] = true
    for act in acts {
      engine.fault(
        act, frame: nil, stream: stream, direction: direction, at: time, into: &notes)
    }
    engine.closeConnection(stream: stream, .halfClose(direction), at: time, into: &notes)
    recording?.ended(direction, acts: acts, at: time)
    explain()
  }

  private func explain() {
    for found in notes.take() { explain(found) }
  }

  private func explain(_ found: NoteCollector<Sink>.Found) {
    recording?.explain(found.place.direction, notes: found.notes)
  }
}

extension TraceTime {
  /// The simulation begins at 0.
  init(_ instant: Instant) {
    self.init(nanoseconds: instant.nanoseconds)
  }
}
