// What a comparison means: which side is a field, of which type, and what the other side is for it.
// All errors of type are found here, so that a filter that was made never fails.

/// A side of a comparison that has values of a known type.
struct FilterSubject {
  var expression: FilterExpression
  var type: FieldType
  var location: FilterLocation
  /// How a sentence names it.
  var name: String

  /// The field, if it is one whose values are keys.
  var keyField: KeyField? {
    if case .field(let field) = expression { KeyField(field) } else { nil }
  }

  /// The field, if it has one key at most.
  var scalar: ScalarField? {
    if case .scalar(let scalar)? = keyField { scalar } else { nil }
  }
}

extension FilterParser {
  // MARK: tests

  mutating func existence(of operand: FilterOperand) throws(FilterError) -> FilterProgram.Index {
    guard let subject = try subject(operand) else { throw notASubject(operand) }
    switch subject.expression {
    case .field(let field): return program.addExistence(of: field)
    case .slice:
      return program.add(
        FilterRelation(left: subject.expression, quantifier: .any, test: .exists))
    case .call, .literal:
      throw lexer.error(
        "\(subject.name) is a value, not a test: compare it with something", subject.location)
    }
  }

  mutating func compare(
    _ left: FilterOperand, _ comparison: FilterComparison, _ right: FilterOperand,
    _ quantifier: FilterQuantifier, operator location: FilterLocation
  ) throws(FilterError) -> FilterProgram.Index {
    let first = try subject(left)
    // The names of an enumeration go before fields of that name: `kind == frame`.
    if let first, first.names(right) {
      return try compare(first, comparison, literal: right, quantifier)
    }
    let second = try subject(right)
    if let second, second.names(left) {
      return try compare(second, comparison.exchanged, literal: left, quantifier)
    }
    switch (first, second) {
    case (let first?, let second?):
      return try compare(first, comparison, second, quantifier)
    case (let first?, nil):
      return try compare(first, comparison, literal: right, quantifier)
    case (nil, let second?):
      do {
        return try compare(second, comparison.exchanged, literal: left, quantifier)
      } catch {
        // `typ == NACK`: the mistake is in the name, not in what NACK is compared with.
        throw left.isUnknownName ? notASubject(left) : error
      }
    case (nil, nil):
      if left.isUnknownName { throw notASubject(left) }
      if right.isUnknownName { throw notASubject(right) }
      throw lexer.error("a comparison needs a field on one side", location)
    }
  }

  private mutating func compare(
    _ first: FilterSubject, _ comparison: FilterComparison, _ second: FilterSubject,
    _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    guard first.type.isComparable(with: second.type) else {
      throw lexer.error(
        "\(first.name) is \(first.type.phrase); \(second.name) is \(second.type.phrase)",
        second.location)
    }
    if !comparison.isEquality { try checkOrder(of: first) }
    if !comparison.isEquality { try checkOrder(of: second) }
    if let left = first.scalar, let right = second.scalar, first.type == second.type {
      return program.add(.pair(left, comparison, right))
    }
    return program.add(
      FilterRelation(
        left: first.expression, quantifier: quantifier,
        test: .comparesTo(comparison, second.expression)))
  }

  private mutating func compare(
    _ given: FilterSubject, _ comparison: FilterComparison, literal operand: FilterOperand,
    _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    let subject = given.type == .enumeration(.type) && operand.isNumber ? given.typeCode : given
    if !comparison.isEquality { try checkOrder(of: subject) }
    if let field = subject.keyField {
      let key = try key(operand, for: subject)
      return program.add(field, quantifier, in: comparison.ranges(of: key))
    }
    let literal = try literal(operand, for: subject)
    return program.add(
      FilterRelation(
        left: subject.expression, quantifier: quantifier,
        test: .comparesToLiteral(comparison, literal)))
  }

  mutating func contains(
    _ left: FilterOperand, _ right: FilterOperand, _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    var hay = try searched(left, "contains")
    // Text is sought in a name, not a name.
    if hay.type.isText { hay.type = .text }
    let test: FilterRelation.Test
    if let needle = try subject(right) {
      let isSought = needle.type.isText || needle.type == .bytes || needle.type == .any
      guard isSought, hay.type.isComparable(with: needle.type.isText ? .text : needle.type) else {
        throw lexer.error(
          "\(hay.name) is \(hay.type.phrase); \(needle.name) is \(needle.type.phrase)",
          needle.location)
      }
      test = .contains(needle.expression)
    } else {
      test = .containsLiteral(try literal(right, for: hay).needle)
    }
    return program.add(
      FilterRelation(left: hay.expression, quantifier: quantifier, test: test))
  }

  mutating func matches(
    _ left: FilterOperand, _ right: FilterOperand, _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    let subject = try searched(left, "matches")
    guard case .string(let bytes, let location) = right else {
      throw lexer.error("a regular expression stands in double quotes", right.location)
    }
    guard let matcher else {
      throw lexer.error("regular expressions are not available here", location)
    }
    guard let pattern = String(validating: bytes, as: UTF8.self) else {
      throw lexer.error("this regular expression is not UTF-8", location)
    }
    guard let match = matcher("(?i)" + pattern) else {
      throw lexer.error("this is not a regular expression", location)
    }
    return program.add(
      FilterRelation(
        left: subject.expression, quantifier: quantifier, test: .matches(match)))
  }

  mutating func isMember(
    _ left: FilterOperand, _ elements: [FilterSetElement], _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    guard let subject = try subject(left) else { throw notASubject(left) }
    guard subject.type == .enumeration(.type) else {
      return try isMember(subject, elements, quantifier)
    }
    // Names are compared with the type, numbers with its code.
    let numbers = elements.filter { $0.low.isNumber }
    let names = elements.filter { !$0.low.isNumber }
    var members: [FilterProgram.Index] = []
    if !names.isEmpty { members.append(try isMember(subject, names, quantifier)) }
    if !numbers.isEmpty { members.append(try isMember(subject.typeCode, numbers, quantifier)) }
    return program.add(members: members) { .some($0) }
  }

  private mutating func isMember(
    _ subject: FilterSubject, _ elements: [FilterSetElement], _ quantifier: FilterQuantifier
  ) throws(FilterError) -> FilterProgram.Index {
    if elements.contains(where: { $0.high != nil }) { try checkOrder(of: subject) }
    if let field = subject.keyField {
      var ranges: [ClosedRange<UInt64>] = []
      for element in elements {
        let low = try key(element.low, for: subject)
        let high = try element.high.map { (high) throws(FilterError) in try key(high, for: subject)
        }
        guard low <= high ?? low else { throw emptyRange(element) }
        ranges.append(low...(high ?? low))
      }
      return program.add(field, quantifier, in: ranges)
    }
    var ranges: [(low: FilterLiteral, high: FilterLiteral)] = []
    for element in elements {
      let low = try literal(element.low, for: subject)
      guard let end = element.high else {
        ranges.append((low, low))
        continue
      }
      let high = try literal(end, for: subject)
      if FilterLiteral.isEmpty(low, high) { throw emptyRange(element) }
      ranges.append((low, high))
    }
    return program.add(
      FilterRelation(left: subject.expression, quantifier: quantifier, test: .isIn(ranges)))
  }

  // MARK: checks

  private func emptyRange(_ element: FilterSetElement) -> FilterError {
    let location = element.low.location.through((element.high ?? element.low).location)
    return lexer.error("nothing lies in this range: it ends before it begins", location)
  }

  private func checkOrder(of subject: FilterSubject) throws(FilterError) {
    guard case .enumeration(let enumeration) = subject.type, !enumeration.isOrdered else { return }
    let remedy = enumeration == .type ? "compare type_code" : "use == or !="
    throw lexer.error("\(subject.name) has no order; \(remedy)", subject.location)
  }

  private mutating func searched(
    _ operand: FilterOperand, _ word: String
  ) throws(FilterError) -> FilterSubject {
    guard let subject = try subject(operand) else { throw notASubject(operand) }
    guard subject.type.isText || subject.type == .bytes || subject.type == .any else {
      throw lexer.error(
        "\(subject.name) is \(subject.type.phrase); \"\(word)\" is for text and bytes, "
          + "or string(\(subject.name))", subject.location)
    }
    return subject
  }
}

extension FilterSubject {
  /// The type byte in place of the type.
  fileprivate var typeCode: FilterSubject {
    var subject = self
    subject.expression = .field(Field("type_code", .scalar(.typeCode)))
    subject.type = .unsigned
    return subject
  }

  /// True if an operand is one of the names of this enumeration.
  fileprivate func names(_ operand: FilterOperand) -> Bool {
    guard case .enumeration(let enumeration) = type, case .word(let word, _) = operand else {
      return false
    }
    return enumeration.key(named: word) != nil
  }
}

extension FilterOperand {
  /// True if it is written as a number.
  fileprivate var isNumber: Bool {
    switch self {
    case .word(let word, _):
      word.utf8.first.map { $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        ?? false
    case .character: true
    case .string, .slice, .call: false
    }
  }
}

extension FieldType {
  /// True if values of the two types can be compared.
  fileprivate func isComparable(with other: FieldType) -> Bool {
    switch (self, other) {
    case (.any, _), (_, .any): true
    case (.enumeration, .enumeration): self == other
    case (.text, .enumeration), (.enumeration, .text): true
    default: self == other
    }
  }
}

extension FilterComparison {
  /// The keys that compare so with one.
  fileprivate func ranges(of key: UInt64) -> [ClosedRange<UInt64>] {
    let below = key == 0 ? [] : [0...key - 1]
    let above = key == .max ? [] : [key + 1...UInt64.max]
    return switch self {
    case .equal: [key...key]
    case .notEqual: below + above
    case .less: below
    case .lessOrEqual: [0...key]
    case .greater: above
    case .greaterOrEqual: [key...UInt64.max]
    }
  }
}
