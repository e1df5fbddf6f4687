internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// What the live trace of a proxy looks like.
enum LiveFormat: String, ExpressibleByArgument, CaseIterable {
  case text, ndjson, none
}

/// `chat-inspect proxy`: between clients and a server, to watch, disturb and record.
struct ProxyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy",
    abstract: "Stand between clients and a server: watch, disturb, record.",
    usage: """
      chat-inspect proxy --listen [<host>:]<port> --upstream <host>:<port> [<options>]
      """,
    discussion: """
      Clients connect to the proxy instead of the server. Every frame is explained as it passes, \
      as by read. Without rules all bytes pass as they are, whatever they are. Ctrl-C ends it \
      with a summary; chat-inspect ctl changes it while it runs.

      Examples:
        chat-inspect proxy --listen 6000 --upstream localhost:5000
        chat-inspect proxy --listen 6000 --upstream localhost:5000 \\
          --faults 'drop 10% DATA c2s; delay 50ms jitter 20ms' --seed 42 -w session.pcapng
        chat-inspect proxy --listen 6000 --upstream localhost:5000 --ledger ledger.ndjson
      """)

  @Option(
    help: ArgumentHelp(
      "Where clients connect to; loopback only, unless a host is given. Port 0 takes a free one.",
      valueName: "[host:]port"))
  var listen: String

  @Option(help: ArgumentHelp("The server.", valueName: "host:port"))
  var upstream: String

  @Option(help: ArgumentHelp("At most so many connections at a time.", valueName: "number"))
  var maxConnections = 10_000

  @OptionGroup(title: "Faults, on whole frames") var faults: FaultOptions

  @Option(
    help: ArgumentHelp(
      "Do again what this ledger says was done, instead of rules.", valueName: "file"),
    completion: .file())
  var ledger: String?

  @Option(
    help: ArgumentHelp("Write down what is done to which frame.", valueName: "file"),
    completion: .file())
  var writeLedger: String?

  @OptionGroup(title: "Recording") var recording: RecordingOptions

  @Option(
    name: .customShort("T", allowingJoined: true),
    help: ArgumentHelp("The live trace: text, ndjson or none.", valueName: "format"))
  var format: LiveFormat?

  @Option(
    name: .customShort("Y", allowingJoined: true),
    help: ArgumentHelp("Show only what matches, as in read.", valueName: "filter"))
  var filter: String?

  @Flag(name: .customShort("V"), help: "Show every detail of each frame.")
  var verbose = false

  @Flag(help: "Show payloads as well.")
  var payload = false

  @Option(
    name: .customShort("t", allowingJoined: true),
    help: ArgumentHelp(
      "The time column: a of day, ad with the date, r since the first packet, d, u as UTC.",
      valueName: "kind"))
  var time = TimeChoice.r

  @Option(help: ArgumentHelp("When to use colour.", valueName: "when"))
  var color = ColorChoice.auto

  @OptionGroup(title: "Asking it and telling it things while it runs")
  var control: ControlOptions
  @OptionGroup var api: APIOptions

  func run() throws {
    _ = try recording.checkedRing()
    if recording.isToStandardOutput, liveFormat != .none {
      throw Failure(
        "-w - writes packets to standard output: \(liveFormat.rawValue) cannot go there too")
    }
    let job = ProxyJob(command: self, setup: try ProxySetup(self))
    switch liveFormat {
    case .text:
      let style = OutputStyle.decide(color)
      var options = TextRenderer.Options()
      options.width = style.width
      options.color = style.color
      options.unicode = style.unicode
      options.timeFormat = time.format
      options.verbose = verbose
      options.includesPayload = payload
      try job.run(TextRenderer(options))
    case .ndjson: try job.run(NDJSONRenderer(includesPayload: payload))
    case .none: try job.run(SilentRenderer())
    }
  }

  /// What is printed: text, unless something else was asked for or a recording takes the place.
  var liveFormat: LiveFormat {
    format ?? (recording.isToStandardOutput ? .none : .text)
  }
}

/// Runs a proxy with one kind of output.
private struct ProxyJob: PrintingJob {
  let command: ProxyCommand
  let setup: ProxySetup

  func run<Renderer: EventRenderer>(_ renderer: Renderer) throws(Failure) {
    _ = ProcessLimits.raiseOpenFiles()
    let listener = try setup.makeListener()
    let address = listener.address()
    let messages = try start { () throws(SystemError) in try ProxyMessages() }
    let ledgerFile = try setup.makeLedgerFile(messages)
    // Not before it is sure that there will be something to record: a file loses what it held.
    let recorder = try command.recording.makeRecorder(
      program: ChatInspect.configuration.version, comment: setup.recordingComment)
    let events = try start { () throws(SystemError) in try EventSet() }
    let signals = try start { () throws(SystemError) in try SignalPipe() }
    let mailbox = try start { () throws(SystemError) in try ControlMailbox() }
    let queue = try start { () throws(SystemError) in
      try LiveQueue(descriptor: 1, byteCountMax: 4 << 20)
    }
    let output = OutputWriter(live: queue)
    let trace = ProxyTrace(
      into: TracePrinter(renderer: renderer, selection: setup.selection, output: output),
      options: .forProgram(assemblesText: setup.explains), output: output, recorder: recorder)
    let loop = try ProxyLoop(
      setup.loopSettings(listening: address), events: events,
      listener: listener, signals: signals, mailbox: mailbox,
      rules: setup.rules, ledgerFile: ledgerFile, trace: trace, messages: messages)
    let control = try ProxyControl(
      command.control, command.api, port: address.port, ask: mailbox)
    defer { control.stop() }
    setup.sayReady(at: address)
    let signal = loop.run()
    finish(output, messages)
    if let signal { throw Failure(silently: .signal(signal)) }
  }

  /// Makes something that only a kernel short of everything refuses.
  private func start<Made: ~Copyable>(
    _ make: () throws(SystemError) -> Made
  ) throws(Failure) -> Made {
    do throws(SystemError) {
      return try make()
    } catch {
      throw Failure("the proxy cannot be started: \(error.message)")
    }
  }

  /// Whoever read the trace may have gone long ago: that is no failure of the proxy's.
  private func finish(_ output: OutputWriter, _ messages: ProxyMessages) {
    defer { messages.finish() }
    do throws(Failure) {
      try output.finish()
    } catch {
      if let message = error.message { messages.say(message) }
    }
    let count = output.droppedLineCount
    guard count > 0 else { return }
    messages.say(
      "\(count) lines of the trace were left out, because their reader was too slow")
  }
}
