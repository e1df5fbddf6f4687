internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// The forms of an explanation.
enum ExplanationFormat: String, ExpressibleByArgument, CaseIterable {
  case text, ndjson, json

  static var allValueStrings: [String] { ["text", "ndjson"] }
}

/// `chat-inspect why`: the chain of causes of a frame, or what followed from it.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Say why a frame was sent, down to the root; or what followed from it.",
    usage: """
      chat-inspect why <file> <frame> [--effects] [-T <format>]
      chat-inspect why <file> end [--stream <number>] [-T <format>]
      """,
    discussion: """
      The frame is named by its number in: chat-inspect read FILE. With end in its place it is \
      said how the session ended, and why.

      Examples:
        chat-inspect why session.pcapng 42
        chat-inspect why session.pcapng 42 --effects
        chat-inspect why session.pcapng end --stream 1
      """)

  @Argument(help: "A pcap or pcapng file, or - for standard input.", completion: .file())
  var file: String

  @Argument(help: "The number of a frame, or end for the end of the session.")
  var frame: String

  @Flag(help: "Say what followed from the frame.")
  var effects = false

  @Option(
    help: ArgumentHelp(
      "Whose end; may be left out if the capture has only one chat stream.", valueName: "number"))
  var stream: Int?

  @Option(
    name: .customShort("T", allowingJoined: true),
    help: ArgumentHelp("The form of the output.", valueName: "format"))
  var format = ExplanationFormat.text

  @OptionGroup var style: StyleOptions

  func run() throws {
    try checkOptions()
    let number = try frameNumber()
    let source = try CaptureSource.open(file).rewindable()
    var collector = ChatStreamWatch(CauseCollector())
    try read(source, into: &collector)
    let graph = collector.sink.graph
    guard let number else {
      guard let stream = try collector.chat.choose(stream, in: source.name) else {
        Diagnostics.say("\(source.name): \(collector.chat.absence)")
        return
      }
      return try explain(.end(stream: stream), graph, source)
    }
    guard number <= graph.frameCount else {
      throw Failure("\(source.name): \(Self.complaint(about: number, graph.frameCount))")
    }
    if effects {
      try printEffects(of: number, graph, source)
    } else {
      try explain(.frame(number), graph, source)
    }
  }

  private func checkOptions() throws(Failure) {
    if let stream, stream < 0 { throw Failure("--stream \(stream): streams are numbered from 0") }
    let isEnd = frame == "end"
    if effects, isEnd { throw Failure("--effects needs the number of a frame") }
    if stream != nil, !isEnd {
      throw Failure("--stream goes with end: frames are numbered over all streams")
    }
  }

  /// The number of the frame asked about; nil for the end.
  private func frameNumber() throws(Failure) -> UInt64? {
    if frame == "end" { return nil }
    guard let number = UInt64(frame), number > 0 else {
      throw Failure(
        "'\(frame)' is neither the number of a frame, from 1, nor the word end")
    }
    return number
  }

  private static func complaint(about number: UInt64, _ count: UInt64) -> String {
    switch count {
    case 0: "there is no frame \(number): there is no chat in the capture"
    case 1: "there is no frame \(number): there is only frame 1"
    default: "there is no frame \(number): the frames are numbered from 1 to \(count)"
    }
  }

  // MARK: reading twice

  private func explain(
    _ question: CauseQuestion, _ graph: CauseGraph, _ source: borrowing CaptureSource
  ) throws(Failure) {
    let chain = CauseChain(question, in: graph)
    var witness = CauseWitness(chain, question)
    let end = try readAgain(source, into: &witness)
    let answer = CauseAnswer(chain, witness)
    try write(end) { text, output in
      if var text {
        text.render(answer, into: &output)
      } else {
        CauseNDJSONRenderer().render(answer, into: &output)
      }
    }
  }

  private func printEffects(
    of frame: UInt64, _ graph: CauseGraph, _ source: borrowing CaptureSource
  ) throws(Failure) {
    let tree = EffectTree(of: frame, in: graph)
    var witness = CauseWitness(frames: tree.frames)
    let end = try readAgain(source, into: &witness)
    try write(end) { text, output in
      if var text {
        text.render(tree, witness, into: &output)
      } else {
        CauseNDJSONRenderer().render(tree, witness, into: &output)
      }
    }
  }

  /// How reading ended.
  private struct Reading {
    var warnings: [String] = []
    /// What stands before it is explained all the same.
    var failure: Failure?
  }

  private func readAgain(
    _ source: borrowing CaptureSource, into sink: inout CauseWitness
  ) throws(Failure) -> Reading {
    try source.rewind()
    return try read(source, into: &sink)
  }

  @discardableResult
  private func read(
    _ source: borrowing CaptureSource, into sink: inout some TraceSink
  ) throws(Failure) -> Reading {
    var file = TraceFileReader(options: .forProgram(assemblesText: true))
    var reader = CaptureReader(source: source.alias(), showsProgress: Terminal.isTerminal(2))
    var reading = Reading()
    do {
      try reader.read(into: &sink, file: &file, output: OutputWriter())
    } catch {
      guard file.recordCount > 0 else { throw error }
      reading.failure = error
    }
    file.finish(into: &sink)
    reading.warnings = reader.warnings
    return reading
  }

  private func write(
    _ reading: Reading, _ body: (CauseTextRenderer?, inout [UInt8]) -> Void
  ) throws(Failure) {
    let outputStyle = OutputStyle.decide(style.color)
    let output = style.makeOutput(outputStyle)
    var options = TextRenderer.Options()
    options.width = outputStyle.width
    options.color = outputStyle.color
    options.unicode = outputStyle.unicode
    body(format == .text ? CauseTextRenderer(options) : nil, &output.bytes)
    try output.finish()
    for warning in reading.warnings { Diagnostics.say(warning) }
    if let failure = reading.failure { throw failure }
  }
}
