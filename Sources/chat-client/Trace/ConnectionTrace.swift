internal import ChatLens
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// Follows everything on the wire of a client, all its connections: writes the trace, and finds the
/// words for what faults do.
///
/// A class, because the engine cannot be copied. It belongs to the thread of the connection.
final class ConnectionTrace {
  /// After so long without traffic, what waits for a verdict gets it, and the file is flushed.
  private static let settlingTime = Duration.milliseconds(1_100)

  private var engine: TraceEngine
  private var sink: ClientTraceSink
  /// The stream of the connection in hand.
  private var stream: Int?
  /// What to add to the monotonic clock to get the time of day: that of the beginning, so that time
  /// never goes back.
  private let clockOffset: Int64
  private var settling = Instant.distantFuture

  init(file: TraceFile?, lens: LensFeed? = nil, spool: TraceSpool? = nil, checksum: CRC32) {
    var options = TraceOptions()
    options.checksum = checksum
    options.assemblesText = file != nil || lens != nil
    engine = TraceEngine(options: options)
    sink = ClientTraceSink(file: file, lens: lens, spool: spool)
    clockOffset = Clock.realNanoseconds() - Clock.monotonicNanoseconds()
  }

  /// A connection is made, between these ends.
  func opened(client: String, server: String, at now: Instant) {
    sink.now = now
    stream = engine.openConnection(client: client, server: server, at: time(now), into: &sink)
  }

  /// How the clocks stand, for the lens; nil where there is no session.
  var timing: LensTiming? {
    get { sink.timing }
    set { sink.timing = newValue }
  }

  /// Somebody watches the wire.
  var isWatched: Bool { sink.lens != nil }

  /// Writes the trace so far to a file; returns what to say about it.
  func save(to path: String, replacing: Bool) -> String {
    guard let spool = sink.spool else {
      return "the trace of this session was not kept; --trace FILE writes it from the beginning"
    }
    do throws(SystemError) {
      return try spool.save(to: path, replacing: replacing)
    } catch {
      return WholeFile.isAlreadyThere(error)
        ? "\(path) is there already; /trace! replaces it" : "\(path): \(error.message)"
    }
  }

  /// A frame or other bytes go over the wire, and this is what becomes of them.
  func passed(_ bytes: [UInt8], _ direction: Direction, _ fate: Fate?, at now: Instant) {
    guard let stream, !bytes.isEmpty else { return }
    sink.now = now
    settling = now.advanced(by: Self.settlingTime)
    engine.frame(
      bytes.span.bytes, stream: stream, direction: direction, at: time(now),
      fate: fate.map { TappedFate($0) } ?? .forwarded, into: &sink)
  }

  /// The connection comes to its end, or one direction of it.
  func closed(_ closing: TappedClosing, at now: Instant) {
    guard let stream else { return }
    sink.now = now
    settling = now.advanced(by: Self.settlingTime)
    engine.closeConnection(stream: stream, closing, at: time(now), into: &sink)
    switch closing {
    case .close, .reset: self.stream = nil
    case .halfClose: break
    }
  }

  /// Looks at what has waited long enough.
  func advance(to now: Instant) {
    guard now >= settling else { return }
    settling = .distantFuture
    sink.now = now
    engine.advance(to: time(now), into: &sink)
    sink.file?.flush()
  }

  /// When `advance` has something to do.
  var deadline: Instant { min(settling, sink.explainer.deadline) }

  /// Writes what there is.
  func flush() {
    sink.file?.flush()
  }

  /// Writes what there is before a wait, unless it is a short one.
  func flushIfIdle(for nanoseconds: Int64) {
    if nanoseconds >= 20_000_000 { flush() }
  }

  /// Ends the trace.
  func finish(at now: Instant) {
    sink.now = now
    engine.finish(into: &sink)
  }

  /// What there is to say: explanations, and that the file cannot be written.
  func takeEvents(at now: Instant) -> [ClientEvent] {
    var events = sink.explainer.take(at: now).map { ClientEvent.explanation($0) }
    if let complaint = sink.file?.takeComplaint() { events.append(.information(complaint)) }
    return events
  }

  private func time(_ now: Instant) -> TraceTime {
    TraceTime(nanoseconds: now.nanoseconds &+ clockOffset)
  }
}

/// Takes the records for the file and for the explanations.
private struct ClientTraceSink: TraceSink {
  let file: TraceFile?
  let lens: LensFeed?
  let spool: TraceSpool?
  var explainer = Explainer()
  var now = Instant.zero
  var timing: LensTiming?

  init(file: TraceFile?, lens: LensFeed?, spool: TraceSpool?) {
    self.file = file
    self.lens = lens
    self.spool = spool
  }

  mutating func begin(at time: TraceTime?) {
    file?.begin(at: time)
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    explainer.record(event, at: now)
    file?.record(event, payload: payload)
    spool?.record(event, payload: payload)
    lens?.append(LensMoment(event, timing))
  }

  mutating func finish(_ summary: TraceSummary) {
    file?.finish(summary)
  }
}
