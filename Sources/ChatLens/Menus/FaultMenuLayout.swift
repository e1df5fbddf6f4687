internal import ChatWire

/// Where the parts of the faults menu are in an area.
struct FaultMenuLayout {
  /// What stands in a row.
  enum Kind {
    case heading(String, hasDirections: Bool)
    /// Something that can be chosen, by its place in the menu's lines.
    case line(Int)
  }

  /// Cells of an amount with the signs around it; its left half lowers, its right half raises.
  static let amountWidth = 10

  /// The whole menu.
  let box: Area
  /// What stands in the rows that are seen.
  let rows: [(row: Int, kind: Kind)]
  /// There are more rows above those that are seen, or below.
  let isCutAbove: Bool
  let isCutBelow: Bool
  /// The rules in force, wrapped, and the first of their rows.
  let inForce: [String]
  let inForceRow: Int
  /// The row of the sentence about what is chosen, if there is room, and of the keys.
  let helpRow: Int?
  let keysRow: Int
  /// The first column that is written in, and the one behind the last.
  let column: Int
  let endColumn: Int
  /// The first columns of the amounts to and from the server, and their width.
  let cellColumns: (toServer: Int, fromServer: Int)
  let cellWidth: Int

  /// There is room for whole words.
  var isWide: Bool { cellWidth >= 16 }

  /// Lays a menu out.
  init(_ menu: FaultMenu, in area: Area) {
    let width = min(area.columns, 76)
    let inside = max(0, width - 4)
    cellWidth = inside >= 62 ? 17 : max(1, min(11, (inside - 14) / 2))
    var body = Self.body(menu, isSpacious: area.rows >= 20)
    let text = "in force: " + Self.text(menu.rules)
    let wrapped = WrappedText.lines(text, width: max(1, inside), indentation: 2)
    // Rows of the border, of the help, and of at least one line about the rules in force.
    let helpRows = area.rows >= 16 ? 2 : 1
    let available = max(0, area.rows - 2 - helpRows)
    let inForceMin = min(wrapped.count, area.rows >= 20 ? 3 : 1)
    let inForceRows = min(wrapped.count, max(inForceMin, available - body.count))
    let bodyRows = max(0, min(body.count, available - inForceRows))
    let first = Self.firstSeen(of: body, rows: bodyRows, around: menu.selection)
    isCutAbove = first > 0
    isCutBelow = first + bodyRows < body.count
    body = Array(body[first...].prefix(bodyRows))
    let boxRows = min(area.rows, 2 + helpRows + inForceRows + bodyRows)
    box = Area(
      row: area.row + (area.rows - boxRows) / 2, column: area.column + (area.columns - width) / 2,
      rows: boxRows, columns: width)
    column = box.column + 2
    endColumn = box.endColumn - 2
    cellColumns = (endColumn - 2 * cellWidth, endColumn - cellWidth)

    var inner = box.inset()
    let top = inner.takeTop(bodyRows)
    rows = body.prefix(top.rows).enumerated().map { (top.row + $0.offset, $0.element) }
    keysRow = inner.takeBottom(1).row
    helpRow = helpRows == 2 && inner.rows > 1 ? inner.takeBottom(1).row : nil
    inForceRow = inner.row
    var shown = Array(wrapped.prefix(min(inForceRows, inner.rows)))
    if shown.count < wrapped.count, let last = shown.popLast() {
      shown.append(String(last.prefix(max(0, inside - 4))) + " ...")
    }
    inForce = shown
  }

  /// All rows of the menu.
  private static func body(_ menu: FaultMenu, isSpacious: Bool) -> [Kind] {
    var body: [Kind] = [.heading("all the time", hasDirections: true)]
    let lines = menu.lines
    for (index, line) in lines.enumerated() {
      if case .shot(.loseData) = line {
        body.append(.heading("once", hasDirections: false))
      }
      if case .other = line, index > 0, case .shot = lines[index - 1] {
        if isSpacious { body.append(.heading("other rules", hasDirections: false)) }
      }
      body.append(.line(index))
    }
    return body
  }

  /// The first of so many rows with the line that is chosen among them.
  private static func firstSeen(of body: [Kind], rows: Int, around selection: Int) -> Int {
    let place = body.firstIndex { if case .line(selection) = $0 { true } else { false } } ?? 0
    return max(0, min(place - rows / 2, body.count - rows))
  }

  /// Rules on one line.
  static func text(_ rules: FaultRules) -> String {
    rules.isEmpty ? "nothing" : rules.rules.map(\.description).joined(separator: "; ")
  }

  /// The direction of a column, and how far it is from the first cell of the amount.
  func cell(at column: Int) -> (direction: Direction, offset: Int)? {
    guard column >= cellColumns.toServer, column < endColumn else { return nil }
    return column < cellColumns.fromServer
      ? (.clientToServer, column - cellColumns.toServer)
      : (.serverToClient, column - cellColumns.fromServer)
  }
}
