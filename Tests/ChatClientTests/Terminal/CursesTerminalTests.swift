import ChatCurses
import ChatLens
import ChatPosix
import Testing

/// ncurses has one terminal at a time.
@Suite("A painted terminal", .serialized) struct CursesTerminalTests {
  private func open(
    _ pseudo: PseudoTerminal, _ options: CursesOptions = CursesOptions(color: false)
  ) throws -> CursesTerminal {
    try CursesTerminal.open(
      input: pseudo.terminal, output: pseudo.terminal, terminalName: "vt100", options: options)
  }

  private func canvas(_ lines: [String]) -> Canvas {
    var canvas = Canvas(rows: 10, columns: 40)
    for (row, line) in lines.enumerated() { canvas.put(line, row: row, column: 0) }
    canvas.cursor = (0, 1)
    return canvas
  }

  /// Keys that come, as far as they are known by now.
  private func inputs(_ terminal: CursesTerminal, _ count: Int) -> [ScreenInput] {
    let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
    var inputs: [ScreenInput] = []
    while inputs.count < count, Clock.monotonicNanoseconds() < deadline {
      inputs += terminal.readInputs()
    }
    return inputs
  }

  @Test func `is given back as it was`() throws {
    let pseudo = try #require(PseudoTerminal(columns: 40, rows: 10))
    let isCooked = { TerminalModes(of: pseudo.terminal)?.isCooked }
    #expect(isCooked() == true)
    let terminal = try open(pseudo)
    #expect(terminal.rows == 10 && terminal.columns == 40)
    #expect(isCooked() == false)
    terminal.suspend()
    #expect(isCooked() == true)
    terminal.resume()
    #expect(isCooked() == false)
    terminal.close()
    #expect(isCooked() == true)
    terminal.close()
    terminal.paint(canvas(["nobody sees it"]))
  }

  @Test func `tells keys, an Escape alone only after a while, and the end`() throws {
    let pseudo = try #require(PseudoTerminal(columns: 40, rows: 10))
    let terminal = try open(pseudo)
    defer { terminal.close() }
    pseudo.type("aé\u{1b}[A\r")
    #expect(
      inputs(terminal, 4)
        == [.key(.character("a")), .key(.character("é")), .key(.up), .key(.enter)])
    #expect(terminal.pendingDelayNanoseconds == nil)
    pseudo.type("\u{1b}")
    #expect(inputs(terminal, 1) == [.key(.escape)])
    #expect(!terminal.isInputEnded)
  }

  @Test func `paints what has changed and nothing else`() throws {
    let pseudo = try #require(PseudoTerminal(columns: 40, rows: 10))
    let terminal = try open(pseudo)
    terminal.paint(canvas(["first line", "second line"]))
    #expect(pseudo.wait { $0.contains("second line") }.contains("first line"))
    terminal.paint(canvas(["first line", "another line"]))
    let text = pseudo.wait { $0.contains("another line") }
    #expect(text.contains("first line"))
    #expect(!text.contains("second"))
    terminal.close()
  }

  @Test func `what is no terminal, and what nobody knows, is refused with a reason`() throws {
    let file = try FileDescriptor.temporaryFile()
    #expect(throws: CursesError.noTerminal) {
      _ = try CursesTerminal.open(
        input: file.rawValue, output: file.rawValue, options: CursesOptions())
    }
    let pseudo = try #require(PseudoTerminal(columns: 40, rows: 10))
    for name in ["dumb", "no-such-terminal"] {
      #expect(throws: CursesError.unknown(name: name)) {
        _ = try CursesTerminal.open(
          input: pseudo.terminal, output: pseudo.terminal, terminalName: name,
          options: CursesOptions())
      }
    }
    #expect(TerminalModes(of: pseudo.terminal)?.isCooked == true)
  }
}
