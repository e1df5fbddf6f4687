/// Whole numbers as the display filter reads them.
enum WholeNumber {
  /// Decimal digits.
  static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
    digits.allSatisfy(\.isDecimalDigit) ? read(digits, base: 10) : nil
  }

  /// Decimal, `0x` hexadecimal, `0b` binary, `0` octal.
  static func read(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard digits.count > 1, digits.first == UInt8(ascii: "0") else {
      return read(digits, base: 10)
    }
    switch digits[digits.startIndex + 1] | 0x20 {
    case UInt8(ascii: "x"): return read(digits.dropFirst(2), base: 16)
    case UInt8(ascii: "b"): return read(digits.dropFirst(2), base: 2)
    default: return read(digits.dropFirst(), base: 8)
    }
  }

  private static func read(_ digits: ArraySlice<UInt8>, base: UInt64) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte &- 0x30
      case 0x41...0x46, 0x61...0x66: digit = byte & 0x0F &+ 9
      default: return nil
      }
      guard UInt64(digit) < base else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }
}
