internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// `chat-inspect read`: a capture file or a trace, explained frame by frame.
struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Explain a capture file, or a trace that was saved, frame by frame.",
    usage: "chat-inspect read <file> [-Y <filter>] [-T <format>] [<options>]",
    discussion: """
      Examples:
        chat-inspect read session.pcap
        chat-inspect read session.pcap -Y 'type == NACK || retransmission == true' -V
        chat-inspect read session.pcap -T fields -e frame -e type -e text
        chat-inspect read trace.ndjson -Y 'notes.severity >= warn'
        tcpdump -i lo -U -w - | chat-inspect read - -T ndjson

      A trace that was saved, by -T ndjson or by chat-client --trace, is recognised by itself.
      """)

  @OptionGroup var input: InputOptions

  @Option(
    name: .customShort("c", allowingJoined: true),
    help: ArgumentHelp("Stop after printing this many frames.", valueName: "count"))
  var count: Int?

  @OptionGroup var printing: PrintingOptions

  func run() throws {
    if let count, count < 1 { throw Failure("-c \(count): at least one frame must be printed") }
    _ = try printing.checkedFormat()
    let style = OutputStyle.decide(printing.style.color)
    let selection = try printing.selection(frameCountMax: count)
    try printing.withRenderer(
      style: style, run: ReadJob(command: self, style: style, selection: selection))
  }
}

private struct ReadJob: PrintingJob {
  let command: ReadCommand
  let style: OutputStyle
  let selection: EventSelection

  func run<Renderer: EventRenderer>(_ renderer: Renderer) throws(Failure) {
    let source = try command.input.open()
    let output = command.printing.style.makeOutput(
      style, flushesEachRecord: command.printing.flushesEachRecord)
    var printer = TracePrinter(renderer: renderer, selection: selection, output: output)
    try readCapture(
      source, into: &printer, options: .forProgram(assemblesText: true), output: output,
      readsTraces: true, showsProgress: Terminal.isTerminal(2) && !style.isTerminal)
    if let complaint = printer.complaint { Diagnostics.say(complaint) }
    try command.printing.failure.check(printer.worst)
  }
}

/// Reads a capture to its end, finishes the trace and the output, and says what there is to say.
///
/// Whatever was understood before an error is printed before the error. With `readsTraces` it may
/// be a trace in NDJSON as well.
func readCapture(
  _ source: consuming CaptureSource, into sink: inout some TraceSink, options: TraceOptions,
  output: OutputWriter, readsTraces: Bool = false, showsProgress: Bool
) throws(Failure) {
  var file = TraceFileReader(options: options)
  let name = source.name
  var reader = CaptureReader(
    source: source, readsTraces: readsTraces, showsProgress: showsProgress)
  var failure: Failure?
  do {
    try reader.read(into: &sink, file: &file, output: output)
  } catch {
    failure = error
  }
  if failure == nil || file.recordCount > 0 { file.finish(into: &sink) }
  try output.finish()
  for warning in reader.warnings { Diagnostics.say(warning) }
  if let failure { throw failure }
  if file.recordCount == 0 { Diagnostics.say("\(name): \(file.emptiness)") }
}

extension TraceFileReader {
  /// What to say of a file with nothing in it.
  fileprivate var emptiness: String {
    form == .ndjson ? "the trace holds no records" : "the capture holds no packets"
  }
}
