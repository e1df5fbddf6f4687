/// Times in fault rules: `50ms`, `1.5s`, with the units of netem.
enum FaultDuration {
  enum Reading {
    case value(Duration)
    /// Not a number and a unit.
    case notADuration
    /// A number whose unit is missing or unknown.
    case noUnit
    case tooFine
    case tooLarge
  }

  /// How many decimals of a unit are nanoseconds; nil if there is no such unit.
  private static func decimals(of unit: String) -> Int? {
    switch unit {
    case "s", "sec", "secs": 9
    case "ms", "msec", "msecs": 6
    case "us", "usec", "usecs": 3
    case "ns", "nsec", "nsecs": 0
    default: nil
    }
  }

  static func read(_ word: ArraySlice<UInt8>) -> Reading {
    let end = word.firstIndex { !$0.isDecimalDigit && $0 != UInt8(ascii: ".") } ?? word.endIndex
    let unit = String(decoding: word[end...], as: UTF8.self).lowercased()
    guard DecimalText.read(word[..<end], decimals: 0) != .notANumber else { return .notADuration }
    guard let decimals = decimals(of: unit) else { return .noUnit }
    switch DecimalText.read(word[..<end], decimals: decimals) {
    case .notANumber: return .notADuration
    case .tooFine: return .tooFine
    case .tooLarge: return .tooLarge
    case .value(let nanoseconds):
      guard nanoseconds <= UInt64(FaultLimits.delayMax.nanoseconds) else { return .tooLarge }
      return .value(.nanoseconds(Int64(nanoseconds)))
    }
  }
}
