/// A table for people: columns as wide as what they hold.
///
/// If all columns do not fit, the least interesting are left out. Cells have to be safe text
/// (`TerminalText`), each on one line.
public struct TextTable: Sendable {
  /// One column.
  public struct Column: Sendable {
    /// What it is headed.
    public let title: String
    /// Numbers stand right.
    public let isRightAligned: Bool
    /// What is left out first has the highest number; 0 stays.
    public let dispensability: Int
    /// A cell for each row.
    public let cells: [String]

    /// Makes a column.
    public init(
      _ title: String, isRightAligned: Bool = true, dispensability: Int = 0, cells: [String]
    ) {
      self.title = title
      self.isRightAligned = isRightAligned
      self.dispensability = dispensability
      self.cells = cells
    }

    fileprivate var width: Int {
      cells.reduce(TerminalText.columns(title)) { max($0, TerminalText.columns($1)) }
    }
  }

  /// The heads, and then a line for each row, without spaces at the end.
  public let lines: [String]
  /// The titles of the columns that were left out.
  public let omitted: [String]

  /// Makes a table of at most `width` columns of the terminal, if that is possible.
  public init(_ columns: [Column], width: Int) {
    var columns = columns
    var widths = columns.map(\.width)
    var omitted: [String] = []
    while widths.reduce(0, +) + widths.count - 1 > width,
      let last = columns.map(\.dispensability).max(), last > 0
    {
      for index in columns.indices.reversed() where columns[index].dispensability == last {
        if !omitted.contains(columns[index].title) { omitted.append(columns[index].title) }
        columns.remove(at: index)
        widths.remove(at: index)
      }
    }
    self.omitted = omitted
    // Two spaces between columns if there is room for them.
    let space = widths.reduce(0, +) + 2 * (widths.count - 1) <= width ? "  " : " "
    let rowCount = columns.map(\.cells.count).min() ?? 0
    lines = (-1..<rowCount).map { row in
      let fields = zip(columns, widths).map { column, width in
        Self.padded(row < 0 ? column.title : column.cells[row], to: width, column.isRightAligned)
      }
      return Self.trimmed(fields.joined(separator: space))
    }
  }

  /// The line that says what was left out, behind an empty one; nothing if nothing was.
  public var omissionLines: [String] {
    omitted.isEmpty
      ? [] : ["", "no room for: \(omitted.joined(separator: ", ")) (--json has everything)"]
  }

  private static func padded(_ text: String, to width: Int, _ isRightAligned: Bool) -> String {
    let padding = String(repeating: " ", count: max(0, width - TerminalText.columns(text)))
    return isRightAligned ? padding + text : text + padding
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// How long something has lasted, for people.
public enum ElapsedTime {
  /// `42s`, `5m07s`, `3h20m`, `12d04h`.
  public static func short(seconds time: Double) -> String {
    let seconds = Int(min(max(0, time), 1e15))
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400)
    let twoDigits = { (number: Int) in number < 10 ? "0\(number)" : String(number) }
    if minutes == 0 { return "\(seconds)s" }
    if hours == 0 { return "\(minutes)m\(twoDigits(seconds % 60))s" }
    if days == 0 { return "\(hours)h\(twoDigits(minutes % 60))m" }
    return "\(days)d\(twoDigits(hours % 24))h"
  }
}
