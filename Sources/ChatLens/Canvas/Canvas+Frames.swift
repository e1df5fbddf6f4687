/// The signs that boxes, bars and marks are made of; ASCII where the terminal knows no more.
public struct Signs: Sendable, Hashable {
  /// Characters outside ASCII may be used.
  public var isUnicode: Bool

  /// The signs for a terminal.
  public init(isUnicode: Bool) {
    self.isUnicode = isUnicode
  }

  /// A line from left to right.
  public var horizontal: String { isUnicode ? "─" : "-" }
  /// A line from top to bottom.
  public var vertical: String { isUnicode ? "│" : "|" }
  /// What is cut off, or goes on.
  public var ellipsis: String { isUnicode ? "…" : "..." }
  /// The corners, from the top left one on, clockwise.
  var corners: [String] { isUnicode ? ["┌", "┐", "┘", "└"] : ["+", "+", "+", "+"] }
}

extension Canvas {
  /// Draws a box along the border of an area, its inside blank, with a title in its upper edge.
  public mutating func box(_ area: Area, title: String, _ signs: Signs, _ style: CellStyle = .plain)
  {
    clear(area)
    guard area.rows >= 2, area.columns >= 2 else { return }
    let line = String(repeating: signs.horizontal, count: area.columns - 2)
    let (last, lastColumn) = (area.endRow - 1, area.endColumn - 1)
    put(
      signs.corners[0] + line + signs.corners[1], row: area.row, column: area.column, style)
    put(signs.corners[3] + line + signs.corners[2], row: last, column: area.column, style)
    for row in area.row + 1..<max(area.row + 1, last) {
      put(signs.vertical, row: row, column: area.column, style)
      put(signs.vertical, row: row, column: lastColumn, style)
    }
    guard !title.isEmpty else { return }
    var bold = style
    bold.isBold = true
    put(
      " \(title) ", row: area.row, column: area.column + 2, width: max(0, area.columns - 4), bold)
  }

  /// Draws a line from left to right, with a title in it.
  public mutating func rule(
    row: Int, column: Int, columns: Int, title: String = "", _ signs: Signs,
    _ style: CellStyle = .plain
  ) {
    put(String(repeating: signs.horizontal, count: columns), row: row, column: column, style)
    guard !title.isEmpty else { return }
    put(" \(title) ", row: row, column: column + 1, width: max(0, columns - 2), style)
  }
}
