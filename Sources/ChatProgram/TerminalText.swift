/// Text from elsewhere, made safe for a terminal: nothing in it moves the cursor, breaks the line,
/// hides or turns what stands beside it.
public enum TerminalText {
  /// The text on one line, with everything escaped that is not to be seen.
  ///
  /// - Parameter asciiOnly: escapes all beyond ASCII, for terminals that cannot show it.
  public static func safe(_ text: String, asciiOnly: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if isShown(scalar), scalar.isASCII || !asciiOnly {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return result
  }

  /// The beginning of a text, safe, with `...` behind it if that is not all.
  public static func cut(
    _ text: String, scalarCountMax: Int, asciiOnly: Bool = false
  ) -> String {
    let beginning = text.unicodeScalars.prefix(scalarCountMax)
    let isWhole = beginning.endIndex == text.unicodeScalars.endIndex
    return safe(String(beginning), asciiOnly: asciiOnly) + (isWhole ? "" : "...")
  }

  /// How many columns a safe text takes.
  public static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return wide.contains { $0 ~= scalar.value } ? 2 : 1
    }
  }

  /// What takes two columns, in blocks: East Asian letters, full forms, pictures.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
    0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return 0x20..<0x7F ~= scalar.value }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }
}
