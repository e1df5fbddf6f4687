import ChatLens
import ChatWire
import TestSupport
import Testing

@Suite struct FaultMenuTests {
  private let signs = Signs(isUnicode: true)

  private func rules(_ text: String) throws -> FaultRules { try FaultRules(parsing: text) }

  /// The rules that are set when keys are pressed, as texts.
  private func press(_ menu: inout FaultMenu, _ keys: [Key]) -> [String] {
    var texts: [String] = []
    for key in keys {
      if case .set(let all) = menu.handle(key) { texts += all.map(\.description) }
    }
    return texts
  }

  private func screen(_ menu: FaultMenu, rows: Int = 24, columns: Int = 80) -> Canvas {
    var canvas = Canvas(rows: rows, columns: columns)
    menu.draw(on: &canvas, in: canvas.area, signs: signs)
    return canvas
  }

  @Test func `each change of an amount acts at once, in its direction`() {
    var menu = FaultMenu()
    let loss = press(&menu, [.right, .character("+"), .character("l"), .left])
    #expect(loss == ["drop 1% c2s", "drop 2% c2s", "drop 5% c2s", "drop 2% c2s"])
    let back = press(&menu, [.tab, .down, .right, .up, .tab, .character("-"), .character("h")])
    #expect(
      back == [
        "drop 2% c2s\ncorrupt payload 1% s2c", "drop 1% c2s\ncorrupt payload 1% s2c",
        "corrupt payload 1% s2c",
      ])
    let nothing = press(&menu, [.left, .left])
    #expect(nothing.isEmpty, "less than nothing is nothing")
  }

  @Test func `a delay and its jitter are one rule, and reordering has a gap`() {
    var menu = FaultMenu()
    let delay = press(&menu, [.down, .down, .right, .down, .right, .up, .left])
    #expect(
      delay == [
        "delay 10ms c2s", "delay 10ms jitter 10ms c2s", "delay 0s jitter 10ms c2s",
      ])
    let gone = press(&menu, [.down, .delete])
    #expect(gone == [""])
    let others = press(&menu, [.down, .right, .down, .right])
    #expect(others == ["duplicate 1% c2s", "duplicate 1% c2s\nreorder gap 3 1% c2s"])
  }

  @Test func `the last step is the end, and a rule that always acts is all of it`() {
    var menu = FaultMenu()
    let steps = press(&menu, Array(repeating: .right, count: 12))
    #expect(steps.last == "drop c2s")
    #expect(steps.count == 9)
    let lower = press(&menu, [.left])
    #expect(lower == ["drop 75% c2s"])
  }

  @Test func `a number and Enter set an exact amount, or say why not`() {
    var menu = FaultMenu()
    let exact = press(&menu, "12.55".map { .character($0) } + [.backspace, .enter])
    #expect(exact == ["drop 12.5% c2s"])
    let next = press(&menu, [.right, .left])
    #expect(next == ["drop 20% c2s", "drop 10% c2s"])
    let wrong = press(&menu, "101".map { .character($0) } + [.enter])
    #expect(wrong.isEmpty)
    expectGolden(screen(menu).text, named: "faults-wrong.txt")
    let given = press(&menu, [.character("7"), .escape, .enter])
    #expect(given.isEmpty, "Escape gives the number up, not the menu")
    let time = press(&menu, [.down, .down] + "1.5".map { .character($0) } + [.enter])
    #expect(time == ["drop 10% c2s\ndelay 1500us c2s"])
    let zero = press(&menu, [.character("0"), .enter])
    #expect(zero == ["drop 10% c2s"])
  }

  @Test func `a shot is left out once before it is armed, and can be taken back`() {
    var menu = FaultMenu()
    let armed = press(&menu, [.character("d"), .character("A")])
    let data = "drop DATA c2s first 1"
    #expect(armed == ["", data, data, data + "\ndrop ACK s2c first 1"])
    let back = press(&menu, [.character("d")])
    #expect(back == ["drop ACK s2c first 1"])
    let chosen = press(&menu, Array(repeating: .down, count: 10) + [.right, .enter])
    #expect(chosen.last == "drop ACK s2c first 1\ndelay 2s DATA s2c first 1")
  }

  @Test func `a shot that has acted is out of force and shown as done`() throws {
    var menu = FaultMenu(rules: try rules("drop 10% c2s"))
    _ = press(&menu, [.character("d"), .character("U")])
    let other = menu.shotFired(rule: "drop 10% c2s")
    #expect(!other)
    let fired = menu.shotFired(rule: "drop DATA c2s first 1")
    #expect(fired)
    let again = menu.shotFired(rule: "drop DATA c2s first 1")
    #expect(!again)
    #expect(menu.rules.description == "drop 10% c2s\nduplicate DATA s2c first 1")
    expectGolden(screen(menu).text, named: "faults-shots.txt")
    let armed = press(&menu, [.character("d")])
    #expect(armed.count == 2)
    #expect(armed.first?.contains("first 1\n") == false)
    #expect(!screen(menu).text.contains("done"))
  }

  @Test(
    "every shot is in the spelling of its rule",
    arguments: ["d", "c", "a", "u", "w", "D", "C", "A", "U", "W"] as [Character])
  func spelling(_ letter: Character) throws {
    var menu = FaultMenu()
    _ = menu.handle(.character(letter))
    let text = menu.rules.description
    #expect(try rules(text) == menu.rules)
    let fired = menu.shotFired(rule: text)
    #expect(fired)
  }

  @Test func `rules that are no amounts are kept as they are, and deleted one by one`() throws {
    let given = "drop 10%; corrupt header 5% c2s; drop 5% c2s; drop 6% c2s; delay 1s 50% c2s; reset"
    var menu = FaultMenu(rules: try rules(given))
    let raised = press(&menu, [.right])
    let rest = "corrupt header 5% c2s\ndrop 10% c2s\ndrop 6% c2s\ndelay 1s 50% c2s\nreset"
    #expect(raised == ["drop 10%\n" + rest])
    expectGolden(screen(menu).text, named: "faults-others.txt")
    expectGolden(screen(menu, rows: 43, columns: 132).text, named: "faults-others-132x43.txt")
    let deleted = press(&menu, [.end, .character("x"), .home] + Array(repeating: .down, count: 11))
    #expect(deleted == [String(("drop 10%\n" + rest).dropLast("\nreset".count))])
    let first = press(&menu, [.delete])
    #expect(first.last?.hasPrefix("corrupt header") == true)
    let all = press(&menu, [.character("r")])
    #expect(all == [""])
    #expect(menu.rules.isEmpty)
  }

  @Test(
    "an empty menu fits every screen",
    arguments: [(24, 80, "80x24"), (12, 40, "40x12"), (16, 60, "60x16")])
  func empty(_ rows: Int, _ columns: Int, _ name: String) {
    let canvas = screen(FaultMenu(), rows: rows, columns: columns)
    expectGolden(canvas.text, named: "faults-\(name).txt")
    let isReversed = canvas.cells.contains { $0.style.isReversed }
    #expect(isReversed, "what is chosen stands out")
  }

  @Test func `more than the screen holds is scrolled to what is chosen`() throws {
    let many = (1...40).map { "drop message \($0) fragment 1 attempt 1,2" }.joined(separator: ";")
    var menu = FaultMenu(rules: try rules(many))
    _ = press(&menu, [.end])
    expectGolden(screen(menu).text, named: "faults-many.txt")
    expectGolden(screen(menu, rows: 12, columns: 40).text, named: "faults-many-40x12.txt")
  }

  @Test func `Escape and q close, and other keys are left to the client`() {
    var menu = FaultMenu()
    for (key, expected) in [
      (Key.escape, FaultMenu.Outcome.closed), (.character("q"), .closed),
      (.character("?"), .unhandled), (.function(1), .unhandled), (.character("Z"), .unhandled),
    ] {
      let outcome = menu.handle(key)
      #expect(outcome == expected)
    }
  }

  @Test func `the mouse lowers, raises, turns and arms`() {
    var menu = FaultMenu()
    let area = Area(row: 0, column: 0, rows: 24, columns: 80)
    func place(_ text: String) -> (row: Int, column: Int) {
      let lines = screen(menu).text.split(separator: "\n", omittingEmptySubsequences: false)
      for (row, line) in lines.enumerated() {
        for column in 0..<line.count where line.dropFirst(column).hasPrefix(text) {
          return (row, column)
        }
      }
      return (-1, -1)
    }
    func use(_ action: MouseInput.Action, _ place: (row: Int, column: Int)) -> String? {
      let mouse = MouseInput(action, row: place.row, column: place.column)
      guard case .set(let all) = menu.handle(mouse, in: area) else { return nil }
      return all.last?.description
    }
    let (row, column) = place("‹")
    let raised = use(.press, (row, column + 9))
    #expect(raised == "drop 1% c2s")
    let turned = use(.wheelUp, (row, column))
    #expect(turned == "drop 2% c2s")
    let lowered = use(.press, (row, column))
    #expect(lowered == "drop 1% c2s")
    let selected = use(.press, place("duplication"))
    #expect(selected == nil)
    let other = use(.press, (place("duplication").row, column + 17 + 9))
    #expect(other == "drop 1% c2s\nduplicate 1% s2c")
    let armed = use(.press, place("A  -"))
    #expect(armed == "drop 1% c2s\nduplicate 1% s2c\ndrop ACK s2c first 1")
    let outside = use(.press, (0, 0))
    #expect(outside == nil)
  }

  @Test func `the status bar says what is in force in whatever room there is`() throws {
    func summary(_ text: String, _ count: Int, _ width: Int) throws -> String {
      FaultMenu.summary(
        rules: try rules(text), disturbedCount: count, width: width, signs: signs)
    }
    let three = "drop 10% c2s; corrupt 5% s2c; reset nth 9"
    #expect(try summary("", 0, 80) == "faults off")
    #expect(try summary("", 1, 80) == "faults off (1 frame)")
    #expect(try summary(three, 14, 80) == "faults: drop 10% c2s; +2 more (14 frames)")
    #expect(try summary(three, 14, 40) == "faults: drop 10% c…; +2 more (14 frames)")
    #expect(try summary(three, 14, 30) == "faults: 3 rules (14 frames)")
    #expect(try summary("drop 10% c2s", 0, 80) == "faults: drop 10% c2s")
    for width in 0...60 {
      for text in ["", three, "drop where length > 100 and last == false"] {
        let isCut = try Canvas.width(of: summary(text, 1_000, width)) <= width
        #expect(isCut, "\(width)")
      }
    }
  }

  @Test func `no screen is too small, and no rule too odd`() throws {
    var generator = SeededGenerator(seed: 3)
    var menu = FaultMenu(rules: try rules("drop where length > 1; slow_close 2s c2s; rate 8kbit"))
    let keys: [Key] = [
      .down, .down, .tab, .up, .right, .right, .left, .character("5"), .character("."), .enter,
      .backspace, .character("d"), .character("W"), .character("x"), .end, .home, .character("c"),
    ]
    for _ in 0..<500 {
      _ = menu.handle(keys[Int(generator.next() % UInt64(keys.count))])
      let canvas = screen(
        menu, rows: Int(generator.next() % 30), columns: Int(generator.next() % 100))
      let row = Int(generator.next() % 30)
      let mouse = MouseInput(.wheelDown, row: row, column: Int(generator.next() % 100))
      _ = menu.handle(mouse, in: canvas.area)
      let isSame = try rules(menu.rules.description) == menu.rules
      #expect(isSame)
    }
  }
}
