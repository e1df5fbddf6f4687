internal import ChatTrace

/// What a whole terminal shows, cell by cell: the outcome of every view, which a painter copies.
///
/// Nothing is ever drawn outside it: what does not fit is cut off. A character two cells wide takes
/// two or none.
public struct Canvas: Sendable, Equatable {
  /// One place for a character.
  public struct Cell: Sendable, Equatable {
    /// What stands there; empty behind a character that is two cells wide.
    public var text: String
    /// How it looks.
    public var style: CellStyle

    static let blank = Cell(text: " ", style: .plain)
  }

  /// How many rows there are.
  public let rows: Int
  /// How many columns there are.
  public let columns: Int
  /// Row after row.
  public private(set) var cells: [Cell]
  /// Where the cursor stands; nil: it is not shown.
  public var cursor: (row: Int, column: Int)?

  /// A canvas of blanks.
  public init(rows: Int, columns: Int) {
    self.rows = max(0, rows)
    self.columns = max(0, columns)
    cells = Array(repeating: .blank, count: self.rows * self.columns)
  }

  /// All of it.
  public var area: Area { Area(row: 0, column: 0, rows: rows, columns: columns) }

  /// The cell at a place, which must exist.
  public subscript(row: Int, column: Int) -> Cell { cells[row * columns + column] }

  /// How many cells a text takes.
  public static func width(of text: some StringProtocol) -> Int { displayWidth(text) }

  /// Writes a text, at most so many cells of it.
  ///
  /// A control character is shown as `?`: texts are to come here escaped, this is the last wall.
  ///
  /// - Returns: How many cells it takes.
  @discardableResult
  public mutating func put(
    _ text: some StringProtocol, row: Int, column: Int, width: Int = .max,
    _ style: CellStyle = .plain
  ) -> Int {
    guard row >= 0, row < rows, column >= 0, column < columns else { return 0 }
    let limit = min(columns - column, width)
    var used = 0
    for character in text {
      let (shown, cellCount) = Self.shown(character)
      guard used + cellCount <= limit else { break }
      // A mark that sits on nothing has no cell.
      guard cellCount > 0 else { continue }
      set(row, column + used, Cell(text: shown, style: style))
      if cellCount == 2 { set(row, column + used + 1, Cell(text: "", style: style)) }
      used += cellCount
    }
    return used
  }

  /// Writes texts one behind the other, at most so many cells of them.
  @discardableResult
  public mutating func put(
    _ texts: [StyledText], row: Int, column: Int, width: Int = .max
  ) -> Int {
    var used = 0
    for text in texts where used < width {
      used += put(text.text, row: row, column: column + used, width: width - used, text.style)
    }
    return used
  }

  /// Fills an area with blanks of a style.
  public mutating func clear(_ area: Area, _ style: CellStyle = .plain) {
    for row in max(0, area.row)..<max(0, area.row, min(rows, area.endRow)) {
      let first = max(0, area.column)
      for column in first..<max(first, min(columns, area.endColumn)) {
        set(row, column, Cell(text: " ", style: style))
      }
    }
  }

  /// Changes the style of what stands in an area.
  public mutating func restyle(_ area: Area, _ change: (inout CellStyle) -> Void) {
    for row in max(0, area.row)..<max(0, area.row, min(rows, area.endRow)) {
      let first = max(0, area.column)
      for column in first..<max(first, min(columns, area.endColumn)) {
        change(&cells[row * columns + column].style)
      }
    }
  }

  /// What stands there, without styles and without blanks at the ends of lines.
  public var text: String {
    var result = ""
    for row in 0..<rows {
      var line = ""
      for column in 0..<columns { line += self[row, column].text }
      while line.last == " " { line.removeLast() }
      result += line + "\n"
    }
    return result
  }

  private mutating func set(_ row: Int, _ column: Int, _ cell: Cell) {
    let index = row * columns + column
    // Half of a wide character is none.
    if cells[index].text.isEmpty, !cell.text.isEmpty, column > 0 { cells[index - 1].text = " " }
    if column + 1 < columns, cells[index + 1].text.isEmpty, !cell.text.isEmpty {
      cells[index + 1].text = " "
    }
    cells[index] = cell
  }

  private static func shown(_ character: Character) -> (String, Int) {
    if let ascii = character.asciiValue {
      return ascii < 0x20 || ascii == 0x7F ? ("?", 1) : (String(character), 1)
    }
    let isHarmful = character.unicodeScalars.contains(where: EscapedText.isHarmful)
    return isHarmful ? ("?", 1) : (String(character), displayWidth(character))
  }

  /// Compares cells and cursor.
  public static func == (left: Canvas, right: Canvas) -> Bool {
    left.rows == right.rows && left.columns == right.columns && left.cells == right.cells
      && left.cursor?.row == right.cursor?.row && left.cursor?.column == right.cursor?.column
  }
}
