extension Form {
  /// What stands at the bottom: what is wrong with the field in focus, or what it is.
  var help: String {
    isAtButton ? button.help : fields[focus].error ?? fields[focus].help
  }

  /// Draws the form in the middle of an area.
  func draw(on canvas: inout Canvas, in area: Area, signs: Signs) {
    let layout = FormLayout(self, in: area)
    guard layout.box.rows >= 3, layout.box.columns >= 8 else { return }
    canvas.box(layout.box, title: title, signs)
    let left = layout.box.column + 2
    let width = layout.endColumn - left
    for (offset, line) in layout.message.enumerated() {
      let style = CellStyle(.red, isBold: true)
      canvas.put(line, row: layout.messageRow + offset, column: left, width: width, style)
    }
    for (index, row) in layout.fieldRows.enumerated() where row >= 0 {
      draw(index, row: row, layout, on: &canvas, signs)
    }
    canvas.markMore(
      above: layout.isCutAbove, below: layout.isCutBelow,
      rows: layout.fieldRows.filter { $0 >= 0 }, column: layout.box.endColumn - 1, signs)
    drawButton(layout, on: &canvas)
    let isWrong = !isAtButton && fields[focus].error != nil
    for (offset, line) in layout.help.enumerated() {
      let style = isWrong ? CellStyle(.red) : .dim
      canvas.put(line, row: layout.helpRow + offset, column: left, width: width, style)
    }
  }

  private func drawButton(_ layout: FormLayout, on canvas: inout Canvas) {
    let area = layout.button
    guard !area.isEmpty else { return }
    if isAtButton { canvas.put(">", row: area.row, column: layout.labelColumn - 2, .bold) }
    canvas.put(
      "[ \(button.label) ]", row: area.row, column: area.column,
      isAtButton ? CellStyle(isBold: true, isReversed: true) : .plain)
  }

  private func draw(
    _ index: Int, row: Int, _ layout: FormLayout, on canvas: inout Canvas, _ signs: Signs
  ) {
    let field = fields[index]
    let isFocused = index == focus
    let isDisabled = field.disabledReason != nil
    if isFocused { canvas.put(">", row: row, column: layout.labelColumn - 2, .bold) }
    if field.consequence != nil {
      canvas.put("*", row: row, column: layout.labelColumn - 1, CellStyle(.yellow))
    }
    let labelStyle = CellStyle(isBold: isFocused, isDim: isDisabled)
    canvas.put(
      field.label, row: row, column: layout.labelColumn,
      width: layout.valueColumn - layout.labelColumn, labelStyle)
    let column = drawValue(field, isFocused, row: row, layout, on: &canvas, signs)
    let note: StyledText
    if let reason = field.disabledReason {
      note = StyledText(reason, .dim)
    } else if let error = field.error {
      note = StyledText(error, CellStyle(.red))
    } else if let consequence = field.consequence {
      note = StyledText(consequence, CellStyle(.yellow))
    } else {
      return
    }
    put(note, row: row, column: column + 1, endColumn: layout.endColumn, on: &canvas, signs)
  }

  /// Writes a text, with a sign at its end if it is cut off.
  private func put(
    _ text: StyledText, row: Int, column: Int, endColumn: Int, on canvas: inout Canvas,
    _ signs: Signs
  ) {
    let width = endColumn - column
    let sign = Canvas.width(of: signs.ellipsis)
    guard width > sign else { return }
    if Canvas.width(of: text.text) <= width {
      canvas.put(text.text, row: row, column: column, text.style)
      return
    }
    let used = canvas.put(
      text.text, row: row, column: column, width: width - sign, text.style)
    canvas.put(signs.ellipsis, row: row, column: column + used, text.style)
  }

  /// Draws what stands in a field; returns the column behind it.
  private func drawValue(
    _ field: Field, _ isFocused: Bool, row: Int, _ layout: FormLayout, on canvas: inout Canvas,
    _ signs: Signs
  ) -> Int {
    let column = layout.valueColumn
    let plain = CellStyle(isDim: field.disabledReason != nil)
    switch field.content {
    case .choice(let words, let selected):
      if layout.showsAll(words) {
        var end = column
        for (place, word) in words.enumerated() {
          let isSelected = place == selected
          let style = CellStyle(isBold: isSelected && isFocused, isDim: plain.isDim)
          canvas.put((isSelected ? "(*) " : "( ) ") + word, row: row, column: end, style)
          end += FormLayout.width(ofChoice: word)
        }
        return end - 1
      }
      let text = isFocused ? "< \(words[selected]) >" : words[selected]
      return column
        + canvas.put(text, row: row, column: column, width: layout.endColumn - column, plain)
    case .text(let line, let usual):
      let width = layout.textWidth
      canvas.put("[", row: row, column: column, .dim)
      canvas.put("]", row: row, column: column + 1 + width, .dim)
      if line.isEmpty {
        canvas.put(usual, row: row, column: column + 1, width: width, .dim)
        if isFocused { canvas.cursor = (row, column + 1) }
        return column + width + 2
      }
      let view = line.view(width: width, signs: signs)
      canvas.put(view.text, row: row, column: column + 1, width: width)
      if isFocused { canvas.cursor = (row, column + 1 + view.cursorColumn) }
      return column + width + 2
    }
  }
}

extension Canvas {
  /// Marks the edge of a box beside the first and the last of its rows, if there are more.
  mutating func markMore(above: Bool, below: Bool, rows: [Int], column: Int, _ signs: Signs) {
    if above, let first = rows.first {
      put(signs.isUnicode ? "↑" : "^", row: first, column: column, .bold)
    }
    if below, let last = rows.last {
      put(signs.isUnicode ? "↓" : "v", row: last, column: column, .bold)
    }
  }
}
