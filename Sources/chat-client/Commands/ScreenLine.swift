internal import ChatPosix
internal import ChatProgram

/// One line of the conversation as it is shown; nothing in it can harm a terminal.
struct ScreenLine: Equatable {
  /// What it is about, which decides its colour; the words say it too.
  enum Kind: Equatable {
    /// Somebody says something; of the text so much at its beginning is the name.
    case message(nameLength: Int, isOwn: Bool)
    /// A further line of a message.
    case continuation
    case notice, connection, explanation, failure, day, answer
  }

  var kind: Kind
  /// `12:34`; empty where no time belongs.
  var time = ""
  var text: String

  /// Without colour.
  var plain: String { time.isEmpty ? text : time + " " + text }

  /// For the terminal.
  func rendered(color: Bool) -> String {
    guard color else { return plain }
    let time = time.isEmpty ? "" : Self.paint(time, "2") + " "
    switch kind {
    case .message(let nameLength, let isOwn):
      let name = String(text.prefix(nameLength))
      let code = isOwn ? "1" : Self.code(forName: name)
      return time + Self.paint(name, code) + text.dropFirst(nameLength)
    case .continuation, .answer: return time + text
    case .notice: return time + Self.paint(text, "36")
    case .connection: return time + Self.paint(text, "33")
    case .explanation, .day: return time + Self.paint(text, "2")
    case .failure: return time + Self.paint(text, "31")
    }
  }

  private static func paint(_ text: String, _ code: String) -> String {
    "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  /// The same name has the same colour, in every run.
  private static func code(forName name: String) -> String {
    let codes = ["32", "35", "34", "92", "95", "94"]
    return codes[Int(number(forName: name) % UInt32(codes.count))]
  }

  /// Decides the colour of a name (FNV-1a).
  static func number(forName name: String) -> UInt32 {
    name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }
}

/// Lines of two or more columns, aligned.
enum AlignedTable {
  /// The rows, their cells filled up to the widest of each column, two spaces apart.
  static func lines(_ rows: [[String]], indentation: String = "  ") -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { $0.count > column + 1 ? Terminal.columns(of: $0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell
          : cell
            + String(repeating: " ", count: max(0, widths[column] - Terminal.columns(of: cell)))
      }
      return indentation + cells.joined(separator: "  ")
    }
  }
}
