import TestSupport

// A second implementation of the filter language, as plain as possible: it walks a tree that the
// tests made, over dictionaries of values. It shares nothing with the filter but the words.

/// A test of an event.
indirect enum OracleTest {
  case and(OracleTest, OracleTest)
  case or(OracleTest, OracleTest)
  case xor(OracleTest, OracleTest)
  case not(OracleTest)
  case exists(OracleOperand)
  /// The quantifier is the one that applies, written or not.
  case compare(OracleOperand, String, isAll: Bool, OracleOperand)
  case contains(OracleOperand, isAll: Bool, OracleOperand)
  case isIn(OracleOperand, isAll: Bool, [(OracleOperand, OracleOperand)])

  func holds(_ record: OracleRecord) -> Bool {
    switch self {
    case .and(let left, let right): return left.holds(record) && right.holds(record)
    case .or(let left, let right): return left.holds(record) || right.holds(record)
    case .xor(let left, let right): return left.holds(record) != right.holds(record)
    case .not(let test): return !test.holds(record)
    case .exists(let operand): return !operand.values(record).isEmpty
    case .compare(let left, let sign, let isAll, let right):
      return quantified(isAll, left.values(record), right.values(record)) { left, right in
        let order = OracleValue.order(left, right)
        switch sign {
        case "==": return order == 0
        case "!=": return order != 0
        case "<": return order.map { $0 < 0 } ?? false
        case "<=": return order.map { $0 <= 0 } ?? false
        case ">": return order.map { $0 > 0 } ?? false
        default: return order.map { $0 >= 0 } ?? false
        }
      }
    case .contains(let left, let isAll, let right):
      return quantified(isAll, left.values(record), right.values(record)) { hay, needle in
        let (hay, needle) = (hay.raw, needle.raw)
        guard needle.count <= hay.count else { return false }
        return (0...hay.count - needle.count).contains {
          Array(hay[$0..<$0 + needle.count]) == needle
        }
      }
    case .isIn(let left, let isAll, let ranges):
      return quantified(isAll, left.values(record), [.truth(true)]) { value, _ in
        ranges.contains { low, high in
          guard let low = OracleValue.order(value, low.values(record)[0]),
            let high = OracleValue.order(value, high.values(record)[0])
          else { return false }
          return low >= 0 && high <= 0
        }
      }
    }
  }

  private func quantified(
    _ isAll: Bool, _ left: [OracleValue], _ right: [OracleValue],
    _ test: (OracleValue, OracleValue) -> Bool
  ) -> Bool {
    let results = left.flatMap { left in right.map { test(left, $0) } }
    return !results.isEmpty && (isAll ? results.allSatisfy { $0 } : results.contains(true))
  }
}

/// A side of a test.
indirect enum OracleOperand {
  case field(String)
  case literal(OracleValue)
  case slice(OracleOperand, [(start: Int, length: Int?, end: Int?)])
  case call(String, [OracleOperand])

  func values(_ record: OracleRecord) -> [OracleValue] {
    switch self {
    case .field(let name): return record[name] ?? []
    case .literal(let value): return [value]
    case .slice(let whole, let parts):
      return whole.values(record).compactMap { $0.sliced(parts) }
    case .call(let function, let arguments):
      let values = arguments.flatMap { $0.values(record) }
      switch function {
      case "len": return values.map { .number($0.raw.count) }
      case "count": return values.isEmpty ? [] : [.number(values.count)]
      case "lower": return values.map { .text($0.plain.lowercased()) }
      case "upper": return values.map { .text($0.plain.uppercased()) }
      case "string": return values.map { .text($0.plain) }
      case "abs": return values
      case "min": return values.map(\.count).min().map { [.number($0)] } ?? []
      default: return values.map(\.count).max().map { [.number($0)] } ?? []
      }
    }
  }
}

extension OracleValue {
  /// The bytes of text or bytes.
  var raw: [UInt8] {
    switch self {
    case .text(let text), .name(let text, _): Array(text.utf8)
    case .bytes(let bytes): bytes
    case .written(let text, _): Array(text.utf8)
    case .number, .truth, .time: []
    }
  }

  var plain: String {
    switch self {
    case .number(let number): "\(number)"
    case .truth(let truth): "\(truth)"
    case .text(let text), .name(let text, _), .written(let text, _): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .time(let time): "\(time)"
    }
  }

  var count: Int {
    if case .number(let number) = self { number } else { 0 }
  }

  func sliced(_ parts: [(start: Int, length: Int?, end: Int?)]) -> OracleValue? {
    func cut<Element>(_ whole: [Element]) -> [Element]? {
      var result: [Element] = []
      for part in parts {
        let start = part.start < 0 ? part.start + whole.count : part.start
        var stop = whole.count
        if let length = part.length { stop = start + length }
        if let end = part.end { stop = (end < 0 ? end + whole.count : end) + 1 }
        guard start >= 0, start < stop, stop <= whole.count else { return nil }
        result += whole[start..<stop]
      }
      return result
    }
    switch self {
    case .bytes(let bytes): return cut(bytes).map { .bytes($0) }
    case .text(let text), .name(let text, _):
      return cut(text.unicodeScalars.map { String($0) }).map { .text($0.joined()) }
    case .number, .truth, .time, .written: return nil
    }
  }

  /// Below, at or above 0; nil if the two cannot be compared.
  static func order(_ left: OracleValue, _ right: OracleValue) -> Int? {
    func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
      left < right ? -1 : left > right ? 1 : 0
    }
    if case .written(let text, let isQuoted) = right {
      return order(left, written: text, isQuoted: isQuoted)
    }
    switch (left, right) {
    case (.number(let left), .number(let right)), (.time(let left), .time(let right)):
      return sign(left, right)
    case (.truth(let left), .truth(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
    case (.name(let left, let first?), .name(let right, let second?)):
      return left == right ? 0 : sign(first, second)
    case (.text, .text), (.text, .name), (.name, .text), (.name, .name), (.bytes, .bytes):
      return left.raw == right.raw ? 0 : left.raw.lexicographicallyPrecedes(right.raw) ? -1 : 1
    default: return nil
    }
  }

  /// How an option stands to a literal: numbers to numbers, bytes to bytes, everything else as
  /// text.
  private static func order(_ value: OracleValue, written: String, isQuoted: Bool) -> Int? {
    let number = isQuoted ? nil : Double(written)
    switch value {
    case .number(let own):
      guard let number else { return nil }
      return Double(own) < number ? -1 : Double(own) > number ? 1 : 0
    case .truth(let own):
      guard !isQuoted, written == "true" || written == "false" else { return nil }
      return order(value, .truth(written == "true")) ?? (own ? 1 : 0)
    case .bytes:
      if isQuoted { return order(value, .bytes(Array(written.utf8))) }
      return TestSupport.bytes(hex: written).flatMap { order(value, .bytes($0)) }
    case .text(let own):
      guard let number, let left = Double(own) else { return order(value, .text(written)) }
      return left < number ? -1 : left > number ? 1 : 0
    case .time, .name, .written: return nil
    }
  }
}
