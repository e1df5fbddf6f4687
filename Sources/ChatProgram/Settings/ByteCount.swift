/// Numbers of bytes as people write them: in 1024s, with one letter.
public enum ByteCount {
  private static let units: [(letter: Character, size: Int)] = [
    ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30),
  ]

  /// Reads `500`, `64k`, `1M`, `2GiB`; nil if it is nothing of that, or too large for a number.
  public static func parse(_ text: String) -> Int? {
    var digits = text.lowercased()[...]
    if digits.hasSuffix("ib") {
      digits = digits.dropLast(2)
    } else if digits.hasSuffix("b") {
      return nil
    }
    let hasWord = digits.count < text.count
    var size = 1
    if let unit = units.first(where: { $0.letter == digits.last }) {
      size = unit.size
      digits = digits.dropLast()
    } else if hasWord {
      return nil
    }
    guard let count = wholeNumber(digits) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    return overflow ? nil : product
  }

  /// The count in at most five characters or so: `512`, `1.5K`, `64K`, `3.2M`.
  public static func short(_ count: Int) -> String {
    guard count >= 1 << 10 else { return String(count) }
    var size = 1 << 10
    var letters = "KMGTPE"[...]
    // In tenths, so that what would be shown as 1024 is 1.0 of the next unit.
    while letters.count > 1, rounded(count, tenthsOf: size) >= 10_240 {
      size <<= 10
      letters = letters.dropFirst()
    }
    let letter = letters.first.map(String.init) ?? ""
    let tenths = rounded(count, tenthsOf: size)
    return tenths < 100 && !tenths.isMultiple(of: 10)
      ? "\(tenths / 10).\(tenths % 10)\(letter)" : "\((tenths + 5) / 10)\(letter)"
  }

  /// The count with the largest unit in which it is whole: `64k`, `1M`, `1500`.
  public static func exact(_ count: Int) -> String {
    for (letter, size) in [("G", 1 << 30), ("M", 1 << 20), ("k", 1 << 10)]
    where count != 0 && count.isMultiple(of: size) {
      return "\(count / size)\(letter)"
    }
    return String(count)
  }

  private static func rounded(_ count: Int, tenthsOf size: Int) -> Int {
    let (whole, rest) = count.quotientAndRemainder(dividingBy: size)
    return whole * 10 + (rest / (size >> 10) * 10 + 512) >> 10
  }

  private static func wholeNumber(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return Int(text)
  }
}
