public import ChatTrace
public import ChatWire

/// Draws the lens: a heading with its pace, round trip and timer, the strips, the counters, and
/// what has happened, the latest at the bottom.
public struct LensView: Sendable {
  /// What is drawn how.
  public struct Options: Sendable {
    /// The signs of the terminal.
    public var signs: Signs
    /// The direction whose strip is shown where there is room for one; nil: that of the data seen
    /// last.
    public var direction: Direction?
    /// Round trip and timer as they stand now, for the live view.
    public var timing: LensTiming?
    /// When the session began, which times are counted from.
    public var origin: TraceTime?
    /// Keys go to the lens.
    public var isFocused: Bool

    /// Makes options.
    public init(
      signs: Signs, direction: Direction? = nil, timing: LensTiming? = nil,
      origin: TraceTime? = nil, isFocused: Bool = false
    ) {
      self.signs = signs
      self.direction = direction
      self.timing = timing
      self.origin = origin
      self.isFocused = isFocused
    }
  }

  private let lens: Lens
  private let options: Options

  /// A view of a lens.
  public init(_ lens: Lens, _ options: Options) {
    self.lens = lens
    self.options = options
  }

  /// The number of the record that a row of the list shows, for the mouse.
  public struct Rows: Sendable, Equatable {
    /// By the row of the canvas.
    public var records: [Int: Int] = [:]

    /// None.
    public init() {}
  }

  /// Draws it; returns what the rows of its list show.
  @discardableResult
  public func draw(on canvas: inout Canvas, in area: Area) -> Rows {
    var rest = area
    canvas.clear(area)
    drawHeading(on: &canvas, rest.takeTop(1))
    if rest.rows >= 6 { drawTiming(on: &canvas, rest.takeTop(1)) }
    drawStrips(on: &canvas, &rest)
    if rest.rows >= 5 { drawCounters(on: &canvas, rest.takeTop(1)) }
    return drawList(on: &canvas, rest)
  }

  // MARK: heading

  private func drawHeading(on canvas: inout Canvas, _ area: Area) {
    canvas.rule(
      row: area.row, column: area.column, columns: area.columns, options.signs,
      options.isFocused ? .bold : .dim)
    var pace: StyledText
    switch lens.pace {
    case .live: pace = StyledText(" lens: live ", .bold)
    case .slow(let time):
      pace = StyledText(
        " lens: slow motion, \(DecimalText.duration(time)) a step ", CellStyle(.yellow))
    case .paused: pace = StyledText(" lens: paused ", CellStyle(.yellow, isBold: true))
    }
    var column = area.column + 1
    column += canvas.put(
      [pace], row: area.row, column: column, width: area.endColumn - column)
    if lens.behindCount > 0 {
      column += canvas.put(
        "\(lens.behindCount) behind ", row: area.row, column: column,
        width: area.endColumn - column)
    }
    if lens.skippedCount > 0 {
      column += canvas.put(
        "\(lens.skippedCount) left out ", row: area.row, column: column,
        width: area.endColumn - column)
    }
    let hint = lens.pace == .live ? " F5 pause  F6 slow " : " F5 live  F7 back  F8 on "
    let start = area.endColumn - hint.count - 1
    if start > column { canvas.put(hint, row: area.row, column: start, .dim) }
  }

  private func drawTiming(on canvas: inout Canvas, _ area: Area) {
    let timing = lens.pace == .live ? options.timing : lens.current?.timing
    guard let timing else {
      canvas.put(
        lens.state.dialect == .classic
          ? "The classic dialect waits for each answer, and has no timer here."
          : "No session: no round trip, no timer.", row: area.row, column: area.column,
        width: area.columns, .dim)
      return
    }
    var texts: [StyledText] = [StyledText("RTT ", .dim)]
    if let latest = lens.state.latestRoundTripNanoseconds {
      texts.append(StyledText(DecimalText.duration(.nanoseconds(latest))))
    } else {
      texts.append(StyledText("-"))
    }
    if let roundTrip = timing.roundTrip {
      let variation = DecimalText.duration(timing.variation)
      texts.append(StyledText(", smoothed ", .dim))
      let sign = options.signs.isUnicode ? " ±" : " +-"
      let isWide = area.columns >= 100
      texts.append(
        StyledText(DecimalText.duration(roundTrip) + (isWide ? sign + variation : "")))
    }
    texts.append(StyledText("  timeout ", .dim))
    texts.append(StyledText(DecimalText.duration(timing.timeout)))
    texts.append(StyledText("  timer ", .dim))
    guard let timer = timing.timer else {
      canvas.put(
        texts + [StyledText("off", .dim)], row: area.row, column: area.column,
        width: area.columns)
      return
    }
    let (filled, empty) = options.signs.isUnicode ? ("█", "░") : ("#", ".")
    let length = 8
    let part = timer.whole > .zero ? timer.left / timer.whole : 0
    let count = min(length, max(0, Int((part * Double(length)).rounded(.up))))
    texts.append(
      StyledText(
        String(repeating: filled, count: count)
          + String(repeating: empty, count: length - count),
        CellStyle(count <= 2 ? .red : .cyan)))
    texts.append(StyledText(" \(DecimalText.duration(timer.left)), \(timer.sequence)"))
    canvas.put(texts, row: area.row, column: area.column, width: area.columns)
  }

  // MARK: strips

  private func drawStrips(on canvas: inout Canvas, _ rest: inout Area) {
    guard rest.rows >= StripView.rows else { return }
    let hasRoomForBoth = rest.rows >= 2 * StripView.rows + 8
    let directions: [Direction] =
      hasRoomForBoth ? [.clientToServer, .serverToClient] : [shownDirection]
    for direction in directions {
      let area = rest.takeTop(StripView.rows)
      StripView(lens.state[direction], direction, columns: area.columns, options.signs)
        .draw(on: &canvas, row: area.row, column: area.column)
      if hasRoomForBoth { _ = rest.takeTop(1) }
    }
  }

  /// The direction of the data that is shown where there is room for one.
  private var shownDirection: Direction {
    if let direction = options.direction { return direction }
    // What was asked for or acknowledged last is more telling than who spoke last.
    var number = lens.shown - 1
    while number >= max(lens.oldest, lens.shown - 64), let moment = lens[number] {
      if moment.event.kind == .frame {
        let name = FrameTypeName(moment.event.typeCode, moment.event.dialect)
        switch name {
        case .ack, .nack: return moment.event.direction.opposite
        case .ping, .pong, .syn, .synAck, .handshakeAck: break
        default: return moment.event.direction
        }
      }
      number -= 1
    }
    return .clientToServer
  }

  private func drawCounters(on canvas: inout Canvas, _ area: Area) {
    func texts(_ name: String, _ counters: LensState.Counters) -> [StyledText] {
      var texts = [StyledText("\(name): ", .dim), StyledText("\(counters.sent) sent")]
      func add(_ count: Int, _ words: String, _ style: CellStyle) {
        guard count > 0 else { return }
        texts.append(StyledText(", "))
        texts.append(StyledText("\(count) \(words)", style))
      }
      add(counters.again, "again", CellStyle(.cyan))
      add(counters.lost, "lost", CellStyle(.red))
      add(counters.damaged, "bad", CellStyle(.red))
      add(counters.disturbed, "held", CellStyle(.yellow))
      add(counters.nacks, "NACK", CellStyle(.yellow))
      return texts
    }
    let half = area.columns / 2
    canvas.put(
      texts("you", lens.state.sentByClient), row: area.row, column: area.column, width: half - 1)
    canvas.put(
      texts("server", lens.state.sentByServer), row: area.row, column: area.column + half,
      width: half)
  }

  // MARK: list

  private func drawList(on canvas: inout Canvas, _ area: Area) -> Rows {
    var rows = Rows()
    let showsTime = area.columns >= 100
    let origin = showsTime ? options.origin : nil
    let headColumns = MomentText.headColumns + (origin == nil ? 0 : MomentText.timeColumns)
    let wordColumns = max(10, area.columns - headColumns)
    var end = area.endRow
    var number = lens.shown - 1
    while end > area.row, number >= lens.oldest, let moment = lens[number] {
      let text = MomentText(moment.event, since: origin, options.signs)
      let isCurrent = number == lens.shown - 1
      var lines = WrappedText.lines(text.words, width: wordColumns)
      // The latest is told in full, the others in a line.
      let most = isCurrent ? max(1, min(4, area.rows - 1)) : 1
      if lines.count > most {
        lines.removeLast(lines.count - most)
        lines[most - 1] = cut(lines[most - 1], wordColumns)
      }
      end -= lines.count
      let style = Self.style(text.severity)
      for (index, line) in lines.enumerated() where end + index >= area.row {
        let row = end + index
        rows.records[row] = number
        if index == 0 {
          canvas.put(
            text.head, row: row, column: area.column, width: headColumns - 1,
            isCurrent ? .bold : .plain)
        }
        canvas.put(line, row: row, column: area.column + headColumns, style)
        if isCurrent, lens.pace != .live {
          let whole = Area(row: row, column: area.column, rows: 1, columns: area.columns)
          canvas.restyle(whole) { $0.isReversed = true }
        }
      }
      number -= 1
    }
    return rows
  }

  private func cut(_ line: String, _ columns: Int) -> String {
    let ellipsis = options.signs.ellipsis
    var line = line
    while Canvas.width(of: line) + ellipsis.count > columns, !line.isEmpty { line.removeLast() }
    return line + ellipsis
  }

  private static func style(_ severity: Severity?) -> CellStyle {
    switch severity {
    case .error: CellStyle(.red, isBold: true)
    case .warn: CellStyle(.red)
    case .note: CellStyle(.yellow)
    case .chat, nil: .plain
    }
  }
}
