/// Fault rules: what is done to which frames of a connection (docs/FAULTS.md).
///
/// All rules that pick a frame act on it, in order; behind a `drop` nothing is left to act on.
public struct FaultRules: Sendable, Hashable, CustomStringConvertible {
  /// The rules, in order.
  public let rules: [FaultRule]

  /// No rules: everything passes as it is.
  public init() {
    rules = []
  }

  /// These rules, as many as there may be.
  public init(_ rules: [FaultRule]) {
    self.rules = Array(rules.prefix(FaultLimits.rulesMax))
  }

  /// Reads rules, one a line or separated by `;`, with comments from `#` to the end of a line.
  ///
  /// - Parameter filters: The language of filters in parentheses; without one they are refused.
  /// - Throws: what is wrong first, and where.
  public init(
    parsing text: String, filters: FaultFilterLanguage? = nil
  ) throws(FaultRuleError) {
    var parser = try FaultRuleParser(text, filters: filters)
    rules = try parser.rules()
  }

  /// True if one of them is about the end of a direction (`slow_close`), which only somebody
  /// between the two ends can hold back.
  public var areAboutEnds: Bool { rules.contains { $0.action.isAboutEnd } }

  /// True if there are none.
  public var isEmpty: Bool { rules.isEmpty }

  /// The rules in their normal spelling, one a line, which read back as the same rules.
  public var description: String {
    rules.map(\.description).joined(separator: "\n")
  }
}
