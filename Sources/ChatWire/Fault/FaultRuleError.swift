/// Why a text of fault rules is none: one sentence, and where in the text.
public struct FaultRuleError: Error, Sendable, Hashable {
  /// One sentence in printable ASCII.
  public let message: String
  /// The bytes of the text, as UTF-8, that it is about; empty if something is missing there.
  public let range: Range<Int>
  /// The line, from 1.
  public let line: Int
  /// Where in the line, in characters, from 1; one past the last if something is missing there.
  public let column: Int
  /// How many characters of the line, at least 1.
  public let length: Int

  /// Makes an error about some bytes of a text.
  init(_ message: String, at range: Range<Int>, in text: [UInt8]) {
    self.message = message
    let start = min(max(0, range.lowerBound), text.count)
    let end = min(max(start, range.upperBound), text.count)
    self.range = start..<end
    let line = Self.line(around: start, in: text)
    self.line = text[..<line.lowerBound].count { $0 == 0x0A } + 1
    let first = min(start, line.upperBound)
    column = String(decoding: text[line.lowerBound..<first], as: UTF8.self).count + 1
    let last = max(first, min(end, line.upperBound))
    length = max(1, String(decoding: text[first..<last], as: UTF8.self).count)
  }

  /// The line of the error and, below it, a caret under the place.
  ///
  /// What is not printable ASCII is escaped, tabs are shown as spaces, and a long line is cut
  /// around the error.
  public func caretMessage(for text: String) -> String {
    let bytes = Array(text.utf8)
    let line = Self.line(around: min(range.lowerBound, bytes.count), in: bytes)
    var cells = String(decoding: bytes[line], as: UTF8.self).map { character in
      character == "\t" ? " " : PrintableText.escaped(String(character))
    }
    var error = min(max(column - 1, 0), cells.count)
    let first = max(0, error - Self.contextMax)
    let end = min(cells.count, error + Self.contextMax)
    if cells.count > 2 * Self.contextMax {
      let isCutBefore = first > 0
      let isCutAfter = end < cells.count
      cells = (isCutBefore ? ["..."] : []) + cells[first..<end] + (isCutAfter ? ["..."] : [])
      error += (isCutBefore ? 1 : 0) - first
    }
    let before = cells[..<error].reduce(0) { $0 + $1.utf8.count }
    let under = cells[error...].prefix(length).reduce(0) { $0 + $1.utf8.count }
    return cells.joined() + "\n" + String(repeating: " ", count: before) + "^"
      + String(repeating: "~", count: max(0, under - 1))
  }

  /// Characters that are shown on each side of the error in a long line.
  private static let contextMax = 60

  /// The line with the byte at an offset, without its line feed.
  private static func line(around offset: Int, in text: [UInt8]) -> Range<Int> {
    let start = text[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    var end = text[offset...].firstIndex(of: 0x0A) ?? text.count
    if end > offset, text[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }
}

/// Text that is shown to people, of which nothing reaches a terminal but printable ASCII.
enum PrintableText {
  /// The text with everything else escaped as `\u{...}`.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if 0x20..<0x7F ~= scalar.value {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return result
  }

  /// The text in double quotes, escaped, and cut when it is long.
  static func quoted(_ text: String) -> String {
    let scalarsMax = 40
    let isCut = text.unicodeScalars.count > scalarsMax
    let shown = isCut ? String(text.unicodeScalars.prefix(scalarsMax)) + "..." : text
    return "\"" + escaped(shown) + "\""
  }
}
