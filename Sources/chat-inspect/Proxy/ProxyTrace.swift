internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// A connection whose traffic is told.
protocol TracedConnection: AnyObject {
  /// The number of its stream in the trace.
  var number: Int { get }

  /// Counts bytes of a direction that are handed to the trace; returns how many were before.
  func countTraced(_ direction: Direction, _ byteCount: Int) -> UInt64
}

/// What is told about the traffic: the live trace, and the recording that reads back as the same
/// trace.
///
/// Both get the same calls with the same times, which never go back. A class, because the engine
/// cannot be copied.
final class ProxyTrace<Sink: TraceSink> {
  private var engine: TraceEngine
  private var sink: NoteCollector<Sink>
  private var recorder: Recorder?
  private let output: OutputWriter?

  /// - Parameters:
  ///   - output: Where the sink's lines go, to be flushed when there is nothing to do.
  init(
    into sink: Sink, options: TraceOptions, output: OutputWriter?, recorder: Recorder?
  ) {
    engine = TraceEngine(options: options)
    self.sink = NoteCollector(sink, isCollecting: recorder != nil)
    self.recorder = recorder
    self.output = output
  }

  /// What the sink has come to.
  var finished: Sink { sink.inner }

  /// Lines that were left out because their reader was too slow.
  var droppedLineCount: UInt64 { output?.droppedLineCount ?? 0 }

  /// Frames that have been numbered.
  var frameCount: UInt64 { engine.frames }

  /// Somebody wants to know what goes out.
  var isRecording: Bool { recorder != nil }

  /// What became of the recording so far.
  var recording: RecordingReport? { recorder?.report }

  // MARK: connections

  /// A connection is open on both sides; gives its number.
  func open(_ ends: RecordingWriter.Ends, at time: TraceTime) -> Int {
    let client = ends.client.description
    let server = ends.server.description
    let number = engine.openConnection(client: client, server: server, at: time, into: &sink)
    recorder?.writer.open(number, ends, client: client, server: server, at: time)
    explain()
    return number
  }

  /// Bytes have arrived; says which frame they are in the trace, if that is known already.
  func arrived(
    _ bytes: RawSpan, _ connection: some TracedConnection, _ direction: Direction, number: UInt64,
    fate: TappedFate, at time: TraceTime
  ) -> UInt64? {
    let start = connection.countTraced(direction, bytes.byteCount)
    engine.frame(
      bytes, stream: connection.number, direction: direction, at: time, fate: fate,
      into: &sink)
    let last = sink.lastFrame
    let isKnown =
      last.stream == connection.number && last.direction == direction && last.offset >= start
      && last.frame > 0
    if recorder != nil {
      let (notes, others) = sink.take(connection.number, direction, from: start)
      for found in others { explain(found) }
      recorder?.writer.arrived(
        bytes, connection: connection.number, direction: direction, number: number,
        at: time, fate: fate, notes: notes)
    }
    return isKnown ? last.frame : nil
  }

  /// Bytes go out.
  func sent(
    _ bytes: RawSpan, _ connection: some TracedConnection, _ direction: Direction, number: UInt64,
    acts: [TappedAct], at time: TraceTime
  ) {
    recorder?.writer.sent(
      bytes, connection: connection.number, direction: direction, number: number, at: time,
      acts: acts)
  }

  /// A direction, or the whole connection, has ended.
  func ended(
    _ connection: some TracedConnection, _ closing: TappedClosing, acts: [TappedAct] = [],
    at time: TraceTime
  ) {
    var direction = Direction.clientToServer
    if case .halfClose(let ending) = closing { direction = ending }
    for act in acts {
      engine.fault(
        act, frame: nil, stream: connection.number, direction: direction, at: time, into: &sink)
    }
    engine.closeConnection(stream: connection.number, closing, at: time, into: &sink)
    recorder?.writer.ended(connection.number, closing, at: time, acts: acts)
    explain()
  }

  /// The end of a direction has been passed on.
  func passedEnd(_ connection: some TracedConnection, _ direction: Direction, at time: TraceTime) {
    recorder?.writer.passedEnd(connection.number, direction, at: time)
  }

  /// Somebody has decided about a frame that was held.
  func decided(
    _ connection: some TracedConnection, _ direction: Direction, number: UInt64, frame: UInt64?,
    act: TappedAct, at time: TraceTime
  ) {
    engine.fault(
      act, frame: frame, stream: connection.number, direction: direction, at: time, into: &sink)
    recorder?.writer.decided(
      connection: connection.number, direction: direction, number: number, frame: frame ?? 0,
      act: act, at: time)
    explain()
  }

  /// Time passes.
  func advance(to time: TraceTime) {
    engine.advance(to: time, into: &sink)
    recorder?.writer.advance(to: time)
    explain()
  }

  /// Hands over what was made, to those who write it.
  func flush() {
    output?.flush()
    recorder?.flush()
  }

  /// Ends the trace and the recording.
  func finish(at time: TraceTime) {
    engine.advance(to: time, into: &sink)
    output?.beginEnd()
    engine.finish(into: &sink)
    explain()
    recorder?.finish(at: time)
  }

  private func explain() {
    guard recorder != nil else { return }
    for found in sink.take() { explain(found) }
  }

  private func explain(_ found: NoteCollector<Sink>.Found) {
    recorder?.writer.explain(
      connection: found.place.stream, direction: found.place.direction, notes: found.notes)
  }
}
