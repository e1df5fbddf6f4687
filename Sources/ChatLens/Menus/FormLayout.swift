/// Where the parts of a form are in an area.
struct FormLayout {
  /// The whole form.
  let box: Area
  /// The lines of the message above the fields, and the first of their rows.
  private(set) var message: [String] = []
  private(set) var messageRow = 0
  /// The row of each field; -1 if it is scrolled away.
  private(set) var fieldRows: [Int] = []
  /// There are more fields above those that are seen; or fields, or the button, below.
  private(set) var isCutAbove = false
  private(set) var isCutBelow = false
  /// Where the button is; empty if it is scrolled away.
  private(set) var button = Area(row: 0, column: 0, rows: 0, columns: 0)
  /// The lines below the fields, and the first of their rows.
  private(set) var help: [String] = []
  private(set) var helpRow = 0
  /// The first column of labels.
  let labelColumn: Int
  /// The first column of values.
  let valueColumn: Int
  /// The column behind the last that is written in.
  let endColumn: Int

  /// Cells of a text that is typed, its brackets not counted.
  var textWidth: Int { max(1, min(24, endColumn - valueColumn - 2)) }

  /// Lays a form out.
  init(_ form: Form, in area: Area) {
    let labelWidth = form.fields.reduce(0) { max($0, Canvas.width(of: $1.label)) }
    let width = min(area.columns, max(80, min(104, area.columns * 3 / 4)))
    let inside = max(0, width - 4)
    let message = form.message.map { WrappedText.lines($0, width: inside) } ?? []
    let shownMessage = Array(message.prefix(area.rows >= 18 ? 3 : 1))
    let help = WrappedText.lines(form.help, width: inside)
    let helpRows = area.rows >= 18 ? 2 : 1
    // Blank lines are the first thing that has no room.
    let items = form.fields.count + 1
    let least = items + shownMessage.count + helpRows + 2
    let spare = max(0, area.rows - least)
    let hasBlanks = spare >= 3
    let messageBlank = shownMessage.isEmpty ? 0 : 1
    let rows = min(area.rows, least + (hasBlanks ? 2 + (spare >= 4 ? messageBlank : 0) : 0))
    box = Area(
      row: area.row + (area.rows - rows) / 2, column: area.column + (area.columns - width) / 2,
      rows: rows, columns: width)
    labelColumn = box.column + 4
    valueColumn = labelColumn + labelWidth + 2
    endColumn = box.endColumn - 2

    var inner = box.inset()
    self.message = shownMessage
    messageRow = inner.takeTop(shownMessage.count).row
    if hasBlanks, spare >= 4 { _ = inner.takeTop(messageBlank) }
    self.help = Array(help.prefix(helpRows))
    helpRow = inner.takeBottom(helpRows).row
    if hasBlanks { _ = inner.takeBottom(1) }
    place(form, in: inner, hasBlank: hasBlanks)
  }

  /// Gives each field and the button a row, those around the focus if there are too few.
  private mutating func place(_ form: Form, in inner: Area, hasBlank: Bool) {
    let count = form.fields.count
    let items = count + 1
    let hidden = max(0, items - inner.rows)
    let first = min(hidden, max(0, form.focus - inner.rows / 2))
    func row(_ item: Int) -> Int {
      let row = inner.row + item - first + (hasBlank && item == count ? 1 : 0)
      return item >= first && row < inner.endRow ? row : -1
    }
    fieldRows = (0..<count).map(row)
    isCutAbove = first > 0
    isCutBelow = row(count) < 0
    guard row(count) >= 0 else { return }
    let width = Canvas.width(of: form.button.label) + 4
    button = Area(
      row: row(count), column: min(valueColumn, max(box.column, endColumn - width)), rows: 1,
      columns: width)
  }

  /// All words of a choice have room beside each other.
  func showsAll(_ words: [String]) -> Bool {
    words.reduce(-2) { $0 + Self.width(ofChoice: $1) } <= endColumn - valueColumn
  }

  /// How many cells a word of a choice takes, with the mark before it and the room behind it.
  static func width(ofChoice word: String) -> Int { Canvas.width(of: word) + 6 }
}
