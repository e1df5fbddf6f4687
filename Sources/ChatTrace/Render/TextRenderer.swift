// The table of `-T text`. A row is columns of numbers and signs, which are written like an NDJSON
// line, and then words (chat text, notes), which are escaped into `words` and laid out from there.

/// Renders a trace as a table for people.
///
/// One row for each frame, with what there is to say beneath it (at 120 columns and more beside
/// it), and a sentence for everything that is not a frame. Nothing is said by colour alone.
public struct TextRenderer: Sendable {
  /// How the table looks.
  public let options: Options
  /// The moment that relative times count from; that of the first record unless it is set.
  public var origin: TraceTime?

  let columns: TextColumns
  let escaping: Escaping
  /// When the record printed before was.
  private var previousTime: TraceTime?
  private var hasHeading = false
  /// The frame whose row was printed last: its notes say what faults did to it.
  private var previousFrame: UInt64 = 0
  /// Words on their way to the page, kept for their storage.
  var words: [UInt8] = []

  /// Makes a renderer.
  public init(_ options: Options = Options()) {
    self.options = options
    columns = TextColumns(options)
    escaping = Escaping(asciiOnly: !options.unicode)
  }

  /// Appends the lines of a record, after the heading if it is the first.
  ///
  /// `payload` is what was captured of a frame's.
  public mutating func render(
    _ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]
  ) {
    if origin == nil { origin = event.time }
    // One that has notes was not done when the frame arrived.
    if event.kind == .fault, event.frame != 0, event.frame == previousFrame, event.notes.isEmpty,
      !options.verbose
    {
      return
    }
    if !hasHeading {
      hasHeading = true
      renderHeading(into: &output)
    }
    let row = TextRow(
      options: options, columns: columns, start: startOfTime(previous: previousTime))
    switch event.kind {
    case .frame:
      previousFrame = event.frame
      renderFrame(event, row, into: &output)
      if options.verbose { renderDetail(event, payload: payload, into: &output) }
    case .tcp, .gap, .junk, .fault, .session: renderSentence(event, row, into: &output)
    case .summary: break
    }
    if let time = event.time { previousTime = time }
  }

  /// Appends the summary: where every byte of every chat stream went, and one sentence.
  public mutating func render(_ summary: TraceSummary, into output: inout [UInt8]) {
    if hasHeading { output.append("\n") }
    renderSummary(summary, into: &output)
  }

  /// The moment that the time column counts from.
  private func startOfTime(previous: TraceTime?) -> TraceTime? {
    switch options.timeFormat {
    case .relative: origin
    case .delta: previous
    case .absolute, .absoluteWithDate, .utc: nil
    }
  }

  private func renderHeading(into output: inout [UInt8]) {
    let columns = columns
    output.write(atMost: 256) {
      var column = 0
      $0.put("frame", endingAt: columns.frameEnd, column: &column)
      $0.put("time", endingAt: columns.timeEnd, column: &column)
      $0.put("st", endingAt: columns.streamEnd, column: &column)
      $0.pad(to: columns.type, column: &column)
      $0.put("type", column: &column)
      $0.put("seq", endingAt: columns.sequenceEnd, column: &column)
      $0.put("frag", endingAt: columns.fragmentEnd, column: &column)
      $0.pad(to: columns.window, column: &column)
      $0.put("window", column: &column)
      if columns.isWide {
        $0.pad(to: columns.note, column: &column)
        $0.put("note", column: &column)
      }
      $0.put("\n")
    }
  }
}

extension LineWriter {
  /// Writes spaces up to a column, at least one unless the line is empty.
  @inline(__always)
  mutating func pad(to target: Int, column: inout Int) {
    let count = max(target &- column, column == 0 ? 0 : 1)
    put(byte: 0x20, count: count)
    column &+= count
  }

  /// Writes an ASCII literal.
  @inline(__always)
  mutating func put(_ literal: StaticString, column: inout Int) {
    put(literal)
    column &+= literal.utf8CodeUnitCount
  }

  /// Writes an ASCII literal so that it ends at a column.
  @inline(__always)
  mutating func put(_ literal: StaticString, endingAt end: Int, column: inout Int) {
    pad(to: end &- literal.utf8CodeUnitCount, column: &column)
    put(literal, column: &column)
  }

  /// Writes a number so that it ends at a column.
  @inline(__always)
  mutating func put(decimal value: UInt64, endingAt end: Int, column: inout Int) {
    let digitCount = decimalDigitCount(value)
    pad(to: end &- digitCount, column: &column)
    put(decimal: value)
    column &+= digitCount
  }
}
