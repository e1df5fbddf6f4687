// Which earlier frames each frame follows from. The notes know most of it: this collects what they
// say, and finds the rest, for which the analysis has no use: what an ACK answers, FIN answers FIN,
// what an ERROR or a NOTICE is about, and what the server passes on from one connection to others.
// +Native has the frames of the native dialect, +Requests the messages of both dialects that follow
// from other messages, +Classic the rest of the classic dialect, +Ends how sessions end.

import ChatWire

/// Gathers what each frame of a trace follows from.
///
/// The trace has to be made with texts and chat notes: `assemblesText` and `notesChat` of
/// `TraceOptions`.
public struct CauseCollector: TraceSink {
  /// What was gathered; complete once the trace is finished.
  public private(set) var graph = CauseGraph()
  private var indices: [Int: Int] = [:]
  private var states: [StreamCauses] = []
  private var freeIndices: [Int] = []
  var room = RoomCauses()
  /// The channel simulation of each server of classic clients, by `address:port`.
  var channels: [String: Channel] = [:]

  /// The channel simulation of an original server.
  struct Channel {
    /// The frame that set it.
    var frame: UInt32
    var isLossy: Bool
    var delaySeconds: Double
  }

  /// Makes a collector.
  public init() {}

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    switch event.kind {
    case .frame: frame(event, payload: payload)
    case .tcp:
      guard event.tcpEvent == .open else { return }
      let index = index(of: event.stream)
      states[index].server = event.server ?? ""
      // Classic clients are called so until they have a name.
      if let client = event.client { room.name(event.stream, client) }
    case .session:
      guard let end = event.end else { return }
      let index = index(of: event.stream)
      graph.end(event.stream, because: states[index].links(of: end))
      indices[event.stream] = nil
      states[index] = StreamCauses()
      freeIndices.append(index)
    case .gap, .junk, .fault, .summary: break
    }
  }

  /// Finishes the graph.
  public mutating func finish(_ summary: TraceSummary) {}

  private mutating func index(of stream: Int) -> Int {
    if let index = indices[stream] { return index }
    let index: Int
    if let free = freeIndices.popLast() {
      index = free
    } else {
      index = states.count
      states.append(StreamCauses())
    }
    states[index].stream = stream
    indices[stream] = index
    return index
  }

  /// What is known of another stream that is open.
  func state(of stream: Int) -> StreamCauses? {
    indices[stream].map { states[$0] }
  }

  private mutating func frame(_ event: TraceEvent, payload: RawSpan) {
    guard graph.begin() else { return }
    let index = index(of: event.stream)
    // The state is taken out, so that it and the rest can change side by side.
    var state = StreamCauses()
    swap(&state, &states[index])
    for note in event.notes {
      for cause in 0..<note.causes.count {
        graph.add(
          UInt32(truncatingIfNeeded: note.causes[cause]), note.relation(ofCause: cause))
      }
    }
    switch event.dialect {
    case .native: native(event, &state)
    case .classic: classic(event, payload: payload, &state)
    }
    remember(event, &state)
    swap(&state, &states[index])
  }

  /// The frame in hand follows from another.
  mutating func link(_ frame: UInt32, _ relation: CauseRelation) {
    graph.add(frame, relation)
  }

  /// A message follows from a frame: so do the first copies of all its fragments.
  mutating func linkMessage(
    _ event: TraceEvent, _ state: StreamCauses, to frame: UInt32, _ relation: CauseRelation
  ) {
    if event.attempt ?? 1 == 1 { graph.add(frame, relation) }
    guard event.dialect == .native else { return }
    let first = event.sequence &- UInt16(truncatingIfNeeded: (event.fragment ?? 1) &- 1)
    let number = UInt32(truncatingIfNeeded: event.frame)
    for offset in 0..<UInt16(clamping: event.fragments ?? 1) {
      guard let copy = state[event.direction].copies[first &+ offset] else { continue }
      if copy.first != number { graph.add(frame, relation, to: copy.first) }
    }
  }

  func frameHas(_ strength: CauseRelation.Strength) -> Bool { graph.has(strength) }

  mutating func demote(_ relation: CauseRelation) { graph.demote(relation) }

  /// Notes what later frames may follow from.
  private mutating func remember(_ event: TraceEvent, _ state: inout StreamCauses) {
    let frame = UInt32(truncatingIfNeeded: event.frame)
    if event.has(.faultReset) { state.reset = frame }
    if event.direction == .clientToServer { room[event.stream].frame = frame }
    guard event.isPassedOn else { return }
    state[event.direction].frame = frame
    if event.notes.contains(where: { $0.severity == .error && $0.id != .sessionError }) {
      state[event.direction].violation = frame
    }
    for note in event.notes {
      switch note.id {
      case .handshakeCompletes, .handshakeImplied, .classicCompletes:
        room[event.stream].established = frame
      case .sessionError:
        room[event.stream].departure = frame
        state[event.direction].error = frame
      case .goodbye, .classicDisconnect:
        if event.direction == .clientToServer { room[event.stream].departure = frame }
      case .classicNackLimit: state.givenUp = frame
      case .classicDisconnectAcknowledged: state.goodbyeAnswer = frame
      default: break
      }
    }
  }
}
