internal import ChatLens

/// What `?` shows: all keys, and the commands.
enum HelpText {
  private static let keys: [(String, [(String, String)])] = [
    (
      "Everywhere",
      [
        ("F1, ?", "this help (? on an empty line)"),
        ("F2", "faults: lose, damage, delay, double, reorder frames"),
        ("F3", "settings: what can change changes, the rest by reconnecting"),
        ("F4", "status: everything that was negotiated and measured"),
        ("F5", "pause the lens, or make it live again; the chat goes on"),
        ("F6", "slow motion of the lens; again: another speed"),
        ("F7, F8", "a step back, a step on; also Alt-Left, Alt-Right"),
        ("F9", "no faults from now on"),
        ("F10", "the lens: large, hidden, normal"),
        ("F12", "which direction the lens shows: yours, the server's, the latest"),
        ("PgUp, PgDn", "scroll the conversation; Home, End on an empty line: all the way"),
        ("Alt-Up, Alt-Down", "scroll the people"),
        ("Ctrl-L", "paint the screen anew"),
        ("Ctrl-C", "clear the line; twice on an empty line: leave"),
        ("Ctrl-Z", "stop the program; fg goes on"),
      ]
    ),
    (
      "In the line",
      [
        ("Tab", "finish a command or a nickname"),
        ("Up, Down", "earlier lines; Ctrl-R searches them"),
        ("Alt-Enter", "begin another line of the same message"),
        ("Esc", "on an empty line: to the keys of the lens"),
        ("Ctrl-A E W U K Y T", "as in a shell"),
      ]
    ),
    (
      "In the lens",
      [
        ("p, Space", "pause, or live again"),
        ("s", "slow motion"),
        ("[ ], Left, Right", "a step back, a step on; { }: ten"),
        ("g, G", "the oldest step, live"),
        ("d", "direction"),
        ("f, r", "the faults menu, no faults"),
        ("Esc, i", "back to the line"),
      ]
    ),
    (
      "With the mouse",
      [
        ("a row of the lens", "shows that moment"),
        ("a name", "addresses that person"),
        ("the bars", "open status and faults; the wheel scrolls"),
      ]
    ),
    (
      "On the strips",
      [
        ("sent, again", "on its way, for the first time or once more"),
        ("lost, bad, held", "a fault acted here: gone, damaged, held back"),
        ("nack", "the receiver has asked for it"),
        ("ack, (ack)", "acknowledged; (ack): but something before it is missing"),
        ("got, kept", "the receiver has it; kept: until what is missing has come"),
        ("gap, bad", "what the receiver said is missing, or came damaged"),
        ("[ ]", "the window of each side; . is free"),
      ]
    ),
  ]

  /// The lines, for a screen so wide.
  static func lines(columns: Int) -> [String] {
    var lines: [String] = []
    for (heading, rows) in keys {
      lines.append(heading)
      lines += rows.flatMap { self.lines($0.0, $0.1, columns) }
      lines.append("")
    }
    lines.append("Commands")
    let commands =
      CommandHelp.all.map { ($0.usage, $0.summary) }
      + FullScreenCommand.allCases.map { ($0.usage, $0.summary) }
    lines += commands.flatMap { self.lines($0, $1, columns) }
    return lines
  }

  private static func lines(_ first: String, _ second: String, _ columns: Int) -> [String] {
    let width = columns < 70 ? 18 : 22
    // The box has a border of two on each side.
    let room = columns - 4 - 2 - width
    guard room >= 16 else { return ["  \(first): \(second)"] }
    let blank = String(repeating: " ", count: 2 + width)
    let texts = WrappedText.lines(second, width: room)
    guard first.count < width else { return ["  " + first] + texts.map { blank + $0 } }
    let head = "  " + first + String(repeating: " ", count: width - first.count)
    return [head + (texts.first ?? "")] + texts.dropFirst().map { blank + $0 }
  }
}
