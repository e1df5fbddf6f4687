// A classic frame carries JSON that anybody may have written. What a renderer copies verbatim into
// a line of its own must be JSON for every reader, however strict; what is not surely so becomes a
// string.

/// Decides whether JSON text from the wire can be copied into a line as it stands.
///
/// It says yes only to one value on one line that no reader stumbles over: no control characters,
/// no lone surrogates, no key twice in an object, no number that loses digits or overflows as a
/// double, no deep nesting. No means "not sure", not "invalid".
enum JSONCheck {
  /// Arrays and objects within each other.
  private static let depthMax = 32
  /// Keys of one object: each is compared with all before it.
  private static let keyCountMax = 64

  /// True if the text is one value, spaces around it allowed.
  static func isPlainValue(_ text: String) -> Bool {
    let utf8 = text.utf8Span.span
    var index = 0
    guard skipValue(utf8, &index, depth: 0) else { return false }
    return index == utf8.count
  }

  /// True if the text is a number and nothing else.
  static func isPlainNumber(_ text: String) -> Bool {
    let utf8 = text.utf8Span.span
    var index = 0
    guard skipNumber(utf8, &index) else { return false }
    return index == utf8.count
  }

  private static func byte(_ utf8: Span<UInt8>, _ index: Int) -> UInt8 {
    index < utf8.count ? utf8[index] : 0
  }

  private static func skipSpace(_ utf8: Span<UInt8>, _ index: inout Int) {
    while byte(utf8, index) == 0x20 { index &+= 1 }
  }

  private static func skipValue(_ utf8: Span<UInt8>, _ index: inout Int, depth: Int) -> Bool {
    guard depth <= depthMax else { return false }
    skipSpace(utf8, &index)
    let isValue: Bool
    switch byte(utf8, index) {
    case UInt8(ascii: "{"): isValue = skipObject(utf8, &index, depth: depth)
    case UInt8(ascii: "["): isValue = skipArray(utf8, &index, depth: depth)
    case UInt8(ascii: "\""): isValue = skipString(utf8, &index) != nil
    case UInt8(ascii: "t"): isValue = skipWord("true", utf8, &index)
    case UInt8(ascii: "f"): isValue = skipWord("false", utf8, &index)
    case UInt8(ascii: "n"): isValue = skipWord("null", utf8, &index)
    default: isValue = skipNumber(utf8, &index)
    }
    skipSpace(utf8, &index)
    return isValue
  }

  private static func skipObject(_ utf8: Span<UInt8>, _ index: inout Int, depth: Int) -> Bool {
    index &+= 1
    skipSpace(utf8, &index)
    if byte(utf8, index) == UInt8(ascii: "}") {
      index &+= 1
      return true
    }
    var keys: [Range<Int>] = []
    while true {
      skipSpace(utf8, &index)
      guard keys.count < keyCountMax, let key = skipString(utf8, &index) else { return false }
      // Two spellings of one key: an escape in a key means that it cannot be compared by its bytes.
      for position in key where utf8[position] == UInt8(ascii: "\\") { return false }
      for other in keys where areEqual(utf8, key, other) { return false }
      keys.append(key)
      skipSpace(utf8, &index)
      guard byte(utf8, index) == UInt8(ascii: ":") else { return false }
      index &+= 1
      guard skipValue(utf8, &index, depth: depth &+ 1) else { return false }
      index &+= 1
      switch byte(utf8, index &- 1) {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "}"): return true
      default: return false
      }
    }
  }

  private static func skipArray(_ utf8: Span<UInt8>, _ index: inout Int, depth: Int) -> Bool {
    index &+= 1
    skipSpace(utf8, &index)
    if byte(utf8, index) == UInt8(ascii: "]") {
      index &+= 1
      return true
    }
    while true {
      guard skipValue(utf8, &index, depth: depth &+ 1) else { return false }
      index &+= 1
      switch byte(utf8, index &- 1) {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "]"): return true
      default: return false
      }
    }
  }

  /// Skips a string; gives what is between the quotes.
  private static func skipString(_ utf8: Span<UInt8>, _ index: inout Int) -> Range<Int>? {
    guard byte(utf8, index) == UInt8(ascii: "\"") else { return nil }
    index &+= 1
    let start = index
    while index < utf8.count {
      switch utf8[index] {
      case UInt8(ascii: "\""):
        index &+= 1
        return start..<index &- 1
      case UInt8(ascii: "\\"):
        guard skipEscape(utf8, &index) else { return nil }
      case ..<0x20, 0x7F: return nil
      default:
        // Allowed in JSON, but harmful elsewhere: C1, line separators, bidirectional controls.
        if utf8[index] >= 0x80, harmfulScalar(in: utf8, at: index).length > 0 { return nil }
        index &+= 1
      }
    }
    return nil
  }

  private static func skipEscape(_ utf8: Span<UInt8>, _ index: inout Int) -> Bool {
    let letter = byte(utf8, index &+ 1)
    index &+= 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return true
    case UInt8(ascii: "u"):
      guard let unit = skipHex(utf8, &index) else { return false }
      switch unit {
      case 0xDC00...0xDFFF: return false
      case 0xD800...0xDBFF:
        guard byte(utf8, index) == UInt8(ascii: "\\"),
          byte(utf8, index &+ 1) == UInt8(ascii: "u")
        else { return false }
        index &+= 2
        guard let low = skipHex(utf8, &index) else { return false }
        return (0xDC00...0xDFFF).contains(low)
      default: return true
      }
    default: return false
    }
  }

  private static func skipHex(_ utf8: Span<UInt8>, _ index: inout Int) -> UInt16? {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      let digit = byte(utf8, index)
      switch digit {
      case 0x30...0x39: unit = unit << 4 | UInt16(digit & 15)
      case 0x41...0x46, 0x61...0x66: unit = unit << 4 | UInt16(digit & 7 &+ 9)
      default: return nil
      }
      index &+= 1
    }
    return unit
  }

  private static func skipWord(
    _ word: StaticString, _ utf8: Span<UInt8>, _ index: inout Int
  ) -> Bool {
    for offset in 0..<word.utf8CodeUnitCount {
      guard unsafe word.utf8Start[offset] == byte(utf8, index) else { return false }
      index &+= 1
    }
    return true
  }

  /// Skips a number that a double holds exactly enough: an integer of at most 15 digits, or a
  /// fraction with an exponent of at most two digits.
  private static func skipNumber(_ utf8: Span<UInt8>, _ index: inout Int) -> Bool {
    if byte(utf8, index) == UInt8(ascii: "-") { index &+= 1 }
    let whole = skipDigits(utf8, &index)
    guard whole.count > 0, whole.count == 1 || utf8[whole.lowerBound] != UInt8(ascii: "0") else {
      return false
    }
    var isInteger = true
    if byte(utf8, index) == UInt8(ascii: ".") {
      isInteger = false
      index &+= 1
      guard skipDigits(utf8, &index).count > 0 else { return false }
    }
    if byte(utf8, index) | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      index &+= 1
      let sign = byte(utf8, index)
      if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index &+= 1 }
      guard (1...2).contains(skipDigits(utf8, &index).count) else { return false }
    }
    return whole.count <= (isInteger ? 15 : 200)
  }

  private static func skipDigits(_ utf8: Span<UInt8>, _ index: inout Int) -> Range<Int> {
    let start = index
    while (0x30...0x39).contains(byte(utf8, index)) { index &+= 1 }
    return start..<index
  }

  private static func areEqual(
    _ utf8: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>
  ) -> Bool {
    guard left.count == right.count else { return false }
    for offset in 0..<left.count
    where utf8[left.lowerBound &+ offset] != utf8[right.lowerBound &+ offset] {
      return false
    }
    return true
  }
}
