/// One value of a field of an event.
///
/// What a field has on an event is a list of these: none if the field is absent, several for the
/// fields of notes.
public enum FieldValue: Sendable, Equatable {
  /// A number that is never negative.
  case unsigned(UInt64)
  /// A number of either sign.
  case signed(Int64)
  /// True or false.
  case boolean(Bool)
  /// Text, unescaped.
  case text(String)
  /// Bytes.
  case bytes([UInt8])
  /// A moment, nanoseconds since 1970 UTC.
  case time(nanoseconds: Int64)
}

extension FieldValue {
  /// The value as text, as the function `string` of the display filter gives it.
  ///
  /// Bytes are read as UTF-8, with U+FFFD for what is none.
  var plainText: String {
    switch self {
    case .unsigned(let number): return String(number)
    case .signed(let number): return String(number)
    case .boolean(let truth): return truth ? "true" : "false"
    case .text(let text): return text
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .time(let nanoseconds):
      var digits: [UInt8] = []
      digits.append(secondsFromNanoseconds: nanoseconds)
      return String(decoding: digits, as: UTF8.self)
    }
  }
}

extension [UInt8] {
  /// Appends a value as `-T fields` shows it: one line, no tabs, nothing that a terminal obeys.
  mutating func append(fieldValue value: FieldValue) {
    switch value {
    case .unsigned(let number): append(decimal: number)
    case .signed(let number):
      if number < 0 { append(UInt8(ascii: "-")) }
      append(decimal: number.magnitude)
    case .boolean(let truth): append(contentsOf: truth ? "true".utf8 : "false".utf8)
    case .text(let text): append(fieldText: text)
    case .bytes(let bytes): for byte in bytes { append(hex: byte) }
    case .time(let nanoseconds): append(secondsFromNanoseconds: nanoseconds)
    }
  }

  /// Appends a byte as two lower-case hexadecimal digits.
  mutating func append(hex byte: UInt8) {
    for digit in [byte >> 4, byte & 15] {
      append(digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ (digit &- 10))
    }
  }

  /// Appends a moment as seconds with nine decimals.
  mutating func append(secondsFromNanoseconds nanoseconds: Int64) {
    if nanoseconds < 0 { append(UInt8(ascii: "-")) }
    let (seconds, fraction) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    append(decimal: seconds)
    append(UInt8(ascii: "."))
    var unit: UInt64 = 100_000_000
    while unit != 0 {
      append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: fraction / unit % 10))
      unit /= 10
    }
  }

  /// Appends text with backslash escapes for whatever would break the line, its columns or a
  /// terminal.
  mutating func append(fieldText text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t": append(contentsOf: "\\t".utf8)
      case "\n": append(contentsOf: "\\n".utf8)
      case "\r": append(contentsOf: "\\r".utf8)
      case "\\": append(contentsOf: "\\\\".utf8)
      case _ where scalar.isUnsafeInOutput: append(escapeOf: scalar)
      default: append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }

  /// Appends `\xNN`, or `\u{N}` beyond ASCII.
  mutating func append(escapeOf scalar: Unicode.Scalar) {
    if scalar.isASCII {
      append(contentsOf: "\\x".utf8)
      append(hex: UInt8(truncatingIfNeeded: scalar.value))
    } else {
      append(contentsOf: "\\u{".utf8)
      append(contentsOf: String(scalar.value, radix: 16).utf8)
      append(UInt8(ascii: "}"))
    }
  }
}

extension Unicode.Scalar {
  /// True for control characters, line separators, and the marks that reorder or hide text.
  var isUnsafeInOutput: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E: true
    case 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
    default: false
    }
  }
}
