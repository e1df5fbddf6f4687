// What is said of fault rules that are none.

extension FaultRuleParser {
  func notAnAction() -> FaultRuleError {
    let actions =
      "drop, corrupt, duplicate, delay, reorder, bandwidth, blackhole, reset or slow_close"
    guard token.kind == .word else {
      return error("a rule begins with what it does: \(actions)", token.range)
    }
    let text = tokenText
    let isSelector = FaultRuleWord(word: text) != nil || FrameTypeName(word: text) != nil
    if isSelector || tokenBytes.first?.isDecimalDigit == true {
      return error("a rule begins with what it does: \(actions)", token.range)
    }
    return unknown(
      "something a rule does", among: FaultRuleWord.actions, otherwise: "they are \(actions)")
  }

  func notASelector(of rule: FaultRule) -> FaultRuleError {
    let text = tokenText
    if text.utf8.first == UInt8(ascii: "-") {
      return error("a number cannot be negative here", token.range)
    }
    let word = text.lowercased()
    if word == "or" { return orIsNoWord() }
    if word == "and" { return error("\"and\" joins comparisons, behind where", token.range) }
    let isCorruption = if case .corrupt = rule.action { true } else { false }
    if isCorruption, FramePart.allCases.contains(where: { $0.name == word }) {
      return error("the part stands right behind corrupt, as in corrupt \(word)", token.range)
    }
    if FaultField(word: word) != nil {
      return error(
        rule.conditions.isEmpty
          ? "fields are compared behind where, as in where sequence == 17"
          : "comparisons are joined by \"and\"", token.range)
    }
    if let filters, filters.isField(text), (try? filters.compile(text)) != nil {
      return error(
        "fields are compared behind where, and this one in parentheses, as in "
          + "where (text contains \"hello\")", token.range)
    }
    let parts = "payload, checksum, header or length"
    let words =
      "a percentage, types, c2s, s2c, nth, first, every, message, fragment, attempt, connection, "
      + "after, for"
    return unknown(
      "a word of a rule", among: FaultRuleWord.selectors,
      otherwise: isCorruption ? "what is corrupted is \(parts)" : "there are \(words), where")
  }

  func endIsNoFrame(_ range: Range<Int>) -> FaultRuleError {
    error(
      "slow_close is about no frame; it takes c2s, s2c, connection, after, for and a percentage",
      range)
  }

  func orIsNoWord() -> FaultRuleError {
    error(
      filters == nil
        ? "there is no \"or\"; write two rules"
        : "\"or\" stands in parentheses, as in where (sequence == 3 or sequence == 5)",
      token.range)
  }

  func unexpected() -> FaultRuleError {
    switch token.kind {
    case .other where isParenthesis:
      error("filters stand behind where, as in where (text contains \"hello\")", token.range)
    case .comparison, .other:
      error("fields are compared behind where, as in where sequence == 17", token.range)
    case .comma: error("commas join types, as in DATA,ACK, and numbers, as in nth 1,3", token.range)
    case .and: error("\"&&\" joins comparisons, behind where", token.range)
    case .word, .separator, .end:
      error("\(PrintableText.quoted(tokenText)) is not expected here", token.range)
    }
  }

  /// The token is not one of these words.
  func unknown(
    _ what: String, among words: [String], otherwise: String? = nil
  ) -> FaultRuleError {
    let text = PrintableText.quoted(tokenText)
    if let near = NearestName.find(tokenText, among: words) {
      return error("\(text) is not \(what); did you mean \(near)?", token.range)
    }
    return error(
      "\(text) is not \(what)" + (otherwise.map { "; \($0)" } ?? ""), token.range)
  }

  func notAValue(of field: FaultField) -> FaultRuleError {
    let text = PrintableText.quoted(tokenText)
    let names = field.valueNames
    if names.isEmpty {
      let isDigits = tokenBytes.allSatisfy(\.isDecimalDigit)
      return error(
        isDigits
          ? "\(text) is too large; the most is \(UInt64.max)"
          : "\(field.name) is a number; \(text) is none", token.range)
    }
    if let near = NearestName.find(tokenText, among: names) {
      return error("\(field.name) has no value \(text); did you mean \(near)?", token.range)
    }
    let values =
      names.count > 2 ? "the name of a frame type, as DATA" : names.joined(separator: " or ")
    return error("\(field.name) has no value \(text); it is \(values)", token.range)
  }
}
