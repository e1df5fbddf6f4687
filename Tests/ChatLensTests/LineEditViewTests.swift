import ChatLens
import TestSupport
import Testing

@Suite struct LineEditViewTests {
  private let signs = Signs(isUnicode: true)
  private let ascii = Signs(isUnicode: false)

  private func shown(_ line: LineEdit, width: Int, _ signs: Signs) -> String {
    let (texts, column) = line.view(width: width, signs: signs)
    var canvas = Canvas(rows: 1, columns: width)
    let used = canvas.put(texts, row: 0, column: 0)
    #expect(used <= width)
    #expect((0..<width).contains(column))
    return "[" + canvas.text.dropLast() + "] \(column)"
  }

  @Test func `the cursor is always seen, and signs show where the line is cut`() {
    var line = LineEdit("The quick brown fox jumps over the lazy dog 日本語 and back again.")
    var screen = ""
    for _ in 0..<12 {
      screen += shown(line, width: 24, signs) + "\n"
      for _ in 0..<6 { _ = line.handle(.left) }
    }
    expectGolden(screen, named: "line-scrolled.txt")
  }

  @Test func `the cursor is seen at every place and in every width`() {
    let text = "añ日本\tb\u{202e}e\u{301}👩‍👩‍👧 x\u{ad}y end of it all 日本語日本語"
    for width in 1...40 {
      var line = LineEdit(text)
      while true {
        let (texts, column) = line.view(width: width, signs: signs)
        let cells = texts.reduce(0) { $0 + Canvas.width(of: $1.text) }
        let isSeen = column < width && cells <= width
        #expect(isSeen, "width \(width), cursor \(line.cursor)")
        if line.cursor == 0 { break }
        _ = line.handle(.left)
      }
    }
  }

  @Test func `what would disturb the terminal is shown by a sign`() {
    let line = LineEdit("a\u{1b}[2J\u{202e}b\nc\u{ad}")
    #expect(shown(line, width: 20, signs) == "[a\u{FFFD}[2J\u{FFFD}b⏎c\u{FFFD}] 10")
    #expect(shown(line, width: 20, ascii) == "[a?[2J?b\\nc?] 11")
    let (texts, _) = line.view(width: 20, signs: signs)
    #expect(texts[1] == StyledText("\u{FFFD}", .dim))
  }

  @Test func `a search shows what is looked for and what was found`() {
    let history = InputHistory(["a long line of the history that says hello somewhere", "other"])
    var line = LineEdit(history: history)
    var screen = ""
    for key in [Key.control("r"), .character("o"), .control("r"), .character("x")] {
      _ = line.handle(key)
      screen += shown(line, width: 60, signs) + "\n" + shown(line, width: 16, ascii) + "\n"
    }
    for key in [Key.backspace, .backspace, .character("h"), .character("e"), .character("l")] {
      _ = line.handle(key)
    }
    screen += shown(line, width: 40, signs) + "\n"
    expectGolden(screen, named: "line-search.txt")
  }

  @Test func `a key in a mebibyte costs no more than the screen is wide`() {
    var line = LineEdit(String(repeating: "日本語 text ", count: 60_000))
    for _ in 0..<5_000 {
      _ = line.handle(.character("x"))
      _ = line.view(width: 80, signs: signs)
      _ = line.handle(.left)
    }
    #expect(line.text.utf8.count > 900_000)
  }
}
