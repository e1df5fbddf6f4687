internal import ChatWire

extension FaultMenu {
  /// Draws the menu in the middle of an area, over what stands there.
  public func draw(on canvas: inout Canvas, in area: Area, signs: Signs) {
    let layout = FaultMenuLayout(self, in: area)
    guard layout.box.rows >= 3, layout.box.columns >= 8 else { return }
    canvas.box(layout.box, title: "Faults", signs)
    canvas.cursor = nil
    let lines = lines
    for (row, kind) in layout.rows {
      switch kind {
      case .heading(let words, let hasDirections):
        canvas.put(words, row: row, column: layout.column, .dim)
        guard hasDirections else { continue }
        let columns = layout.cellColumns
        let width = layout.cellWidth
        canvas.put(
          layout.isWide ? "to the server" : "c2s", row: row, column: columns.toServer,
          width: width, direction == .clientToServer ? .bold : .dim)
        canvas.put(
          layout.isWide ? "from the server" : "s2c", row: row, column: columns.fromServer,
          width: width, direction == .serverToClient ? .bold : .dim)
      case .line(let index):
        draw(lines[index], index == selection, row: row, layout, on: &canvas, signs)
      }
    }
    canvas.markMore(
      above: layout.isCutAbove, below: layout.isCutBelow, rows: layout.rows.map(\.row),
      column: layout.box.endColumn - 1, signs)
    drawBottom(layout, on: &canvas, signs)
  }

  private func drawBottom(
    _ layout: FaultMenuLayout, on canvas: inout Canvas, _ signs: Signs
  ) {
    let width = layout.endColumn - layout.column
    for (offset, line) in layout.inForce.enumerated() {
      let style = rules.isEmpty ? CellStyle.dim : CellStyle(.yellow)
      canvas.put(line, row: layout.inForceRow + offset, column: layout.column, width: width, style)
    }
    if let row = layout.helpRow {
      let style = message == nil ? CellStyle.dim : CellStyle(.red)
      canvas.put(message ?? help, row: row, column: layout.column, width: width, style)
    }
    let error = layout.helpRow == nil ? message : nil
    canvas.put(
      error ?? keys(signs, width: width), row: layout.keysRow, column: layout.column, width: width,
      error == nil ? .dim : CellStyle(.red))
  }

  /// What is chosen, in one sentence.
  private var help: String {
    switch line {
    case .amount(let row): row.help
    case .shot(let shot): shot.help
    case .other: "Given with /faults or --faults; it is kept until it is deleted."
    }
  }

  /// The keys for what is chosen, the most useful first, as many as have room.
  private func keys(_ signs: Signs, width: Int) -> String {
    let arrows = signs.isUnicode ? "←→" : "-/+"
    let keys =
      switch line {
      case .amount:
        ["\(arrows) change", "0-9 Enter exactly", "Tab other way", "r reset", "Esc close"]
      case .shot: ["Enter arm or take back", "Tab other way", "r reset", "Esc close"]
      case .other: ["x delete", "r reset everything", "Esc close"]
      }
    // How to get out again is the last that goes.
    var shown = keys.suffix(1)
    for (place, key) in keys.dropLast().enumerated() {
      let longer = shown.prefix(place) + [key] + shown.suffix(1)
      guard Canvas.width(of: longer.joined(separator: "  ")) <= width else { break }
      shown = longer
    }
    return shown.joined(separator: "  ")
  }

  private func draw(
    _ line: Line, _ isSelected: Bool, row: Int, _ layout: FaultMenuLayout,
    on canvas: inout Canvas, _ signs: Signs
  ) {
    let column = layout.column
    if isSelected { canvas.put(">", row: row, column: column, .bold) }
    let labelWidth = layout.cellColumns.toServer - column - 3
    let style: CellStyle = isSelected ? .bold : .plain
    switch line {
    case .amount(let amount):
      canvas.put(amount.label, row: row, column: column + 2, width: labelWidth, style)
    case .shot(let shot):
      let label = layout.isWide ? shot.label.long : shot.label.short
      canvas.put(label, row: row, column: column + 2, width: labelWidth, style)
    case .other(let place):
      let text = rules.rules[place].description
      let width = layout.endColumn - column - 2
      let isCut = Canvas.width(of: text) > width
      let sign = isCut ? Canvas.width(of: signs.ellipsis) : 0
      let used = canvas.put(
        text, row: row, column: column + 2, width: width - sign,
        CellStyle(isBold: isSelected, isReversed: isSelected))
      if isCut { canvas.put(signs.ellipsis, row: row, column: column + 2 + used, style) }
      return
    }
    for way in [Direction.clientToServer, .serverToClient] {
      let first =
        way == .clientToServer ? layout.cellColumns.toServer : layout.cellColumns.fromServer
      let isChosen = isSelected && way == direction
      switch line {
      case .amount(let amount):
        draw(amount, way, isChosen, row: row, column: first, layout, on: &canvas, signs)
      case .shot(let shot):
        let (words, style) = state(of: shot, way, isChosen)
        canvas.put(words, row: row, column: first, width: layout.cellWidth, style)
      case .other: break
      }
    }
  }

  /// The key of a shot and whether it is armed.
  private func state(
    of shot: FaultShot, _ way: Direction, _ isChosen: Bool
  ) -> (String, CellStyle) {
    let key = way == .clientToServer ? String(shot.letter) : shot.letter.uppercased()
    let isArmed = isArmed(shot, way)
    let isDone = done.contains(ShotPlace(shot: shot, direction: way))
    let word = isArmed ? "armed" : isDone ? "done" : "-"
    var style: CellStyle = isArmed ? CellStyle(.yellow, isBold: true) : .plain
    style.isReversed = isChosen
    return (" \(key)  \(word) ", style)
  }

  private func draw(
    _ amount: FaultAmount, _ way: Direction, _ isChosen: Bool, row: Int, column: Int,
    _ layout: FaultMenuLayout, on canvas: inout Canvas, _ signs: Signs
  ) {
    let width = min(FaultMenuLayout.amountWidth, layout.cellWidth)
    if isChosen, let typed {
      let used = canvas.put(
        " " + typed, row: row, column: column, width: width, CellStyle(isReversed: true))
      canvas.put(
        amount.unit, row: row, column: column + used + 1, width: max(0, width - used - 1), .dim)
      canvas.cursor = (row, column + used)
      return
    }
    let value = self.amount(of: amount, way)
    let text = amount.text(of: value)
    var style: CellStyle = value > 0 ? CellStyle(.yellow, isBold: true) : .plain
    style.isReversed = isChosen
    let padding = max(0, width - 4 - Canvas.width(of: text))
    let blanks = String(repeating: " ", count: padding / 2)
    let rest = String(repeating: " ", count: padding - padding / 2)
    let ends = signs.isUnicode ? ("‹", "›") : ("<", ">")
    let (left, right) = isChosen ? ends : (" ", " ")
    canvas.put(
      "\(left) \(blanks)\(text)\(rest) \(right)", row: row, column: column,
      width: layout.cellWidth, style)
  }
}
