// Display filters in fault rules. What is in the parentheses is another language, which the program
// brings along; here only the end of it is found, and what is wrong is shown in the rule.

extension FaultRuleParser {
  /// True if the token is an opening parenthesis.
  var isParenthesis: Bool { token.kind == .other && tokenText == "(" }

  /// A filter in parentheses; the token is the opening one.
  mutating func filter(into rule: inout FaultRule) throws(FaultRuleError) {
    let opening = token.range
    guard let filters else {
      throw error(
        "this program knows no filters in parentheses; compare fields, as in where sequence == 17",
        opening)
    }
    let inside = try insideOfParentheses(opening)
    let range = lexer.withoutSpaceAtEnds(inside)
    if range.isEmpty {
      throw error(
        "there is no filter in the parentheses", opening.lowerBound..<inside.upperBound + 1)
    }
    let known = rule.filters.reduce(0) { $0 + $1.text.utf8.count }
    if known + range.count > FaultLimits.filterBytesMax {
      throw error(
        "the filters of a rule may have \(FaultLimits.filterBytesMax) bytes together", range)
    }
    let text = String(decoding: lexer.text[range], as: UTF8.self)
    do throws(FaultFilterError) {
      rule.filters.append(FaultFilter(text, test: try filters.compile(text)))
    } catch let problem {
      let start = min(max(problem.range.lowerBound, 0), range.count)
      let end = min(max(problem.range.upperBound, start), range.count)
      throw error(
        Self.printable(problem.message), range.lowerBound + start..<range.lowerBound + end)
    }
    advance()
  }

  /// The bytes up to the closing parenthesis, which is read too.
  private mutating func insideOfParentheses(
    _ opening: Range<Int>
  ) throws(FaultRuleError) -> Range<Int> {
    switch lexer.parenthesised() {
    case .closed(let inside):
      // They would reach terminals with the rule; a filter can name them all the same.
      if let place = lexer.text[inside].firstIndex(where: {
        ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F
      }) {
        throw error(
          "control characters are written as escapes in quotes, as in \"\\x1b\"", place..<place + 1)
      }
      return inside
    case .open: throw error("the closing ) is missing", opening)
    case .openQuote(let quote):
      let mark = String(decoding: lexer.text[quote], as: UTF8.self)
      throw error("the closing \(mark) is missing", quote)
    }
  }

  /// The word where a field should be belongs to the language of filters; nil if it does not.
  func isForFilters(_ word: String) -> FaultRuleError? {
    guard let filters else { return nil }
    if word.lowercased() == "not" {
      return error("\"not\" stands in parentheses, as in where (not sequence == 17)", token.range)
    }
    // A slice of a field, as in payload[0:2], begins with its name.
    let field = String(word.prefix { $0 != "[" })
    guard filters.isField(field) else { return nil }
    do throws(FaultFilterError) {
      // By itself a field asks whether a frame has it.
      _ = try filters.compile(field)
    } catch let problem {
      return error(Self.printable(problem.message), token.range)
    }
    let text = PrintableText.quoted(word)
    return error(
      "\(text) is compared in parentheses: where (\(text.dropFirst().dropLast()) ...)", token.range)
  }

  /// The sentence of another language in printable ASCII.
  private static func printable(_ message: String) -> String {
    var result = ""
    for scalar in message.unicodeScalars {
      result += scalar == "\u{2026}" ? "..." : PrintableText.escaped(String(Character(scalar)))
    }
    return result
  }
}

extension FaultRuleLexer {
  /// What follows an opening parenthesis.
  enum Parenthesised {
    /// The bytes up to the closing one.
    case closed(Range<Int>)
    /// There is no closing one on this line.
    case open
    /// A quote is not closed on this line.
    case openQuote(Range<Int>)
  }

  /// Finds the end of what the opening parenthesis that was read last begins, and reads it.
  ///
  /// Parentheses in quotes do not count; a backslash there takes the next byte its meaning, in raw
  /// strings as well. What is open at the end of the line, or at `;` or `#`, stays open: so an
  /// error does not swallow the rules behind it.
  mutating func parenthesised() -> Parenthesised {
    let start = offset
    var position = offset
    var depth = 1
    var quote: Int?
    while position < text.count, text[position] != 0x0A {
      let byte = text[position]
      position += 1
      if let place = quote {
        if byte == UInt8(ascii: "\\"), position < text.count, text[position] != 0x0A {
          position += 1
        } else if byte == text[place] {
          quote = nil
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = position - 1
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        guard depth == 0 else { continue }
        offset = position
        return .closed(start..<position - 1)
      case UInt8(ascii: ";"), UInt8(ascii: "#"): return .open
      default: break
      }
    }
    return quote.map { .openQuote($0..<$0 + 1) } ?? .open
  }

  /// The range without spaces and tabs at its ends.
  func withoutSpaceAtEnds(_ range: Range<Int>) -> Range<Int> {
    func isSpace(_ offset: Int) -> Bool { text[offset] == 0x20 || text[offset] == 0x09 }
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isSpace(start) { start += 1 }
    while start < end, isSpace(end - 1) { end -= 1 }
    return start..<end
  }
}
