/// The text of a chat message: UTF-8, not empty, without control characters (PROTOCOL.md 6.1).
public struct ChatText: Sendable, Hashable {
  /// What is wrong with a text.
  public enum Violation: Error, Sendable, Hashable {
    /// There is none.
    case empty
    /// The bytes from an offset on are not UTF-8.
    case notUTF8(offset: Int)
    /// A control character other than newline and tab.
    case controlCharacter(Unicode.Scalar, offset: Int)

    /// One sentence that says it.
    public var sentence: String {
      switch self {
      case .empty: "The text is empty."
      case .notUTF8(let offset): "The text is not UTF-8 at byte \(offset)."
      case .controlCharacter(let scalar, let offset):
        "The text has the control character \(codePoint(scalar)) at byte \(offset)."
      }
    }
  }

  /// The text.
  public let value: String

  /// Reads a text.
  public init(decoding bytes: RawSpan) throws(Violation) {
    if let violation = Self.violation(in: bytes) { throw violation }
    guard let text = bytes.text(0..<bytes.byteCount) else { throw .notUTF8(offset: 0) }
    value = text
  }

  /// Takes a text that obeys the rules.
  public init(_ text: String) throws(Violation) {
    if let violation = unsafe Self.violation(in: text.utf8.span.bytes) { throw violation }
    value = text
  }

  /// What is wrong with a text first, found without making a string of it.
  public static func violation(in bytes: RawSpan) -> Violation? {
    bytes.isEmpty ? .empty : faultyCharacter(in: bytes)
  }

  /// The first byte that is not UTF-8, or control character; an empty text has none.
  static func faultyCharacter(in bytes: RawSpan) -> Violation? {
    var offset = 0
    while offset < bytes.byteCount {
      if bytes.byte(offset) < 0x80 {
        offset += UTF8Scan.printableASCIIPrefix(bytes, from: offset)
        if offset == bytes.byteCount { break }
      }
      let start = offset
      guard let scalar = UTF8Scan.next(bytes, at: &offset) else { return .notUTF8(offset: start) }
      guard isAllowed(scalar) else { return .controlCharacter(scalar, offset: start) }
    }
    return nil
  }

  /// True unless the scalar is a control character other than newline and tab.
  static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: true
    case 0x00...0x1F, 0x7F...0x9F: false
    default: true
    }
  }

  /// Appends the text.
  public func encode(into output: inout [UInt8]) {
    output += value.utf8
  }
}

/// A scalar as `U+0007`.
func codePoint(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}
