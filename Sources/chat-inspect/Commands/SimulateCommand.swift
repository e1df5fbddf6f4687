internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatSimulation
internal import ChatTrace
internal import ChatWire

/// `chat-inspect simulate`: a conversation that takes place in memory, explained as `read` does.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Simulate a conversation over a bad line, and explain it.",
    usage: "chat-inspect simulate [--protocol gbn|sr] [--faults <rules>] [<options>]",
    discussion: """
      A client sends messages to a server; there is no network and no waiting. The trace is that \
      of somebody between the two, where the faults are. Equal options give equal output.

      Examples:
        chat-inspect simulate --faults "drop 10% c2s"
        chat-inspect simulate --protocol sr --faults "drop nth 3 DATA" -V
        chat-inspect simulate --compare gbn,sr --faults "drop 10%" --messages 1000
        chat-inspect simulate --from lesson.chat --transcript
        chat-inspect simulate --faults "drop 10%" -w session.pcapng

      Exit codes: 0 done, also if the session gave up with an ERROR; 1 a check failed: a message \
      was lost, doubled, out of order or changed, or a rule of the protocol was broken; 2 wrong \
      usage; 4 wrong filter or fault rule.
      """)

  @Option(
    help: ArgumentHelp(
      "A script with settings and what is done when (docs/SIMULATION.md), or -.",
      valueName: "file"), completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp(
      "Print how several protocols or windows do, side by side: gbn,sr or 1,4,16 or gbn:4,sr:4.",
      valueName: "list"))
  var compare: String?

  @Flag(help: "Print a transcript of both ends and the line instead of the trace.")
  var transcript = false

  @Option(
    name: .customShort("w", allowingJoined: true),
    help: ArgumentHelp(
      """
      Record it as pcapng, as a proxy does that stands where the faults are; - is standard output, \
      and then nothing is printed.
      """, valueName: "file"), completion: .file())
  var writeFile: String?

  @OptionGroup(title: "The conversation") var simulation: SimulationOptions

  @Option(
    name: .customShort("c", allowingJoined: true),
    help: ArgumentHelp("Stop printing after this many frames.", valueName: "count"))
  var count: Int?

  @OptionGroup(title: "The output") var printing: PrintingOptions

  func run() throws {
    if let count, count < 1 { throw Failure("-c \(count): at least one frame must be printed") }
    let format = try printing.checkedFormat()
    try checkRecording()
    let run = try SimulatedRun(script: from, options: simulation)
    if let compare {
      guard !transcript else { throw Failure("--compare and --transcript exclude each other") }
      try printComparison(run, try Variant.list(compare), format: format)
    } else if transcript {
      try printTranscript(run)
    } else {
      let style = OutputStyle.decide(printing.style.color)
      let selection = try printing.selection(frameCountMax: count)
      let job = SimulationJob(command: self, run: run, style: style, selection: selection)
      if writeFile == "-" {
        try job.run(SilentRenderer())
      } else {
        try printing.withRenderer(style: style, run: job)
      }
    }
  }

  private func checkRecording() throws(Failure) {
    guard let writeFile else { return }
    guard compare == nil, !transcript else {
      throw Failure("-w records one trace: leave out --compare and --transcript")
    }
    guard writeFile == "-" else { return }
    guard printing.format == nil, printing.fields.isEmpty else {
      throw Failure("-w - writes packets to standard output: leave out -T and -e")
    }
    if Terminal.isTerminal(1) {
      throw Failure("-w - would write packets to your terminal: redirect the output")
    }
  }

  private func printTranscript(_ run: SimulatedRun) throws(Failure) {
    var pair = try run.pair()
    var transcript = Transcript()
    let end = pair.run(until: run.limit, stepCountMax: Transcript.linesMax, &transcript)
    let output = printing.style.makeOutput(OutputStyle.decide(printing.style.color))
    output.bytes += Array(transcript.text(title: run.title, end, at: pair.now).utf8)
    output.endRecord()
    try output.finish()
    try check(SimulationResult(pair, end: end, messageCount: run.messageCount), run)
  }

  private func printComparison(
    _ run: SimulatedRun, _ variants: [Variant], format: OutputFormat
  ) throws(Failure) {
    var comparison = Comparison()
    var verdict: Failure?
    for variant in variants {
      var run = run
      if let mode = variant.mode { run.plan.mode = mode }
      if let windowSize = variant.windowSize { run.plan.windowSize = windowSize }
      var pair = try run.pair()
      let end = pair.run(until: run.limit)
      let result = SimulationResult(pair, end: end, messageCount: run.messageCount)
      comparison.append(variant, run.plan, result)
      do { try check(result, run, isQuiet: true) } catch { verdict = verdict ?? error }
    }
    let output = printing.style.makeOutput(OutputStyle.decide(printing.style.color))
    let isForPrograms = format == .ndjson || format == .json
    output.bytes += Array((isForPrograms ? comparison.ndjson() : comparison.table()).utf8)
    output.endRecord()
    try output.finish()
    if let verdict { throw verdict }
  }

  /// Says how it went, and fails if a check did.
  func check(
    _ result: SimulationResult, _ run: SimulatedRun, isQuiet: Bool = false
  ) throws(Failure) {
    let again = "to repeat it: \(run.command)"
    switch result.end {
    case .violated(let violation):
      throw Failure("at \(violation.line)\n\(again)", status: .found)
    case .stepLimit: throw Failure("it did not come to an end; \(again)", status: .found)
    case .timeLimit:
      guard run.isScripted else {
        throw Failure("it was not over at its time limit; \(again)", status: .found)
      }
    case .finished: break
    }
    if !isQuiet { Diagnostics.say(result.summary) }
  }
}

private struct SimulationJob: PrintingJob {
  let command: SimulateCommand
  let run: SimulatedRun
  let style: OutputStyle
  let selection: EventSelection

  func run<Renderer: EventRenderer>(_ renderer: Renderer) throws(Failure) {
    var pair = try run.pair()
    let recording = try command.writeFile.map { path throws(Failure) in
      try SimulationRecording(to: path, comment: run.command)
    }
    let output = command.printing.style.makeOutput(
      style, flushesEachRecord: command.printing.flushesEachRecord)
    var trace = SimulationTrace(
      into: TracePrinter(renderer: renderer, selection: selection, output: output),
      recording: recording)
    let end = pair.run(until: run.limit, &trace)
    try trace.finish(at: pair.now)
    try output.finish()
    if let complaint = trace.sink.complaint { Diagnostics.say(complaint) }
    try command.check(
      SimulationResult(pair, end: end, messageCount: run.messageCount), run)
    try command.printing.failure.check(trace.sink.worst)
  }
}
