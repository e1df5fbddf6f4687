// How numbers and bytes are written in a filter. Nothing here uses floating point: what is compared
// is what was written.

/// A number with a fraction, exact: in units of 10^-18.
struct DecimalNumber: Sendable, Comparable {
  private static let one: Int128 = 1_000_000_000_000_000_000
  private var units: Int128

  init(_ number: UInt64) { units = Int128(number) * Self.one }

  init(_ number: Int64) { units = Int128(number) * Self.one }

  /// Seconds.
  init(nanoseconds: Int64) { units = Int128(nanoseconds) * 1_000_000_000 }

  /// A number as JSON writes it; nil if the text is none or it is too large or too fine.
  init?(_ text: String.UTF8View) {
    var digits = text[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard digits.first?.isDigit ?? false else { return nil }
    var value: Int128 = 0
    /// The power of ten of the last digit.
    var exponent = 0
    var isFraction = false
    while let byte = digits.first, byte.isDigit || (byte == UInt8(ascii: ".") && !isFraction) {
      digits = digits.dropFirst()
      guard byte.isDigit else {
        isFraction = true
        continue
      }
      guard value < Int128.max / 100 else { return nil }
      value = value * 10 + Int128(byte &- UInt8(ascii: "0"))
      if isFraction { exponent -= 1 }
    }
    if let mark = digits.first, mark | 0x20 == UInt8(ascii: "e") {
      guard let shift = Int(String(digits.dropFirst()) ?? ""), abs(shift) <= 64 else { return nil }
      exponent += shift
      digits = digits[digits.endIndex...]
    }
    guard digits.isEmpty else { return nil }
    exponent += 18
    while exponent < 0, value % 10 == 0, value != 0 {
      value /= 10
      exponent += 1
    }
    guard exponent >= 0 || value == 0 else { return nil }
    while exponent > 0, value != 0 {
      guard value < Int128.max / 10 else { return nil }
      value *= 10
      exponent -= 1
    }
    units = isNegative ? -value : value
  }

  var negated: DecimalNumber {
    var number = self
    number.units = -units
    return number
  }

  static func < (lower: DecimalNumber, higher: DecimalNumber) -> Bool {
    lower.units < higher.units
  }
}

/// What a word is as an integer: decimal, 0x hexadecimal, 0b binary, 0 octal, with a sign.
enum IntegerLiteral: Equatable {
  case number(UInt64)
  /// The magnitude of a number below 0.
  case negative(UInt64)
  case tooLarge
  case notANumber

  init(_ text: String) {
    var digits = Array(text.utf8)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    var base: UInt64 = 10
    if digits.first == UInt8(ascii: "0"), digits.count > 1 {
      switch digits[digits.startIndex + 1] | 0x20 {
      case UInt8(ascii: "x"): (base, digits) = (16, digits.dropFirst(2))
      case UInt8(ascii: "b"): (base, digits) = (2, digits.dropFirst(2))
      default: (base, digits) = (8, digits.dropFirst())
      }
    }
    self = .notANumber
    guard !digits.isEmpty else { return }
    var value: UInt64 = 0
    var isTooLarge = false
    for byte in digits {
      guard let digit = byte.hexDigit, UInt64(digit) < base else { return }
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      isTooLarge = isTooLarge || overflow || carry
      value = sum
    }
    self = isTooLarge ? .tooLarge : isNegative && value != 0 ? .negative(value) : .number(value)
  }
}

enum TimeLiteral {
  /// Seconds with up to nine decimals as nanoseconds; nil if the text is none or out of range.
  static func nanoseconds(_ text: String) -> Int64? {
    var digits = Array(text.utf8)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    var value: Int128 = 0
    var decimals: Int?
    var digitCount = 0
    for byte in digits {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
        continue
      }
      guard byte.isDigit, value < Int128(UInt64.max) else { return nil }
      value = value * 10 + Int128(byte &- UInt8(ascii: "0"))
      digitCount += 1
      if let count = decimals { decimals = count + 1 }
    }
    guard digitCount > 0, (decimals ?? 0) <= 9 else { return nil }
    for _ in 0..<(9 - (decimals ?? 0)) { value *= 10 }
    return Int64(exactly: isNegative ? -value : value)
  }
}

enum BytesLiteral {
  /// Bytes as Wireshark writes them: `aa:bb`, `a.b`, `aa-bb`, `aabb`, or one byte as `0xaa`.
  static func bytes(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    if characters.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) {
      guard characters.count <= 4, let byte = byte(characters[2...]) else { return nil }
      return [byte]
    }
    var bytes: [UInt8] = []
    if let separator = characters.first(where: { $0.isWordPunctuation }) {
      for group in characters.split(separator: separator, omittingEmptySubsequences: false) {
        guard let byte = byte(group) else { return nil }
        bytes.append(byte)
      }
      return bytes
    }
    guard characters.count.isMultiple(of: 2) else { return nil }
    for start in stride(from: 0, to: characters.count, by: 2) {
      guard let byte = byte(characters[start..<start + 2]) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// A byte from one or two hexadecimal digits.
  private static func byte(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.count == 1 || digits.count == 2 else { return nil }
    var value: UInt8 = 0
    for character in digits {
      guard let digit = character.hexDigit else { return nil }
      value = value << 4 | digit
    }
    return value
  }
}
