/// What takes the records of a trace, one after the other: a renderer, a counter, a recorder.
public protocol TraceSink {
  /// Takes the time of the first packet, before everything else; nil if the capture has none.
  mutating func begin(at time: TraceTime?)

  /// Takes one record; the payload is lent for the call, and is what was captured of a frame's.
  ///
  /// The event is lent too, and refilled for the next record: `inout` spares a copy of it for each.
  mutating func record(_ event: inout TraceEvent, payload: RawSpan)

  /// Takes the summary, after the last record.
  mutating func finish(_ summary: TraceSummary)

  /// Takes the bytes of the stream that `TraceOptions.tappedStream` names, in order per direction.
  mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction)

  /// Takes bytes that a recorded proxy has sent on, in the order in which they left it.
  mutating func passed(_ passage: Passage, bytes: RawSpan)

  /// True once nothing more is wanted: reading a file may stop.
  var isDone: Bool { get }
}

extension TraceSink {
  /// Ignores when the capture begins.
  public mutating func begin(at time: TraceTime?) {}

  /// Ignores the bytes.
  public mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction) {}

  /// Ignores what was sent on.
  public mutating func passed(_ passage: Passage, bytes: RawSpan) {}

  /// Wants everything.
  public var isDone: Bool { false }
}
