internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// The forms of a trace.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, ndjson, json, fields

  static var allValueStrings: [String] { ["text", "ndjson", "fields"] }
}

/// What the time column shows, with tshark's letters.
enum TimeChoice: String, ExpressibleByArgument, CaseIterable {
  case a, ad, r, d, u

  var format: TextRenderer.TimeFormat {
    switch self {
    case .a: .absolute
    case .ad: .absoluteWithDate
    case .r: .relative
    case .d: .delta
    case .u: .utc
    }
  }
}

/// How output looks, in every command that prints.
struct StyleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("When to use colour.", valueName: "when"))
  var color = ColorChoice.auto

  @Flag(help: "Write to the terminal at once.")
  var noPager = false

  /// The output, through a pager if somebody reads it at a terminal.
  func makeOutput(_ style: OutputStyle, flushesEachRecord: Bool = false) -> OutputWriter {
    let pages = style.isTerminal && !noPager
    return OutputWriter(
      flushesEachRecord: flushesEachRecord,
      pager: pages
        ? Pager.command(environment: environmentVariable, isInstalled: Programs.isInstalled) : nil)
  }
}

/// What to print of a trace and how: the options that `read` and `capture` share.
struct PrintingOptions: ParsableArguments {
  @Option(
    name: .customShort("T", allowingJoined: true),
    help: ArgumentHelp("The form of the output; text if nothing is said.", valueName: "format"))
  var format: OutputFormat?

  @Option(
    name: .customShort("e", allowingJoined: true),
    help: ArgumentHelp(
      "A field to print, several times or with commas (see: chat-inspect fields).",
      valueName: "field"))
  var fields: [String] = []

  @Option(
    name: .customShort("Y", allowingJoined: true),
    help: ArgumentHelp(
      "Print only what matches, for example: type == NACK || notes", valueName: "filter"))
  var filter: String?

  @Option(help: ArgumentHelp("Print only this stream; may be repeated.", valueName: "number"))
  var stream: [Int] = []

  @Flag(help: "Print payloads as well.")
  var payload = false

  @Flag(name: .customShort("V"), help: "Print every detail of each frame.")
  var verbose = false

  @Option(
    name: .customShort("t", allowingJoined: true),
    help: ArgumentHelp(
      """
      The time column: a of day, ad with the date, r since the first packet, d since the one \
      before, u as UTC.
      """, valueName: "kind"))
  var time = TimeChoice.r

  @Flag(name: .customShort("l"), help: "Flush after each record, even into a pipe.")
  var flushesEachRecord = false

  @Flag(name: .customShort("n"), help: .hidden)
  var doesNotResolveNames = false

  @OptionGroup var style: StyleOptions
  @OptionGroup var failure: FailureOptions

  /// The format asked for: naming fields asks for them.
  func checkedFormat() throws(Failure) -> OutputFormat {
    switch format {
    case .fields where fields.isEmpty:
      throw Failure(
        "-T fields prints nothing without fields: add -e FIELD, such as -e frame -e type")
    case nil where !fields.isEmpty: return .fields
    case .fields?, nil: return format ?? .text
    case .text?, .ndjson?, .json?:
      guard fields.isEmpty else { throw Failure("-e FIELD needs -T fields") }
      return format ?? .text
    }
  }

  /// Which events to print, with the filter compiled.
  func selection(frameCountMax: Int?) throws(Failure) -> EventSelection {
    if let stream = stream.first(where: { $0 < 0 }) {
      throw Failure("--stream \(stream): streams are numbered from 0")
    }
    var selection = EventSelection(streams: stream, frameCountMax: frameCountMax)
    if let filter { selection.filter = try Filter(displayFilter: filter) }
    return selection
  }

  /// Runs a job with the renderer for what was asked.
  func withRenderer<Job: PrintingJob>(style: OutputStyle, run job: Job) throws(Failure) {
    switch try checkedFormat() {
    case .text:
      var options = TextRenderer.Options()
      options.width = style.width
      options.color = style.color
      options.unicode = style.unicode
      options.timeFormat = time.format
      options.verbose = verbose
      options.includesPayload = payload
      try job.run(TextRenderer(options))
    case .ndjson, .json:
      try job.run(NDJSONRenderer(includesPayload: payload))
    case .fields:
      try job.run(try fieldsRenderer())
    }
  }

  private func fieldsRenderer() throws(Failure) -> FieldsRenderer {
    let names = fields.flatMap { $0.split(separator: ",").map(String.init) }
    do {
      return try FieldsRenderer(fieldNames: names)
    } catch {
      throw Failure("-e: \(error.message)")
    }
  }
}

/// What is to be done with a renderer; generic, so that each is compiled into the loop it runs in.
protocol PrintingJob {
  func run<Renderer: EventRenderer>(_ renderer: Renderer) throws(Failure)
}
