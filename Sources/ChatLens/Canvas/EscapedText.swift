/// Text from outside, made safe for a terminal.
public enum EscapedText {
  /// One line: everything that is not to reach a terminal is written as `\u{1b}`.
  public static func line(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": result += "    ".unicodeScalars
      case "\n": result += "\\n".unicodeScalars
      case _ where isHarmful(scalar):
        result += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Several lines, each made safe; a newline at the very end makes no line of its own.
  public static func lines(_ text: String) -> [String] {
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line(String($0)) }
  }

  /// True for control characters, for those that begin a line of their own, and for those that
  /// change the direction of what stands around them.
  public static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFFF9...0xFFFB: true
    default: false
    }
  }
}
