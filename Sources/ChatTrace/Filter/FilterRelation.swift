/// A test of lists of values: text, bytes, options, functions, slices, two fields.
///
/// As in Wireshark a test of nothing fails: where a field is absent even `!=` is false.
struct FilterRelation: Sendable {
  enum Test: Sendable {
    case exists
    case comparesTo(FilterComparison, FilterExpression)
    case comparesToLiteral(FilterComparison, FilterLiteral)
    case contains(FilterExpression)
    case containsLiteral(FilterNeedle)
    case matches(@Sendable (_ subject: String) -> Bool)
    case isIn([(low: FilterLiteral, high: FilterLiteral)])
  }

  /// A regular expression sees at most this many bytes of a value: its time is not ours to bound.
  private static let subjectBytesMax = 1 << 16

  var left: FilterExpression
  var quantifier: FilterQuantifier
  var test: Test

  /// True if any value of the left side passes, or each of at least one.
  func holds(_ event: TraceEvent, _ payload: RawSpan) -> Bool {
    let values = left.values(of: event, payload: payload)
    guard !values.isEmpty else { return false }
    var others: [FieldValue] = []
    switch test {
    case .exists: return true
    case .comparesTo(_, let right), .contains(let right):
      others = right.values(of: event, payload: payload)
      if others.isEmpty { return false }
    case .comparesToLiteral, .containsLiteral, .matches, .isIn: break
    }
    for value in values {
      if passes(value, others) != (quantifier == .all) { return quantifier == .any }
    }
    return quantifier == .all
  }

  private func passes(_ value: FieldValue, _ others: [FieldValue]) -> Bool {
    switch test {
    case .exists: return true
    case .comparesTo(let comparison, _):
      for other in others {
        let holds = comparison.holds(FieldValue.order(value, other))
        if holds != (quantifier == .all) { return holds }
      }
      return quantifier == .all
    case .comparesToLiteral(let comparison, let literal):
      return comparison.holds(literal.order(of: value))
    case .contains:
      for other in others {
        let holds = FilterLiteral.value(other).needle.isContained(in: value)
        if holds != (quantifier == .all) { return holds }
      }
      return quantifier == .all
    case .containsLiteral(let needle): return needle.isContained(in: value)
    case .matches(let matcher): return matcher(Self.subject(value))
    case .isIn(let ranges):
      return ranges.contains { range in
        let low = range.low.order(of: value)
        let high = range.high.order(of: value)
        return (low == .greater || low == .same) && (high == .less || high == .same)
      }
    }
  }

  /// The text of a value for a regular expression, cut before a character.
  private static func subject(_ value: FieldValue) -> String {
    let text = value.plainText
    guard text.utf8.count > subjectBytesMax else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: subjectBytesMax)
    while text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }
}
