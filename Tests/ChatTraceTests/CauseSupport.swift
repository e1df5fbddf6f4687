import ChatTrace
import ChatWire

/// A trace that can be asked why.
struct ExplainedTrace {
  let trace: Trace
  let graph: CauseGraph

  init(_ trace: Trace) {
    self.trace = trace
    var collector = CauseCollector()
    Self.replay(trace, into: &collector)
    graph = collector.graph
  }

  private static func replay(_ trace: Trace, into sink: inout some TraceSink) {
    for record in trace.records {
      var event = record.event
      sink.record(&event, payload: record.payload.span.bytes)
    }
    sink.finish(trace.summary)
  }

  func answer(_ question: CauseQuestion) -> CauseAnswer {
    let chain = CauseChain(question, in: graph)
    var witness = CauseWitness(chain, question)
    Self.replay(trace, into: &witness)
    return CauseAnswer(chain, witness)
  }

  /// The numbers of the frames of an explanation.
  func chain(_ frame: UInt64) -> [UInt64] { answer(.frame(frame)).steps.map(\.event.frame) }

  /// In one sentence.
  func root(_ question: CauseQuestion) -> String {
    answer(question).roots.map(\.text).joined(separator: "; ")
  }

  func root(_ frame: UInt64) -> String { root(.frame(frame)) }

  func troubles(_ frame: UInt64) -> String {
    answer(.frame(frame)).troubles.map(\.text).joined(separator: "; ")
  }

  func text(_ question: CauseQuestion, _ options: TextRenderer.Options = .init()) -> String {
    var renderer = CauseTextRenderer(options)
    var output: [UInt8] = []
    renderer.render(answer(question), into: &output)
    return String(decoding: output, as: UTF8.self)
  }

  func effects(of frame: UInt64, countMax: Int = 60) -> EffectTree {
    EffectTree(of: frame, in: graph, countMax: countMax)
  }

  /// A capture of the repository.
  init(capture name: String) throws {
    var sink = CollectingSink()
    _ = try readThrough(try CaptureFixture.bytes(name + ".pcap"), into: &sink)
    self.init(Trace(records: sink.records, summary: sink.summary))
  }
}
