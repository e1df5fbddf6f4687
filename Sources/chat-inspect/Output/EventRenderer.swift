internal import ChatTrace

/// What turns events into bytes.
protocol EventRenderer {
  /// Takes the time of the first packet.
  mutating func begin(at time: TraceTime?)
  mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8])
  /// Renders the summary; `isWhole` is false if it is only about a part, because reading stopped
  /// early or a stream that was asked for does not exist.
  mutating func render(_ summary: TraceSummary, isWhole: Bool, into output: inout [UInt8])
}

extension EventRenderer {
  mutating func begin(at time: TraceTime?) {}
}

extension NDJSONRenderer: EventRenderer {
  mutating func render(_ summary: TraceSummary, isWhole: Bool, into output: inout [UInt8]) {
    render(summary, at: nil, into: &output)
  }
}

extension TextRenderer: EventRenderer {
  /// Relative times count from the first packet, whichever records are shown.
  mutating func begin(at time: TraceTime?) {
    origin = time
  }

  /// A ledger of a part would look like one of the whole.
  mutating func render(_ summary: TraceSummary, isWhole: Bool, into output: inout [UInt8]) {
    if isWhole { render(summary, into: &output) }
  }
}

extension FieldsRenderer: EventRenderer {
  /// Fields are of events only.
  mutating func render(_ summary: TraceSummary, isWhole: Bool, into output: inout [UInt8]) {}
}

extension FollowRenderer: EventRenderer {
  /// The payload is in the event's text.
  mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {
    render(event, into: &output)
  }

  /// A conversation has no summary.
  mutating func render(_ summary: TraceSummary, isWhole: Bool, into output: inout [UInt8]) {}
}

/// Prints nothing, while standard output carries something else.
struct SilentRenderer: EventRenderer {
  mutating func render(_ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]) {}
  mutating func render(_ summary: TraceSummary, isWhole: Bool, into output: inout [UInt8]) {}
}
