// The menu has no state of its own about faults but the rules in force: amounts, shots and other
// rules are read out of them each time, so what is given by other means is kept as it is, and in
// its order.

public import ChatWire

/// The faults menu: amounts for each direction, single shots, and the rules in force.
public struct FaultMenu: Sendable {
  /// What a key or the mouse has done.
  public enum Outcome: Sendable, Hashable {
    /// Nothing, or only the view is another.
    case none
    /// These rules are to be set, one after the other: a shot that is armed again has to be left
    /// out once, for a rule with the same words keeps its count.
    case set([FaultRules])
    /// The menu is to be closed.
    case closed
    /// The key means nothing here; `?` is help.
    case unhandled
  }

  /// Something that can be chosen.
  enum Line: Hashable {
    case amount(FaultAmount)
    case shot(FaultShot)
    /// A rule that is neither, by its place in the rules.
    case other(Int)
  }

  /// A shot in a direction.
  struct ShotPlace: Hashable {
    var shot: FaultShot
    var direction: Direction
  }

  /// The rules in force.
  public private(set) var rules: FaultRules
  /// The line that is chosen, by its place in `lines`.
  var selection = 0
  /// The direction that is chosen.
  var direction = Direction.clientToServer
  /// The number that is being typed.
  var typed: String?
  /// Why what was asked for cannot be done.
  var message: String?
  /// Shots that have acted since they were armed last.
  private(set) var done: Set<ShotPlace> = []

  /// A menu for the rules in force.
  public init(rules: FaultRules = FaultRules()) {
    self.rules = rules
  }

  /// Other rules are in force, by other means.
  public mutating func set(_ rules: FaultRules) {
    self.rules = rules
    selection = min(selection, lines.count - 1)
    (typed, message) = (nil, nil)
  }

  /// A rule has acted; if it is a shot, it is over.
  ///
  /// - Parameter text: The rule as a trace names it.
  /// - Returns: True if it was armed: `rules` has it no more, and is to be set.
  public mutating func shotFired(rule text: String) -> Bool {
    guard let (shot, direction) = FaultShot.place(ofRule: text),
      rules.rules.contains(where: { $0.description == text })
    else { return false }
    done.insert(ShotPlace(shot: shot, direction: direction))
    change(rules.rules.filter { $0.description != text })
    return true
  }

  /// All lines that can be chosen.
  var lines: [Line] {
    FaultAmount.allCases.map { .amount($0) } + FaultShot.allCases.map { .shot($0) }
      + others.map { .other($0) }
  }

  /// The line that is chosen.
  var line: Line {
    let lines = lines
    return lines[max(0, min(selection, lines.count - 1))]
  }

  /// The places of rules that are neither amounts nor shots.
  private var others: [Int] {
    var taken: Set<Int> = []
    return rules.rules.indices.filter { index in
      let rule = rules.rules[index]
      if FaultShot.place(ofRule: rule.description) != nil { return false }
      guard let place = FaultAmount.place(of: rule) else { return true }
      // The first is the amount; a second of its kind acts as well.
      let cell = place.row.rawValue * 2 + (place.direction == .clientToServer ? 0 : 1)
      return !taken.insert(cell).inserted
    }
  }

  /// The place of the rule that an amount is in; nil if there is none.
  private func index(of row: FaultAmount, _ direction: Direction) -> Int? {
    let row = row == .jitter ? .delay : row
    return rules.rules.firstIndex { rule in
      guard rule.direction == direction, let place = FaultAmount.place(of: rule) else {
        return false
      }
      return place.row == row
    }
  }

  /// How much of a fault there is.
  func amount(of row: FaultAmount, _ direction: Direction) -> UInt64 {
    row.amount(in: index(of: row, direction).map { rules.rules[$0] })
  }

  /// A shot will act on the next frame.
  func isArmed(_ shot: FaultShot, _ direction: Direction) -> Bool {
    let text = shot.text(direction)
    return rules.rules.contains { $0.description == text }
  }

  private mutating func change(_ rules: [FaultRule]) {
    self.rules = FaultRules(rules)
    selection = max(0, min(selection, lines.count - 1))
  }

  /// Sets an amount to a number in its unit.
  mutating func set(_ row: FaultAmount, to number: String) -> Outcome {
    var rules = self.rules.rules
    let index = index(of: row, direction)
    do throws(FaultRuleError) {
      let rule = try row.rule(number, direction, replacing: index.map { rules[$0] })
      switch (index, rule) {
      case (let index?, let rule?): rules[index] = rule
      case (let index?, nil): rules.remove(at: index)
      case (nil, let rule?):
        guard hasRoom() else { return .none }
        rules.append(rule)
      case (nil, nil): break
      }
    } catch {
      message = "\(number)\(row.unit): \(error.message)"
      return .none
    }
    guard rules != self.rules.rules else { return .none }
    change(rules)
    return .set([self.rules])
  }

  /// Arms a shot; one that is armed is taken back.
  mutating func toggle(_ shot: FaultShot, _ direction: Direction) -> Outcome {
    let text = shot.text(direction)
    if isArmed(shot, direction) {
      change(rules.rules.filter { $0.description != text })
      return .set([rules])
    }
    guard hasRoom(), let rule = (try? FaultRules(parsing: text))?.rules.first else { return .none }
    done.remove(ShotPlace(shot: shot, direction: direction))
    let without = rules
    change(without.rules + [rule])
    return .set([without, rules])
  }

  /// Takes away what is chosen.
  mutating func delete() -> Outcome {
    switch line {
    case .amount(let row): return set(row, to: "0")
    case .shot(let shot):
      return isArmed(shot, direction) ? toggle(shot, direction) : .none
    case .other(let index):
      var rules = self.rules.rules
      rules.remove(at: index)
      change(rules)
      return .set([self.rules])
    }
  }

  /// Takes everything away.
  mutating func reset() -> Outcome {
    done = []
    change([])
    return .set([rules])
  }

  /// True if there may be another rule; if not, it says so.
  private mutating func hasRoom() -> Bool {
    if rules.rules.count < FaultLimits.rulesMax { return true }
    message = "There are \(FaultLimits.rulesMax) rules already, and there may be no more."
    return false
  }
}
