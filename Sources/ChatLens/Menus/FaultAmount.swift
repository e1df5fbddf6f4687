internal import ChatWire

/// A row of the faults menu whose amount can be changed: one kind of fault, or the jitter of the
/// delay.
enum FaultAmount: Int, CaseIterable {
  case loss, corruption, delay, jitter, duplication, reordering

  /// The word before the amounts.
  var label: String {
    switch self {
    case .loss: "loss"
    case .corruption: "corruption"
    case .delay: "delay"
    case .jitter: "jitter"
    case .duplication: "duplication"
    case .reordering: "reordering"
    }
  }

  /// What it does, in one sentence.
  var help: String {
    switch self {
    case .loss: "This share of the frames never arrives."
    case .corruption:
      "In this share of the frames a bit of the payload is flipped: the checksum tells."
    case .delay: "Each frame is held for so long."
    case .jitter: "The delay of each frame is so much longer or shorter: frames overtake."
    case .duplication: "This share of the frames arrives twice."
    case .reordering: "This share of the frames is held until later ones have passed."
    }
  }

  /// It is a time, not a share of the frames.
  var isTime: Bool { self == .delay || self == .jitter }

  /// The unit of a number that is typed.
  var unit: String { isTime ? "ms" : "%" }

  /// The amounts that are gone through, in the unit.
  private var steps: [UInt64] {
    isTime
      ? [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000] : [0, 1, 2, 5, 10, 20, 30, 50, 75, 100]
  }

  /// Times in nanoseconds and shares in parts of `FaultProbability`, of one unit.
  private var scale: UInt64 { isTime ? 1_000_000 : FaultProbability.denominator / 100 }

  /// The next step above or below an amount, as a number in the unit; nil behind the last.
  func step(from amount: UInt64, up isUp: Bool) -> String? {
    let step =
      isUp
      ? steps.first { $0 * scale > amount } : steps.last { $0 * scale < amount }
    return step.map { String($0) }
  }

  /// The amount that a rule stands for, which is nothing without a rule.
  func amount(in rule: FaultRule?) -> UInt64 {
    guard let rule else { return 0 }
    guard isTime else { return rule.probability.numerator }
    guard case .delay(let time, let jitter) = rule.action else { return 0 }
    return UInt64(max(0, (self == .delay ? time : jitter).nanoseconds))
  }

  /// An amount for people: `10%`, `50ms`.
  func text(of amount: UInt64) -> String {
    guard isTime else { return FaultProbability(numerator: amount).description }
    return amount == 0 ? "0ms" : Duration.nanoseconds(Int64(clamping: amount)).unitText
  }

  /// The row and the direction of a rule that the menu could have made; nil for any other.
  static func place(of rule: FaultRule) -> (row: FaultAmount, direction: Direction)? {
    guard let direction = rule.direction else { return nil }
    let row: FaultAmount
    switch rule.action {
    case .drop: row = .loss
    case .corrupt(.payload): row = .corruption
    case .delay where rule.probability == .always: row = .delay
    case .duplicate(copies: 1): row = .duplication
    case .reorder: row = .reordering
    default: return nil
    }
    var words = [rule.action.description]
    if rule.probability != .always { words.append(rule.probability.description) }
    words.append(direction.name)
    // Whatever else tells which frames would be more words.
    return words.joined(separator: " ") == rule.description ? (row, direction) : nil
  }

  /// The rule for a number in the unit; nil if it is nothing that is to be done.
  ///
  /// - Parameter old: The rule there so far, whose jitter or gap stays.
  func rule(
    _ number: String, _ direction: Direction, replacing old: FaultRule?
  ) throws(FaultRuleError) -> FaultRule? {
    var (time, jitter, gap) = ("0ms", "0ms", 3)
    if case .delay(let oldTime, let oldJitter)? = old?.action {
      (time, jitter) = (oldTime.unitText, oldJitter.unitText)
    }
    if case .reorder(let oldGap)? = old?.action { gap = oldGap }
    if self == .delay { time = number + unit }
    if self == .jitter { jitter = number + unit }
    let action =
      switch self {
      case .loss: "drop \(number)%"
      case .corruption: "corrupt payload \(number)%"
      case .duplication: "duplicate \(number)%"
      case .reordering: "reorder gap \(gap) \(number)%"
      case .delay, .jitter: "delay \(time) jitter \(jitter)"
      }
    let rule = try FaultRules(parsing: action + " " + direction.name).rules.first
    if case .delay(.zero, jitter: .zero)? = rule?.action { return nil }
    return rule?.probability == .never ? nil : rule
  }
}
