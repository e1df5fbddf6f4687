/// How often a rule acts: an exact ratio of integers, for decisions must not depend on rounding.
public struct FaultProbability: Sendable, Hashable, CustomStringConvertible {
  /// What `numerator` is counted in: eleven decimals, nine of a percentage.
  public static let denominator: UInt64 = 100_000_000_000

  /// How many of `denominator`.
  public let numerator: UInt64

  /// A probability of `numerator` in `denominator`; more than that is certain.
  public init(numerator: UInt64) {
    self.numerator = min(numerator, Self.denominator)
  }

  /// Each time.
  public static var always: FaultProbability { FaultProbability(numerator: denominator) }
  /// At no time.
  public static var never: FaultProbability { FaultProbability(numerator: 0) }

  /// True if 64 evenly drawn bits fall within the probability.
  func includes(_ draw: UInt64) -> Bool {
    draw.multipliedFullWidth(by: Self.denominator).high < numerator
  }

  /// A percentage, as in `12.5%`.
  public var description: String {
    DecimalText.text(numerator, decimals: 9) + "%"
  }
}

/// Decimal numbers without floating point: `2.5` with three decimals is 2,500.
enum DecimalText {
  enum Reading: Equatable {
    case value(UInt64)
    case notANumber
    /// It has more decimals than there may be.
    case tooFine
    case tooLarge
  }

  /// Reads digits with at most one point among them.
  static func read(_ digits: ArraySlice<UInt8>, decimals: Int) -> Reading {
    var value: UInt64 = 0
    var digitCount = 0
    var decimalsLeft: Int?
    for byte in digits {
      if byte == UInt8(ascii: "."), decimalsLeft == nil {
        decimalsLeft = decimals
        continue
      }
      guard byte.isDecimalDigit else { return .notANumber }
      digitCount += 1
      if let left = decimalsLeft {
        guard left > 0 else {
          if byte == UInt8(ascii: "0") { continue }
          return .tooFine
        }
        decimalsLeft = left - 1
      }
      guard let next = value.timesTen(plus: UInt64(byte &- 0x30)) else { return .tooLarge }
      value = next
    }
    guard digitCount > 0 else { return .notANumber }
    for _ in 0..<(decimalsLeft ?? decimals) {
      guard let next = value.timesTen(plus: 0) else { return .tooLarge }
      value = next
    }
    return .value(value)
  }

  /// Writes a number with so many decimals, without the zeros at its end.
  static func text(_ value: UInt64, decimals: Int) -> String {
    var digits = Array(String(value).utf8)
    while digits.count <= decimals { digits.insert(UInt8(ascii: "0"), at: 0) }
    let point = digits.count - decimals
    var fraction = digits[point...]
    while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    let whole = String(decoding: digits[..<point], as: UTF8.self)
    return fraction.isEmpty ? whole : whole + "." + String(decoding: fraction, as: UTF8.self)
  }
}

extension UInt8 {
  /// True for `0` to `9`.
  var isDecimalDigit: Bool { self &- 0x30 < 10 }
}

extension UInt64 {
  /// Ten times this and a digit; nil if it does not fit.
  fileprivate func timesTen(plus digit: UInt64) -> UInt64? {
    let (product, overflow) = multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(digit)
    return overflow || carry ? nil : sum
  }
}
