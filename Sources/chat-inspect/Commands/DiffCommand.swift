internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// `chat-inspect diff`: what differs between two recordings.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what differs between two recordings.",
    usage: "chat-inspect diff <a> <b> [--level wire|protocol|meaning] [<options>]",
    discussion: """
      Connections are paired by nickname, messages by what they say, frames by the message that \
      they carry, never by time (docs/DIFF.md). The level says what has to be the same: the bytes \
      of every frame (wire), what the machines did (protocol), or what people got (meaning).

      Examples:
        chat-inspect diff before.pcapng after.pcapng
        chat-inspect diff a.pcap b.pcap --level protocol --ignore attempt
        chat-inspect diff a.pcap b.pcap -q || echo "not the same conversation"

      Exit codes: 0 the same, 1 different, 2 wrong usage or unreadable input, 3 inconclusive: \
      nothing differs, but parts of a recording are missing.
      """)

  @Argument(help: "A pcap or pcapng file, or - for standard input.", completion: .file())
  var first: String

  @Argument(help: "The one that it is compared with.", completion: .file())
  var second: String

  @OptionGroup var comparing: ComparingOptions

  @Option(
    help: ArgumentHelp("Only this stream of the first, with --stream-b.", valueName: "number"))
  var streamA: Int?

  @Option(
    help: ArgumentHelp("The stream of the second that it is compared with.", valueName: "number"))
  var streamB: Int?

  @Option(
    name: .customShort("c", allowingJoined: true),
    help: ArgumentHelp("Print at most so many differences (50).", valueName: "count"))
  var count = 50

  @Option(
    name: .customShort("T", allowingJoined: true),
    help: ArgumentHelp("The form of the output: text or ndjson.", valueName: "format"))
  var format = ReportFormat.text

  @Flag(name: .shortAndLong, help: "Print nothing: the exit code says it.")
  var quiet = false

  func run() throws {
    guard count >= 1 else { throw Failure("-c \(count): at least one difference must be printed") }
    guard (streamA == nil) == (streamB == nil) else {
      throw Failure("--stream-a and --stream-b belong together: name a stream of each recording")
    }
    if first == "-", second == "-" {
      throw Failure("both recordings are standard input: name a file for one of them")
    }
    var settings = try comparing.settings()
    let left = try ComparedTrace.read(first)
    let right = try ComparedTrace.read(second)
    if let streamA, let streamB {
      for (number, trace, name) in [(streamA, left, first), (streamB, right, second)]
      where !trace.story.sessions.contains(where: { $0.stream == number }) {
        throw Failure("\(name): stream \(number) is not a chat stream in it")
      }
      settings.streams = [ComparedPair(streamA, streamB)]
    }
    let comparison = TraceComparison(left, right, settings)
    if !quiet { try print(comparison, settings.level) }
    if !comparison.isEqual { throw Failure(silently: .found) }
    if !comparison.doubts.isEmpty || left.story.sessions.isEmpty && right.story.sessions.isEmpty {
      throw Failure(silently: .inconclusive)
    }
  }

  private func print(_ comparison: TraceComparison, _ level: ComparisonLevel) throws(Failure) {
    let output = OutputWriter()
    let report = ComparisonReport(comparison, level: level, names: ComparedPair(first, second))
    switch format {
    case .text:
      output.bytes += report.text(countMax: count)
      output.bytes += Array(report.conclusion.utf8) + [0x0A]
    case .ndjson, .json:
      output.bytes += report.ndjson()
      let verdict =
        comparison.isEqual ? comparison.doubts.isEmpty ? "same" : "inconclusive" : "different"
      output.bytes += report.summary(verdict: verdict)
    }
    output.endRecord()
    try output.finish()
  }
}

/// The levels of a comparison, as options.
enum LevelChoice: String, ExpressibleByArgument, CaseIterable {
  case wire, `protocol`, meaning
}

/// How two traces are compared.
struct ComparingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What has to be the same: wire, protocol, or the meaning alone.", valueName: "level"))
  var level = LevelChoice.meaning

  @Option(
    help: ArgumentHelp(
      "A field that may differ (see: chat-inspect fields); may be repeated.", valueName: "field"))
  var ignore: [String] = []

  /// The settings; names that are no fields are refused.
  func settings() throws(Failure) -> TraceComparison.Settings {
    var settings = TraceComparison.Settings()
    settings.level = ComparisonLevel(rawValue: level.rawValue) ?? .meaning
    for name in ignore.flatMap({ $0.split(separator: ",").map(String.init) }) {
      guard let field = Fields.find(name) else {
        let hint = Fields.suggestion(for: name).map { "; did you mean \($0)?" } ?? ""
        throw Failure("--ignore \(name): there is no such field\(hint)")
      }
      settings.ignored.insert(field.name)
    }
    return settings
  }
}

extension ComparedTrace {
  /// Reads a capture for comparison.
  static func read(_ path: String) throws(Failure) -> ComparedTrace {
    let source = try CaptureSource.open(path)
    let name = source.name
    var collector = ComparedTraceCollector(checksum: .forProgram)
    try readCapture(
      source, into: &collector, options: .forProgram(assemblesText: true), output: OutputWriter(),
      showsProgress: Terminal.isTerminal(2))
    if collector.trace.story.sessions.isEmpty { Diagnostics.say("\(name): there is no chat in it") }
    return collector.trace
  }
}
