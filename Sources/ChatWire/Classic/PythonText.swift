/// What Python's `float()` and `str.strip()` make of text: the original server passes what it gets
/// through them (PROTOCOL.md 9.9, 9.10).
enum PythonText {
  /// True for the scalars that `str.isspace` accepts.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || 0x1C...0x1F ~= scalar.value
  }

  /// The text without white space around it.
  static func stripped(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  /// The value of a numeric text; nil if it is none.
  ///
  /// It may have white space around it, decimal digits of any script, underscores between digits, a
  /// sign, and be `inf`, `infinity` or `nan` in any case.
  static func float(_ text: String) -> Double? {
    var ascii: [UInt8] = []
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        ascii.append(UInt8(truncatingIfNeeded: scalar.value))
      } else if isSpace(scalar) {
        ascii.append(0x20)
      } else if scalar.properties.generalCategory == .decimalNumber,
        let digit = scalar.properties.numericValue
      {
        ascii.append(0x30 + UInt8(digit))
      } else {
        return nil
      }
    }
    return float(ascii)
  }

  private static func isASCIISpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

  private static func float(_ ascii: [UInt8]) -> Double? {
    var rest = ascii[...]
    while let byte = rest.first, isASCIISpace(byte) { rest.removeFirst() }
    while let byte = rest.last, isASCIISpace(byte) { rest.removeLast() }
    var sign = 1.0
    if rest.first == UInt8(ascii: "-") { sign = -1 }
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    switch String(decoding: rest, as: UTF8.self).lowercased() {
    case "inf", "infinity": return sign * .infinity
    case "nan": return .nan
    default: break
    }
    // What is left is digits [. digits] [e digits], one side of the point being enough.
    guard var literal = digits(&rest) else { return nil }
    var hasDigits = !literal.isEmpty
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard let fraction = digits(&rest) else { return nil }
      hasDigits = hasDigits || !fraction.isEmpty
      literal += "." + (fraction.isEmpty ? "0" : fraction)
    }
    guard hasDigits else { return nil }
    if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      literal += "e"
      if let mark = rest.first, mark == UInt8(ascii: "-") || mark == UInt8(ascii: "+") {
        literal += mark == UInt8(ascii: "-") ? "-" : ""
        rest.removeFirst()
      }
      guard let exponent = digits(&rest), !exponent.isEmpty else { return nil }
      literal += exponent
    }
    guard rest.isEmpty, let value = Double("0" + literal) else { return nil }
    return sign * value
  }

  /// The digits that come next, without the underscores between them; nil if an underscore stands
  /// where none may.
  private static func digits(_ rest: inout ArraySlice<UInt8>) -> String? {
    var digits = ""
    var afterUnderscore = false
    while let byte = rest.first {
      if 0x30...0x39 ~= byte {
        digits.unicodeScalars.append(Unicode.Scalar(byte))
        afterUnderscore = false
      } else if byte == UInt8(ascii: "_"), !digits.isEmpty, !afterUnderscore {
        afterUnderscore = true
      } else {
        break
      }
      rest.removeFirst()
    }
    return afterUnderscore ? nil : digits
  }
}
