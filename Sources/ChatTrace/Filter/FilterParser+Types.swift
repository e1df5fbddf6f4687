// The types of operands, and literals of a type.

extension FilterParser {
  // MARK: subjects

  /// The operand as something that has values; nil if it is a literal.
  mutating func subject(_ operand: FilterOperand) throws(FilterError) -> FilterSubject? {
    let name = Spelling.excerpt(lexer.source(operand.location))
    switch operand {
    case .string, .character: return nil
    case .word(let word, let location):
      guard let field = Fields.find(word) else { return nil }
      try check(field, name: name, location)
      return FilterSubject(
        expression: .field(field), type: field.type, location: location, name: name)
    case .slice(let whole, let ranges, let location):
      guard let whole = try subject(whole) else { throw notASubject(whole) }
      guard whole.type.isText || whole.type == .bytes || whole.type == .any else {
        throw lexer.error(
          "\(whole.name) is \(whole.type.phrase); only text and bytes have slices", whole.location)
      }
      return FilterSubject(
        expression: .slice(whole.expression, ranges), type: whole.type.isText ? .text : whole.type,
        location: location, name: name)
    case .call(let function, let arguments, let location):
      let (expressions, type) = try check(function, arguments, location)
      return FilterSubject(
        expression: .call(function, expressions), type: type, location: location, name: name)
    }
  }

  /// The field can be asked about here.
  private mutating func check(
    _ field: Field, name: String, _ location: FilterLocation
  ) throws(FilterError) {
    guard scope == .arrivingFrame else { return }
    switch field.knowledge {
    case .frame: break
    case .payload: program.readsPayload = true
    case .trace:
      throw lexer.error("\(name) is not known when a frame arrives", location)
    }
  }

  private mutating func check(
    _ function: FilterFunction, _ operands: [FilterOperand], _ location: FilterLocation
  ) throws(FilterError) -> ([FilterExpression], FieldType) {
    if function == .min || function == .max { return try checkExtreme(operands, location) }
    guard let operand = operands.first, operands.count == 1 else {
      throw lexer.error("\(function.rawValue) takes one field", location)
    }
    guard let argument = try subject(operand) else { throw notASubject(operand) }
    let result: FieldType?
    switch (function, argument.type) {
    case (.count, _):
      if case .field = argument.expression { result = .unsigned } else { result = nil }
    case (.len, .text), (.len, .enumeration), (.len, .bytes), (.len, .any): result = .unsigned
    case (.lower, .text), (.lower, .enumeration), (.lower, .any): result = .text
    case (.upper, .text), (.upper, .enumeration), (.upper, .any): result = .text
    case (.string, _): result = .text
    case (.abs, .unsigned), (.abs, .time), (.abs, .any): result = argument.type
    default: result = nil
    }
    guard let result else {
      let wanted = [.count: "a field", .len: "text or bytes", .abs: "a number"][function] ?? "text"
      throw lexer.error(
        "\(function.rawValue) takes \(wanted); \(argument.name) is "
          + (function == .count ? "none" : argument.type.phrase), argument.location)
    }
    return ([argument.expression], result)
  }

  /// `min` and `max` take numbers or times, literals among them.
  private mutating func checkExtreme(
    _ operands: [FilterOperand], _ location: FilterLocation
  ) throws(FilterError) -> ([FilterExpression], FieldType) {
    var first: FilterSubject?
    for operand in operands where first == nil { first = try subject(operand) }
    guard let first else {
      if let operand = operands.first(where: \.isUnknownName) { throw notASubject(operand) }
      throw lexer.error("min and max need a field", location)
    }
    guard first.type == .unsigned || first.type == .time || first.type == .any else {
      throw lexer.error(
        "min and max take numbers; \(first.name) is \(first.type.phrase)", first.location)
    }
    var expressions: [FilterExpression] = []
    for operand in operands {
      if let other = try subject(operand) {
        guard other.type == first.type else {
          throw lexer.error(
            "\(first.name) is \(first.type.phrase); \(other.name) is \(other.type.phrase)",
            other.location)
        }
        expressions.append(other.expression)
      } else {
        var numeric = first
        if numeric.type == .any { numeric.type = .unsigned }
        let key = try key(operand, for: numeric)
        expressions.append(.literal(ScalarField.value(of: key, type: numeric.type)))
      }
    }
    return (expressions, first.type)
  }

  /// The error about something that should have been a field.
  func notASubject(_ operand: FilterOperand) -> FilterError {
    guard case .word(let word, let location) = operand, operand.isUnknownName else {
      let text = Spelling.excerpt(lexer.source(operand.location))
      return lexer.error("\(text) is not a field", operand.location)
    }
    if FilterFunction(rawValue: word) != nil {
      return lexer.error("\(word) is a function: \(word)(...)", location)
    }
    if FilterKeyword(word: word.lowercased()) != nil {
      return lexer.error("operators are in lower case: \(word.lowercased())", location)
    }
    return lexer.error(UnknownFieldError(name: word).message, location)
  }

  // MARK: literals

  /// The key of a literal of a type that has keys.
  func key(_ operand: FilterOperand, for subject: FilterSubject) throws(FilterError) -> UInt64 {
    switch subject.type {
    case .unsigned: return try unsigned(operand, for: subject)
    case .boolean:
      if case .word(let word, _) = operand {
        switch word.lowercased() {
        case "true", "1": return 1
        case "false", "0": return 0
        default: break
        }
      }
    case .time:
      switch operand {
      case .word(let text, _):
        if let time = TimeLiteral.nanoseconds(text) { return ScalarField.timeKey(time) }
      case .string(let bytes, _):
        let text = String(decoding: bytes, as: UTF8.self)
        if let time = TimeLiteral.nanoseconds(text) { return ScalarField.timeKey(time) }
      case .character, .slice, .call: break
      }
    case .enumeration(let enumeration):
      return try name(operand, of: enumeration, for: subject)
    case .text, .bytes, .any: break
    }
    throw mismatch(operand, subject)
  }

  private func unsigned(
    _ operand: FilterOperand, for subject: FilterSubject
  ) throws(FilterError) -> UInt64 {
    switch operand {
    case .character(let byte, _): return UInt64(byte)
    case .word(let word, let location):
      switch IntegerLiteral(word) {
      case .number(let number): return number
      case .negative: throw lexer.error("\(subject.name) is never negative", location)
      case .tooLarge:
        throw lexer.error(
          "\(Spelling.excerpt(word)) is too large; the most is \(UInt64.max)", location)
      case .notANumber: throw mismatch(operand, subject)
      }
    case .string(let bytes, let location):
      if case .number = IntegerLiteral(String(decoding: bytes, as: UTF8.self)) {
        throw lexer.error(
          "\(subject.name) is a number; write it without quotes", location)
      }
      throw mismatch(operand, subject)
    case .slice, .call: throw mismatch(operand, subject)
    }
  }

  private func name(
    _ operand: FilterOperand, of enumeration: Enumeration, for subject: FilterSubject
  ) throws(FilterError) -> UInt64 {
    let given: String
    switch operand {
    case .word(let word, _): given = word
    case .string(let bytes, _): given = String(decoding: bytes, as: UTF8.self)
    case .character, .slice, .call: throw mismatch(operand, subject)
    }
    if let key = enumeration.key(named: given) { return key }
    guard let near = Spelling.nearest(to: given, among: enumeration.names) else {
      throw mismatch(operand, subject)
    }
    throw lexer.error(
      "\(subject.name) has no value \(Spelling.quoted(given)); did you mean \(near)?",
      operand.location)
  }

  /// A literal for a subject of any type.
  func literal(
    _ operand: FilterOperand, for subject: FilterSubject
  ) throws(FilterError) -> FilterLiteral {
    switch subject.type {
    case .unsigned, .boolean, .time, .enumeration:
      return .value(ScalarField.value(of: try key(operand, for: subject), type: subject.type))
    case .text: return .value(.text(try text(operand, for: subject)))
    case .bytes:
      switch operand {
      case .word(let word, _):
        guard let bytes = BytesLiteral.bytes(word) else { throw mismatch(operand, subject) }
        return .value(.bytes(bytes))
      case .string(let bytes, _): return .value(.bytes(bytes))
      case .character(let byte, _): return .value(.bytes([byte]))
      case .slice, .call: throw mismatch(operand, subject)
      }
    case .any: return .loose(try loose(operand, for: subject))
    }
  }

  private func text(
    _ operand: FilterOperand, for subject: FilterSubject
  ) throws(FilterError) -> String {
    switch operand {
    case .word(let word, _): return word
    case .string(let bytes, let location):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw lexer.error("\(subject.name) is text; these bytes are not UTF-8", location)
      }
      return text
    case .character(let byte, let location):
      guard byte < 0x80 else {
        throw lexer.error("\(subject.name) is text; this byte is not UTF-8", location)
      }
      return String(Character(Unicode.Scalar(byte)))
    case .slice, .call: throw mismatch(operand, subject)
    }
  }

  private func loose(
    _ operand: FilterOperand, for subject: FilterSubject
  ) throws(FilterError) -> FilterLiteral.Loose {
    var literal = FilterLiteral.Loose()
    switch operand {
    case .word(let word, _):
      literal.text = word
      switch IntegerLiteral(word) {
      case .number(let number): literal.number = DecimalNumber(number)
      case .negative(let magnitude): literal.number = DecimalNumber(magnitude).negated
      case .tooLarge, .notANumber: literal.number = DecimalNumber(word.utf8)
      }
      literal.boolean = ["true": true, "false": false][word.lowercased()]
      // With a dot it is a fraction, not two bytes.
      literal.bytes = word.utf8.contains(UInt8(ascii: ".")) ? nil : BytesLiteral.bytes(word)
    case .string(let bytes, _):
      literal.text = String(validating: bytes, as: UTF8.self)
      literal.bytes = bytes
    case .character(let byte, _):
      if byte < 0x80 { literal.text = String(Character(Unicode.Scalar(byte))) }
      literal.bytes = [byte]
    case .slice, .call: throw mismatch(operand, subject)
    }
    return literal
  }

  /// The sentence about a literal of another type.
  private func mismatch(_ operand: FilterOperand, _ subject: FilterSubject) -> FilterError {
    let given = Spelling.excerpt(lexer.source(operand.location))
    var sentence = "\(subject.name) is \(subject.type.phrase); \(given) is not"
    switch subject.type {
    case .unsigned:
      if case .word(let word, _) = operand, operand.isUnknownName,
        let field = Fields.suggestion(for: word)
      {
        sentence += "; did you mean \(field)?"
      }
    case .time: sentence += ", as 1577836800.123456789 is"
    case .bytes: sentence += "; write aa:bb:cc or \"text\""
    case .boolean, .text, .enumeration, .any: break
    }
    return lexer.error(sentence, operand.location)
  }
}

extension FilterOperand {
  /// True for a word that can only be meant as a name.
  var isUnknownName: Bool {
    guard case .word(let word, _) = self, let first = word.utf8.first else { return false }
    return !first.isDigit && (first.isWordByte || first >= 0x80)
  }
}

extension FilterLiteral {
  /// True if no value lies between the two.
  static func isEmpty(_ low: FilterLiteral, _ high: FilterLiteral) -> Bool {
    switch (low, high) {
    case (.value(let low), .value(let high)): FieldValue.order(low, high) == .greater
    case (.loose(let low), .loose(let high)):
      if let low = low.number, let high = high.number { low > high } else { false }
    case (.value, .loose), (.loose, .value): false
    }
  }
}
