import ChatTrace
import ChatWire
import TestSupport

/// What arrives at a source in the middle of a connection, and what it does with it.
struct TapScript {
  private enum Step {
    case frame([UInt8], Direction, TappedFate)
    case close(TappedClosing)
    case fault(TappedAct, frame: UInt64?, Direction)
  }

  private var steps: [(time: Int64, step: Step)] = []
  /// The time of the next step in nanoseconds; a simulation begins at 0.
  private(set) var now: Int64 = 0

  /// How many frames there are so far, each of which arrives whole.
  var frameCount: Int {
    steps.count { if case .frame = $0.step { true } else { false } }
  }

  /// Time passes.
  mutating func wait(milliseconds: Int64) { now += milliseconds * 1_000_000 }

  private mutating func add(_ step: Step) {
    steps.append((now, step))
    wait(milliseconds: 1)
  }

  /// Something from the client; what rules do to it is written as the rules are.
  mutating func client(_ bytes: [UInt8], _ actions: TappedAction...) {
    add(.frame(bytes, .clientToServer, Self.fate(actions, "c2s")))
  }

  mutating func server(_ bytes: [UInt8], _ actions: TappedAction...) {
    add(.frame(bytes, .serverToClient, Self.fate(actions, "s2c")))
  }

  mutating func arrives(_ bytes: [UInt8], _ direction: Direction, _ fate: TappedFate) {
    add(.frame(bytes, direction, fate))
  }

  mutating func close(_ closing: TappedClosing = .close) { add(.close(closing)) }

  /// Something is done apart from bytes that arrive.
  mutating func fault(
    _ rule: String, _ action: TappedAction, frame: UInt64? = nil, _ direction: Direction
  ) {
    add(.fault(TappedAct(rule: rule, action: action), frame: frame, direction))
  }

  private static func fate(_ actions: [TappedAction], _ direction: String) -> TappedFate {
    TappedFate(acts: actions.map { TappedAct(rule: "\($0) \(direction)", action: $0) })
  }

  /// Runs it through an engine.
  func run(into sink: inout some TraceSink, options: TraceOptions = TraceOptions()) {
    var engine = TraceEngine(options: options)
    let stream = engine.openConnection(
      client: "client", server: "server", at: TraceTime(nanoseconds: steps.first?.time ?? 0),
      into: &sink)
    for (nanoseconds, step) in steps {
      let time = TraceTime(nanoseconds: nanoseconds)
      switch step {
      case .frame(let bytes, let direction, let fate):
        engine.frame(
          bytes.span.bytes, stream: stream, direction: direction, at: time, fate: fate, into: &sink)
      case .close(let closing):
        engine.closeConnection(stream: stream, closing, at: time, into: &sink)
      case .fault(let act, let frame, let direction):
        engine.fault(act, frame: frame, stream: stream, direction: direction, at: time, into: &sink)
      }
    }
    engine.finish(into: &sink)
  }

  func trace(options: TraceOptions = TraceOptions()) -> Trace {
    var sink = CollectingSink()
    run(into: &sink, options: options)
    return Trace(records: sink.records, summary: sink.summary)
  }

  /// A handshake with window 4, fragments of 16 bytes: frames 1 to 3.
  static func opened(_ mode: Mode) -> TapScript {
    var script = TapScript()
    let code: UInt8 = mode == .goBackN ? 1 : 2
    script.client(native(.syn, 100, EngineSessionTests.syn(mode: code)))
    script.server(native(.synAck, 500, EngineSessionTests.synAck(mode: code, acknowledges: 100)))
    script.client(handshakeAck)
    return script
  }

  static let handshakeAck = native(.handshakeAck, 500, [7, 8, 1, 2, 3, 4, 5, 6, 7, 8])
}

extension Trace {
  /// The frame with a number.
  func frame(_ number: Int) -> TracedRecord { frames[number - 1] }

  /// The sentences of the notes of a frame.
  func sentences(_ number: Int) -> [String] { frame(number).event.notes.map(\.text) }
}
