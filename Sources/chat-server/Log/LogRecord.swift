internal import Logging

/// One record of the log: its line, but for its number, which it gets when it is put in the queue.
struct LogRecord: Sendable, Equatable {
  /// How lines look.
  enum Format: Sendable, Equatable {
    /// JSON Lines, with the name of the server's run.
    case json(run: String)
    /// For people at a terminal.
    case readable
  }

  private var bytes: [UInt8]
  /// Where the number goes; nil: nowhere.
  private var numberOffset: Int?

  /// What it takes of memory, about.
  var byteCount: Int { bytes.count + 64 }

  /// Keys that stand for something else in each line, which metadata therefore cannot have.
  private static let ownKeys: Set<String> = ["time", "level", "event", "record", "run", "cut"]
  /// Keys that come before the others.
  private static let firstKeys = ["session", "nickname", "address"]

  /// Makes the line of an event.
  init(
    _ format: Format, nanosecondsSince1970: Int64, level: Logger.Level, event: String,
    metadata: Logger.Metadata
  ) {
    let time = UTCTime(nanosecondsSince1970: nanosecondsSince1970)
    let members = Self.ordered(metadata)
    var text = LogText()
    switch format {
    case .json(let run):
      text.raw("{\"time\":\"\(time.date)\",\"level\":\"\(level.rawValue)\",\"event\":")
      text.string(event)
      text.raw(",\"record\":")
      numberOffset = text.bytes.count
      text.raw(",\"run\":\"\(run)\"")
      for (key, value) in members {
        guard text.hasRoom else {
          text.markCut()
          break
        }
        text.raw(",")
        text.key(key)
        text.value(value)
      }
      text.raw(text.isCut ? ",\"cut\":true}" : "}")
    case .readable:
      text.raw("\(time.timeOfDay) \(level.rawValue) ")
      text.word(event)
      for (key, value) in members {
        guard text.hasRoom else {
          text.markCut()
          break
        }
        text.raw(" ")
        text.wordKey(key)
        if case .string(let string) = value { text.word(string) } else { text.value(value) }
      }
      if text.isCut { text.raw(" cut=true") }
    }
    bytes = text.bytes
  }

  /// Appends the whole line, with its end.
  func appendLine(number: UInt64, to output: inout [UInt8]) {
    if let numberOffset {
      output += bytes[..<numberOffset]
      output += String(number).utf8
      output += bytes[numberOffset...]
    } else {
      output += bytes
    }
    output.append(UInt8(ascii: "\n"))
  }

  /// The members in the order in which they are written.
  private static func ordered(
    _ metadata: Logger.Metadata
  ) -> [(key: String, value: Logger.MetadataValue)] {
    var rest = metadata
    var members: [(key: String, value: Logger.MetadataValue)] = []
    for key in firstKeys {
      if let value = rest.removeValue(forKey: key) { members.append((key, value)) }
    }
    for key in rest.keys.sorted() {
      guard let value = rest[key] else { continue }
      var name = key
      while ownKeys.contains(name) || (name != key && metadata[name] != nil) { name += "_" }
      members.append((name, value))
    }
    return members
  }
}
