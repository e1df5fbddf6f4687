internal import ChatLens

/// The conversation on a full screen: what was said and what happened, with a place that is looked
/// at, and a mark before what is new.
struct ConversationPane {
  /// Lines that one can scroll back to.
  static let linesMax = 10_000

  private var lines: [ScreenLine] = []
  /// The number of the oldest line kept, counted from the first there was.
  private var start = 0
  /// The line behind the last one that is shown; nil: the newest is always seen.
  private var bottom: Int?
  /// What is behind this line was not seen when it came; nil: everything was.
  private var marker: Int?
  /// Nobody looks: what comes now is marked as new.
  private(set) var isAway = false
  private var isMarked = false

  /// The line behind the newest.
  private var end: Int { start + lines.count }

  /// Lines below those that are shown.
  var countBelow: Int { bottom.map { max(0, end - $0) } ?? 0 }

  // MARK: what happens

  mutating func append(_ new: [ScreenLine]) {
    if isAway || bottom != nil, !isMarked, new.contains(where: \.isNews) {
      marker = end
      isMarked = true
    }
    lines += new
    guard lines.count > Self.linesMax + 1_000 else { return }
    let excess = lines.count - Self.linesMax
    lines.removeFirst(excess)
    start += excess
    if let bottom { self.bottom = max(bottom, start + 1) }
  }

  /// Takes everything off the screen; it is not forgotten by `/save`.
  mutating func clear() {
    start = end
    lines = []
    bottom = nil
    marker = nil
  }

  /// Somebody looks, or does not any more.
  mutating func setAway(_ isAway: Bool) {
    guard isAway != self.isAway else { return }
    self.isAway = isAway
    // A new absence has a mark of its own.
    if isAway { isMarked = false }
  }

  /// Something was said from here: all that came before has been seen.
  mutating func answer() {
    bottom = nil
    marker = nil
    isMarked = false
  }

  // MARK: scrolling

  /// Moves towards the oldest line by so many rows, or towards the newest if it is negative.
  mutating func scroll(rows count: Int, width: Int, height: Int) {
    var next = bottom ?? end
    var left = abs(count)
    if count > 0 {
      let first = topmost(width: width, height: height)
      while left > 0, next > first {
        next -= 1
        left -= rowCount(next, width)
      }
    } else {
      while left > 0, next < end {
        left -= rowCount(next, width)
        next += 1
      }
    }
    if bottom == nil, next < end { isMarked = false }
    bottom = next >= end ? nil : next
  }

  /// Goes to the oldest line.
  mutating func scrollToTop(width: Int, height: Int) {
    let first = topmost(width: width, height: height)
    bottom = first < end ? first : nil
  }

  mutating func scrollToBottom() {
    bottom = nil
  }

  /// The line behind the last one that is shown if the oldest stands at the top.
  private func topmost(width: Int, height: Int) -> Int {
    var number = start
    var rows = 0
    while number < end, rows < height {
      rows += rowCount(number, width)
      number += 1
    }
    return number
  }

  private func rowCount(_ number: Int, _ width: Int) -> Int {
    guard number >= start, number < end else { return 1 }
    return Self.wrapped(lines[number - start], width).count
  }

  private static func wrapped(_ line: ScreenLine, _ width: Int) -> [String] {
    WrappedText.lines(line.plain, width: width, indentation: line.time.isEmpty ? 2 : 6)
  }

  // MARK: view

  func draw(on canvas: inout Canvas, in area: Area, _ signs: Signs) {
    guard !area.isEmpty else { return }
    var row = area.endRow
    var number = (bottom ?? end) - 1
    while row > area.row, number >= start {
      let line = lines[number - start]
      let rows = Self.wrapped(line, area.columns)
      row -= rows.count
      for (index, text) in rows.enumerated() where row + index >= area.row {
        Self.draw(line, text, isFirst: index == 0, on: &canvas, row + index, area)
      }
      if number == marker, row > area.row {
        row -= 1
        canvas.rule(
          row: row, column: area.column, columns: area.columns, title: "new", signs,
          CellStyle(.red))
      }
      number -= 1
    }
  }

  private static func draw(
    _ line: ScreenLine, _ text: String, isFirst: Bool, on canvas: inout Canvas, _ row: Int,
    _ area: Area
  ) {
    guard isFirst else {
      canvas.put(text, row: row, column: area.column, width: area.columns, line.bodyStyle)
      return
    }
    var texts: [StyledText] = []
    var rest = text[...]
    if !line.time.isEmpty, text.hasPrefix(line.time) {
      texts.append(StyledText(line.time, .dim))
      rest = rest.dropFirst(line.time.count)
    }
    if case .message(let nameLength, let isOwn) = line.kind {
      let name = rest.prefix(nameLength + (texts.isEmpty ? 0 : 1))
      texts.append(StyledText(String(name), line.nameStyle(isOwn: isOwn)))
      rest = rest.dropFirst(name.count)
    }
    texts.append(StyledText(String(rest), line.bodyStyle))
    canvas.put(texts, row: row, column: area.column, width: area.columns)
  }
}

extension ScreenLine {
  /// True for what others say or do: worth a mark if nobody sees it come.
  fileprivate var isNews: Bool {
    switch kind {
    case .message(_, let isOwn): !isOwn
    case .notice: true
    case .continuation, .connection, .explanation, .failure, .day, .answer: false
    }
  }

  fileprivate var bodyStyle: CellStyle {
    switch kind {
    case .message, .continuation, .answer: .plain
    case .notice: CellStyle(.cyan)
    case .connection: CellStyle(.yellow)
    case .explanation, .day: .dim
    case .failure: CellStyle(.red)
    }
  }

  fileprivate func nameStyle(isOwn: Bool) -> CellStyle {
    guard !isOwn, case .message(let nameLength, _) = kind else { return .bold }
    let colors: [CellStyle.Color] = [.green, .magenta, .blue, .cyan, .yellow]
    let number = Self.number(forName: String(text.prefix(nameLength)))
    return CellStyle(colors[Int(number % UInt32(colors.count))], isBold: number & 0x100 != 0)
  }
}
