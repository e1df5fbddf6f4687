internal import ChatWire

/// The rules in force, each with a number that stays, and how often it has acted.
struct RuleBook {
  private var entries: [(number: Int, rule: FaultRule, text: String, actedCount: UInt64)] = []
  private var nextNumber = 1

  init(_ rules: FaultRules) {
    add(rules)
  }

  /// The rules as an injector takes them.
  var rules: FaultRules { FaultRules(entries.map(\.rule)) }

  var reports: [RuleReport] {
    entries.map { RuleReport(number: $0.number, rule: $0.text, actedCount: $0.actedCount) }
  }

  /// Counts an act.
  mutating func count(_ act: FaultAct) {
    guard let index = entries.firstIndex(where: { $0.text == act.rule }) else { return }
    entries[index].actedCount &+= 1
  }

  /// Adds rules; false if there would be too many.
  @discardableResult
  mutating func add(_ rules: FaultRules) -> Bool {
    guard entries.count + rules.rules.count <= FaultLimits.rulesMax else { return false }
    for rule in rules.rules {
      entries.append((nextNumber, rule, rule.description, 0))
      nextNumber += 1
    }
    return true
  }

  /// Puts another rule in the place of one; false if there is none of that number.
  mutating func change(_ number: Int, to rule: FaultRule) -> Bool {
    guard let index = entries.firstIndex(where: { $0.number == number }) else { return false }
    entries[index] = (number, rule, rule.description, 0)
    return true
  }

  /// Takes a rule out; false if there is none of that number.
  mutating func remove(_ number: Int) -> Bool {
    guard let index = entries.firstIndex(where: { $0.number == number }) else { return false }
    entries.remove(at: index)
    return true
  }

  mutating func removeAll() {
    entries = []
  }
}
