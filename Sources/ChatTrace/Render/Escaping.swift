// Text from the wire may hold anything: escape sequences that repaint the screen or answer for the
// user, direction overrides that make a line read otherwise than it is, characters that nobody
// sees. Every text goes through here on its way to a terminal, whichever renderer writes it.

/// How text is made fit for a terminal.
struct Escaping {
  /// Whether everything beyond ASCII is escaped, for terminals that cannot show it.
  var asciiOnly = false
  /// Whether quotes and backslashes are escaped, for text between quotes.
  var quotes = false
  /// Whether tabs pass.
  var allowsTab = false

  /// Scalars of one grapheme that are shown; no writing system needs more.
  private static let graphemeScalarsMax = 24

  /// Appends a text; gives its width in cells.
  @discardableResult
  func append(_ text: String, to output: inout [UInt8]) -> Int {
    let utf8 = text.utf8Span.span
    if isPlain(utf8) {
      output.append(utf8, 0..<utf8.count)
      return utf8.count
    }
    var width = 0
    for character in text { width &+= append(character, to: &output) }
    return width
  }

  /// Appends a text in quotes, shortened between graphemes to at most `widthMax` cells.
  func appendQuoted(_ text: String, widthMax: Int?, to output: inout [UInt8]) {
    var escaping = self
    escaping.quotes = true
    output.append(0x22)
    guard let widthMax else {
      escaping.append(text, to: &output)
      output.append(0x22)
      return
    }
    // The quotes take two cells; where the text does not fit, the ellipsis stands behind its quote.
    let budget = max(widthMax &- 2, 0)
    let ellipsisWidth = asciiOnly ? 3 : 1
    var width = 0
    var cut = output.count
    for character in text {
      width &+= escaping.append(character, to: &output)
      if width <= budget &- ellipsisWidth { cut = output.count }
      if width > budget {
        output.removeSubrange(cut...)
        output.append(0x22)
        output.append(asciiOnly ? "..." : "…")
        return
      }
    }
    output.append(0x22)
  }

  /// Appends a grapheme; gives its width in cells.
  func append(_ character: Character, to output: inout [UInt8]) -> Int {
    let scalars = character.unicodeScalars
    if !asciiOnly, scalars.count > Self.graphemeScalarsMax {
      output.append("\u{FFFD}")
      return 1
    }
    var width = 0
    var isWhole = true
    var previous: Unicode.Scalar = "\0"
    for scalar in scalars {
      if passes(scalar, after: previous) {
        output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        width &+= scalar == "\t" ? 1 : displayWidth(scalar)
      } else {
        width &+= appendEscape(of: scalar, to: &output)
        isWhole = false
      }
      previous = scalar
    }
    return isWhole && previous.value >= 0x80 ? displayWidth(character) : width
  }

  /// Whether a scalar goes to the terminal as it is.
  private func passes(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09: return allowsTab
    case 0x22, 0x5C: return !quotes
    case 0x20..<0x7F: return true
    case ..<0xA0: return false
    default: break
    }
    if asciiOnly { return false }
    switch scalar.value {
    // Joiners shape letters and emoji; behind anything else they only hide.
    case 0x200C, 0x200D: return previous.value >= 0x80
    // Variation selectors.
    case 0xFE00...0xFE0F, 0xE0100...0xE01EF: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .format, .control, .lineSeparator, .paragraphSeparator, .surrogate: return false
    default: return !scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// Appends the escape of a scalar; gives its width.
  private func appendEscape(of scalar: Unicode.Scalar, to output: inout [UInt8]) -> Int {
    switch scalar {
    case "\n": output.append("\\n")
    case "\r": output.append("\\r")
    case "\t": output.append("\\t")
    case "\"": output.append("\\\"")
    case "\\": output.append("\\\\")
    default:
      let digitCount = max(1, (35 &- scalar.value.leadingZeroBitCount) / 4)
      output.append("\\u{")
      for position in (0..<digitCount).reversed() {
        output.append(hexDigit(UInt8(scalar.value >> UInt32(position &* 4) & 15)))
      }
      output.append("}")
      return digitCount &+ 4
    }
    return 2
  }

  /// Whether nothing in a text needs escaping or measuring.
  private func isPlain(_ utf8: Span<UInt8>) -> Bool {
    var index = 0
    while true {
      index = plainRunEnd(utf8, from: index)
      guard index < utf8.count else { return true }
      guard !quotes, utf8[index] == 0x22 || utf8[index] == 0x5C else { return false }
      index &+= 1
    }
  }
}
