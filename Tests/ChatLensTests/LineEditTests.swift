import ChatLens
import TestSupport
import Testing

@Suite struct LineEditTests {
  /// The text with a bar where the cursor is.
  private func shown(_ line: LineEdit) -> String {
    line.beginning + "|" + line.text.dropFirst(line.cursor)
  }

  private func line(_ text: String, _ keys: [Key], history: [String] = []) -> LineEdit {
    var line = LineEdit(history: InputHistory(history))
    line.set(text)
    for key in keys { _ = line.handle(key) }
    return line
  }

  @Test(
    "keys move and delete",
    arguments: [
      ("one two", [Key.left, .control("b"), .backspace], "one |wo"),
      ("one two", [.home, .right, .control("f"), .delete], "on| two"),
      ("one two", [.control("a"), .control("d"), .control("e")], "ne two|"),
      ("one, two_2", [.controlLeft, .altLeft], "|one, two_2"),
      ("one, two_2", [.home, .controlRight, .alt("f"), .alt("b")], "one, |two_2"),
      ("say /a/b ", [.control("w")], "say |"),
      ("say /a/b ", [.altBackspace], "say /a/|"),
      ("one two", [.home, .alt("d")], "| two"),
      ("one two", [.alt("b"), .control("u")], "|two"),
      ("one two", [.alt("b"), .control("k")], "one |"),
      ("one two", [.alt("b"), .control("k"), .control("a"), .control("y")], "two|one "),
      ("a b c", [.control("w"), .control("w"), .end, .control("y")], "a b c|"),
      ("a b c", [.control("w"), .end, .control("w"), .control("y")], "a b |"),
      ("abc", [.control("t")], "acb|"),
      ("abc", [.left, .left, .control("t")], "ba|c"),
      ("a", [.control("t"), .home, .control("t"), .backspace, .left], "|a"),
      ("a", [.altEnter, .character("b")], "a\nb|"),
    ])
  func keys(_ text: String, _ keys: [Key], _ expected: String) {
    #expect(shown(line(text, keys)) == expected)
  }

  @Test func `a mark joins the character before it`() {
    let typed = line("", [.character("e"), .character("\u{301}"), .character("👩")])
    #expect(typed.cursor == 2)
    let joined = line("👩", [.character("\u{200D}"), .character("👩"), .character("x"), .left])
    #expect(joined.cursor == 1)
    #expect(shown(line("xe\u{301}", [.backspace])) == "x|")
    let many = String(repeating: "\u{301}", count: 100)
    #expect(line("e" + many, []).text == "e" + many)
    #expect(line("e" + many, []).cursor == 4)
  }

  @Test func `an empty line leaves Ctrl-D, Tab and others to the client`() {
    var line = LineEdit()
    for key in [Key.control("d"), .tab, .escape, .pageUp, .control("c"), .function(1)] {
      let outcome = line.handle(key)
      #expect(outcome == .unhandled)
    }
    let moved = line.handle(.backspace)
    #expect(moved == .moved)
  }

  @Test func `Enter hands the text out and empties the line`() {
    var line = line("hello", [.left])
    let outcome = line.handle(.enter)
    #expect(outcome == .entered("hello"))
    #expect(line.isEmpty)
  }

  @Test func `a half-typed line comes back from the history, with its cursor`() {
    let history = ["first", "second"]
    #expect(shown(line("half", [.left, .up], history: history)) == "second|")
    #expect(shown(line("half", [.left, .up, .up, .up], history: history)) == "first|")
    let keys: [Key] = [.left, .up, .control("p"), .control("n"), .down, .down]
    #expect(shown(line("half", keys, history: history)) == "hal|f")
  }

  @Test func `the history is bounded and keeps nothing that begins with a space`() {
    var line = LineEdit()
    for text in ["", " secret", "a", "a", "b"] { line.remember(text) }
    #expect(line.history.lines == ["a", "b"])
    for number in 0..<2_000 { line.remember("line \(number)") }
    #expect(line.history.lines.count == 1_000)
    #expect(line.history.lines.first == "line 1000")
  }

  @Test func `Ctrl-R finds the newest line, again an older one`() {
    let history = ["drop 10%", "hello", "drop 20%"]
    let wanted: [Key] = [.control("r"), .character("d"), .character("r")]
    #expect(shown(line("x", wanted + [.enter], history: history)) == "drop 20%|")
    #expect(shown(line("x", wanted + [.control("r"), .enter], history: history)) == "drop 10%|")
    #expect(shown(line("x", wanted + [.escape], history: history)) == "x|")
    #expect(shown(line("x", wanted + [.control("g")], history: history)) == "x|")
    #expect(shown(line("x", wanted + [.home], history: history)) == "|drop 20%")
    let back: [Key] = [.backspace, .backspace, .character("h"), .enter]
    #expect(shown(line("x", wanted + back, history: history)) == "hello|")
    #expect(shown(line("x", [.control("r"), .enter], history: history)) == "x|")
  }

  @Test func `a completion takes the place of the end of what was typed`() {
    var line = line("hi an", [])
    line.complete(replacedCount: 2, replacement: "ana ")
    #expect(shown(line) == "hi ana |")
    line.complete(replacedCount: 99, replacement: "b")
    #expect(shown(line) == "b|")
    line.complete(replacedCount: -1, replacement: "c")
    #expect(shown(line) == "bc|")
  }

  @Test func `what is pasted stays one message, and no more than a mebibyte`() {
    var line = LineEdit()
    line.paste("one\r\ntwo\rthree\n")
    #expect(line.text == "one\ntwo\nthree\n")
    line.paste(String(repeating: "日", count: 400_000))
    #expect(line.text.utf8.count <= LineEdit.byteCountMax)
    #expect(line.text.utf8.count > LineEdit.byteCountMax - 3)
    let outcome = line.handle(.character("日"))
    #expect(outcome == .moved)
    let text = line.take()
    #expect(text.hasPrefix("one\ntwo"))
    #expect(line.isEmpty)
    line.paste("again")
    #expect(line.text == "again")
  }

  @Test func `whatever is pressed, the cursor stands in the text`() {
    var generator = SeededGenerator(seed: 11)
    var line = LineEdit(history: InputHistory(["one two", "日本語", "e\u{301}\u{200D}"]))
    let keys: [Key] =
      "a ñ\u{301}日👩\u{200D}🇪🇸_".map { .character($0) }
      + "abdefhknptuwyr".map { .control($0) } + "bdf".map { .alt($0) }
      + [.left, .right, .up, .down, .home, .end, .backspace, .delete, .altBackspace, .enter]
    for _ in 0..<20_000 {
      _ = line.handle(keys[Int(generator.next() % UInt64(keys.count))])
      let text = line.text
      let isInText = text.unicodeScalars.starts(with: line.beginning.unicodeScalars)
      #expect(isInText)
      if text.utf8.count > 300 { _ = line.take() }
    }
    line.set("")
    #expect(line.isEmpty)
  }
}
