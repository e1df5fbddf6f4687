internal import ChatTrace

/// Which events are printed.
struct EventSelection {
  /// The display filter.
  var filter: Filter?
  /// Only these streams; empty means all.
  var streams: [Int] = []
  /// No more frames than this.
  var frameCountMax: Int?

  func includes(stream: Int) -> Bool {
    streams.isEmpty || streams.contains(stream)
  }
}

/// The sink that prints: selects events, renders them, and hands them to the output.
struct TracePrinter<Renderer: EventRenderer>: TraceSink {
  private var renderer: Renderer
  private let selection: EventSelection
  private let output: OutputWriter
  private var frameCount = 0
  /// The most severe note on what was selected.
  private(set) var worst: Severity?

  init(renderer: Renderer, selection: EventSelection, output: OutputWriter) {
    self.renderer = renderer
    self.selection = selection
    self.output = output
  }

  /// True when as many frames were printed as were wanted, or nobody reads them.
  var isDone: Bool {
    if let limit = selection.frameCountMax, frameCount >= limit { return true }
    return !output.isOpen
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    guard !isDone, selection.includes(stream: event.stream) else { return }
    if let filter = selection.filter, !filter.matches(event, payload: payload) { return }
    worst = worse(worst, event.notes)
    renderer.render(event, payload: payload, into: &output.bytes)
    if event.kind == .frame { frameCount += 1 }
    output.endRecord()
  }

  mutating func finish(_ summary: TraceSummary) {
    guard output.isOpen else { return }
    var summary = summary
    summary.streams.removeAll { !selection.includes(stream: $0.stream) }
    renderer.render(summary, into: &output.bytes)
    output.endRecord()
  }
}

/// The more severe of what was seen before and some notes.
@inline(__always)
func worse(_ worst: Severity?, _ notes: [Note]) -> Severity? {
  if notes.isEmpty { return worst }
  var worst = worst
  for note in notes {
    let severity = note.severity
    if worst.map({ $0 < severity }) ?? true { worst = severity }
  }
  return worst
}

/// Passes everything on to another sink, and remembers the most severe note.
struct SeverityWatch<Sink: TraceSink>: TraceSink {
  var sink: Sink
  private(set) var worst: Severity?

  init(_ sink: Sink) {
    self.sink = sink
  }

  var isDone: Bool { sink.isDone }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    worst = worse(worst, event.notes)
    sink.record(&event, payload: payload)
  }

  mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction) {
    sink.streamBytes(bytes, stream: stream, direction: direction)
  }

  mutating func finish(_ summary: TraceSummary) {
    sink.finish(summary)
  }
}
