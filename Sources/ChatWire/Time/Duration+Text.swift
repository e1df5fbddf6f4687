extension Duration {
  /// In the largest unit in which it is whole: `20ms`, `1500us`, `90s`.
  public var unitText: String {
    let count = nanoseconds
    if count.isMultiple(of: 1_000_000_000) { return "\(count / 1_000_000_000)s" }
    if count.isMultiple(of: 1_000_000) { return "\(count / 1_000_000)ms" }
    if count.isMultiple(of: 1_000) { return "\(count / 1_000)us" }
    return "\(count)ns"
  }

  /// Reads `20ms`, `1.5s`, `250us`, `10ns` or `2m`; nil if it is none of these, or above a year.
  public init?(unitText text: some StringProtocol) {
    let digits = text.utf8.prefix { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
    let scale: Int64
    switch String(Substring(text).utf8.dropFirst(digits.count)) {
    case "ns": scale = 1
    case "us": scale = 1_000
    case "ms": scale = 1_000_000
    case "s": scale = 1_000_000_000
    case "m", "min": scale = 60_000_000_000
    default: return nil
    }
    var value: Int64 = 0
    var divisor: Int64 = 1
    var hasPoint = false
    guard digits.contains(where: { $0 != UInt8(ascii: ".") }) else { return nil }
    for digit in digits {
      if digit == UInt8(ascii: ".") {
        if hasPoint { return nil }
        hasPoint = true
        continue
      }
      guard value < 100_000_000_000, divisor < 1_000_000_000 else { return nil }
      value = value * 10 + Int64(digit - 48)
      if hasPoint { divisor *= 10 }
    }
    let (product, overflow) = value.multipliedReportingOverflow(by: scale)
    guard !overflow, product / divisor <= 31_536_000_000_000_000 else { return nil }
    self = .nanoseconds(product / divisor)
  }
}
