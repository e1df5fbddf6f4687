/// Cuts the text of a filter into tokens, one at a time.
///
/// Words hold what names, numbers and bytes are written with; the parser decides which they are.
/// The text between the brackets of a slice has its own rules: see `FilterLexer+Slice.swift`.
struct FilterLexer {
  let text: [UInt8]
  /// The first byte not yet read.
  var offset = 0

  init(_ text: String) {
    self.text = Array(text.utf8)
  }

  func error(_ message: String, _ location: FilterLocation) -> FilterError {
    FilterError(message, at: location, in: text)
  }

  /// The text at a location.
  func source(_ location: FilterLocation) -> String {
    String(decoding: text[location.start..<location.end], as: UTF8.self)
  }

  /// The next token; `end` at the end, as often as asked.
  mutating func next() throws(FilterError) -> FilterToken {
    skipSpace()
    let start = offset
    guard let byte = peek() else {
      return FilterToken(kind: .end, location: FilterLocation(start: start, end: start))
    }
    if byte == UInt8(ascii: "\"") {
      return try string(from: start)
    }
    if byte == UInt8(ascii: "r"), peek(1) == UInt8(ascii: "\"") {
      offset += 1
      return try rawString(from: start)
    }
    if byte == UInt8(ascii: "'") {
      return try character(from: start)
    }
    if isWordStart() {
      return word(from: start)
    }
    if let (sign, length) = sign() {
      offset += length
      return FilterToken(kind: .sign(sign), location: FilterLocation(start: start, end: offset))
    }
    throw unexpectedCharacter()
  }

  // MARK: parts

  func peek(_ distance: Int = 0) -> UInt8? {
    offset + distance < text.count ? text[offset + distance] : nil
  }

  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || (byte >= 9 && byte <= 13) { offset += 1 }
  }

  private func isWordStart() -> Bool {
    guard let byte = peek() else { return false }
    if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
      return peek(1).map { $0.isDigit || $0 == UInt8(ascii: ".") } ?? false
    }
    return byte.isWordByte || (byte >= 0x80 && letterLength() != nil)
  }

  private mutating func word(from start: Int) -> FilterToken {
    offset += peek().map { $0 >= 0x80 } ?? false ? scalar(at: offset).length : 1
    while let byte = peek() {
      if byte == UInt8(ascii: "."), peek(1) == UInt8(ascii: ".") { break }
      if byte.isWordByte || byte.isWordPunctuation {
        offset += 1
      } else if byte >= 0x80, let length = letterLength() {
        offset += length
      } else {
        break
      }
    }
    return FilterToken(kind: .word, location: FilterLocation(start: start, end: offset))
  }

  /// The bytes of the letter beyond ASCII that stands here.
  private func letterLength() -> Int? {
    let (scalar, length) = scalar(at: offset)
    return scalar.properties.isAlphabetic ? length : nil
  }

  /// The scalar at an offset, with its length in bytes.
  func scalar(at offset: Int) -> (Unicode.Scalar, length: Int) {
    var end = offset + 1
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    let scalar = String(decoding: text[offset..<end], as: UTF8.self).unicodeScalars.first
    return (scalar ?? "\u{FFFD}", end - offset)
  }

  private func sign() -> (FilterToken.Sign, length: Int)? {
    for (spelling, sign) in Self.signs {
      var length = 0
      for byte in spelling.utf8 {
        guard peek(length) == byte else { break }
        length += 1
      }
      if length == spelling.utf8.count { return (sign, length) }
    }
    return nil
  }

  /// Longer ones first.
  private static let signs: [(String, FilterToken.Sign)] = [
    ("===", .allEqual), ("!==", .anyNotEqual), ("==", .equal), ("!=", .notEqual),
    (">=", .greaterOrEqual), ("<=", .lessOrEqual), (">", .greater), ("<", .less),
    ("~", .matches), ("&&", .and), ("||", .or), ("^^", .xor), ("!", .not),
    ("(", .leftParenthesis), (")", .rightParenthesis), ("[", .leftBracket), ("]", .rightBracket),
    ("{", .leftBrace), ("}", .rightBrace), (",", .comma), ("..", .range),
  ]

  private func unexpectedCharacter() -> FilterError {
    let (scalar, length) = scalar(at: offset)
    let here = FilterLocation(start: offset, end: offset + length)
    switch scalar {
    case "=": return error("\"=\" is not an operator; \"==\" compares", here)
    case "&": return error("\"&\" is not an operator; \"&&\" or \"and\" joins tests", here)
    case "|": return error("\"|\" is not an operator; \"||\" or \"or\" joins tests", here)
    case "\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}", "`":
      return error("text stands in straight double quotes: \"...\"", here)
    default:
      return error("\(Spelling.quoted(String(scalar))) is not expected here", here)
    }
  }
}

extension UInt8 {
  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

  /// A letter, a digit or an underscore.
  var isWordByte: Bool {
    isDigit || (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_")
  }

  /// What may stand inside a word: nested names, bytes, numbers.
  var isWordPunctuation: Bool {
    self == UInt8(ascii: ".") || self == UInt8(ascii: ":") || self == UInt8(ascii: "-")
  }

  /// The value of a hexadecimal digit.
  var hexDigit: UInt8? {
    if isDigit { return self &- UInt8(ascii: "0") }
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter &+ 10 : nil
  }
}
