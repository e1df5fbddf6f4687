/// Cutting text at character boundaries, a character being a Unicode scalar: what the Python
/// programs count.
enum ClassicCut {
  /// Where a piece of UTF-8 that starts at `start` ends, so that it has at most so many characters
  /// and bytes; at least one character, if any is left.
  static func end(
    of bytes: [UInt8], from start: Int, characterCountMax: Int = .max, byteCountMax: Int
  ) -> Int {
    var end = start
    var count = 0
    while end < bytes.count, count < max(1, characterCountMax) {
      let next = min(bytes.count, end + byteCount(lead: bytes[end]))
      guard next - start <= byteCountMax || count == 0 else { break }
      end = next
      count += 1
    }
    return end
  }

  /// How many pieces there are in all.
  static func pieceCount(of bytes: [UInt8], characterCountMax: Int, byteCountMax: Int) -> Int {
    var count = 0
    var start = 0
    while start < bytes.count {
      start = end(
        of: bytes, from: start, characterCountMax: characterCountMax, byteCountMax: byteCountMax)
      count += 1
    }
    return count
  }

  private static func byteCount(lead: UInt8) -> Int {
    switch lead {
    case 0xC0...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...: 4
    default: 1
    }
  }
}
