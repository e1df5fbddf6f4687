public import ChatWire

extension Instant {
  /// Seconds with six digits after the point, as in a transcript: `0.020000`.
  public var secondsText: String {
    let microseconds = nanoseconds.magnitude / 1_000
    let fraction = String(microseconds % 1_000_000)
    return (nanoseconds < 0 ? "-" : "") + String(microseconds / 1_000_000) + "."
      + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
  }
}
