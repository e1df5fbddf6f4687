internal import ChatWire
internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// A direction on the command line.
enum DirectionChoice: String, ExpressibleByArgument, CaseIterable {
  case c2s, s2c

  var direction: Direction {
    switch self {
    case .c2s: .clientToServer
    case .s2c: .serverToClient
    }
  }
}

/// `chat-inspect follow`: the conversation of one stream.
struct FollowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Show the conversation of one stream as people wrote it.",
    usage: "chat-inspect follow <file> [--stream <number>] [--direction c2s|s2c] [--raw]",
    discussion: """
      Examples:
        chat-inspect follow session.pcap --stream 2
        chat-inspect follow session.pcap --stream 2 --direction c2s --raw > client.bin
        chat-inspect follow trace.ndjson

      A trace in NDJSON that was saved is followed as well, but holds no bytes for --raw.
      """)

  @OptionGroup var input: InputOptions

  @Option(
    help: ArgumentHelp(
      "The stream; may be left out if the capture has only one chat stream.", valueName: "number"))
  var stream: Int?

  @Option(help: "Only what went from client to server, or back.")
  var direction: DirectionChoice?

  @Flag(help: "Write the exact bytes of one direction.")
  var raw = false

  @OptionGroup var style: StyleOptions
  @OptionGroup var failure: FailureOptions

  func run() throws {
    if raw { try checkRaw() }
    if let stream, stream < 0 { throw Failure("--stream \(stream): streams are numbered from 0") }
    guard let opened = try openAndChoose() else { return }
    let stream = opened.stream
    let source = opened.takeSource()
    if raw, let direction {
      var options = TraceOptions.forProgram(assemblesText: false)
      options.tappedStream = stream
      let output = OutputWriter()
      try follow(
        source, stream, options, output,
        RawBytesWriter(stream: stream, direction: direction.direction, output: output))
    } else {
      let outputStyle = OutputStyle.decide(style.color)
      let output = style.makeOutput(outputStyle)
      try follow(
        source, stream, .forProgram(assemblesText: true), output,
        TracePrinter(
          renderer: FollowRenderer(
            stream: stream, direction: direction?.direction, unicode: outputStyle.unicode),
          selection: EventSelection(streams: [stream]), output: output))
    }
  }

  /// Opens the capture and finds its only chat stream if none was named; nil if there is no chat.
  private func openAndChoose() throws(Failure) -> Opened? {
    let source = try input.open()
    if let stream { return Opened(source: source, stream: stream) }
    let rewindable = try source.rewindable()
    let chat = try ChatStreams.find(in: rewindable, readsTraces: !raw)
    guard let stream = try chat.choose(nil, in: rewindable.name) else {
      Diagnostics.say("\(rewindable.name): \(chat.absence)")
      return nil
    }
    try rewindable.rewind()
    return Opened(source: rewindable, stream: stream)
  }

  private func checkRaw() throws(Failure) {
    guard direction != nil else {
      throw Failure("--raw writes the bytes of one direction: add --direction c2s or s2c")
    }
    if Terminal.isTerminal(1) {
      throw Failure("--raw would write bytes from the wire to your terminal: redirect the output")
    }
  }

  private func follow(
    _ source: consuming CaptureSource, _ stream: Int, _ options: TraceOptions,
    _ output: OutputWriter, _ sink: some TraceSink
  ) throws(Failure) {
    let name = source.name
    var watch = ChatStreamWatch(sink)
    try readCapture(
      source, into: &watch, options: options, output: output,
      readsTraces: !raw, showsProgress: Terminal.isTerminal(2) && !Terminal.isTerminal(1))
    _ = try watch.chat.choose(stream, in: name)
    try failure.check(watch.worst)
  }
}

private struct Opened: ~Copyable {
  private let source: CaptureSource
  let stream: Int

  init(source: consuming CaptureSource, stream: Int) {
    self.source = source
    self.stream = stream
  }

  consuming func takeSource() -> CaptureSource { source }
}

/// Writes the bytes of one direction as they were.
private struct RawBytesWriter: TraceSink {
  let stream: Int
  let direction: Direction
  let output: OutputWriter

  var isDone: Bool { !output.isOpen }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {}

  mutating func streamBytes(_ bytes: RawSpan, stream: Int, direction: Direction) {
    guard stream == self.stream, direction == self.direction else { return }
    bytes.withUnsafeBytes { output.bytes.append(contentsOf: $0) }
    output.endRecord()
  }

  mutating func finish(_ summary: TraceSummary) {}
}
