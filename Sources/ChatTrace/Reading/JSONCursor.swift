// A trace has lines without a bound worth the name, and its reader wants a few dozen values of each
// straight in a record. So the values are read where they stand and no tree is built of them:
// memory grows with the texts that are kept and nothing else.

/// Why a line cannot be read.
enum LineFault: Error, Equatable {
  /// It ends too early: the file may have been cut.
  case ends
  /// What is wrong with it, to go on from the number of the line and a colon.
  case wrong(String)
}

/// Reads the values of one line of JSON, one after the other.
///
/// What is skipped is checked for its structure alone. Half of a surrogate pair becomes U+FFFD.
struct JSONCursor {
  /// Arrays and objects within each other.
  private static let depthMax = 64

  /// Where the next byte stands.
  private(set) var offset = 0

  // MARK: structure

  /// Moves over `{` or `[`; `name` is for the error.
  mutating func open(
    _ mark: Unicode.Scalar, _ name: String, _ bytes: RawSpan
  ) throws(LineFault) {
    skipSpace(bytes)
    guard let byte = peek(bytes) else { throw .ends }
    guard byte == UInt8(ascii: mark) else {
      throw .wrong("\(name) is no JSON \(mark == "{" ? "object" : "list")")
    }
    offset &+= 1
  }

  /// Moves to the value of the next member of an object: its key, or nil behind the last one.
  mutating func key(_ bytes: RawSpan, isFirst: inout Bool) throws(LineFault) -> String? {
    guard try hasNext("}", bytes, isFirst: &isFirst) else { return nil }
    skipSpace(bytes)
    guard let byte = peek(bytes) else { throw .ends }
    guard byte == UInt8(ascii: "\"") else { throw unexpected(byte) }
    let range = try skipString(bytes)
    let key = try string(bytes, range)
    skipSpace(bytes)
    guard let colon = peek(bytes) else { throw .ends }
    guard colon == UInt8(ascii: ":") else { throw unexpected(colon) }
    offset &+= 1
    skipSpace(bytes)
    return key
  }

  /// Moves to the next element of an array; false behind the last one.
  mutating func element(_ bytes: RawSpan, isFirst: inout Bool) throws(LineFault) -> Bool {
    guard try hasNext("]", bytes, isFirst: &isFirst) else { return false }
    skipSpace(bytes)
    return true
  }

  /// Makes sure that nothing follows.
  mutating func end(_ bytes: RawSpan) throws(LineFault) {
    skipSpace(bytes)
    if let byte = peek(bytes) { throw unexpected(byte) }
  }

  private mutating func hasNext(
    _ end: Unicode.Scalar, _ bytes: RawSpan, isFirst: inout Bool
  ) throws(LineFault) -> Bool {
    skipSpace(bytes)
    guard let byte = peek(bytes) else { throw .ends }
    if byte == UInt8(ascii: end) {
      offset &+= 1
      return false
    }
    if !isFirst {
      guard byte == UInt8(ascii: ",") else { throw unexpected(byte) }
      offset &+= 1
    }
    isFirst = false
    return true
  }

  /// Moves over a value of any kind; gives where it stands.
  @discardableResult
  mutating func skipValue(_ bytes: RawSpan, depth: Int = 0) throws(LineFault) -> Range<Int> {
    guard let byte = peek(bytes) else { throw .ends }
    let start = offset
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < Self.depthMax else {
        throw .wrong("it is nested more than \(Self.depthMax) deep")
      }
      offset &+= 1
      var isFirst = true
      if byte == UInt8(ascii: "[") {
        while try element(bytes, isFirst: &isFirst) { try skipValue(bytes, depth: depth &+ 1) }
      } else {
        while try key(bytes, isFirst: &isFirst) != nil { try skipValue(bytes, depth: depth &+ 1) }
      }
    case UInt8(ascii: "\""): _ = try skipString(bytes)
    case UInt8(ascii: "t"): try word("true", bytes)
    case UInt8(ascii: "f"): try word("false", bytes)
    case UInt8(ascii: "n"): try word("null", bytes)
    case UInt8(ascii: "-"), 0x30...0x39:
      while let next = peek(bytes), Self.isOfNumber(next) { offset &+= 1 }
    default: throw unexpected(byte)
    }
    return start..<offset
  }

  // MARK: values

  /// A text; `key` is for the error.
  mutating func text(_ key: String, _ bytes: RawSpan) throws(LineFault) -> String {
    guard let byte = peek(bytes) else { throw .ends }
    guard byte == UInt8(ascii: "\"") else { throw .wrong("\"\(key)\" is no text") }
    return try string(bytes, try skipString(bytes))
  }

  /// True or false.
  mutating func boolean(_ key: String, _ bytes: RawSpan) throws(LineFault) -> Bool {
    guard let byte = peek(bytes) else { throw .ends }
    switch byte {
    case UInt8(ascii: "t"):
      try word("true", bytes)
      return true
    case UInt8(ascii: "f"):
      try word("false", bytes)
      return false
    default: throw .wrong("\"\(key)\" is neither true nor false")
    }
  }

  /// A whole number, which may stand in quotes since large ones do.
  mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
    _ key: String, _ bytes: RawSpan, max: Number = .max
  ) throws(LineFault) -> Number {
    let complaint = LineFault.wrong("\"\(key)\" is no whole number from 0 to \(max)")
    guard let first = peek(bytes) else { throw .ends }
    let isQuoted = first == UInt8(ascii: "\"")
    if isQuoted { offset &+= 1 }
    let start = offset
    var value: Number = 0
    while let byte = peek(bytes), 0x30...0x39 ~= byte {
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(Number(byte & 15))
      guard !isTooLarge, !overflows else { throw complaint }
      value = sum
      offset &+= 1
    }
    guard let next = peek(bytes) else { throw .ends }
    guard offset > start, value <= max else { throw complaint }
    if isQuoted {
      guard next == UInt8(ascii: "\"") else { throw complaint }
      offset &+= 1
    } else if Self.isOfNumber(next) {
      throw complaint
    }
    return value
  }

  /// The text between the quotes at `range`, without its escapes.
  private func string(_ bytes: RawSpan, _ range: Range<Int>) throws(LineFault) -> String {
    let span = bytes.extracting(range)
    let isPlain = !range.contains { bytes.uint8(at: $0) == UInt8(ascii: "\\") }
    let text =
      isPlain
      ? unsafe span.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
      : String(validating: try unescaped(bytes, range), as: UTF8.self)
    guard let text else { throw .wrong("the text at byte \(range.lowerBound) is not UTF-8") }
    return text
  }

  private func unescaped(_ bytes: RawSpan, _ range: Range<Int>) throws(LineFault) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes.uint8(at: index)
      index &+= 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      // `skipString` has made sure that something follows.
      let letter = index < range.upperBound ? bytes.uint8(at: index) : 0
      index &+= 1
      switch letter {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "u"):
        guard let scalar = Self.scalar(bytes, &index, before: range.upperBound) else {
          throw .wrong("it has a bad escape at byte \(index)")
        }
        text += String(Character(scalar)).utf8
      default: throw .wrong("it has a bad escape at byte \(index)")
      }
    }
    return text
  }

  /// The scalar of the digits behind `\u`, and of a second half of a pair behind them.
  private static func scalar(
    _ bytes: RawSpan, _ index: inout Int, before end: Int
  ) -> Unicode.Scalar? {
    guard let unit = fourHexDigits(bytes, index, before: end) else { return nil }
    index &+= 4
    guard 0xD800...0xDBFF ~= unit, end &- index >= 6,
      bytes.uint8(at: index) == UInt8(ascii: "\\"), bytes.uint8(at: index &+ 1) == 0x75,
      let low = fourHexDigits(bytes, index &+ 2, before: end), 0xDC00...0xDFFF ~= low
    else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
    index &+= 6
    return Unicode.Scalar(0x10000 &+ (unit & 0x3FF) << 10 &+ low & 0x3FF)
  }

  private static func fourHexDigits(_ bytes: RawSpan, _ index: Int, before end: Int) -> UInt32? {
    guard end &- index >= 4 else { return nil }
    var value: UInt32 = 0
    for position in index..<index &+ 4 {
      guard let digit = hexValue(bytes.uint8(at: position)) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  // MARK: bytes

  /// The next byte, nil at the end.
  func peek(_ bytes: RawSpan) -> UInt8? {
    offset < bytes.byteCount ? bytes.uint8(at: offset) : nil
  }

  private mutating func skipSpace(_ bytes: RawSpan) {
    while let byte = peek(bytes), byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A {
      offset &+= 1
    }
  }

  /// Moves over a string; gives what is between the quotes.
  private mutating func skipString(_ bytes: RawSpan) throws(LineFault) -> Range<Int> {
    offset &+= 1
    let start = offset
    while let byte = peek(bytes) {
      offset &+= 1
      switch byte {
      case UInt8(ascii: "\""): return start..<offset &- 1
      case UInt8(ascii: "\\"): offset &+= 1
      case 0..<0x20: throw .wrong("it has a bare control character at byte \(offset &- 1)")
      default: break
      }
    }
    throw .ends
  }

  private mutating func word(_ word: StaticString, _ bytes: RawSpan) throws(LineFault) {
    for index in 0..<word.utf8CodeUnitCount {
      guard let byte = peek(bytes) else { throw .ends }
      guard unsafe byte == word.utf8Start[index] else { throw unexpected(byte) }
      offset &+= 1
    }
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
      UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private func unexpected(_ byte: UInt8) -> LineFault {
    let digits = String(byte, radix: 16)
    return .wrong(
      "it is no JSON: byte 0x\(byte < 16 ? "0" : "")\(digits) stands at \(offset), "
        + "where it cannot")
  }
}
