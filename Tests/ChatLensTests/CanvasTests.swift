import ChatLens
import Testing

@Suite struct CanvasTests {
  @Test func `what does not fit is cut off, also half of a wide character`() {
    var canvas = Canvas(rows: 2, columns: 6)
    canvas.put("hello world", row: 0, column: 2)
    canvas.put("日本語", row: 1, column: 1)
    canvas.put("outside", row: 2, column: 0)
    canvas.put("outside", row: 0, column: -1)
    #expect(canvas.text == "  hell\n 日本\n")
  }

  @Test func `half of a wide character that is written over is none`() {
    var canvas = Canvas(rows: 2, columns: 4)
    canvas.put("日本", row: 0, column: 0)
    canvas.put("x", row: 0, column: 1)
    canvas.put("日本", row: 1, column: 0)
    canvas.put("y", row: 1, column: 2)
    #expect(canvas.text == " x本\n日y\n")
  }

  @Test func `control characters never get here`() {
    var canvas = Canvas(rows: 1, columns: 8)
    canvas.put("a\u{1b}[2Jb\u{202e}", row: 0, column: 0)
    #expect(canvas.text == "a?[2Jb?\n")
  }

  @Test func `a mark stands on the letter before it`() {
    var canvas = Canvas(rows: 1, columns: 4)
    let used = canvas.put("e\u{301}x", row: 0, column: 0)
    #expect(used == 2)
    #expect(canvas[0, 0].text == "e\u{301}")
  }

  @Test(
    "text is wrapped between words",
    arguments: [
      ("one two three", 7, 0, ["one two", "three"]),
      ("one two three", 8, 2, ["one two", "three"]),
      ("one two three four", 10, 2, ["one two", "  three", "  four"]),
      ("abcdefghij", 4, 0, ["abcd", "efgh", "ij"]),
      ("日本語日本語", 5, 0, ["日本", "語日", "本語"]),
      ("", 5, 0, [""]),
    ])
  func wrapping(_ text: String, _ width: Int, _ indentation: Int, _ lines: [String]) {
    #expect(WrappedText.lines(text, width: width, indentation: indentation) == lines)
  }
}
