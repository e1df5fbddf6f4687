/// What takes the records of a trace, one after the other: a renderer, a counter, a recorder.
public protocol TraceSink {
  /// Takes one record; the payload is lent for the call, and is what was captured of a frame's.
  mutating func record(_ event: TraceEvent, payload: RawSpan)

  /// Takes the summary, after the last record.
  mutating func finish(_ summary: TraceSummary)
}
