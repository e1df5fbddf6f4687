extension TextRenderer {
  /// How the table looks.
  public struct Options: Sendable {
    /// Columns of the terminal; nil puts everything about a record on one line, however long.
    public var width: Int? = 80
    /// Whether severities are coloured (and directions dimmed).
    public var color = false
    /// What the time column shows.
    public var timeFormat = TimeFormat.relative
    /// Whether arrows, bars and text beyond ASCII may be shown; else ASCII stands in for them.
    public var unicode = true
    /// Whether every frame is followed by all that is known about it (`-V`).
    public var verbose = false
    /// Whether that includes the payload.
    public var includesPayload = false

    /// The defaults: 80 columns, relative times, no colour.
    public init() {}
  }

  /// What the time column shows, by the letters of tshark's `-t`.
  public enum TimeFormat: String, Sendable, CaseIterable {
    /// Seconds since the first packet.
    case relative = "r"
    /// Seconds since the record printed before.
    case delta = "d"
    /// Time of day, UTC.
    case absolute = "a"
    /// Date and time of day, UTC.
    case absoluteWithDate = "ad"
    /// Time of day, UTC, like `a`: times are never local.
    case utc = "u"
  }
}

/// Where the columns of the table are, in cells from the left.
struct TextColumns {
  /// Where the frame number ends.
  let frameEnd = 5
  /// Where the time ends.
  let timeEnd: Int
  /// How many digits follow the seconds.
  let fractionDigits: Int
  /// Where a continuation line of a note begins, on a narrow table.
  let continuation = 8
  /// Whether notes stand in a column of their own.
  let isWide: Bool

  /// Where the number of the stream ends.
  var streamEnd: Int { timeEnd + 3 }
  /// Where the arrow begins.
  var arrow: Int { timeEnd + 4 }
  /// Where the type begins.
  var type: Int { timeEnd + 7 }
  /// Where the sequence number ends.
  var sequenceEnd: Int { timeEnd + 26 }
  /// Where the fragment number ends.
  var fragmentEnd: Int { timeEnd + 34 }
  /// Where the signs begin.
  var signs: Int { timeEnd + 35 }
  /// Where the bar of the window begins.
  var window: Int { timeEnd + 39 }
  /// Where the note begins.
  var note: Int { timeEnd + 51 }
  /// Where the sentence of a record that is not a frame begins.
  var sentence: Int { timeEnd + 5 }

  /// Lays the columns out.
  init(_ options: TextRenderer.Options) {
    isWide = (options.width ?? .max) >= 120
    switch options.timeFormat {
    case .relative, .delta:
      timeEnd = frameEnd + 12
      fractionDigits = 6
    case .absolute, .utc:
      timeEnd = frameEnd + 16
      fractionDigits = 6
    case .absoluteWithDate:
      // At 80 columns, microseconds would push the window out of the table.
      fractionDigits = isWide ? 6 : 3
      timeEnd = frameEnd + 21 + fractionDigits
    }
  }
}

/// The colours: one for each severity, and a dim one for directions.
enum TextStyle {
  /// No colour.
  static var reset: StaticString { "\u{1B}[0m" }
  /// What direction arrows are drawn with.
  static var dim: StaticString { "\u{1B}[2m" }

  /// The colour of a severity.
  static func of(_ severity: Severity) -> StaticString {
    switch severity {
    case .chat: "\u{1B}[34m"
    case .note: "\u{1B}[36m"
    case .warn: "\u{1B}[33m"
    case .error: "\u{1B}[1;31m"
    }
  }
}
