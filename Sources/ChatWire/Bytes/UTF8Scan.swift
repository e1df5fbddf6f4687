/// Reading UTF-8 from bytes that may be anything, without making a string.
///
/// Well-formed is what table 3-7 of the Unicode standard allows: no overlong forms, no surrogates,
/// nothing above U+10FFFF.
enum UTF8Scan {
  /// The scalar that starts at `offset`, which is moved behind it; nil, and `offset` unmoved, if
  /// the bytes there are malformed or there are none.
  @inline(__always)
  static func next(_ bytes: RawSpan, at offset: inout Int) -> Unicode.Scalar? {
    guard offset >= 0, offset < bytes.byteCount else { return nil }
    let lead = bytes.byte(offset)
    if lead < 0x80 {
      offset += 1
      return Unicode.Scalar(lead)
    }
    return nextMultibyte(bytes, lead: lead, at: &offset)
  }

  @inline(__always)
  private static func nextMultibyte(
    _ bytes: RawSpan, lead: UInt8, at offset: inout Int
  ) -> Unicode.Scalar? {
    // What the second byte may be depends on the first; later ones are always 80 ... BF.
    let count: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: count = 2
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: count = 3
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: count = 4
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard bytes.byteCount - offset >= count, second.contains(bytes.byte(offset + 1)) else {
      return nil
    }
    var value = UInt32(lead) & (0x7F >> UInt32(count))
    for index in 1..<count {
      let byte = bytes.byte(offset + index)
      guard byte & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    offset += count
    return Unicode.Scalar(value)
  }

  /// How many of the bytes from `offset` on, in whole groups of eight, are printable ASCII.
  ///
  /// Most chat is: such groups need no closer look.
  static func printableASCIIPrefix(_ bytes: RawSpan, from offset: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var position = offset
    while bytes.byteCount - position >= 8 {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
      let delete = word ^ (ones &* 0x7F)
      // The classic test for a byte below n in a word (n = 0x20, and n = 1 for the DELs made zero).
      let below = (word &- ones &* 0x20) & ~word
      let zero = (delete &- ones) & ~delete
      guard (word | below | zero) & highs == 0 else { break }
      position += 8
    }
    return position - offset
  }
}
