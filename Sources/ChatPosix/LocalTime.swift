internal import Glibc

/// A moment as the clock on the wall shows it.
public struct LocalTime: Sendable, Hashable {
  /// The year of the Gregorian calendar.
  public var year: Int
  /// From 1.
  public var month: Int
  /// From 1.
  public var day: Int
  /// From 0, which is Sunday.
  public var weekday: Int
  /// From 0 to 23.
  public var hour: Int
  /// From 0 to 59.
  public var minute: Int
  /// From 0 to 60.
  public var second: Int

  /// Makes a moment from its parts.
  public init(
    year: Int, month: Int, day: Int, weekday: Int, hour: Int, minute: Int, second: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.weekday = weekday
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The moment in the time zone of the environment.
  public init(secondsSince1970 seconds: Int64) {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    self.init(
      year: Int(parts.tm_year) + 1_900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      weekday: Int(parts.tm_wday), hour: Int(parts.tm_hour), minute: Int(parts.tm_min),
      second: Int(parts.tm_sec))
  }
}
