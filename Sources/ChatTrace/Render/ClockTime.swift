/// A moment as date and time of day, UTC.
public struct ClockTime: Sendable {
  /// The proleptic Gregorian year.
  public private(set) var year: Int
  /// From 1.
  public private(set) var month: Int
  /// From 1.
  public private(set) var day: Int
  /// From 0.
  public private(set) var hour: Int
  /// From 0.
  public private(set) var minute: Int
  /// From 0.
  public private(set) var second: Int
  /// Less than a second.
  public private(set) var nanosecond: Int

  /// Makes it from nanoseconds since 1970, before or after.
  public init(_ time: TraceTime) {
    let (seconds, nanosecond) = floorDivide(Int(time.nanoseconds), by: 1_000_000_000)
    let (days, secondOfDay) = floorDivide(seconds, by: 86_400)
    self.nanosecond = nanosecond
    hour = secondOfDay / 3_600
    minute = secondOfDay / 60 % 60
    second = secondOfDay % 60
    // Counted from 1 March of year 0, a leap day is the last of its year, of its 4, 100 and 400
    // years.
    let (era, dayOfEra) = floorDivide(days &+ 719_468, by: 146_097)
    let yearOfEra =
      (dayOfEra &- dayOfEra / 1_460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
    let monthFromMarch = (5 &* dayOfYear &+ 2) / 153
    day = dayOfYear &- (153 &* monthFromMarch &+ 2) / 5 &+ 1
    month = monthFromMarch < 10 ? monthFromMarch &+ 3 : monthFromMarch &- 9
    year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
  }
}

/// The quotient rounded down, and the remainder that is never negative.
private func floorDivide(_ value: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient &- 1, remainder &+ divisor) : (quotient, remainder)
}

extension LineWriter {
  /// Writes `HH:MM:SS`.
  mutating func put(timeOfDay clock: ClockTime) {
    put(twoDigits: UInt64(clock.hour))
    put(":")
    put(twoDigits: UInt64(clock.minute))
    put(":")
    put(twoDigits: UInt64(clock.second))
  }

  /// Writes `YYYY-MM-DD`; a moment within the reach of `TraceTime` has a year of four digits.
  mutating func put(date clock: ClockTime) {
    put(twoDigits: UInt64(clock.year / 100))
    put(twoDigits: UInt64(clock.year % 100))
    put("-")
    put(twoDigits: UInt64(clock.month))
    put("-")
    put(twoDigits: UInt64(clock.day))
  }

  /// Writes the first `count` digits of a fraction of a second.
  mutating func put(fraction nanosecond: Int, digits count: Int) {
    var rest = nanosecond
    var unit = 100_000_000
    for _ in 0..<count {
      put(byte: 0x30 | UInt8(truncatingIfNeeded: rest / unit))
      rest %= unit
      unit /= 10
    }
  }
}
