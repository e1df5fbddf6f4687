// The text between the brackets of a slice.

/// One part of a slice: offsets below 0 count from the end.
struct SliceRange: Sendable, Equatable {
  enum End: Sendable, Equatable {
    case length(Int)
    /// Inclusive.
    case offset(Int)
    case toTheEnd
  }

  var start: Int
  var end: End

  /// The offsets in something of a length; nil if they do not all lie in it.
  func resolved(in length: Int) -> Range<Int>? {
    let first = start < 0 ? length + start : start
    guard first >= 0 else { return nil }
    let last: Int
    switch end {
    case .length(let count): last = first + count - 1
    case .offset(let offset): last = offset < 0 ? length + offset : offset
    case .toTheEnd: last = length - 1
    }
    guard last >= first, last < length else { return nil }
    return first..<last + 1
  }
}

extension FilterLexer {
  /// At most this many parts in one slice: bounds what a slice can make of a payload.
  private static var partCountMax: Int { 16 }
  /// Offsets are at most this, so that sums of them cannot overflow.
  private static var offsetMax: UInt { 1 << 32 }

  /// The parts up to the closing bracket, which is read too; the opening one already was.
  mutating func sliceRanges() throws(FilterError) -> [SliceRange] {
    var ranges: [SliceRange] = []
    while true {
      let start = offset
      ranges.append(try sliceRange())
      guard ranges.count <= Self.partCountMax else {
        throw error(
          "a slice has at most \(Self.partCountMax) parts",
          FilterLocation(start: start, end: offset))
      }
      skipSpace()
      switch peek() {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return ranges
      case nil:
        throw error("\"]\" is missing", FilterLocation(start: offset, end: offset))
      default:
        throw error(
          "a slice is [i:j], [i-j], [i], [:j] or [i:]",
          FilterLocation(start: offset, end: offset + scalar(at: offset).length))
      }
    }
  }

  private mutating func sliceRange() throws(FilterError) -> SliceRange {
    skipSpace()
    let from = offset
    let first = try sliceInteger()
    skipSpace()
    let separator = peek()
    if separator == UInt8(ascii: ":") {
      offset += 1
      skipSpace()
      guard let length = try sliceInteger() else {
        guard let first else { throw sliceError(from: from) }
        return SliceRange(start: first, end: .toTheEnd)
      }
      guard length > 0 else {
        throw error(
          "the length of a slice is at least 1", FilterLocation(start: from, end: offset))
      }
      return SliceRange(start: first ?? 0, end: .length(length))
    }
    guard let first else { throw sliceError(from: from) }
    guard separator == UInt8(ascii: "-") else {
      // The byte at an offset; the last one has no length to add.
      return SliceRange(start: first, end: .length(1))
    }
    offset += 1
    skipSpace()
    guard let last = try sliceInteger() else { throw sliceError(from: from) }
    guard (first < 0) != (last < 0) || first <= last else {
      throw error("a slice ends after it begins", FilterLocation(start: from, end: offset))
    }
    return SliceRange(start: first, end: .offset(last))
  }

  private func sliceError(from start: Int) -> FilterError {
    let end = peek() == nil ? offset : max(offset, start + scalar(at: start).length)
    return error(
      "a slice is [i:j], [i-j], [i], [:j] or [i:]", FilterLocation(start: start, end: end))
  }

  /// A decimal or hexadecimal integer, nil if none stands here.
  private mutating func sliceInteger() throws(FilterError) -> Int? {
    let start = offset
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    var base: UInt = 10
    if peek() == UInt8(ascii: "0"), let mark = peek(1), mark | 0x20 == UInt8(ascii: "x") {
      base = 16
      offset += 2
    }
    let digits = offset
    var value: UInt = 0
    while let digit = peek()?.hexDigit, UInt(digit) < base {
      value = min(value * base + UInt(digit), Self.offsetMax + 1)
      offset += 1
    }
    guard offset > digits else {
      if base == 16 || isNegative { throw sliceError(from: start) }
      return nil
    }
    guard value <= Self.offsetMax else {
      throw error("this offset is too large", FilterLocation(start: start, end: offset))
    }
    return isNegative ? -Int(value) : Int(value)
  }
}
