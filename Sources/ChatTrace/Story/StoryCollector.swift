/// Gathers the story of a trace.
public struct StoryCollector: TraceSink {
  /// What was gathered; complete once the trace is finished.
  public private(set) var story = Story()

  /// Makes a collector.
  ///
  /// - Parameter byteCountMax: Bytes of messages that are kept in all; what comes later has none.
  public init(byteCountMax: Int = 256 << 20) {}

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {}

  /// Finishes the story.
  public mutating func finish(_ summary: TraceSummary) {}
}
