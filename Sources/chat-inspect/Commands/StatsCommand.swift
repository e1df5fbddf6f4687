internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// `chat-inspect stats`: how the sessions of a capture went.
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Say how the sessions of a capture went, per stream and overall.",
    usage: "chat-inspect stats <file> [--stream <number>] [--json]",
    discussion: """
      Frames by type, messages, goodput, retransmissions and why, round-trip times, use of the \
      window, and where every byte went. Of a trace in NDJSON that was saved the same, but for \
      the round-trip times.
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("Only this stream; may be repeated.", valueName: "number"))
  var stream: [Int] = []

  @Flag(help: "Print JSON, one object per line.")
  var json = false

  @OptionGroup var style: StyleOptions
  @OptionGroup var failure: FailureOptions

  func run() throws {
    if let stream = stream.first(where: { $0 < 0 }) {
      throw Failure("--stream \(stream): streams are numbered from 0")
    }
    let source = try input.open()
    let name = source.name
    let outputStyle = OutputStyle.decide(style.color)
    var statistics = SeverityWatch(TraceStatistics())
    // Nothing is written before the end, so that progress may be shown at a terminal too.
    let silence = OutputWriter()
    try readCapture(
      source, into: &statistics, options: .forProgram(assemblesText: false), output: silence,
      readsTraces: true, showsProgress: Terminal.isTerminal(2))
    if !statistics.isSummarised, !statistics.sink.streamNumbers.isEmpty {
      Diagnostics.say("\(name): the trace has no summary: packets and bytes are not counted")
    }
    if !stream.isEmpty {
      let known = statistics.sink.streamNumbers
      if let missing = statistics.sink.keep(only: stream).first {
        throw Failure(EventSelection.complaint(about: missing, among: known))
      }
    }
    let output = style.makeOutput(outputStyle)
    output.write(
      json ? statistics.sink.ndjson() : statistics.sink.text(width: outputStyle.width))
    try output.finish()
    try failure.check(statistics.worst)
  }
}
