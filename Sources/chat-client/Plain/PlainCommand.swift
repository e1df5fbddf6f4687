internal import ChatWire

/// What a line of input wants.
enum PlainCommand: Equatable {
  case say(String)
  case nickname(String)
  case who
  case quit
  case nothing
  /// It cannot be done, for this reason.
  case wrong(String)

  /// Reads a line: a message, unless it begins with one slash.
  init(_ line: String) {
    guard line.hasPrefix("/") else {
      self = line.isEmpty ? .nothing : Self.message(line)
      return
    }
    if line.hasPrefix("//") {
      self = Self.message(String(line.dropFirst()))
      return
    }
    let words = line.split(separator: " ", maxSplits: 1)
    let argument = words.count > 1 ? String(words[1]) : ""
    switch words.first {
    case "/nick":
      do {
        self = .nickname(try Nickname(argument).value)
      } catch {
        self = .wrong("/nick NAME: \(PlainSentence.clause(error.sentence))")
      }
    case "/who": self = .who
    case "/quit": self = .quit
    default:
      let word = PlainText.line(String((words.first ?? "/").prefix(40)))
      self = .wrong(
        "there is no command \(word): there are /nick NAME, /who and /quit, "
          + "and // begins a message with a slash")
    }
  }

  private static func message(_ text: String) -> PlainCommand {
    do {
      return .say(try ChatText(text).value)
    } catch {
      return .wrong("not sent: \(PlainSentence.clause(error.sentence))")
    }
  }
}
