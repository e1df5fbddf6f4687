/// A moment as it is written: in UTC, by the calendar.
struct UTCTime {
  private let year: Int64
  private let month: Int64
  private let day: Int64
  private let secondOfDay: Int64
  private let microsecond: Int64

  /// The moment so many nanoseconds after the beginning of 1970.
  init(nanosecondsSince1970 nanoseconds: Int64) {
    let (days, rest) = Self.divide(nanoseconds, by: 86_400_000_000_000)
    secondOfDay = rest / 1_000_000_000
    microsecond = rest % 1_000_000_000 / 1_000
    // The civil calendar repeats every 400 years (an era of 146,097 days). With years that begin
    // in March the leap day is the last of its year, and months have the lengths of 153 days in 5.
    let (era, dayOfEra) = Self.divide(days + 719_468, by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  }

  /// As RFC 3339 has it: `2026-11-22T22:00:00.123456Z`.
  var date: String {
    "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))T\(timeOfDay)."
      + "\(Self.digits(microsecond, 6))Z"
  }

  /// Hours, minutes and seconds: `22:00:00`.
  var timeOfDay: String {
    [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60]
      .map { Self.digits($0, 2) }.joined(separator: ":")
  }

  /// The quotient, rounded down, and what remains.
  private static func divide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let quotient = (value >= 0 ? value : value - divisor + 1) / divisor
    return (quotient, value - quotient * divisor)
  }

  private static func digits(_ value: Int64, _ count: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }
}
