@testable import chat_client

/// What a terminal of the xterm family shows, as far as libedit and the client use it.
struct VirtualScreen {
  private let columns: Int
  private let rows: Int
  private var cells: [[Character]]
  private(set) var row = 0
  private(set) var column = 0
  private var decoder = InputDecoder()
  private var sequence: String?
  /// Sequences that it does not know.
  private(set) var unknown: [String] = []
  /// Lines that went out at the top.
  private(set) var scrolled: [String] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// All lines without the blanks at their ends, and without empty ones at the bottom.
  var text: String {
    var lines = cells.map(Self.line)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static func line(_ cells: [Character]) -> String {
    var line = String(cells.filter { $0 != "\0" })
    while line.last == " " { line.removeLast() }
    return line
  }

  mutating func receive(_ bytes: ArraySlice<UInt8>) {
    decoder.receive(bytes)
    while let scalar = decoder.next() { receive(scalar) }
  }

  private mutating func receive(_ scalar: Unicode.Scalar) {
    if let begun = sequence {
      let whole = begun + String(scalar)
      let isCSI = whole.hasPrefix("[")
      let isEnd = isCSI ? (whole.count > 1 && 0x40...0x7E ~= scalar.value) : true
      sequence = isEnd ? nil : whole
      if isEnd { obey(whole) }
      return
    }
    switch scalar {
    case "\u{1b}": sequence = ""
    case "\r": column = 0
    case "\n": nextRow()
    case "\u{8}": column = max(0, column - 1)
    case "\u{7}": break
    default: put(scalar)
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = PromptLayout(columns: 1_000, [scalar]).column
    if column + width > columns {
      column = 0
      nextRow()
    }
    cells[row][column] = Character(scalar)
    if width == 2 { cells[row][column + 1] = "\0" }
    // The cursor stays behind the last column until something more is written.
    column += width
  }

  private mutating func nextRow() {
    row += 1
    guard row == rows else { return }
    scrolled.append(Self.line(cells.removeFirst()))
    cells.append(Array(repeating: " ", count: columns))
    row -= 1
  }

  private mutating func obey(_ whole: String) {
    guard whole.hasPrefix("["), let command = whole.last else {
      unknown.append(whole)
      return
    }
    let numbers = whole.dropFirst().dropLast().split(separator: ";").map { Int($0) ?? 0 }
    let count = max(1, numbers.first ?? 1)
    switch command {
    case "A": row = max(0, row - count)
    case "B": row = min(rows - 1, row + count)
    case "C": column = min(columns - 1, column + count)
    case "D": column = max(0, column - count)
    case "G": column = min(columns, count) - 1
    case "H": (row, column) = (count - 1, max(1, numbers.dropFirst().first ?? 1) - 1)
    case "J":
      clear(from: numbers.first == 2 ? 0 : column, row: row)
      for other in (numbers.first == 2 ? 0 : row + 1)..<rows { clear(from: 0, row: other) }
    case "K": clear(from: column, row: row)
    case "P":
      cells[row].removeSubrange(column..<min(columns, column + count))
      cells[row] += Array(repeating: " ", count: columns - cells[row].count)
    case "@":
      cells[row].insert(contentsOf: Array(repeating: " ", count: count), at: column)
      cells[row].removeLast(cells[row].count - columns)
    case "m", "h", "l": break
    default: unknown.append(whole)
    }
  }

  private mutating func clear(from first: Int, row: Int) {
    for column in min(first, columns)..<columns { cells[row][column] = " " }
  }
}
