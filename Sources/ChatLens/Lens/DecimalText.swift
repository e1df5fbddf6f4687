/// Numbers as people read them.
enum DecimalText {
  /// `12.345` of so many milliseconds.
  static func seconds(milliseconds: Int64) -> String {
    let fraction = String(milliseconds % 1_000)
    return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  /// `0.04 ms`, `1.2 ms`, `85 ms`, `1.25 s`: three digits or so.
  static func duration(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let microseconds = max(
      0, seconds.multipliedReportingOverflow(by: 1_000_000).0 &+ attoseconds / 1_000_000_000_000)
    switch microseconds {
    case ..<1_000:
      let hundredths = microseconds / 10
      return "0." + (hundredths < 10 ? "0" : "") + "\(hundredths) ms"
    case ..<10_000: return "\(microseconds / 1_000).\(microseconds / 100 % 10) ms"
    case ..<1_000_000: return "\(microseconds / 1_000) ms"
    default:
      let hundredths = microseconds / 10_000 % 100
      return "\(microseconds / 1_000_000)." + (hundredths < 10 ? "0" : "") + "\(hundredths) s"
    }
  }
}
