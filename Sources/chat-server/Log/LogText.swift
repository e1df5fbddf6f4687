internal import Logging

/// Writes text and values for a log line: JSON in which nothing acts on a terminal, and which stays
/// on one line within a bound.
struct LogText {
  /// How large a line gets at most, in bytes.
  static let lineSizeMax = 16 << 10
  /// No text begins, and no value is added, behind this: the rest is for what must be closed.
  private static let softSizeMax = lineSizeMax - 1_024
  /// Of one text, in bytes as written.
  private static let textSizeMax = 4 << 10
  private static let keySizeMax = 256
  private static let depthMax = 8

  /// What has been written.
  private(set) var bytes: [UInt8] = []
  /// Something was too long and is not all there.
  private(set) var isCut = false

  /// True if another key with some value has room.
  var hasRoom: Bool { bytes.count + Self.keySizeMax + 64 < Self.softSizeMax }

  /// Writes what is known to be harmless, as it is.
  mutating func raw(_ text: String) {
    bytes += text.utf8
  }

  /// Says that something was left out.
  mutating func markCut() {
    isCut = true
  }

  /// Writes a JSON string.
  mutating func string(_ text: String) {
    quoted(text, sizeMax: Self.textSizeMax)
  }

  /// Writes the key of a member, with the colon.
  mutating func key(_ key: String) {
    quoted(key, sizeMax: Self.keySizeMax)
    bytes.append(UInt8(ascii: ":"))
  }

  /// Writes text without quotes if it can be taken for nothing else, and else with them.
  mutating func word(_ text: String) {
    word(text, sizeMax: Self.textSizeMax)
  }

  /// Writes the key of a member of a readable line, with the equals sign.
  mutating func wordKey(_ key: String) {
    word(key, sizeMax: Self.keySizeMax)
    raw("=")
  }

  private mutating func word(_ text: String, sizeMax: Int) {
    let room = min(sizeMax, Self.softSizeMax - bytes.count)
    if text.utf8.count <= room, !text.isEmpty, text.unicodeScalars.allSatisfy(Self.isPartOfWord) {
      bytes += text.utf8
    } else {
      quoted(text, sizeMax: sizeMax)
    }
  }

  /// Writes a value of metadata as JSON.
  mutating func value(_ value: Logger.MetadataValue, depth: Int = 0) {
    guard depth < Self.depthMax else {
      markCut()
      return string("…")
    }
    switch value {
    case .string(let text): string(text)
    case .stringConvertible(let value):
      if let literal = Self.literal(value) { raw(literal) } else { string(value.description) }
    case .array(let elements):
      raw("[")
      for (index, element) in elements.enumerated() {
        guard hasRoom else {
          markCut()
          break
        }
        if index > 0 { raw(",") }
        self.value(element, depth: depth + 1)
      }
      raw("]")
    case .dictionary(let members):
      raw("{")
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        guard hasRoom else {
          markCut()
          break
        }
        if index > 0 { raw(",") }
        key(member.key)
        self.value(member.value, depth: depth + 1)
      }
      raw("}")
    }
  }

  /// The JSON literal of a number or a Boolean; nil for anything else.
  private static func literal(_ value: any CustomStringConvertible) -> String? {
    if let integer = value as? Int { return String(integer) }
    if let truth = value as? Bool { return truth ? "true" : "false" }
    if let number = value as? Double { return number.isFinite ? number.description : nil }
    if let integer = value as? any FixedWidthInteger { return String(describing: integer) }
    return nil
  }

  private mutating func quoted(_ text: String, sizeMax: Int) {
    bytes.append(UInt8(ascii: "\""))
    let end = bytes.count + min(sizeMax, max(0, Self.softSizeMax - bytes.count))
    if bytes.count + text.utf8.count <= end, text.utf8.allSatisfy(Self.isPlain) {
      bytes += text.utf8
      bytes.append(UInt8(ascii: "\""))
      return
    }
    for scalar in text.unicodeScalars {
      // No scalar takes more than the six bytes of an escape.
      guard bytes.count + 6 <= end else {
        bytes += "…".utf8
        markCut()
        break
      }
      append(scalar)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
    case "\n": bytes += "\\n".utf8
    case "\r": bytes += "\\r".utf8
    case "\t": bytes += "\\t".utf8
    case "\u{20}"..."\u{7E}": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
    case _ where Self.isDangerous(scalar):
      let digits = String(scalar.value, radix: 16)
      bytes += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
    default: if let units = UTF8.encode(scalar) { bytes += units }
    }
  }

  /// What most texts are made of, and what needs no escape.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// What acts on a terminal, ends a line for some reader, or turns around the text next to it; all
  /// have four hexadecimal digits.
  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069,
      0xFEFF:
      true
    default: false
    }
  }

  private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", "\\", "=", " ", "{", "}": false
    default: !isDangerous(scalar) && !scalar.properties.isWhitespace
    }
  }
}
