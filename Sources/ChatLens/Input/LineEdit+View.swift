extension LineEdit {
  /// What of the line is seen in so many cells, and in which of them the cursor stands.
  ///
  /// The cursor is always seen. A long line is moved a quarter of the width at a time; a sign
  /// shows where it is cut off. It costs as much as the width, however long the text is.
  public func view(width: Int, signs: Signs) -> (text: [StyledText], cursorColumn: Int) {
    guard width > 0 else { return ([], 0) }
    if let search { return view(of: search, width: width, signs: signs) }
    var cells = CellRun(width: width, signs: signs)
    let first = firstShown(width: width, signs: signs)
    if first > 0 { cells.appendCut(isLeft: true) }
    for character in before[first...] { cells.append(character) }
    let cursorColumn = min(cells.used, width - 1)
    cells.appendEnding(after.reversed())
    return (cells.texts, cursorColumn)
  }

  /// The first character before the cursor that is shown.
  private func firstShown(width: Int, signs: Signs) -> Int {
    let step = max(1, width / 4)
    // One cell is for the cursor, and one for the sign that something is cut off.
    var left = width - 1
    var first = before.count
    while first > 0 {
      let cells = CellRun.width(of: before[first - 1], signs)
      guard cells <= left else { break }
      left -= cells
      first -= 1
    }
    if first == 0 { return 0 }
    if left == 0, first < before.count { first += 1 }
    let page = (first + step - 1) / step * step
    return page < before.count ? page : first
  }

  private func view(
    of search: Search, width: Int, signs: Signs
  ) -> (text: [StyledText], cursorColumn: Int) {
    var cells = CellRun(width: width, signs: signs)
    let words = search.hasFailed ? "no earlier line has: " : "search: "
    // Both the words and what is looked for are seen, on a narrow screen only the latter.
    if width >= words.utf8.count * 2 { cells.append(words, .dim) }
    var left = max(1, (width - cells.used) / 2)
    let wanted = search.wanted.reversed().prefix { character in
      left -= CellRun.width(of: character, signs)
      return left >= 0
    }
    for character in wanted.reversed() { cells.append(character, .bold) }
    let cursorColumn = min(cells.used, width - 1)
    guard !search.hasFailed, let found = search.found,
      history.lines.indices.contains(found.index)
    else {
      return (cells.texts, cursorColumn)
    }
    cells.append(signs.isUnicode ? " → " : " -> ", .dim)
    let line = history.lines[found.index]
    var start = line.startIndex
    if found.offset + search.wanted.utf8.count > width - cells.used {
      let offset = max(0, found.offset - 8)
      start = line.utf8.index(start, offsetBy: min(offset, line.utf8.count))
      start = line.beginningOfScalar(at: start)
      if start > line.startIndex { cells.appendCut(isLeft: true) }
    }
    cells.appendEnding(line[start...])
    return (cells.texts, cursorColumn)
  }
}

extension String {
  /// The beginning of the scalar that a byte belongs to.
  fileprivate func beginningOfScalar(at index: Index) -> Index {
    var scalar = index
    while scalar > startIndex, utf8[scalar] & 0xC0 == 0x80 { scalar = utf8.index(before: scalar) }
    return scalar
  }
}

/// Cells of a line that are filled from the left.
struct CellRun {
  /// What stands in them.
  private(set) var texts: [StyledText] = []
  /// How many are filled.
  private(set) var used = 0
  private let width: Int
  private let signs: Signs

  init(width: Int, signs: Signs) {
    self.width = width
    self.signs = signs
  }

  /// How a character is shown: what must not reach a terminal, or has no cell, by a sign.
  private static func shown(_ character: Character, _ signs: Signs) -> (text: String, cells: Int) {
    if let ascii = character.asciiValue {
      if character == "\n" { return signs.isUnicode ? ("⏎", 1) : ("\\n", 2) }
      if 0x20..<0x7F ~= ascii { return (String(character), 1) }
      return (signs.isUnicode ? "\u{FFFD}" : "?", 1)
    }
    let isHarmful = character.unicodeScalars.contains(where: EscapedText.isHarmful)
    let cells = isHarmful ? 0 : Canvas.width(of: String(character))
    guard 1...8 ~= cells else { return (signs.isUnicode ? "\u{FFFD}" : "?", 1) }
    return (String(character), cells)
  }

  /// How many cells a character takes.
  static func width(of character: Character, _ signs: Signs) -> Int {
    shown(character, signs).cells
  }

  /// Adds a character; false if there is no room.
  @discardableResult
  mutating func append(_ character: Character, _ style: CellStyle = .plain) -> Bool {
    let (text, cells) = Self.shown(character, signs)
    guard used + cells <= width else { return false }
    let isSign = text != String(character)
    append(text, cells: cells, isSign ? .dim : style)
    return true
  }

  /// Adds words of ours, as far as there is room.
  mutating func append(_ words: String, _ style: CellStyle) {
    for character in words where !append(character, style) { return }
  }

  /// Adds the sign that something is cut off.
  mutating func appendCut(isLeft: Bool) {
    append(signs.isUnicode ? "…" : isLeft ? "<" : ">", cells: 1, .dim)
  }

  /// Adds characters up to the last cell, with a sign there if not all have room.
  mutating func appendEnding(_ characters: some Sequence<Character>) {
    // With the cells up to the end of each, to go back by one for the sign.
    var line: [(text: Character, end: Int)] = []
    var end = used
    var isCut = false
    for character in characters {
      let cells = Self.width(of: character, signs)
      guard end + cells <= width else {
        isCut = true
        break
      }
      end += cells
      line.append((character, end))
    }
    if isCut {
      while let last = line.last, last.end > width - 1 { line.removeLast() }
    }
    for (character, _) in line { append(character) }
    if isCut, used < width { appendCut(isLeft: false) }
  }

  private mutating func append(_ text: String, cells: Int, _ style: CellStyle) {
    guard used + cells <= width else { return }
    if let last = texts.last, last.style == style {
      texts[texts.count - 1].text += text
    } else {
      texts.append(StyledText(text, style))
    }
    used += cells
  }
}
