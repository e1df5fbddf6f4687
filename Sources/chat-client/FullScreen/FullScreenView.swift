internal import ChatLens
internal import ChatWire

extension FullScreenModel {
  /// What there is to see: all cells, and the cursor.
  func canvas() -> Canvas {
    var canvas = Canvas(rows: rows, columns: columns)
    if let form {
      form.draw(on: &canvas, in: canvas.area, signs: signs)
      return canvas
    }
    let layout = layout
    let bars = BarView(signs: signs)
    bars.draw(
      bars.title(nickname: chat.nickname, session: chat.session, status: status), on: &canvas,
      in: layout.title)
    conversation.draw(on: &canvas, in: layout.conversation, signs)
    people.draw(on: &canvas, in: layout.people, signs)
    if !layout.lens.isEmpty { lensView.draw(on: &canvas, in: layout.lens) }
    drawLesson(on: &canvas, in: layout.lesson)
    drawStatus(bars, on: &canvas, in: layout.status)
    drawInput(on: &canvas, in: layout.input)
    drawOverlay(on: &canvas)
    return canvas
  }

  /// The record that each row of the lens shows, for the mouse.
  func recordsByRow() -> LensView.Rows {
    var canvas = Canvas(rows: rows, columns: columns)
    return layout.lens.isEmpty ? LensView.Rows() : lensView.draw(on: &canvas, in: layout.lens)
  }

  private var lensView: LensView {
    // The timer has run on since the connection told of it.
    var timing = status.timing
    if let timer = timing?.timer {
      let elapsed = status.instant.duration(to: now.instant)
      timing?.timer?.left = max(.zero, timer.left - elapsed)
    }
    return LensView(
      lens,
      LensView.Options(
        signs: signs, direction: lensDirection, timing: timing, origin: origin,
        isFocused: focus == .lens))
  }

  private func drawLesson(on canvas: inout Canvas, in area: Area) {
    guard let lesson, !area.isEmpty else { return }
    LessonView(lesson.lesson, lens: lens, signs: signs).draw(on: &canvas, in: area)
  }

  // MARK: bars

  private func drawStatus(_ bars: BarView, on canvas: inout Canvas, in area: Area) {
    var parts = [StyledText(chat.time(of: now.milliseconds))]
    parts.append(
      StyledText(
        FaultMenu.summary(
          rules: rules, disturbedCount: status.faultCount, width: max(12, columns / 2 - 8),
          signs: signs),
        rules.isEmpty ? .plain : .bold))
    if lesson != nil { parts.append(StyledText("demonstration", .bold)) }
    if conversation.countBelow > 0 {
      parts.append(StyledText("\(conversation.countBelow) more below", .bold))
    }
    if status.unacknowledgedCount > 0 {
      parts.append(StyledText("\(status.unacknowledgedCount) unconfirmed"))
    }
    if focus == .lens { parts.append(StyledText("lens keys", .bold)) }
    if let roundTrip = status.native?.smoothedRoundTrip {
      parts.append(StyledText("lag \(roundTrip.textForPeople)"))
    }
    let last = focus == .lens ? "p s [ ] d f  Esc back  ? help" : "F2 faults  Esc lens  ? help"
    bars.drawStatus(parts, last: last, on: &canvas, in: area)
  }

  private func drawInput(on canvas: inout Canvas, in area: Area) {
    guard !area.isEmpty else { return }
    // A prompt may not take more than half.
    let prompt = chat.prompt
    let used = canvas.put(
      prompt, row: area.row, column: 0, width: area.columns / 2,
      focus == .input ? .plain : .dim)
    let view = line.view(width: max(1, area.columns - used), signs: signs)
    canvas.put(view.text, row: area.row, column: used)
    guard focus == .input else { return }
    canvas.cursor = (area.row, min(area.columns - 1, used + view.cursorColumn))
  }

  // MARK: what lies over them

  private func drawOverlay(on canvas: inout Canvas) {
    switch overlay {
    case .none: return
    case .help(let first):
      drawBox("help", HelpText.lines(columns: columns), from: first, on: &canvas)
    case .status:
      let lines = StatusTable.lines(status, wishes: chat.wishes, nickname: chat.nickname)
      drawBox("status", lines + ["", "  Esc closes"], from: 0, on: &canvas)
      canvas.cursor = nil
    case .faults:
      canvas.cursor = nil
      faults.draw(on: &canvas, in: canvas.area, signs: signs)
    case .settings(let form):
      canvas.cursor = nil
      form.draw(on: &canvas, in: canvas.area, signs: signs)
    }
  }

  private func drawBox(
    _ title: String, _ lines: [String], from first: Int, on canvas: inout Canvas
  ) {
    canvas.cursor = nil
    let width = min(columns, (lines.map { Canvas.width(of: $0) }.max() ?? 0) + 4)
    let height = min(rows, lines.count + 2)
    let box = Area(
      row: (rows - height) / 2, column: (columns - width) / 2, rows: height, columns: width)
    let visible = max(0, height - 2)
    let start = max(0, min(first, lines.count - visible))
    let isCut = lines.count > visible
    let place =
      isCut ? "\(title), lines \(start + 1) to \(start + visible) of \(lines.count)" : title
    canvas.box(box, title: place, signs)
    for row in 0..<visible where start + row < lines.count {
      canvas.put(
        lines[start + row], row: box.row + 1 + row, column: box.column + 2,
        width: max(0, width - 4), lines[start + row].hasPrefix(" ") ? .plain : .bold)
    }
  }

  /// Scrolls the help, or closes it.
  mutating func takeInHelp(_ key: Key, _ first: Int) -> [FullScreenEffect] {
    let page = max(1, rows - 4)
    let last = max(0, HelpText.lines(columns: columns).count - max(0, rows - 2))
    let current = min(first, last)
    switch key {
    case .up, .character("k"): overlay = .help(max(0, current - 1))
    case .down, .character("j"): overlay = .help(min(last, current + 1))
    case .pageUp, .control("b"): overlay = .help(max(0, current - page))
    case .pageDown, .control("f"), .character(" "): overlay = .help(min(last, current + page))
    case .home, .character("g"): overlay = .help(0)
    case .end, .character("G"): overlay = .help(last)
    default: overlay = .none
    }
    return []
  }
}
