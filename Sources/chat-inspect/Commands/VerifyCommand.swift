internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// Where frames may be disturbed unseen.
enum HiddenFaultsChoice: String, ExpressibleByArgument, CaseIterable {
  case client, server, both, none
}

/// `chat-inspect verify`: whether the peers of a capture keep to the protocol.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Say whether both peers of each connection keep to the protocol.",
    usage: "chat-inspect verify <file> [--stream <number>] [-T text|ndjson] [<options>]",
    discussion: """
      Every frame of both peers is held against docs/PROTOCOL.md: what each has sent against what \
      it had got until then. What faults on the way explain is nobody's breach, and is told apart \
      (docs/VERIFY.md).

      Examples:
        chat-inspect verify session.pcapng
        chat-inspect verify session.pcap --hidden-faults client
        chat-inspect verify session.pcapng -q && echo "nothing to complain of"

      Exit codes: 0 conformant; 1 violated: a peer has broken a rule; 2 wrong usage or unreadable \
      input; 3 inconclusive: no breach was found, but the capture does not show everything, or \
      holds no chat.
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("Only this stream; may be repeated.", valueName: "number"))
  var stream: [Int] = []

  @Option(
    help: ArgumentHelp(
      """
      Where frames may also have been disturbed unseen, between the capture and a peer: client, \
      server, both or none. Without it: where the capture itself shows that they were.
      """, valueName: "where"))
  var hiddenFaults: HiddenFaultsChoice?

  @Option(
    name: .customShort("T", allowingJoined: true),
    help: ArgumentHelp("The form of the output: text or ndjson.", valueName: "format"))
  var format = ReportFormat.text

  @Flag(name: .shortAndLong, help: "Print nothing: the exit code says it.")
  var quiet = false

  @OptionGroup var style: StyleOptions

  func run() throws {
    if let stream = stream.first(where: { $0 < 0 }) {
      throw Failure("--stream \(stream): streams are numbered from 0")
    }
    let source = try input.open()
    let name = source.name
    var check = ConformanceCheck(options: options)
    let failure = read(source, into: &check)
    // What was understood before an error is told before the error.
    if let failure, check.streams.isEmpty { throw failure }
    guard !check.streams.isEmpty else {
      throw Failure("\(name): there is no chat in it to examine", status: .inconclusive)
    }
    let report = ConformanceReport(try select(from: check.streams))
    if !quiet { try print(report) }
    if let failure { throw failure }
    switch report.verdict {
    case .conformant: break
    case .violated: throw Failure(silently: .found)
    case .inconclusive: throw Failure(silently: .inconclusive)
    }
  }

  private var options: ConformanceOptions {
    var options = ConformanceOptions()
    options.checksum = .forProgram
    switch hiddenFaults {
    case .client?: options.atClient = .possible
    case .server?: options.atServer = .possible
    case .both?:
      options.atClient = .possible
      options.atServer = .possible
    case HiddenFaultsChoice.none?:
      options.atClient = .none
      options.atServer = .none
    case nil: break
    }
    return options
  }

  /// Reads the capture; gives why that went wrong.
  private func read(
    _ source: consuming CaptureSource, into check: inout ConformanceCheck
  ) -> Failure? {
    // Nothing is written before the end, so that progress may be shown at a terminal too.
    let silence = OutputWriter()
    do {
      try readCapture(
        source, into: &check, options: .forProgram(assemblesText: false), output: silence,
        showsProgress: Terminal.isTerminal(2))
      return nil
    } catch {
      return error
    }
  }

  private func select(
    from streams: [ConformanceStream]
  ) throws(Failure) -> [ConformanceStream] {
    guard !stream.isEmpty else { return streams }
    let known = streams.map(\.stream)
    if let missing = stream.first(where: { !known.contains($0) }) {
      throw Failure(EventSelection.complaint(about: missing, among: known))
    }
    return streams.filter { stream.contains($0.stream) }
  }

  private func print(_ report: ConformanceReport) throws(Failure) {
    let outputStyle = OutputStyle.decide(style.color)
    let output = style.makeOutput(outputStyle)
    switch format {
    case .text:
      var options = ConformanceReport.Options()
      options.width = outputStyle.width
      options.color = outputStyle.color
      options.unicode = outputStyle.unicode
      output.bytes += report.text(options)
    case .ndjson, .json: output.bytes += report.ndjson()
    }
    output.endRecord()
    try output.finish()
  }
}

/// The forms of a report.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, ndjson, json

  static var allValueStrings: [String] { ["text", "ndjson"] }
}
