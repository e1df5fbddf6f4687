// Millions of lines a second are written a few bytes at a time: keys, names, numbers. Appending
// each of them to an array costs a check for uniqueness and for growth, so a line is written
// through a pointer into room that the array has set aside.
//
// Everything here is inlined into the code that writes a line, so that the pointer stays in a
// register: passed by address it would be stored and loaded again around every single write. For
// the same reason the room is checked write by write in debug builds only: each caller states the
// sum of the maxima of what it writes, which depends on types and not on input, and the tests write
// those maxima.

/// Writes bytes, names and numbers into a bounded run at the end of an array.
///
/// Invariant: `next <= end`.
@safe
struct LineWriter {
  private var next: UnsafeMutableRawPointer
  private let end: UnsafeMutableRawPointer

  /// Numbers are stored eight digits at a time, so the last one may touch this many bytes too many.
  fileprivate static let slack = 24

  /// Writes from `start` to before `end`.
  @unsafe
  @inline(__always)
  fileprivate init(from start: UnsafeMutableRawPointer, to end: UnsafeMutableRawPointer) {
    unsafe self.next = start
    unsafe self.end = end
  }

  /// How many bytes have been written since `start`.
  @unsafe
  @inline(__always)
  fileprivate func count(since start: UnsafeMutableRawPointer) -> Int {
    unsafe next - start
  }

  @inline(__always)
  private func checkRoom(_ count: Int) {
    assert(unsafe end - next >= count, "a line is longer than the room set aside for it")
  }

  /// Writes a literal.
  @inline(__always)
  mutating func put(_ literal: StaticString) {
    let count = literal.utf8CodeUnitCount
    checkRoom(count)
    unsafe next.copyMemory(from: literal.utf8Start, byteCount: count)
    unsafe next += count
  }

  /// Writes a byte.
  @inline(__always)
  mutating func put(byte: UInt8) {
    checkRoom(1)
    unsafe next.storeBytes(of: byte, as: UInt8.self)
    unsafe next += 1
  }

  /// Writes a byte `count` times; a negative count is none.
  @inline(__always)
  mutating func put(byte: UInt8, count: Int) {
    for _ in 0..<max(count, 0) { put(byte: byte) }
  }

  /// Writes a number in decimal.
  @inline(__always)
  mutating func put(decimal value: UInt64) {
    if value < 100_000_000 {
      put(short: value)
    } else {
      checkRoom(Self.slack)
      unsafe next = storeLong(value, at: next)
    }
  }

  /// Writes a number of at most eight digits.
  @inline(__always)
  mutating func put(short value: UInt64) {
    checkRoom(8)
    let digits = eightDigits(value)
    // The first digit is the lowest byte; a zero keeps its last digit.
    let leadingZeros = min(digits.trailingZeroBitCount, 56) & 0x38
    unsafe next.storeBytes(
      of: ((digits | asciiZeros) >> leadingZeros).littleEndian, as: UInt64.self)
    unsafe next += 8 &- leadingZeros >> 3
  }

  /// Writes a number as JSON: beyond 2^53-1 a string, since many readers hold numbers as doubles.
  @inline(__always)
  mutating func put(jsonInteger value: UInt64) {
    if value < 100_000_000 {
      put(short: value)
    } else {
      checkRoom(Self.slack)
      unsafe next = storeLongJSON(value, at: next)
    }
  }

  /// Writes a number below 100,000,000 as eight digits.
  @inline(__always)
  mutating func put(eightDigits value: UInt64) {
    checkRoom(8)
    unsafe next.storeBytes(
      of: (eightDigits(value) | asciiZeros).littleEndian, as: UInt64.self)
    unsafe next += 8
  }

  /// Writes a number below 100 as two digits.
  @inline(__always)
  mutating func put(twoDigits value: UInt64) {
    put(byte: 0x30 | UInt8(truncatingIfNeeded: value / 10))
    put(byte: 0x30 | UInt8(truncatingIfNeeded: value % 10))
  }

  /// Writes a byte as two lower-case hexadecimal digits.
  @inline(__always)
  mutating func put(hex byte: UInt8) {
    checkRoom(2)
    let digits = UInt16(hexDigit(byte >> 4)) | UInt16(hexDigit(byte & 15)) << 8
    unsafe next.storeBytes(of: digits.littleEndian, as: UInt16.self)
    unsafe next += 2
  }

  /// Writes bytes as lower-case hexadecimal digits.
  @inline(__always)
  mutating func put(hex bytes: RawSpan) {
    var offset = 0
    while offset &+ 4 <= bytes.byteCount {
      let four = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
      checkRoom(8)
      unsafe next.storeBytes(of: hexDigits(four.littleEndian).littleEndian, as: UInt64.self)
      unsafe next += 8
      offset &+= 4
    }
    while offset < bytes.byteCount {
      put(hex: unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
      offset &+= 1
    }
  }
}

extension [UInt8] {
  /// Appends what `body` writes, at most `capacity` bytes.
  @inline(__always)
  mutating func write(atMost capacity: Int, _ body: (inout LineWriter) -> Void) {
    append(addingCapacity: capacity &+ LineWriter.slack) { (room: inout OutputSpan<UInt8>) in
      unsafe room.withUnsafeMutableBufferPointer { buffer, count in
        guard let base = buffer.baseAddress else { return }
        let start = unsafe UnsafeMutableRawPointer(base + count)
        var writer = unsafe LineWriter(
          from: start, to: UnsafeMutableRawPointer(base + buffer.count))
        body(&writer)
        count &+= unsafe writer.count(since: start)
      }
    }
  }

  /// Appends a literal.
  @inline(__always)
  mutating func append(_ literal: StaticString) {
    unsafe append(
      contentsOf: UnsafeBufferPointer(
        start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Appends a number in decimal.
  mutating func append(decimal value: UInt64) {
    write(atMost: 20) { $0.put(decimal: value) }
  }

  /// Appends part of some bytes.
  mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

/// Eight times the digit 0.
private let asciiZeros: UInt64 = 0x3030_3030_3030_3030

/// The eight decimal digits of a number below 100,000,000, one a byte, the first in the lowest
/// byte.
///
/// The halves of the number, then the quarters, then the digits are divided side by side in one
/// word.
@inline(__always)
private func eightDigits(_ value: UInt64) -> UInt64 {
  let high = value / 10_000
  let halves = high | (value &- high &* 10_000) << 32
  let hundreds = (halves &* 10_486) >> 20 & 0x0000_007F_0000_007F
  let quarters = hundreds | (halves &- hundreds &* 100) << 16
  let tens = (quarters &* 103) >> 10 & 0x000F_000F_000F_000F
  return tens | (quarters &- tens &* 10) << 8
}

/// Stores a number of nine digits or more; returns where it ends.
@unsafe
@inline(never)
private func storeLong(
  _ value: UInt64, at start: UnsafeMutableRawPointer
) -> UnsafeMutableRawPointer {
  let digitCount = decimalDigitCount(value)
  var rest = value
  var next = unsafe start + digitCount
  while rest >= 10 {
    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
    unsafe next -= 1
    unsafe next.storeBytes(of: 0x30 | UInt8(truncatingIfNeeded: digit), as: UInt8.self)
    rest = quotient
  }
  unsafe start.storeBytes(of: 0x30 | UInt8(truncatingIfNeeded: rest), as: UInt8.self)
  return unsafe start + digitCount
}

/// Stores a number of nine digits or more, in quotes beyond 2^53-1; returns where it ends.
@unsafe
@inline(never)
private func storeLongJSON(
  _ value: UInt64, at start: UnsafeMutableRawPointer
) -> UnsafeMutableRawPointer {
  guard value >= 1 << 53 else { return unsafe storeLong(value, at: start) }
  unsafe start.storeBytes(of: 0x22, as: UInt8.self)
  let end = unsafe storeLong(value, at: start + 1)
  unsafe end.storeBytes(of: 0x22, as: UInt8.self)
  return unsafe end + 1
}

/// The lower-case hexadecimal digits of four bytes, the first byte being the lowest.
@inline(__always)
private func hexDigits(_ bytes: UInt32) -> UInt64 {
  var spread = UInt64(bytes)
  spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
  spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
  let nibbles = (spread >> 4 | spread << 8) & 0x0F0F_0F0F_0F0F_0F0F
  // 1 in every byte whose nibble is 10 or more.
  let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
  return nibbles &+ asciiZeros &+ letters &* 39
}

/// How many decimal digits a number has.
func decimalDigitCount(_ value: UInt64) -> Int {
  var count = 1
  var rest = value / 10
  while rest > 0 {
    count &+= 1
    rest /= 10
  }
  return count
}

/// The lower-case hexadecimal digit of a number below 16.
@inline(__always)
func hexDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? 0x30 &+ value : 0x57 &+ value
}
