/// Bytes as hexadecimal digits.
enum HexText {
  /// Two lower-case digits for each byte.
  static func string(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes of a text of digits, in either case, with spaces and colons between bytes if
  /// somebody likes; nil if it is none.
  static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      let digit: UInt8
      switch character {
      case 0x30...0x39: digit = character - 0x30
      case 0x41...0x46, 0x61...0x66: digit = character & 0x0F + 9
      case UInt8(ascii: " ") where high == nil, UInt8(ascii: ":") where high == nil: continue
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? bytes : nil
  }
}
