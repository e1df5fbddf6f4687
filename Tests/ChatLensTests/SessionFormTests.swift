import ChatLens
import ChatWire
import TestSupport
import Testing

@Suite struct SessionFormTests {
  private let signs = Signs(isUnicode: true)
  private let choices = SessionChoices(host: "chat.example", port: 5_001, nickname: "ana")

  private func screen(
    _ form: SessionForm, rows: Int = 24, columns: Int = 80, _ signs: Signs? = nil
  ) -> Canvas {
    var canvas = Canvas(rows: rows, columns: columns)
    form.draw(on: &canvas, in: canvas.area, signs: signs ?? self.signs)
    return canvas
  }

  /// Gives keys; returns what the last one did.
  private func press(_ form: inout SessionForm, _ keys: [Key]) -> SessionForm.Outcome {
    var last = SessionForm.Outcome.none
    for key in keys { last = form.handle(key) }
    return last
  }

  private func typing(_ text: String) -> [Key] { text.map { .character($0) } }

  @Test(
    "a fresh form fits every screen",
    arguments: [(24, 80, "80x24"), (43, 132, "132x43"), (12, 40, "40x12")])
  func fresh(_ rows: Int, _ columns: Int, _ name: String) {
    let canvas = screen(SessionForm(SessionChoices()), rows: rows, columns: columns)
    expectGolden(canvas.text, named: "form-\(name).txt")
    let cursor = canvas.cursor
    #expect(cursor != nil)
  }

  @Test func `an error of the last attempt stands on top, and each mistake beside its field`() {
    var form = SessionForm(
      choices, error: "chat.example:5001 cannot be reached: connection refused.")
    let wrong: [Key] =
      [.control("u")] + typing("a b") + [.down, .control("u")] + typing("70000")
      + [.down] + typing("?!") + [.down, .down, .right, .down] + typing("0")
      + [.tab] + typing("x") + [.tab] + typing("2h")
    let last = press(&form, wrong)
    #expect(last == .changed)
    #expect(form.choices == nil)
    let entered = form.handle(.enter)
    #expect(entered == .none)
    expectGolden(screen(form).text, named: "form-errors.txt")
    expectGolden(
      screen(form, rows: 12, columns: 40, Signs(isUnicode: false)).text,
      named: "form-errors-40x12.txt")
  }

  @Test func `Enter hands out what the fields say`() {
    var form = SessionForm(choices)
    let keys: [Key] =
      [.down, .down, .control("u")] + typing("bob") + [.down, .down, .right, .down]
      + typing("64") + [.down] + typing("512") + [.down] + typing("0.5")
    let changed = press(&form, keys)
    #expect(changed == .changed)
    let outcome = form.handle(.enter)
    #expect(
      outcome
        == .done(
          SessionChoices(
            host: "chat.example", port: 5_001, nickname: "bob", mode: .selectiveRepeat,
            windowSize: 64, fragmentSizeMax: 512, timeout: .milliseconds(500))))
  }

  @Test func `the classic dialect has no choice of protocol and other usual values`() {
    var form = SessionForm(choices)
    _ = press(&form, [.down, .down, .down, .character(" "), .down])
    expectGolden(screen(form).text, named: "form-classic.txt")
  }

  @Test func `while connected, what is changed says what will happen`() {
    var form = SessionForm(choices, purpose: .settings(current: choices))
    let untouched = screen(form).text
    #expect(!untouched.contains("reconnecting"))
    let keys: [Key] = [.tab, .character("0"), .tab, .character("2"), .tab, .tab, .right, .tab]
    _ = press(&form, keys + typing("32") + [.end, .pageDown])
    let canvas = screen(form)
    expectGolden(canvas.text, named: "form-settings.txt")
    let isReversed = canvas.cells.contains { $0.style.isReversed }
    #expect(isReversed)
    let outcome = form.handle(.character(" "))
    #expect(
      outcome
        == .done(
          SessionChoices(
            host: "chat.example", port: 50_010, nickname: "ana2", mode: .selectiveRepeat,
            windowSize: 32)))
  }

  @Test func `Escape cancels, and a question mark is help where nothing is typed`() {
    var form = SessionForm(choices)
    let typed = form.handle(.character("?"))
    #expect(typed == .changed)
    let onChoice = press(&form, [.down, .down, .down, .character("?")])
    #expect(onChoice == .unhandled)
    let onButton = press(&form, [.pageDown, .character("?")])
    #expect(onButton == .unhandled)
    let cancelled = form.handle(.escape)
    #expect(cancelled == .cancelled)
  }

  @Test func `the mouse focuses fields, makes choices and presses the button`() {
    var form = SessionForm(choices)
    let canvas = screen(form)
    func place(of text: String) -> (row: Int, column: Int) {
      let lines = canvas.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (row, line) in lines.enumerated() {
        for column in 0..<line.count where line.dropFirst(column).hasPrefix(text) {
          return (row, column)
        }
      }
      return (-1, -1)
    }
    func press(_ text: String) -> SessionForm.Outcome {
      let place = place(of: text)
      return form.handle(
        MouseInput(.press, row: place.row, column: place.column), in: canvas.area)
    }
    let repair = press("Selective")
    #expect(repair == .changed)
    #expect(form.choices?.mode == .selectiveRepeat)
    let again = press("Selective")
    #expect(again == .none)
    let field = press("[16")
    #expect(field == .none)
    let pasted = form.paste("2\n3")
    #expect(pasted == .changed)
    #expect(form.choices?.windowSize == 2)
    let button = press("[ Connect")
    #expect(button == .done(form.choices ?? SessionChoices()))
    let outside = form.handle(MouseInput(.press, row: 0, column: 0), in: canvas.area)
    #expect(outside == .none)
  }

  @Test func `choices are remembered as text`() {
    let all = SessionChoices(
      host: "::1", port: 1, nickname: "ñ", isClassic: true, mode: .selectiveRepeat,
      windowSize: 16_384, fragmentSizeMax: 1, timeout: .microseconds(1_500))
    #expect(SessionChoices(remembered: all.text) == all)
    #expect(SessionChoices(remembered: choices.text) == choices)
    #expect(choices.text.hasPrefix("host = chat.example\nport = 5001\nnickname = ana\n"))
    let odd = "host=\nport = 0\n=\nnickname = a b\nprotocol = x\nwindow-size = 1e3\nclassic\n\u{0}"
    #expect(SessionChoices(remembered: odd, others: choices) == choices)
  }

  @Test func `a form with more fields than rows is scrolled to the one in focus`() {
    var form = SessionForm(choices)
    let top = screen(form, rows: 8, columns: 40).text
    _ = press(&form, [.pageDown])
    expectGolden(top + screen(form, rows: 8, columns: 40).text, named: "form-scrolled.txt")
  }

  @Test func `no screen is too small, and no text too odd`() {
    var generator = SeededGenerator(seed: 7)
    var form = SessionForm(choices, error: "It went wrong. " + String(repeating: "x", count: 200))
    let keys: [Key] = [
      .down, .tab, .up, .right, .character(" "), .character("\u{1b}"), .character("日"),
      .backspace, .control("w"), .home, .delete, .enter, .pageDown, .backTab, .control("r"),
    ]
    for _ in 0..<500 {
      _ = form.handle(keys[Int(generator.next() % UInt64(keys.count))])
      let rows = Int(generator.next() % 30)
      let columns = Int(generator.next() % 100)
      let canvas = screen(form, rows: rows, columns: columns)
      let mouse = MouseInput(
        .press, row: Int(generator.next() % 30), column: Int(generator.next() % 100))
      _ = form.handle(mouse, in: canvas.area)
    }
    #expect(screen(form).text.contains("Server"))
  }
}
