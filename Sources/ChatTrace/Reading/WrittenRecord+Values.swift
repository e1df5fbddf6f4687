internal import ChatWire

// Values that are more than a number or a text: names, moments, bytes, notes.

extension WrittenRecord {
  /// The key of one of a few names.
  mutating func named(
    _ key: String, _ enumeration: Enumeration, _ line: RawSpan
  ) throws(LineFault) -> UInt8 {
    let name = try cursor.text(key, line)
    guard let position = enumeration.names.firstIndex(of: name) else {
      throw .wrong(
        "\"\(key)\" is none of " + enumeration.names.joined(separator: ", "))
    }
    return UInt8(position)
  }

  /// The number of a stream.
  mutating func streamNumber(_ key: String, _ line: RawSpan) throws(LineFault) -> Int {
    Int(try cursor.number(key, line, max: UInt32(NDJSONTraceReader.streamCountMax - 1)))
  }

  /// Seconds since 1970, with up to nine decimals, in quotes.
  mutating func time(_ key: String, _ line: RawSpan) throws(LineFault) -> TraceTime {
    let text = try cursor.text(key, line)
    guard let time = TraceTime(seconds: text) else {
      throw .wrong("\"\(key)\" is no time: seconds since 1970 in quotes, such as \"1.000000000\"")
    }
    return time
  }

  /// Bytes as hexadecimal digits; true.
  mutating func readHex(
    _ key: String, _ line: RawSpan, into bytes: inout [UInt8]
  ) throws(LineFault) -> Bool {
    guard let value = hexBytes(try cursor.text(key, line)) else {
      throw .wrong("\"\(key)\" is no hexadecimal")
    }
    bytes = value
    return true
  }

  // MARK: notes

  /// Takes the notes; those that this version does not know are left out.
  mutating func readNotes(_ line: RawSpan) throws(LineFault) {
    event.notes.removeAll()
    try cursor.open("[", #""notes""#, line)
    var isFirst = true
    while try cursor.element(line, isFirst: &isFirst) {
      if let note = try note(line) { event.notes.append(note) }
    }
  }

  private mutating func note(_ line: RawSpan) throws(LineFault) -> Note? {
    var name: String?
    var sentence = ""
    var causes = FrameList()
    try cursor.open("{", "a note", line)
    var isFirst = true
    while let key = try cursor.key(line, isFirst: &isFirst) {
      switch key {
      case "id": name = try cursor.text(key, line)
      case "text": sentence = try cursor.text(key, line)
      case "because": causes = try frames(key, line)
      // Both belong to the identity.
      case "severity", "section": _ = try cursor.text(key, line)
      default: try cursor.skipValue(line)
      }
    }
    guard let name else { throw .wrong("a note must have \"id\"") }
    guard let id = NoteID.byName[name] else { return nil }
    return Note(id, because: causes, written: sentence)
  }

  private mutating func frames(_ key: String, _ line: RawSpan) throws(LineFault) -> FrameList {
    var frames = FrameList()
    try cursor.open("[", #""because""#, line)
    var isFirst = true
    while try cursor.element(line, isFirst: &isFirst) {
      frames.append(try cursor.number(key, line))
    }
    return frames
  }
}

/// The value of a hexadecimal digit.
func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 0x30...0x39: digit & 15
  case 0x41...0x46, 0x61...0x66: digit & 7 &+ 9
  default: nil
  }
}

/// The bytes of hexadecimal digits, nil if they are none or the last byte is not whole.
func hexBytes(_ digits: String) -> [UInt8]? {
  guard digits.utf8.count % 2 == 0 else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(digits.utf8.count / 2)
  var high: UInt8?
  for digit in digits.utf8 {
    guard let value = hexValue(digit) else { return nil }
    if let first = high {
      bytes.append(first << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return bytes
}

extension NoteID {
  /// The identities by their names.
  fileprivate static let byName: [String: NoteID] = {
    var table: [String: NoteID] = [:]
    for id in allCases { table[id.name] = id }
    return table
  }()
}

extension TraceTime {
  /// Reads seconds since 1970 with at most nine decimals, as a trace has them; nil if it is no time
  /// or too far away.
  init?(seconds text: String) {
    var magnitude: UInt64 = 0
    var decimals: Int?
    var digits = 0
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    for byte in text.utf8.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: "."), decimals == nil, digits > 0 {
        decimals = 0
        continue
      }
      guard 0x30...0x39 ~= byte else { return nil }
      let (product, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(UInt64(byte & 15))
      guard !isTooLarge, !overflows, decimals ?? 0 < 9 else { return nil }
      magnitude = sum
      digits &+= 1
      if let count = decimals { decimals = count &+ 1 }
    }
    guard digits > 0, decimals != 0 else { return nil }
    for _ in (decimals ?? 0)..<9 {
      let (product, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
      guard !isTooLarge else { return nil }
      magnitude = product
    }
    guard magnitude <= UInt64(Int64.max) || isNegative && magnitude == 1 << 63 else { return nil }
    let bits = Int64(bitPattern: magnitude)
    self.init(nanoseconds: isNegative ? 0 &- bits : bits)
  }
}
