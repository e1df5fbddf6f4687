/// Draws a demonstration beside the lens: which step is shown, and what it means.
public struct LessonView: Sendable {
  private let lesson: Lesson
  private let lens: Lens
  private let signs: Signs

  /// A view of a demonstration at the step that the lens shows.
  public init(_ lesson: Lesson, lens: Lens, signs: Signs) {
    self.lesson = lesson
    self.lens = lens
    self.signs = signs
  }

  /// Draws it: a heading, the explanation, and what the keys do.
  public func draw(on canvas: inout Canvas, in area: Area) {
    guard area.rows >= 2, area.columns >= 10 else { return }
    var rest = area
    canvas.clear(area)
    let heading = rest.takeTop(1)
    canvas.rule(
      row: heading.row, column: heading.column, columns: heading.columns, title: title, signs,
      .bold)
    if rest.rows >= 4 {
      let keys = rest.takeBottom(1)
      canvas.put(
        "F8 or ] on   F7 or [ back   Esc ends the demonstration", row: keys.row,
        column: keys.column + 1, width: keys.columns - 1, .dim)
    }
    var row = rest.row
    for (text, style) in paragraphs {
      for line in WrappedText.lines(text, width: rest.columns - 2) where row < rest.endRow {
        canvas.put(line, row: row, column: rest.column + 1, style)
        row += 1
      }
    }
  }

  private var number: Int { lens.shown - 1 }

  private var title: String {
    let name = "demonstration: \(lesson.subject.rawValue)"
    guard let step = lesson.step(at: number) else { return name }
    return "\(name), step \(step) of \(lesson.steps.count)" + (lesson.isComplete ? "" : " so far")
  }

  /// What there is to say about the step that is shown.
  private var paragraphs: [(String, CellStyle)] {
    guard let moment = lens.current, lesson.step(at: number) != nil else {
      return [(lesson.introduction, .plain)]
    }
    let explanation = Explanation(moment.event, mode: lesson.mode)
    var result: [(String, CellStyle)] = []
    if number == lesson.steps.first { result.append((lesson.introduction, .dim)) }
    result.append((explanation.heading, .bold))
    result.append((explanation.text, .plain))
    if number == lesson.steps.last, let summary = lesson.summary {
      result.append((summary, CellStyle(.green)))
    }
    return result
  }
}
