// Numbers, times, types and comparisons of fault rules.

extension FaultRuleParser {
  // MARK: numbers

  mutating func probability() throws(FaultRuleError) -> FaultProbability {
    let range = token.range
    var digits = tokenBytes
    let isPercentage = digits.last == UInt8(ascii: "%")
    if isPercentage { digits.removeLast() }
    let reading = DecimalText.read(digits, decimals: isPercentage ? 9 : 11)
    if !isPercentage, reading != .notANumber, !digits.contains(UInt8(ascii: ".")) {
      let text = PrintableText.quoted(tokenText)
      throw error("\(text) is not a probability; write 10% or 0.1", range)
    }
    switch reading {
    case .value(let numerator) where numerator <= FaultProbability.denominator:
      advance()
      return FaultProbability(numerator: numerator)
    case .value, .tooLarge:
      throw error("a probability is at most \(isPercentage ? "100%" : "1.0")", range)
    case .tooFine:
      let decimals = isPercentage ? "nine decimals" : "eleven decimals"
      throw error("this probability is too fine; it may have \(decimals)", range)
    case .notANumber:
      let text = PrintableText.quoted(tokenText)
      if case .value = FaultDuration.read(tokenBytes) {
        throw error("\(text) is a time; in front of it stands a word, as in after 5s", range)
      }
      if case .value = FaultRate.read(tokenBytes) {
        throw error("\(text) is a rate; only bandwidth has one", range)
      }
      throw error("\(text) is not a probability; write 10% or 0.1", range)
    }
  }

  mutating func number(
    of word: String, in range: ClosedRange<UInt64>, isCounted: Bool = false
  ) throws(FaultRuleError) -> UInt64 {
    guard token.kind == .word, let number = WholeNumber.decimal(tokenBytes) else {
      if token.kind == .word, tokenBytes.allSatisfy(\.isDecimalDigit) {
        throw error("\(word) is at most \(range.upperBound)", token.range)
      }
      let isFieldOfWhere = if case .comparison = token.kind { true } else { false }
      let hint = isFieldOfWhere ? "; in where, \"and\" joins comparisons" : ""
      throw error("\(word) needs a number, as in \(word) 3\(hint)", token.range)
    }
    guard range.contains(number) else {
      throw error(
        number < range.lowerBound
          ? "\(word) \(isCounted ? "counts from" : "is at least") \(range.lowerBound)"
          : "\(word) is at most \(range.upperBound)",
        token.range)
    }
    advance()
    return number
  }

  /// Numbers joined by commas, put in ascending order.
  mutating func numbers(
    of word: String, from least: UInt64
  ) throws(FaultRuleError) -> [UInt64] {
    var numbers = [try number(of: word, in: least...UInt64.max, isCounted: true)]
    while token.kind == .comma {
      advance()
      let range = token.range
      let number = try number(of: word, in: least...UInt64.max, isCounted: true)
      if numbers.contains(number) { continue }
      if numbers.count == FaultLimits.numbersMax {
        throw error("\(word) has too many numbers; it may have \(FaultLimits.numbersMax)", range)
      }
      numbers.append(number)
    }
    return numbers.sorted()
  }

  /// A time; `missing` says what is needed if there is none.
  mutating func duration(_ missing: String) throws(FaultRuleError) -> Duration {
    guard token.kind == .word else { throw error(missing, token.range) }
    switch FaultDuration.read(tokenBytes) {
    case .value(let duration):
      advance()
      return duration
    case .notADuration: throw error(missing, token.range)
    case .noUnit:
      throw error(
        "\(PrintableText.quoted(tokenText)) is not a time; the units are s, ms, us and ns",
        token.range)
    case .tooFine: throw error("this time is finer than a nanosecond", token.range)
    case .tooLarge: throw error("this time is too long; it may be an hour, 3600s", token.range)
    }
  }

  /// A time that is longer than nothing.
  mutating func positiveDuration(_ missing: String) throws(FaultRuleError) -> Duration {
    let range = token.range
    let time = try duration(missing)
    if time == .zero { throw error("this time is nothing; it has to be longer", range) }
    return time
  }

  mutating func rate(of word: String) throws(FaultRuleError) -> FaultRate {
    let missing = "\(word) needs a number with a unit, as in \(word) 64kB/s"
    guard token.kind == .word else { throw error(missing, token.range) }
    let text = PrintableText.quoted(tokenText)
    switch FaultRate.read(tokenBytes) {
    case .value(let rate):
      advance()
      return rate
    case .notARate: throw error(missing, token.range)
    case .noUnit:
      let units = "B/s, kB/s, MB/s, KiB/s, MiB/s, kbit/s and Mbit/s"
      throw error("\(text) is not a rate; the units are \(units)", token.range)
    case .ambiguousUnit:
      throw error("\(text) could be bits or bytes; write kbit/s or kB/s", token.range)
    case .tooFine: throw error("this rate is no whole number of bytes a second", token.range)
    case .tooSmall: throw error("a rate is at least 1B/s", token.range)
    case .tooLarge: throw error("a rate is at most 10000MB/s", token.range)
    }
  }

  // MARK: types

  mutating func types() throws(FaultRuleError) -> FrameTypeSet {
    var types = FrameTypeSet()
    while true {
      guard token.kind == .word else {
        throw error("the name of a frame type is missing behind the comma", token.range)
      }
      guard let type = FrameTypeName(word: tokenText) else {
        let names = FaultField.type.valueNames
        throw unknown(
          "a frame type", among: names, otherwise: "they are " + names.joined(separator: ", "))
      }
      types.insert(type)
      advance()
      guard token.kind == .comma else { return types }
      advance()
    }
  }

  // MARK: where

  mutating func conditions(into rule: inout FaultRule) throws(FaultRuleError) {
    while true {
      if rule.conditions.count + rule.filters.count >= FaultLimits.conditionsMax {
        let countMax = FaultLimits.conditionsMax
        throw error("this rule has too many comparisons; it may have \(countMax)", token.range)
      }
      if isParenthesis {
        try filter(into: &rule)
      } else {
        rule.conditions.append(try condition())
      }
      if token.kind == .word, tokenText.lowercased() == "or" { throw orIsNoWord() }
      guard token.kind == .and || (token.kind == .word && tokenText.lowercased() == "and") else {
        return
      }
      advance()
    }
  }

  private mutating func condition() throws(FaultRuleError) -> FaultCondition {
    guard token.kind == .word else {
      throw error("where needs a comparison, as in where sequence == 17", token.range)
    }
    guard let field = FaultField(word: tokenText.lowercased()) else {
      if let error = isForFilters(tokenText) { throw error }
      let names = FaultField.allCases.map(\.name)
      throw unknown(
        "a field of a frame", among: names + FaultField.allCases.flatMap(\.aliases),
        otherwise: "they are " + names.joined(separator: ", "))
    }
    let fieldRange = token.range
    advance()
    let comparison = try comparison(behind: field)
    let valueRange = token.range
    guard token.kind == .word else {
      throw error("\(field.name) is compared with nothing; a value is missing", valueRange)
    }
    let condition = try value(of: field, comparison)
    if comparison.isOrder, !condition.field.valueNames.isEmpty {
      throw error("\(field.name) has no order; compare it with == or !=", fieldRange)
    }
    advance()
    return condition
  }

  private mutating func comparison(
    behind field: FaultField
  ) throws(FaultRuleError) -> FaultComparison {
    let missing = "\(field.name) needs a comparison, as in \(example(of: field))"
    switch token.kind {
    case .comparison(let comparison):
      advance()
      return comparison
    case .word:
      let word = tokenText.lowercased()
      for comparison in FaultComparison.allCases where comparison.word == word {
        advance()
        return comparison
      }
      let isFilterOperator = ["in", "not", "contains", "matches"].contains(word)
      if filters != nil, isFilterOperator {
        throw error(
          "\"\(word)\" stands in parentheses, as in where (sequence in {1, 4..7})", token.range)
      }
      throw error(missing, token.range)
    case .other where isParenthesis && filters != nil:
      throw error(
        "functions stand in parentheses, as in where (len(text) > 100)", token.range)
    case .other where tokenText == "=":
      throw error("\"=\" is not an operator; \"==\" compares", token.range)
    case .comma, .and, .other, .separator, .end: throw error(missing, token.range)
    }
  }

  private func example(of field: FaultField) -> String {
    switch field {
    case .type: "type == DATA"
    case .direction: "direction == c2s"
    case .dialect: "dialect == native"
    case .last, .retransmission: "\(field.name) == true"
    default: "\(field.name) == 3"
    }
  }

  /// The comparison of a field with the token, which is a word.
  private func value(
    of field: FaultField, _ comparison: FaultComparison
  ) throws(FaultRuleError) -> FaultCondition {
    var bytes = tokenBytes
    // As in the display filter, quotes are not needed.
    if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
      bytes = bytes.dropFirst().dropLast()
    }
    let names = field.valueNames
    let number = WholeNumber.read(bytes)
    if names.isEmpty {
      guard let number else { throw notAValue(of: field) }
      return FaultCondition(field, comparison, number)
    }
    let word = String(decoding: bytes, as: UTF8.self).lowercased()
    for (index, name) in names.enumerated() where name.lowercased() == word {
      return FaultCondition(field, comparison, UInt64(index))
    }
    switch field {
    case .type:
      if let number { return FaultCondition(.typeCode, comparison, number) }
    case .direction:
      if word == "upstream" { return FaultCondition(field, comparison, 0) }
      if word == "downstream" { return FaultCondition(field, comparison, 1) }
    case .last, .retransmission:
      if let number, number <= 1 { return FaultCondition(field, comparison, number) }
    default: break
    }
    throw notAValue(of: field)
  }
}
