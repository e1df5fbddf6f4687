internal import ChatLens
internal import ChatWire

/// Who is here, with the mode and the window of each, as far as the server says.
struct PeoplePane {
  private(set) var people: [RosterLine] = []
  /// The first one that is shown.
  private var first = 0

  /// These are all.
  mutating func replace(with lines: [RosterLine]) {
    people = lines
    sort()
  }

  mutating func clear() {
    people = []
    first = 0
  }

  /// What happens changes who is here.
  mutating func take(_ notice: Notice, ownNickname: String?) {
    switch notice {
    case .joined(let name):
      guard index(name) == nil else { return }
      people.append(RosterLine(nickname: name))
    case .left(let name, _):
      if let index = index(name) { people.remove(at: index) }
    case .renamed(let old, let new):
      if let index = index(old) { people[index].nickname = new }
    case .nicknameAccepted(let name):
      if let index = people.firstIndex(where: \.isSelf) { people[index].nickname = name }
    case .refused, .shuttingDown, .welcome, .other: return
    }
    sort()
  }

  private func index(_ name: String) -> Int? {
    let key = Nickname.key(name)
    return people.firstIndex { Nickname.key($0.nickname) == key }
  }

  private mutating func sort() {
    people.sort {
      (Nickname.key($0.nickname), $0.nickname) < (Nickname.key($1.nickname), $1.nickname)
    }
    first = min(first, max(0, people.count - 1))
  }

  mutating func scroll(by count: Int, height: Int) {
    first = max(0, min(first + count, people.count - max(1, height - 1)))
  }

  /// The nickname in a row of the pane, counted from its heading.
  func nickname(inRow row: Int) -> String? {
    let index = first + row - 1
    return row > 0 && people.indices.contains(index) ? people[index].nickname : nil
  }

  // MARK: view

  func draw(on canvas: inout Canvas, in area: Area, _ signs: Signs) {
    guard area.rows > 1, area.columns > 3 else { return }
    for row in area.row..<area.endRow {
      canvas.put(signs.vertical, row: row, column: area.column, .dim)
    }
    let inside = Area(
      row: area.row, column: area.column + 2, rows: area.rows, columns: area.columns - 2)
    let heading = people.isEmpty ? "nobody known" : "here (\(people.count))"
    canvas.put(heading, row: inside.row, column: inside.column, width: inside.columns, .bold)
    for row in 1..<inside.rows {
      let index = first + row - 1
      guard people.indices.contains(index) else { return }
      let left = people.count - index
      if row == inside.rows - 1, left > 1 {
        canvas.put(
          "+\(left) more", row: inside.row + row, column: inside.column, width: inside.columns,
          .dim)
        return
      }
      draw(people[index], on: &canvas, row: inside.row + row, inside)
    }
  }

  private func draw(_ person: RosterLine, on canvas: inout Canvas, row: Int, _ area: Area) {
    let connection: String
    if person.isClassic {
      connection = "classic"
    } else if let mode = person.mode {
      connection = mode.name + (person.windowSize.map { " \($0)" } ?? "")
    } else {
      connection = ""
    }
    let width = Canvas.width(of: connection)
    let name = EscapedText.line(person.nickname) + (person.isSelf ? " (you)" : "")
    canvas.put(
      name, row: row, column: area.column,
      width: max(0, area.columns - (width == 0 ? 0 : width + 1)),
      person.isSelf ? .bold : .plain)
    canvas.put(connection, row: row, column: area.endColumn - width, .dim)
  }
}
