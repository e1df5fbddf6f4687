internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// The chat streams of a capture: what `follow` lets choose from.
struct ChatStreams: TraceSink {
  private struct Stream {
    var client: String?
    var server: String?
    var frames: UInt64 = 0
  }

  private var known: [Int: Stream] = [:]
  /// Nil without a summary: a trace in NDJSON may end before it.
  private var summarised: [Int]?
  private var packets: UInt64 = 0

  private var numbers: [Int] {
    summarised ?? known.filter { $0.value.frames > 0 }.keys.sorted()
  }

  /// Reads a capture for its chat streams; the source stands at the end then.
  static func find(
    in source: borrowing CaptureSource, readsTraces: Bool
  ) throws(Failure) -> ChatStreams {
    var streams = ChatStreams()
    var file = TraceFileReader(options: .forProgram(assemblesText: false))
    var reader = CaptureReader(
      source: source.alias(), readsTraces: readsTraces, showsProgress: false)
    do {
      try reader.read(into: &streams, file: &file, output: OutputWriter())
    } catch  where file.recordCount > 0 {
      // What stands before the error can be followed; whoever follows it meets the error again.
    }
    file.finish(into: &streams)
    return streams
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    switch event.kind {
    case .frame: known[event.stream, default: Stream()].frames += 1
    case .tcp where event.tcpEvent == .open:
      known[event.stream, default: Stream()].client = event.client
      known[event.stream, default: Stream()].server = event.server
    case .tcp, .gap, .junk, .fault, .session, .summary: break
    }
  }

  mutating func finish(_ summary: TraceSummary) {
    summarised = summary.streams.map(\.stream)
    packets = summary.packets
  }

  /// What to say if there is nothing to choose from.
  var absence: String {
    summarised != nil && packets == 0
      ? "the capture holds no packets" : "there is no chat in the capture"
  }

  /// The stream to follow: the one asked for, or the only one; nil if there is none at all.
  func choose(_ wanted: Int?, in name: String) throws(Failure) -> Int? {
    let numbers = numbers
    if let wanted {
      if numbers.contains(wanted) { return wanted }
      throw Failure(
        numbers.isEmpty
          ? "\(name): \(absence)"
          : "\(name): stream \(wanted) is not a chat stream; these are:\n\(list)")
    }
    guard numbers.count > 1 else { return numbers.first }
    throw Failure(
      "\(name): there are \(numbers.count) chat streams; choose one with --stream:\n\(list)")
  }

  /// One line per stream.
  private var list: String {
    let numbers = numbers
    let lineCountMax = 20
    var lines = numbers.prefix(lineCountMax).map { number in
      let stream = known[number] ?? Stream()
      let width = String(numbers.last ?? 0).count
      let label = String(repeating: " ", count: width - String(number).count) + String(number)
      let peers = stream.client.map { client in "  \(client) -> \(stream.server ?? "?")" } ?? ""
      return "  \(label)\(peers)  \(stream.frames) frames"
    }
    if numbers.count > lineCountMax {
      lines.append("  and \(numbers.count - lineCountMax) more: chat-inspect stats lists them all")
    }
    return lines.joined(separator: "\n")
  }
}

/// Passes everything on to another sink, and remembers the chat streams and the most severe note.
struct ChatStreamWatch<Sink: TraceSink>: TraceSink {
  private(set) var sink: Sink
  private(set) var chat = ChatStreams()
  private(set) var worst: Severity?

  init(_ sink: Sink) {
    self.sink = sink
  }

  var isDone: Bool { sink.isDone }

  mutating func begin(at time: TraceTime?) {
    sink.begin(at: time)
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    chat.record(&event, payload: payload)
    worst = worse(worst, event.notes)
    sink.record(&event, payload: payload)
  }

  mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction) {
    sink.streamBytes(bytes, stream: stream, direction: direction)
  }

  mutating func finish(_ summary: TraceSummary) {
    chat.finish(summary)
    sink.finish(summary)
  }
}
