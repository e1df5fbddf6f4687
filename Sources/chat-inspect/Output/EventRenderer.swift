internal import ChatTrace

/// What turns events into bytes.
protocol EventRenderer {
  mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8])
  mutating func render(_ summary: TraceSummary, into output: inout [UInt8])
}

extension NDJSONRenderer: EventRenderer {
  mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {
    render(summary, at: nil, into: &output)
  }
}
extension TextRenderer: EventRenderer {}

extension FieldsRenderer: EventRenderer {
  /// Fields are of events only.
  mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {}
}

extension FollowRenderer: EventRenderer {
  /// The payload is in the event's text.
  mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {
    render(event, into: &output)
  }

  /// A conversation has no summary.
  mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {}
}

/// Prints nothing, while standard output carries something else.
struct SilentRenderer: EventRenderer {
  mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {}
  mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {}
}
