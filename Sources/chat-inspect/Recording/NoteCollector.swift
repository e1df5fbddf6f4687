internal import ChatTrace
internal import ChatWire

/// Passes everything on, and keeps what is said about frames for the recording.
struct NoteCollector<Sink: TraceSink>: TraceSink {
  /// Which frame of the trace, and where it is.
  struct Place {
    var stream = -1
    var direction = Direction.clientToServer
    var offset: UInt64 = 0
    var frame: UInt64 = 0
  }

  /// What is said about a frame.
  struct Found {
    var place: Place
    var notes: [String]
  }

  private(set) var inner: Sink
  /// The last frame that there was.
  private(set) var lastFrame = Place()
  private let isCollecting: Bool
  private var found: [Found] = []

  init(_ inner: Sink, isCollecting: Bool) {
    self.inner = inner
    self.isCollecting = isCollecting
  }

  mutating func take() -> [Found] {
    guard !found.isEmpty else { return [] }
    defer { found.removeAll(keepingCapacity: true) }
    return found
  }

  mutating func begin(at time: TraceTime?) {
    inner.begin(at: time)
  }

  /// What was said since somebody asked: about the bytes of a direction from an offset on, nil if
  /// nothing is known of them yet, and about others.
  mutating func take(
    _ stream: Int, _ direction: Direction, from start: UInt64
  ) -> (notes: [String]?, others: [Found]) {
    guard !found.isEmpty else { return (nil, []) }
    var notes: [String]?
    var others: [Found] = []
    for found in take() {
      if found.place.stream == stream, found.place.direction == direction,
        found.place.offset >= start
      {
        notes = (notes ?? []) + found.notes
      } else {
        others.append(found)
      }
    }
    return (notes, others)
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    if event.kind == .frame {
      lastFrame = Place(
        stream: event.stream, direction: event.direction, offset: event.offset,
        frame: event.frame)
      if isCollecting {
        found.append(Found(place: lastFrame, notes: event.notes.map(\.text)))
      }
    }
    inner.record(&event, payload: payload)
  }

  mutating func finish(_ summary: TraceSummary) {
    inner.finish(summary)
  }
}
