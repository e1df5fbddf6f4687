internal import ChatPosix

/// Where the prompt and the line behind it stand on the terminal, counted as libedit does, which
/// keeps it to itself.
struct PromptLayout {
  /// Columns of the terminal.
  let columns: Int
  /// The row of the cursor, from that of the prompt's beginning.
  private(set) var row = 0
  /// Its column, from 0.
  private(set) var column = 0

  /// Begins in a terminal that is so wide.
  init(columns: Int) {
    self.columns = max(1, columns)
  }

  /// The place behind these scalars.
  init(columns: Int, _ scalars: some Sequence<Unicode.Scalar>) {
    self.init(columns: columns)
    for scalar in scalars { advance(over: scalar) }
  }

  /// Goes on by one scalar.
  mutating func advance(over scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x09:
      repeat { put(width: 1) } while column & 7 != 0
    case 0x0A:
      row += 1
      column = 0
    case 0x00...0x1F, 0x7F...0x9F:
      // As ^X.
      put(width: 1)
      put(width: 1)
    default:
      if let width = Terminal.columns(of: scalar) {
        put(width: width)
      } else {
        // As \U+12345.
        let digits = max(4, String(scalar.value, radix: 16).utf8.count)
        for _ in 0..<3 + digits { put(width: 1) }
      }
    }
  }

  /// Puts something, on the next row if it does not fit.
  private mutating func put(width: Int) {
    if column + width > columns, width <= columns { nextRow() }
    column += max(1, width)
    if column >= columns { nextRow() }
  }

  private mutating func nextRow() {
    row += 1
    column = 0
  }
}
