/// Why bytes are not JSON that the classic dialect accepts.
public enum JSONError: Error, Sendable, Hashable {
  /// More than are read.
  case tooLong(byteCount: Int)
  /// More than 32 arrays and objects inside each other.
  case tooDeep(offset: Int)
  /// The text ends too early.
  case unexpectedEnd
  /// A byte that cannot stand where it is.
  case unexpectedByte(UInt8, offset: Int)
  /// The bytes of a string are not UTF-8.
  case notUTF8(offset: Int)
  /// A control character in a string that is not escaped.
  case controlCharacter(offset: Int)
  /// A backslash with something that is no escape behind it.
  case badEscape(offset: Int)

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .tooLong(let byteCount): "The JSON has \(byteCount) bytes, more than are read."
    case .tooDeep(let offset): "The JSON is nested more than 32 deep at byte \(offset)."
    case .unexpectedEnd: "The JSON ends too early."
    case .unexpectedByte(let byte, let offset):
      "The JSON has an unexpected byte 0x\(hexadecimal(byte)) at byte \(offset)."
    case .notUTF8(let offset): "The JSON is not UTF-8 at byte \(offset)."
    case .controlCharacter(let offset): "The JSON has a bare control character at byte \(offset)."
    case .badEscape(let offset): "The JSON has a bad escape at byte \(offset)."
    }
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }
}
