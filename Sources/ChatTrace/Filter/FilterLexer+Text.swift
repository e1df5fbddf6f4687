// Strings, raw strings and character constants, with Wireshark's escapes.

extension FilterLexer {
  mutating func string(from start: Int) throws(FilterError) -> FilterToken {
    let bytes = try quoted(from: start, quote: UInt8(ascii: "\""))
    return FilterToken(kind: .string(bytes), location: FilterLocation(start: start, end: offset))
  }

  /// In a raw string a backslash is a backslash, also the one that keeps a quote from ending it.
  mutating func rawString(from start: Int) throws(FilterError) -> FilterToken {
    offset += 1
    var bytes: [UInt8] = []
    while let byte = peek() {
      offset += 1
      if byte == UInt8(ascii: "\"") {
        let location = FilterLocation(start: start, end: offset)
        return FilterToken(kind: .string(bytes), location: location)
      }
      bytes.append(byte)
      if byte == UInt8(ascii: "\\"), let next = peek() {
        bytes.append(next)
        offset += 1
      }
    }
    throw unterminated(from: start, quote: "\"")
  }

  mutating func character(from start: Int) throws(FilterError) -> FilterToken {
    let bytes = try quoted(from: start, quote: UInt8(ascii: "'"))
    let location = FilterLocation(start: start, end: offset)
    guard bytes.count == 1 else {
      throw error(
        "\(Spelling.excerpt(source(location))) is not one byte; text stands in double quotes",
        location)
    }
    return FilterToken(kind: .character(bytes[0]), location: location)
  }

  private func unterminated(from start: Int, quote: String) -> FilterError {
    error(
      "the closing \(quote) is missing", FilterLocation(start: start, end: start + 1))
  }

  /// The bytes up to the closing quote, escapes resolved.
  private mutating func quoted(from start: Int, quote: UInt8) throws(FilterError) -> [UInt8] {
    offset += 1
    var bytes: [UInt8] = []
    while let byte = peek() {
      if byte == quote {
        offset += 1
        return bytes
      }
      if byte == UInt8(ascii: "\\") {
        try appendEscape(to: &bytes, from: start, quote: quote)
      } else {
        bytes.append(byte)
        offset += 1
      }
    }
    throw unterminated(from: start, quote: quote == UInt8(ascii: "'") ? "'" : "\"")
  }

  private mutating func appendEscape(
    to bytes: inout [UInt8], from start: Int, quote: UInt8
  ) throws(FilterError) {
    let escape = offset
    offset += 1
    guard let letter = peek() else {
      throw unterminated(from: start, quote: quote == UInt8(ascii: "'") ? "'" : "\"")
    }
    offset += 1
    switch letter {
    case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(letter)
    case UInt8(ascii: "a"): bytes.append(7)
    case UInt8(ascii: "b"): bytes.append(8)
    case UInt8(ascii: "t"): bytes.append(9)
    case UInt8(ascii: "n"): bytes.append(10)
    case UInt8(ascii: "v"): bytes.append(11)
    case UInt8(ascii: "f"): bytes.append(12)
    case UInt8(ascii: "r"): bytes.append(13)
    case UInt8(ascii: "0")...UInt8(ascii: "7"): bytes.append(try octal(from: escape))
    case UInt8(ascii: "x"): bytes.append(UInt8(truncatingIfNeeded: try hex(1...2, from: escape)))
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = letter == UInt8(ascii: "u") ? 4 : 8
      let value = try hex(count...count, from: escape)
      bytes += try utf8(value, from: escape)
    default:
      let (_, length) = scalar(at: escape + 1)
      let location = FilterLocation(start: escape, end: escape + 1 + length)
      let shown = Spelling.excerpt(source(location))
      throw error(
        "\(shown) is not an escape; \"\\\\\" is a backslash, and r\"...\" leaves them alone",
        location)
    }
  }

  private mutating func octal(from escape: Int) throws(FilterError) -> UInt8 {
    offset = escape + 1
    var value: UInt = 0
    while offset < escape + 4, let byte = peek(), byte &- UInt8(ascii: "0") < 8 {
      value = value * 8 + UInt(byte &- UInt8(ascii: "0"))
      offset += 1
    }
    guard let byte = UInt8(exactly: value) else {
      throw error(
        "an octal escape is at most \\377", FilterLocation(start: escape, end: offset))
    }
    return byte
  }

  private mutating func hex(_ counts: ClosedRange<Int>, from escape: Int) throws(FilterError)
    -> UInt
  {
    var value: UInt = 0
    var count = 0
    while count < counts.upperBound, let digit = peek()?.hexDigit {
      value = value << 4 | UInt(digit)
      count += 1
      offset += 1
    }
    guard counts.contains(count) else {
      let count = counts.lowerBound
      throw error(
        "this escape needs \(count) hexadecimal digit\(count == 1 ? "" : "s")",
        FilterLocation(start: escape, end: offset))
    }
    return value
  }

  private func utf8(_ value: UInt, from escape: Int) throws(FilterError) -> [UInt8] {
    guard let code = UInt32(exactly: value), let scalar = Unicode.Scalar(code) else {
      throw error("this is not a character", FilterLocation(start: escape, end: offset))
    }
    return Array(String(Character(scalar)).utf8)
  }
}
