import TestSupport

/// Makes random filters: as text, and as a tree for the evaluator.
struct OracleGenerator {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// A filter.
  mutating func filter() -> (text: String, test: OracleTest) {
    let (text, test, _) = test(depth: Int.random(in: 0...4, using: &generator))
    return (text, test)
  }

  private mutating func one<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &generator)]
  }

  private mutating func chance(_ count: Int) -> Bool {
    Int.random(in: 0..<count, using: &generator) == 0
  }

  // MARK: logic

  /// `level` is 0 for or, 1 xor, 2 and, 3 not, 4 what needs no parentheses.
  private mutating func test(depth: Int) -> (text: String, OracleTest, level: Int) {
    guard depth > 0 else { return relation() }
    let level = Int.random(in: 0...4, using: &generator)
    if level == 4 { return relation() }
    let left = test(depth: depth - 1)
    if level == 3 {
      return ("\(one(["not ", "!", "! "]))\(grouped(left, below: 3))", .not(left.1), 3)
    }
    let right = test(depth: depth - 1)
    let signs = [["or", "||"], ["xor", "^^"], ["and", "&&"]][level]
    let text = "\(grouped(left, below: level)) \(one(signs)) \(grouped(right, below: level + 1))"
    switch level {
    case 0: return (text, .or(left.1, right.1), level)
    case 1: return (text, .xor(left.1, right.1), level)
    default: return (text, .and(left.1, right.1), level)
    }
  }

  /// In parentheses where precedence needs them, and sometimes where not.
  private mutating func grouped(
    _ part: (text: String, OracleTest, level: Int), below level: Int
  ) -> String {
    part.level < level || chance(6) ? "(\(one(["", " "]))\(part.text))" : part.text
  }

  // MARK: relations

  private enum Kind: CaseIterable { case number, truth, name, text, bytes, time, option }

  private mutating func relation() -> (text: String, OracleTest, level: Int) {
    let kind = one(Kind.allCases)
    let (text, operand) = subject(kind)
    switch Int.random(in: 0..<8, using: &generator) {
    case 0:
      let (text, operand) = existing()
      return (text, .exists(operand), 4)
    case 1 where kind != .name:
      return membership(kind, text, operand)
    case 2 where kind == .text || kind == .bytes:
      let (prefix, isAll) = quantifier()
      let (literal, value) = literal(kind, named: "")
      return (
        "\(prefix)\(text) contains \(literal)",
        .contains(operand, isAll: isAll ?? false, .literal(value)), 4
      )
    case 3 where kind != .name && kind != .option:
      let (right, other) = subject(kind)
      return comparison(kind, text, operand, right, other)
    default:
      guard kind == .name, case .field(let name) = operand else {
        let (literal, value) = literal(kind, named: "")
        let isExchanged = kind == .number && chance(5)
        if isExchanged {
          return comparison(kind, literal, .literal(value), text, operand)
        }
        return comparison(kind, text, operand, literal, .literal(value))
      }
      return nameComparison(text, name)
    }
  }

  private mutating func nameComparison(
    _ text: String, _ name: String
  ) -> (text: String, OracleTest, level: Int) {
    if name == "type", chance(2) {
      // Compared with a number the type is its code.
      let (literal, value) = literal(.number, named: "")
      return comparison(.number, text, .field("type_code"), literal, .literal(value))
    }
    let (literal, value) = literal(.name, named: name)
    let isOrdered = name == "notes.severity"
    return comparison(
      isOrdered ? .number : .name, text, .field(name), literal, .literal(value))
  }

  private mutating func comparison(
    _ kind: Kind, _ left: String, _ first: OracleOperand, _ right: String, _ second: OracleOperand
  ) -> (text: String, OracleTest, level: Int) {
    let sign = one(kind == .name ? ["==", "!="] : ["==", "!=", "<", "<=", ">", ">="])
    let (prefix, written) = quantifier()
    let spellings: [(String, Bool)] =
      switch sign {
      case "==": [("==", false), ("eq", false), ("any_eq", false), ("===", true), ("all_eq", true)]
      case "!=": [("!=", true), ("ne", true), ("all_ne", true), ("!==", false), ("any_ne", false)]
      case "<": [("<", false), ("lt", false)]
      case "<=": [("<=", false), ("le", false)]
      case ">": [(">", false), ("gt", false)]
      default: [(">=", false), ("ge", false)]
      }
    let (spelling, usual) = one(spellings)
    return (
      "\(prefix)\(left) \(spelling) \(right)",
      .compare(first, sign, isAll: written ?? usual, second), 4
    )
  }

  private mutating func membership(
    _ kind: Kind, _ text: String, _ operand: OracleOperand
  ) -> (text: String, OracleTest, level: Int) {
    var elements: [String] = []
    var ranges: [(OracleOperand, OracleOperand)] = []
    for _ in 0...Int.random(in: 0...2, using: &generator) {
      let (low, lowValue) = literal(kind, named: "")
      let (high, highValue) = literal(kind, named: "")
      let order = OracleValue.order(lowValue, highValue)
      if chance(2), kind != .option, order ?? 1 <= 0 {
        elements.append("\(low)\(one(["..", " .. "]))\(high)")
        ranges.append((.literal(lowValue), .literal(highValue)))
      } else {
        elements.append(low)
        ranges.append((.literal(lowValue), .literal(lowValue)))
      }
    }
    let (prefix, isAll) = quantifier()
    let isNegated = chance(3)
    let test = OracleTest.isIn(operand, isAll: isAll ?? false, ranges)
    return (
      "\(prefix)\(text) \(isNegated ? "not in" : "in") {\(elements.joined(separator: ","))}",
      isNegated ? .not(test) : test, 4
    )
  }

  private mutating func quantifier() -> (String, Bool?) {
    one([("", nil), ("", nil), ("any ", false), ("all ", true)])
  }

  // MARK: operands

  private static let numbers = [
    "frame", "sequence", "length", "type_code", "message", "fragment", "fragments", "window",
    "next_expected", "code", "sender.base", "sender.in_flight", "sender.window", "notes.because",
    "stream",
  ]
  private static let texts = ["text", "reason", "nickname", "notes.id", "notes.text"]
  private static let names = ["direction", "type", "checksum", "kind", "notes.severity"]
  private static let aliases = [
    "sequence": "seq", "length": "len", "message": "msg.id", "fragment": "frag",
    "fragments": "frag.count", "payload": "payload_hex",
  ]

  private mutating func field(_ names: [String]) -> (String, OracleOperand) {
    let name = one(names)
    let spelled = chance(3) ? Self.aliases[name] ?? name : name
    return ((chance(4) ? "chat." : "") + spelled, .field(name))
  }

  private mutating func existing() -> (String, OracleOperand) {
    if chance(4) {
      let (text, operand) = field(one([["payload"], Self.texts]))
      return sliced(text, operand)
    }
    return field(Self.numbers + Self.texts + Self.names + ["payload", "time", "options.window"])
  }

  private mutating func subject(_ kind: Kind) -> (String, OracleOperand) {
    switch kind {
    case .number:
      guard chance(3) else { return field(Self.numbers) }
      return numericCall()
    case .truth: return field(["last", "retransmission"])
    case .name: return field(Self.names)
    case .text:
      let (text, operand) = field(Self.texts)
      if chance(4) { return sliced(text, operand) }
      if chance(4) { return textCall() }
      return (text, operand)
    case .bytes:
      let (text, operand) = field(["payload"])
      return chance(2) ? sliced(text, operand) : (text, operand)
    case .time: return field(["time"])
    case .option: return field(["options.window", "options.status"])
    }
  }

  private mutating func numericCall() -> (String, OracleOperand) {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      let (text, operand) = field(Self.texts + ["payload", "type"])
      return ("len(\(text))", .call("len", [operand]))
    case 1:
      let (text, operand) = field(Self.numbers + Self.texts + ["options.window", "time", "last"])
      return ("count(\(text))", .call("count", [operand]))
    case 2:
      let (text, operand) = field(Self.numbers)
      return ("abs( \(text) )", .call("abs", [operand]))
    default:
      let function = one(["min", "max"])
      let (first, left) = field(Self.numbers)
      let (second, right) = chance(3) ? number() : field(Self.numbers)
      return ("\(function)(\(first), \(second))", .call(function, [left, right]))
    }
  }

  private mutating func number() -> (String, OracleOperand) {
    let (text, value) = literal(.number, named: "")
    return (text, .literal(value))
  }

  private mutating func textCall() -> (String, OracleOperand) {
    let function = one(["lower", "upper", "string"])
    let (text, operand) =
      function == "string"
      ? field(Self.numbers + ["last", "type", "payload", "text"]) : field(Self.texts + ["type"])
    return ("\(function)(\(text))", .call(function, [operand]))
  }

  private mutating func sliced(_ text: String, _ operand: OracleOperand) -> (String, OracleOperand)
  {
    var parts: [(start: Int, length: Int?, end: Int?)] = []
    var spelled: [String] = []
    for _ in 0...Int.random(in: 0...1, using: &generator) {
      let start = Int.random(in: -4...3, using: &generator)
      let length = Int.random(in: 1...3, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0:
        parts.append((start, length, nil))
        spelled.append("\(start):\(length)")
      case 1:
        // Both ends from the same side, in order: what else a slice refuses is tested elsewhere.
        let end = start < 0 ? min(-1, start + length) : start + length
        parts.append((start, nil, end))
        spelled.append("\(start)-\(end)")
      case 2:
        parts.append((start, 1, nil))
        spelled.append("\(start)")
      case 3:
        parts.append((0, length, nil))
        spelled.append(":\(length)")
      default:
        parts.append((start, nil, nil))
        spelled.append("\(start):")
      }
    }
    return ("\(text)[\(spelled.joined(separator: ","))]", .slice(operand, parts))
  }

  // MARK: literals

  private mutating func literal(_ kind: Kind, named name: String) -> (String, OracleValue) {
    switch kind {
    case .number:
      let number = Int.random(in: 0...6, using: &generator)
      let hex = String(number, radix: 16)
      let octal = number == 0 ? "0" : "0\(number)"
      return (
        one([
          "\(number)", "0x\(hex)", octal, "0b\(String(number, radix: 2))", "'\\x0\(hex)'",
          "+\(number)",
        ]),
        .number(number)
      )
    case .truth:
      let truth = chance(2)
      return (one(truth ? ["true", "1", "True"] : ["false", "0", "FALSE"]), .truth(truth))
    case .name: return nameLiteral(of: name)
    case .text:
      let text = one(oracleTexts + ["placeholder", "c2s"])
      return (quoted(Array(text.utf8)), .text(text))
    case .bytes:
      let bytes = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
        one([0, 0x12, 0x61, 0x62, 0xFF] as [UInt8])
      }
      let pairs = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      return (
        one([
          pairs.joined(separator: ":"), pairs.joined(separator: "-"), pairs.joined(),
          quoted(bytes),
        ]), .bytes(bytes)
      )
    case .time:
      let halves = Int.random(in: -3...3, using: &generator)
      let sign = halves < 0 ? "-" : ""
      let (whole, half) = (abs(halves) / 2, abs(halves) % 2)
      let text =
        half == 0 ? one(["\(whole)", "\(whole).0"]) : one(["\(whole).5", "\(whole).500000000"])
      return (sign + text, .time(halves * 500_000_000))
    case .option:
      let text = one(["5", "-3", "16", "0.5", "12", "ab", "true", "4.5", "6162"])
      return chance(3)
        ? ("\"\(text)\"", .written(text, isQuoted: true)) : (text, .written(text, isQuoted: false))
    }
  }

  private mutating func nameLiteral(of name: String) -> (String, OracleValue) {
    let choices: [String] =
      switch name {
      case "direction": ["c2s", "s2c"]
      case "type": ["SYN", "ACK", "HANDSHAKE_ACK", "DATA", "NACK", "FIN", "UNKNOWN"]
      case "checksum": ["good", "bad", "unverified"]
      case "kind": ["frame", "session", "gap"]
      default: ["chat", "note", "warn", "error"]
      }
    let index = Int.random(in: 0..<choices.count, using: &generator)
    let choice = choices[index]
    let text = one([choice, choice.lowercased(), choice.uppercased(), "\"\(choice)\""])
    return (text, .name(choice, name == "notes.severity" ? index : nil))
  }

  /// A string literal of some bytes, escaped in one way or another.
  private mutating func quoted(_ bytes: [UInt8]) -> String {
    let text = String(validating: bytes, as: UTF8.self)
    if let text, !text.contains("\""), !text.contains("\\"), !text.contains("\0"), chance(2) {
      return "\(one(["", "r"]))\"\(text)\""
    }
    if let text, !text.contains("\0"), chance(2) {
      return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    let escapes = bytes.map { byte in
      let (hex, octal) = (String(byte, radix: 16), String(byte, radix: 8))
      return chance(2)
        ? "\\x" + (byte < 16 ? "0" : "") + hex
        : "\\" + String(repeating: "0", count: 3 - octal.count) + octal
    }
    return "\"\(escapes.joined())\""
  }
}
