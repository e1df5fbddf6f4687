/// A reading position in a payload.
///
/// Every read is checked against the end, and moves the position only if it succeeds. The bytes are
/// passed to each read because a span cannot be kept in a structure.
struct PayloadCursor {
  /// Bytes read so far.
  private(set) var offset = 0

  /// The next byte.
  mutating func readByte(_ bytes: RawSpan) -> UInt8? {
    readInteger(bytes, as: UInt8.self)
  }

  /// The next big-endian integer.
  mutating func readInteger<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan, as type: Integer.Type
  ) -> Integer? {
    let size = MemoryLayout<Integer>.size
    guard bytes.byteCount - offset >= size else { return nil }
    let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    offset += size
    return Integer(bigEndian: value)
  }

  /// The range of the next `count` bytes.
  mutating func readRange(_ bytes: RawSpan, count: Int) -> Range<Int>? {
    guard count >= 0, bytes.byteCount - offset >= count else { return nil }
    defer { offset += count }
    return offset..<offset + count
  }

  /// The range of all bytes that are left.
  mutating func readRest(_ bytes: RawSpan) -> Range<Int> {
    defer { offset = bytes.byteCount }
    return offset..<bytes.byteCount
  }

  /// True if nothing is left.
  func isAtEnd(_ bytes: RawSpan) -> Bool { offset >= bytes.byteCount }
}

extension RawSpan {
  /// The byte at an offset that is known to be in range.
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// A copy of the bytes of a range that is known to be in range.
  func copy(_ range: Range<Int>) -> [UInt8] {
    unsafe extracting(range).withUnsafeBytes { unsafe [UInt8]($0) }
  }

  /// The text in a range that is known to be in range; nil if it is not UTF-8.
  func text(_ range: Range<Int>) -> String? {
    unsafe extracting(range).withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
  }
}

extension [UInt8] {
  /// Appends an integer, most significant byte first.
  mutating func appendInteger<Integer: FixedWidthInteger>(_ value: Integer) {
    for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
