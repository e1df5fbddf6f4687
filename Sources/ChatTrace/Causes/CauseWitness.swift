/// Keeps the records that an explanation is about, while the trace is read once more.
public struct CauseWitness: TraceSink {
  /// The frames, by number.
  private(set) var events: [UInt64: TraceEvent] = [:]
  /// What was done later to frames that were held.
  private(set) var decisions: [UInt64: [Note]] = [:]
  /// How the session ended that is asked about.
  private(set) var ending: TraceEvent?
  /// When the trace begins.
  private(set) var origin: TraceTime?
  /// How many chat streams there are.
  private(set) var streamCount = 0
  private let frames: Set<UInt64>
  private let stream: Int?

  /// Makes one for some frames, and for the end of a stream's session.
  public init(frames: [UInt64], endOf stream: Int? = nil) {
    self.frames = Set(frames)
    self.stream = stream
  }

  /// Makes one for a chain.
  public init(_ chain: CauseChain, _ question: CauseQuestion) {
    switch question {
    case .frame: self.init(frames: chain.frames)
    case .end(let stream): self.init(frames: chain.frames, endOf: stream)
    }
  }

  /// Takes when the trace begins.
  public mutating func begin(at time: TraceTime?) { origin = time }

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    if origin == nil { origin = event.time }
    switch event.kind {
    case .frame:
      if frames.contains(event.frame) { events[event.frame] = event }
    case .fault:
      if !event.notes.isEmpty, frames.contains(event.frame) {
        decisions[event.frame, default: []] += event.notes
      }
    case .session:
      if event.stream == stream, event.end != nil { ending = event }
    case .tcp, .gap, .junk, .summary: break
    }
  }

  /// Takes how many streams there are.
  public mutating func finish(_ summary: TraceSummary) { streamCount = summary.streams.count }

  /// What was done to a frame where the trace was taken, the latest last.
  func faults(on frame: UInt64) -> [Note] {
    let notes = (events[frame]?.notes ?? []).filter { $0.id.isFault } + (decisions[frame] ?? [])
    // Being let go undoes being held.
    let isReleased = notes.contains { $0.id == .faultReleased }
    let isDecided = notes.contains { $0.id == .faultDropped || $0.id == .faultAltered }
    return notes.filter { note in
      note.id != .faultReleased && (note.id != .faultHeld || !isDecided || isReleased)
    }
  }
}

extension NoteID {
  /// Says on a frame what was done to it where the trace was taken.
  var isFault: Bool {
    switch self {
    case .faultDropped, .faultCorrupted, .faultDelayed, .faultDuplicated, .faultReordered,
      .faultPaced, .faultReset, .faultSlowClose, .faultHeld, .faultReleased, .faultAltered:
      true
    default: false
    }
  }
}
