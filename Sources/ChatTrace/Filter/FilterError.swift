/// Why a filter is none: one sentence, and where in its text.
public struct FilterError: Error, Sendable, Equatable {
  /// One sentence without control characters.
  public let message: String
  /// Where, in characters, from 1; one past the last character if something is missing at the end.
  public let column: Int
  /// How many characters, at least 1.
  public let length: Int
  /// The bytes of the text, as UTF-8, that it is about; empty if something is missing there.
  public let range: Range<Int>

  /// Makes an error about some bytes of a filter.
  init(_ message: String, at location: FilterLocation, in text: [UInt8]) {
    self.message = message
    let start = min(max(0, location.start), text.count)
    let end = min(max(start, location.end), text.count)
    range = start..<end
    column = String(decoding: text[..<start], as: UTF8.self).count + 1
    length = max(1, String(decoding: text[start..<end], as: UTF8.self).count)
  }

  /// The filter on one line and, below it, a caret under the error.
  ///
  /// Control characters are escaped, tabs are shown as spaces, and a long filter is cut around the
  /// error.
  public func caretMessage(for text: String) -> String {
    var cells: [Cell] = text.map { Cell($0) }
    let error = min(max(column - 1, 0), cells.count)
    crop(&cells, around: error)
    var line = ""
    var before = 0
    var under = 0
    for cell in cells {
      line += cell.text
      if cell.position < error {
        before += cell.width
      } else if cell.position < error + length {
        under += cell.width
      }
    }
    let tail = String(repeating: "~", count: max(0, under - 1))
    return line + "\n" + String(repeating: " ", count: before) + "^" + tail
  }

  /// A character of the filter as it is shown.
  private struct Cell {
    var text: String
    var width: Int
    var position = 0

    init(_ character: Character) {
      if character == "\t" {
        self.init(text: " ", width: 1)
      } else if character.unicodeScalars.contains(where: \.isUnsafeInOutput) {
        var escaped: [UInt8] = []
        escaped.append(fieldText: String(character))
        self.init(text: String(decoding: escaped, as: UTF8.self))
      } else {
        self.init(text: String(character))
      }
    }

    init(text: String, width: Int? = nil) {
      self.text = text
      self.width = width ?? text.reduce(0) { $0 + DisplayWidth.columns(of: $1) }
    }
  }

  /// Keeps what lies near the error of a filter that would not fit a line.
  private func crop(_ cells: inout [Cell], around error: Int) {
    let countMax = 160
    let context = 60
    for index in cells.indices { cells[index].position = index }
    guard cells.count > countMax else { return }
    let first = max(0, error - context)
    let end = min(cells.count, error + context)
    let isCutBefore = first > 0
    let isCutAfter = end < cells.count
    cells = Array(cells[first..<end])
    var mark = Cell(text: "…", width: 1)
    if isCutBefore {
      mark.position = -1
      cells.insert(mark, at: 0)
    }
    if isCutAfter {
      mark.position = .max
      cells.append(mark)
    }
  }
}

/// Bytes of the text of a filter.
struct FilterLocation: Sendable, Equatable {
  var start: Int
  var end: Int

  /// From the beginning of this to the end of another.
  func through(_ other: FilterLocation) -> FilterLocation {
    FilterLocation(start: start, end: max(end, other.end))
  }
}

/// How many columns of a terminal a character takes.
enum DisplayWidth {
  static func columns(of character: Character) -> Int {
    var columns = 0
    for scalar in character.unicodeScalars {
      columns = max(columns, Self.columns(of: scalar))
      // The selector for pictures makes a narrow symbol wide.
      if scalar.value == 0xFE0F { columns = 2 }
    }
    return columns
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2E80...0x303E, 0x3041...0x33FF,
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F1E6...0x1F1FF,
      0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark: return 0
      default: return 1
      }
    }
  }
}
