internal import ChatLens

/// Which part of the screen is for what.
struct FullScreenLayout {
  /// How much of the screen the lens takes.
  enum LensSize: CaseIterable {
    case normal, large, hidden
  }

  var title: Area
  var conversation: Area
  /// Empty where there is no room.
  var people: Area
  /// Empty without a demonstration.
  var lesson: Area
  /// Empty where there is no room.
  var lens: Area
  var status: Area
  var input: Area

  init(rows: Int, columns: Int, lens lensSize: LensSize, hasLesson: Bool) {
    var rest = Area(row: 0, column: 0, rows: rows, columns: columns)
    input = rest.takeBottom(1)
    status = rest.takeBottom(rows >= 4 ? 1 : 0)
    title = rest.takeTop(rows >= 6 ? 1 : 0)
    let lensRows: Int
    switch lensSize {
    case .hidden: lensRows = 0
    // Below that it would show nothing of use.
    case .normal: lensRows = rest.rows < 12 || columns < 40 ? 0 : max(8, rest.rows * 11 / 20)
    case .large: lensRows = rest.rows < 8 ? 0 : rest.rows - 3
    }
    lens = rest.takeBottom(lensRows)
    // Beside the conversation where that leaves both enough, else beneath it.
    if !hasLesson {
      lesson = rest.takeBottom(0)
    } else if columns >= 110 {
      lesson = rest.takeRight(columns / 2)
    } else {
      lesson = rest.takeBottom(min(9, rest.rows - 2))
    }
    let peopleColumns = hasLesson || columns < 60 || rest.rows < 3 ? 0 : columns < 100 ? 18 : 26
    people = rest.takeRight(peopleColumns)
    // A blank between the text and the line.
    if peopleColumns > 0 { _ = rest.takeRight(1) }
    conversation = rest
  }
}
