/// The order in which the bytes of a number stand.
enum ByteOrder: UInt8, Sendable {
  case little, big
}

/// Numbers at any offset of borrowed bytes: the one place where capture bytes are loaded.
///
/// Each load is checked against the end of the span and traps beyond it, so callers compare lengths
/// first.
extension RawSpan {
  /// The byte at an offset.
  @inline(__always)
  func uint8(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit number at an offset.
  @inline(__always)
  func uint16(at offset: Int, _ order: ByteOrder) -> UInt16 {
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return order == .big ? UInt16(bigEndian: value) : UInt16(littleEndian: value)
  }

  /// The 32-bit number at an offset.
  @inline(__always)
  func uint32(at offset: Int, _ order: ByteOrder) -> UInt32 {
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return order == .big ? UInt32(bigEndian: value) : UInt32(littleEndian: value)
  }

  /// The 64-bit number at an offset.
  @inline(__always)
  func uint64(at offset: Int, _ order: ByteOrder) -> UInt64 {
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return order == .big ? UInt64(bigEndian: value) : UInt64(littleEndian: value)
  }
}
