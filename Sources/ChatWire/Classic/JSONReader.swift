/// Reads JSON as Python's `json.loads` does, within bounds (PROTOCOL.md 9.2).
///
/// At most 16 KiB unless the caller wants more, and 32 arrays and objects inside each other, so the
/// recursion is bounded too. Of duplicate keys the last wins, in the place of the first. `NaN`,
/// `Infinity` and `-Infinity` are numbers. A half of a surrogate pair, which Python keeps, becomes
/// U+FFFD: a Swift string cannot hold it.
struct JSONReader {
  private let byteCountMax: Int
  private var offset = 0

  init(byteCountMax: Int) {
    self.byteCountMax = byteCountMax
  }

  /// The value of a whole text.
  mutating func read(_ bytes: RawSpan) throws(JSONError) -> JSONValue {
    guard bytes.byteCount <= byteCountMax else {
      throw .tooLong(byteCount: bytes.byteCount)
    }
    let value = try value(bytes, depth: 0)
    skipSpace(bytes)
    guard offset == bytes.byteCount else { throw unexpected(bytes) }
    return value
  }

  private mutating func value(_ bytes: RawSpan, depth: Int) throws(JSONError) -> JSONValue {
    skipSpace(bytes)
    guard let byte = peek(bytes) else { throw .unexpectedEnd }
    switch byte {
    case UInt8(ascii: "{"): return try object(bytes, depth: depth + 1)
    case UInt8(ascii: "["): return try array(bytes, depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string(bytes))
    case UInt8(ascii: "n"):
      try word("null", bytes)
      return .null
    case UInt8(ascii: "t"):
      try word("true", bytes)
      return .bool(true)
    case UInt8(ascii: "f"):
      try word("false", bytes)
      return .bool(false)
    default: return .number(try number(bytes))
    }
  }

  // MARK: arrays and objects

  private mutating func array(_ bytes: RawSpan, depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= JSONValue.depthMax else { throw .tooDeep(offset: offset) }
    offset += 1
    var elements: [JSONValue] = []
    if skip("]", bytes) { return .array(elements) }
    while true {
      elements.append(try value(bytes, depth: depth))
      if skip("]", bytes) { return .array(elements) }
      guard skip(",", bytes) else { throw unexpected(bytes) }
    }
  }

  private mutating func object(_ bytes: RawSpan, depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= JSONValue.depthMax else { throw .tooDeep(offset: offset) }
    offset += 1
    var members = JSONMemberList()
    if skip("}", bytes) { return .object(members.members) }
    while true {
      skipSpace(bytes)
      guard peek(bytes) == UInt8(ascii: "\"") else { throw unexpected(bytes) }
      let key = try string(bytes)
      guard skip(":", bytes) else { throw unexpected(bytes) }
      members.set(key, try value(bytes, depth: depth))
      if skip("}", bytes) { return .object(members.members) }
      guard skip(",", bytes) else { throw unexpected(bytes) }
    }
  }

  // MARK: strings

  private mutating func string(_ bytes: RawSpan) throws(JSONError) -> String {
    offset += 1
    var text: [UInt8] = []
    while let byte = peek(bytes) {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(bytes, into: &text)
      case 0..<0x20: throw .controlCharacter(offset: offset)
      case 0x20..<0x80:
        text.append(byte)
        offset += 1
      default:
        let start = offset
        guard UTF8Scan.next(bytes, at: &offset) != nil else { throw .notUTF8(offset: start) }
        for index in start..<offset { text.append(bytes.byte(index)) }
      }
    }
    throw .unexpectedEnd
  }

  private mutating func escape(_ bytes: RawSpan, into text: inout [UInt8]) throws(JSONError) {
    let start = offset
    offset += 1
    guard let byte = peek(bytes) else { throw .unexpectedEnd }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      guard let unit = fourHexDigits(bytes) else { throw .badEscape(offset: start) }
      let scalar = Unicode.Scalar(try codePoint(from: unit, bytes)) ?? "\u{FFFD}"
      text += String(Character(scalar)).utf8
    default: throw .badEscape(offset: start)
    }
  }

  /// Joins a leading surrogate with a trailing one right behind it.
  private mutating func codePoint(from unit: UInt32, _ bytes: RawSpan) throws(JSONError) -> UInt32 {
    guard 0xD800...0xDBFF ~= unit, bytes.byteCount - offset >= 2,
      bytes.byte(offset) == UInt8(ascii: "\\"), bytes.byte(offset + 1) == UInt8(ascii: "u")
    else { return unit }
    let start = offset
    offset += 2
    guard let second = fourHexDigits(bytes) else { throw .badEscape(offset: start) }
    guard 0xDC00...0xDFFF ~= second else {
      // An escape of its own, read again.
      offset = start
      return unit
    }
    return 0x10000 + (unit & 0x3FF) << 10 + second & 0x3FF
  }

  private mutating func fourHexDigits(_ bytes: RawSpan) -> UInt32? {
    guard bytes.byteCount - offset >= 4 else { return nil }
    var value: UInt32 = 0
    for index in offset..<offset + 4 {
      let byte = bytes.byte(index)
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32(byte & 0x0F + 9)
      default: return nil
      }
    }
    offset += 4
    return value
  }

  // MARK: numbers

  private mutating func number(_ bytes: RawSpan) throws(JSONError) -> JSONNumber {
    let start = offset
    let isNegative = peek(bytes) == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    guard let first = peek(bytes) else { throw .unexpectedEnd }
    switch first {
    case UInt8(ascii: "I"):
      try word("Infinity", bytes)
      return JSONNumber(isNegative ? -Double.infinity : Double.infinity)
    case UInt8(ascii: "N") where !isNegative:
      try word("NaN", bytes)
      return JSONNumber(Double.nan)
    case UInt8(ascii: "0"): offset += 1
    case 0x31...0x39: skipDigits(bytes)
    default: throw unexpected(bytes)
    }
    // A point or an exponent without digits is not part of the number; what follows it will not
    // fit.
    skipFraction(bytes)
    skipExponent(bytes)
    guard let text = bytes.text(start..<offset), let value = Double(text) else {
      throw .unexpectedByte(bytes.byte(start), offset: start)
    }
    return JSONNumber(text: text, value: value)
  }

  private mutating func skipFraction(_ bytes: RawSpan) {
    let start = offset
    guard peek(bytes) == UInt8(ascii: ".") else { return }
    offset += 1
    if !skipDigits(bytes) { offset = start }
  }

  private mutating func skipExponent(_ bytes: RawSpan) {
    let start = offset
    guard let byte = peek(bytes), byte | 0x20 == UInt8(ascii: "e") else { return }
    offset += 1
    if let sign = peek(bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      offset += 1
    }
    if !skipDigits(bytes) { offset = start }
  }

  @discardableResult
  private mutating func skipDigits(_ bytes: RawSpan) -> Bool {
    let start = offset
    while let byte = peek(bytes), 0x30...0x39 ~= byte { offset += 1 }
    return offset > start
  }

  // MARK: bytes

  private func peek(_ bytes: RawSpan) -> UInt8? {
    offset < bytes.byteCount ? bytes.byte(offset) : nil
  }

  private mutating func skipSpace(_ bytes: RawSpan) {
    while let byte = peek(bytes), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      offset += 1
    }
  }

  /// Moves over white space and then over a mark, if it comes next.
  private mutating func skip(_ mark: Unicode.Scalar, _ bytes: RawSpan) -> Bool {
    skipSpace(bytes)
    guard peek(bytes) == UInt8(ascii: mark) else { return false }
    offset += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ bytes: RawSpan) throws(JSONError) {
    for letter in word.description.utf8 {
      guard peek(bytes) == letter else { throw unexpected(bytes) }
      offset += 1
    }
  }

  private func unexpected(_ bytes: RawSpan) -> JSONError {
    guard let byte = peek(bytes) else { return .unexpectedEnd }
    return .unexpectedByte(byte, offset: offset)
  }
}

/// Members of an object while it is read: no key is there twice.
private struct JSONMemberList {
  private(set) var members: [JSONMember] = []
  /// Positions by the bytes of the key, kept once there are many members: comparing each with each
  /// would take a hostile object seconds. (A string as key would compare by canonical equivalence.)
  private var positions: [[UInt8]: Int] = [:]

  private static let manyMembers = 16

  mutating func set(_ key: String, _ value: JSONValue) {
    if let position = position(of: key) {
      members[position].value = value
      return
    }
    members.append(JSONMember(key, value))
    if members.count == Self.manyMembers {
      for index in members.indices { positions[[UInt8](members[index].key.utf8)] = index }
    } else if members.count > Self.manyMembers {
      positions[[UInt8](key.utf8)] = members.count - 1
    }
  }

  private func position(of key: String) -> Int? {
    members.count < Self.manyMembers
      ? members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
      : positions[[UInt8](key.utf8)]
  }
}

extension JSONValue {
  /// The most bytes that are read from a classic peer.
  public static let byteCountMax = 16 << 10
  /// The most arrays and objects inside each other.
  public static let depthMax = 32

  /// Reads JSON.
  ///
  /// - Parameter byteCountMax: the most bytes that are read; memory grows with them.
  public init(
    decoding bytes: RawSpan, byteCountMax: Int = byteCountMax
  ) throws(JSONError) {
    var reader = JSONReader(byteCountMax: byteCountMax)
    self = try reader.read(bytes)
  }
}
