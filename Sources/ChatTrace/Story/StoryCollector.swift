import ChatWire

// The way of a record: StoryCollector finds its connection, StoryStream says what it means there,
// and StoryFlow (native) or the classic part of StoryStream puts the fragments of one direction
// together. Nothing is guessed: a message of which a byte is not known has none.

/// Gathers the story of a trace: what both sides of each connection said, whatever became of it.
///
/// A message counts as said once its frames were sent, also if a proxy dropped or damaged them. Of
/// each fragment the first undamaged copy counts. Memory is bounded by the two maxima, and by the
/// number of connections.
public struct StoryCollector: TraceSink {
  /// What was gathered; complete once the trace is finished.
  public private(set) var story = Story()
  private var streams: [Int: StoryStream] = [:]
  private var budget: StoryBudget
  /// Records seen so far, the one in hand included.
  private var order: UInt64 = 0

  /// Makes a collector.
  ///
  /// - Parameters:
  ///   - byteCountMax: Bytes of messages that are kept in all; what comes later has none.
  ///   - messageCountMax: Messages that are kept in all; later ones are left out.
  public init(byteCountMax: Int = 256 << 20, messageCountMax: Int = 4 << 20) {
    budget = StoryBudget(bytes: byteCountMax, messages: messageCountMax)
  }

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    _ = take(event, payload: payload)
  }

  /// Takes a record, and says where among the messages of its connection it stands.
  mutating func take(_ event: TraceEvent, payload: RawSpan) -> StoryPlace {
    order &+= 1
    switch event.kind {
    case .fault, .summary: return StoryPlace()
    case .session where event.end != nil:
      if let stream = streams.removeValue(forKey: event.stream) {
        story.sessions.append(stream.finished(event, order: order))
      }
      return StoryPlace()
    case .frame, .tcp, .gap, .junk, .session:
      if let place = streams[event.stream]?.take(
        event, payload: payload, order: order, budget: &budget)
      {
        return place
      }
      streams[event.stream] = StoryStream(event)
      return streams[event.stream]?.take(event, payload: payload, order: order, budget: &budget)
        ?? StoryPlace()
    }
  }

  /// Finishes the story.
  public mutating func finish(_ summary: TraceSummary) {
    for stream in streams.values {
      story.sessions.append(stream.finished(nil, order: order))
    }
    streams = [:]
    story.sessions.sort { $0.stream < $1.stream }
  }
}

/// Where a frame stands among the messages of its connection.
///
/// Native frames have positions, which are found in the finished messages by their `place`; classic
/// ones have the numbers at once.
struct StoryPlace: Sendable, Hashable {
  /// A fragment of a direction.
  struct Fragment: Sendable, Hashable {
    /// Native: which of the sequenced frames of the direction, from 1; 0 if it has numbers.
    var position: Int64 = 0
    /// Which message of the direction, from 1; 0 while unknown.
    var message = 0
    /// Which fragment of it, from 1; 0 while unknown.
    var fragment = 0
  }

  /// What the frame is.
  var own: Fragment?
  /// What it answers: a fragment of the other direction.
  var answered: Fragment?
  /// What it expects next, likewise.
  var expected: Fragment?
}

/// What may still be kept of messages.
struct StoryBudget: Sendable {
  private var bytes: Int
  private var messages: Int

  init(bytes: Int, messages: Int) {
    self.bytes = bytes
    self.messages = messages
  }

  /// True if so many bytes more may be kept.
  mutating func take(bytes count: Int) -> Bool {
    guard count <= bytes else { return false }
    bytes -= count
    return true
  }

  /// Bytes are not kept any longer.
  mutating func giveBack(bytes count: Int) { bytes += count }

  /// True if another message may be kept.
  mutating func takeMessage() -> Bool {
    guard messages > 0 else { return false }
    messages -= 1
    return true
  }
}

/// When and where something was seen.
struct StorySight: Sendable {
  /// As a count of the records of the trace.
  var order: UInt64
  /// The number of the frame; 0 if it was none.
  var frame: UInt64
  var time: TraceTime?
}
