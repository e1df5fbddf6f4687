internal import ChatWire

/// A line of a script cut into words and quoted texts.
struct ScriptLine: Sendable {
  enum Token: Sendable, Hashable {
    case word(String)
    case text(String)

    /// As it was written, for a sentence about it.
    var spelling: String {
      switch self {
      case .word(let word): "\"" + String(word.unicodeScalars.prefix(40)) + "\""
      case .text: "a quoted text"
      }
    }
  }

  let number: Int
  private(set) var tokens: [Token] = []
  private var position = 0

  /// Cuts a line; `#` outside quotes begins a comment.
  init(_ line: Substring, number: Int) throws(ScriptError) {
    self.number = number
    var rest = line.unicodeScalars[...]
    while true {
      rest = rest.drop { $0.properties.isWhitespace }
      guard let first = rest.first, first != "#" else { break }
      guard tokens.count < ScriptLimits.wordsMax else {
        throw error("A line has at most \(ScriptLimits.wordsMax) words.")
      }
      if first == "\"" {
        tokens.append(.text(try quoted(&rest)))
      } else {
        let word = rest.prefix { !$0.properties.isWhitespace && $0 != "\"" && $0 != "#" }
        rest = rest[word.endIndex...]
        tokens.append(.word(String(word)))
        if tokens == [.word("faults")] {
          // Rules have quotes and comments of their own.
          tokens.append(.text(String(rest)))
          break
        }
      }
    }
  }

  private func quoted(_ rest: inout Substring.UnicodeScalarView) throws(ScriptError) -> String {
    rest.removeFirst()
    var text = ""
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return text
      case "\\":
        switch rest.popFirst() {
        case "n": text += "\n"
        case "t": text += "\t"
        case "\"": text += "\""
        case "\\": text += "\\"
        default: throw error("After a backslash comes n, t, a quote or a backslash.")
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
    throw error("The quote is not closed.")
  }

  func error(_ sentence: String) -> ScriptError { ScriptError(line: number, sentence: sentence) }

  var isAtEnd: Bool { position >= tokens.count }

  /// The next token without taking it.
  var peek: Token? { isAtEnd ? nil : tokens[position] }

  /// The next word without taking it; nil at a text or the end.
  var peekWord: String? {
    if case .word(let word)? = peek { return word }
    return nil
  }

  mutating func skip() { position += 1 }

  /// Takes the next token if it is this word.
  mutating func take(_ word: String) -> Bool {
    guard peekWord == word else { return false }
    position += 1
    return true
  }

  mutating func word(_ what: String) throws(ScriptError) -> String {
    guard let word = peekWord else { throw expected(what) }
    position += 1
    return word
  }

  mutating func text(_ what: String) throws(ScriptError) -> String {
    guard case .text(let text)? = peek else { throw expected(what) }
    position += 1
    return text
  }

  mutating func integer(_ what: String, _ range: ClosedRange<Int>) throws(ScriptError) -> Int {
    guard let word = peekWord, let value = Int(word), word.utf8.allSatisfy({ $0 != 0x2B }) else {
      throw expected(what)
    }
    guard range.contains(value) else {
      throw error(
        "\(value) is not \(what): it must lie between \(range.lowerBound) and \(range.upperBound).")
    }
    position += 1
    return value
  }

  mutating func duration(_ what: String) throws(ScriptError) -> Duration {
    guard let word = peekWord, let value = Duration(unitText: word) else {
      throw expected("\(what), such as 20ms or 1.5s")
    }
    position += 1
    return value
  }

  mutating func end() throws(ScriptError) {
    guard let token = peek else { return }
    throw error("Nothing is expected here, but there is \(token.spelling).")
  }

  func expected(_ what: String) -> ScriptError {
    guard let token = peek else { return error("At the end of the line \(what) is missing.") }
    return error("Instead of \(token.spelling), \(what) is expected.")
  }
}
