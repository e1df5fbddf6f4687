/// What is said: which message it is in eight hexadecimal digits, filled up to 64 bytes.
enum Text {
  static let byteCount = 64
  private static let digitCount = 8

  static func make(number: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: byteCount)
    var rest = number
    for place in (0..<digitCount).reversed() {
      let digit = UInt8(rest & 15)
      bytes[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      rest >>= 4
    }
    return bytes
  }

  /// The number of the message whose text begins at `offset`.
  static func number(in bytes: RawSpan, at offset: Int) -> Int {
    var number = 0
    for place in 0..<digitCount {
      let byte = bytes.unsafeLoad(fromByteOffset: offset + place, as: UInt8.self)
      number = number << 4 | Int(byte & 15) + (byte > UInt8(ascii: "9") ? 9 : 0)
    }
    return number
  }
}
