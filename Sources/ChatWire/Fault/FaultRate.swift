/// How many bytes go through in a second.
public struct FaultRate: Sendable, Hashable, CustomStringConvertible {
  /// At least 1, at most `FaultLimits.bytesPerSecondMax`.
  public let bytesPerSecond: UInt64

  /// A rate; nil if there is no such bandwidth.
  public init?(bytesPerSecond: UInt64) {
    guard 1...FaultLimits.bytesPerSecondMax ~= bytesPerSecond else { return nil }
    self.bytesPerSecond = bytesPerSecond
  }

  /// Reads `64kB/s`, `1.5MiB/s` or `512kbit/s`; nil if it is none of these.
  public init?(text: String) {
    guard case .value(let rate) = Self.read(Array(text.utf8)[...]) else { return nil }
    self = rate
  }

  /// How long a line of this rate takes for so many bytes, rounded up.
  func time(for byteCount: Int) -> Duration {
    let (high, low) = UInt64(max(0, byteCount)).multipliedFullWidth(by: 1_000_000_000)
    guard high < bytesPerSecond else { return .nanoseconds(Int64.max) }
    let (quotient, rest) = bytesPerSecond.dividingFullWidth((high, low))
    guard quotient < Int64.max else { return .nanoseconds(Int64.max) }
    return .nanoseconds(Int64(quotient) + (rest > 0 ? 1 : 0))
  }

  /// In the largest unit in which it is whole: `64kB/s`, `4KiB/s`, `125B/s`.
  public var description: String {
    for unit in Self.units where unit.isWritten && bytesPerSecond.isMultiple(of: unit.bytes) {
      return "\(bytesPerSecond / unit.bytes)\(unit.name)"
    }
    return "\(bytesPerSecond)B/s"
  }
}

// MARK: reading

extension FaultRate {
  enum Reading {
    case value(FaultRate)
    /// Not a number and a unit.
    case notARate
    /// A number whose unit is missing or unknown.
    case noUnit
    /// Bits or bytes?
    case ambiguousUnit
    /// Not a whole number of bytes.
    case tooFine
    case tooSmall
    case tooLarge
  }

  private struct Unit {
    var name: String
    /// Without regard to the case of its letters, and without the `/s`, which bits may omit.
    var key: String
    var bytes: UInt64
    /// Parts of a byte instead.
    var parts: UInt64 = 1
    /// Rates are written in it.
    var isWritten = false
  }

  private static let units = [
    Unit(name: "MB/s", key: "mb/s", bytes: 1_000_000, isWritten: true),
    Unit(name: "kB/s", key: "kb/s", bytes: 1_000, isWritten: true),
    Unit(name: "MiB/s", key: "mib/s", bytes: 1 << 20, isWritten: true),
    Unit(name: "KiB/s", key: "kib/s", bytes: 1 << 10, isWritten: true),
    Unit(name: "B/s", key: "b/s", bytes: 1, isWritten: true),
    Unit(name: "bit/s", key: "bit", bytes: 1, parts: 8),
    Unit(name: "kbit/s", key: "kbit", bytes: 125),
    Unit(name: "Mbit/s", key: "mbit", bytes: 125_000),
  ]

  /// Decimals that are read, of any unit.
  private static let decimals = 9
  private static let decimalScale: UInt64 = 1_000_000_000

  static func read(_ word: ArraySlice<UInt8>) -> Reading {
    let end = word.firstIndex { !$0.isDecimalDigit && $0 != UInt8(ascii: ".") } ?? word.endIndex
    guard DecimalText.read(word[..<end], decimals: 0) != .notANumber else { return .notARate }
    let name = String(decoding: word[end...], as: UTF8.self)
    var key = name.lowercased()
    if key.hasSuffix("bit/s") { key.removeLast(2) }
    guard let unit = units.first(where: { $0.key == key }) else { return .noUnit }
    // A small b is a bit to some and a byte to others.
    if key.hasSuffix("b/s"), !name.utf8.contains(UInt8(ascii: "B")) { return .ambiguousUnit }
    switch DecimalText.read(word[..<end], decimals: decimals) {
    case .notANumber: return .notARate
    case .tooFine: return .tooFine
    case .tooLarge: return .tooLarge
    case .value(let scaled):
      let product = scaled.multipliedFullWidth(by: unit.bytes)
      let divisor = decimalScale * unit.parts
      guard product.high < divisor else { return .tooLarge }
      let (quotient, rest) = divisor.dividingFullWidth(product)
      if quotient < 1 { return .tooSmall }
      guard quotient <= FaultLimits.bytesPerSecondMax else { return .tooLarge }
      guard rest == 0, let rate = FaultRate(bytesPerSecond: quotient) else { return .tooFine }
      return .value(rate)
    }
  }
}
