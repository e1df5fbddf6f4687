import ChatSimulation
import ChatTrace
import ChatWire

/// What really happened in a simulated session, by the simulation's own account, beside the trace
/// that somebody takes of it where faults act.
final class CauseTruth: SimulationObserver {
  /// A frame as it was sent.
  struct Sent {
    var direction: Direction
    var type: FrameType
    var sequence: UInt16
    var cause: Transmission.Cause
    var time: Instant
    /// The queue of the line was full.
    var overflowed = false
    /// How many frames were sent before it.
    var place = 0
    /// Its number in the trace; 0 if it never came there.
    var frame = 0
    /// What was done to it there.
    var acts: [FaultAct] = []
    /// How often a timer of its side had sent it before.
    var timeouts = 0

    /// The other side did not get it, or not undamaged.
    var isLost: Bool {
      overflowed
        || acts.contains { act in
          switch act.change {
          case .drop, .reset, .corrupt: true
          default: false
          }
        }
    }
  }

  /// Everything sent, in order.
  private(set) var sent: [Sent] = []
  /// By the number of the frame in the trace, less one: its place in `sent`.
  private(set) var places: [Int] = []
  /// The records of the trace.
  private(set) var events: [TraceEvent] = []
  private(set) var summary = TraceSummary()

  private var waiting: [Direction: [Int]] = [.clientToServer: [], .serverToClient: []]
  private var timeouts: [Direction: [UInt16: Int]] = [.clientToServer: [:], .serverToClient: [:]]
  private var engine: TraceEngine
  private var sink = CollectingSink()
  private let stream: Int

  init() {
    var engine = TraceEngine()
    stream = engine.openConnection(
      client: "192.0.2.1:40000", server: "192.0.2.2:5000", at: TraceTime(nanoseconds: 0),
      into: &sink)
    self.engine = engine
  }

  /// Runs a plan to its end.
  convenience init(_ plan: SimulationPlan) throws {
    self.init()
    var pair = try SimulatedPair(plan)
    var observer = self
    let end = pair.run(until: Instant.zero.advanced(by: plan.limit), &observer)
    if case .violated(let violation) = end { throw violation }
    engine.advance(to: TraceTime(nanoseconds: pair.now.nanoseconds), into: &sink)
    engine.finish(into: &sink)
    events = sink.records.map(\.event)
    summary = sink.summary
  }

  func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant
  ) {
    let direction: Direction = side == .client ? .clientToServer : .serverToClient
    let sequence = transmission.sequence.rawValue
    if transmission.cause == .timeout {
      timeouts[direction, default: [:]][sequence, default: 0] += 1
    } else if transmission.cause == .first {
      timeouts[direction, default: [:]][sequence] = 0
    }
    waiting[direction, default: []].append(sent.count)
    sent.append(
      Sent(
        direction: direction, type: transmission.type, sequence: sequence,
        cause: transmission.cause, time: now, place: sent.count,
        timeouts: timeouts[direction]?[sequence] ?? 0))
  }

  func overflowed(_ frame: RawSpan, direction: Direction, connection: Int, at now: Instant) {
    guard let place = waiting[direction]?.popLast() else { return }
    sent[place].overflowed = true
  }

  func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    // Lines keep the order.
    if let place = waiting[direction]?.removeFirst() {
      places.append(place)
      sent[place].frame = places.count
      sent[place].acts = fate.acts
    }
    engine.frame(
      frame, stream: stream, direction: direction, at: TraceTime(nanoseconds: now.nanoseconds),
      fate: TappedFate(fate.disposition, acts: fate.acts), into: &sink)
  }

  func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    engine.closeConnection(
      stream: stream, .halfClose(side == .server ? .clientToServer : .serverToClient),
      at: TraceTime(nanoseconds: now.nanoseconds), into: &sink)
  }

  func reset(connection: Int, at now: Instant) {
    engine.closeConnection(
      stream: stream, .reset, at: TraceTime(nanoseconds: now.nanoseconds), into: &sink)
  }

  // MARK: explanations

  /// The frame with a number, as it was sent.
  func frame(_ number: UInt64) -> Sent? {
    places.indices.contains(Int(number) - 1) ? sent[places[Int(number) - 1]] : nil
  }

  /// What the trace is explained with.
  lazy var graph: CauseGraph = {
    var collector = CauseCollector()
    replay(into: &collector)
    return collector.graph
  }()

  private func replay(into sink: inout some TraceSink) {
    let nothing: [UInt8] = []
    for var event in events { sink.record(&event, payload: nothing.span.bytes) }
    sink.finish(summary)
  }

  /// The explanation of a frame, or of the end.
  func answer(_ question: CauseQuestion) -> CauseAnswer {
    let chain = CauseChain(question, in: graph)
    var witness = CauseWitness(chain, question)
    replay(into: &witness)
    return CauseAnswer(chain, witness)
  }

  /// The explanation as it is printed.
  func text(_ question: CauseQuestion) -> String {
    var output: [UInt8] = []
    var renderer = CauseTextRenderer()
    renderer.render(answer(question), into: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
