/// One fault rule: what to do, and to which frames (docs/FAULTS.md).
public struct FaultRule: Sendable, Hashable {
  /// What it does.
  public internal(set) var action: FaultAction
  /// How often it acts on a frame that it fits.
  public internal(set) var probability = FaultProbability.always
  /// The types of frame; an empty set is all.
  public internal(set) var types = FrameTypeSet()
  /// The direction; nil is both.
  public internal(set) var direction: Direction?
  /// Which of the frames that fit, counted from 1, in ascending order; none is all.
  public internal(set) var nth: [UInt64] = []
  /// Only so many of the frames that fit.
  public internal(set) var first: UInt64?
  /// Only one in so many of the frames that fit.
  public internal(set) var every: UInt64?
  /// The messages, in ascending order; none is all, as in the next three.
  public internal(set) var messages: [UInt64] = []
  /// The fragments.
  public internal(set) var fragments: [UInt64] = []
  /// The attempts.
  public internal(set) var attempts: [UInt64] = []
  /// The connections.
  public internal(set) var connections: [UInt64] = []
  /// Only what arrives at least so long after the beginning of the connection.
  public internal(set) var after: Duration?
  /// Only what arrives within so long from then on.
  public internal(set) var lasting: Duration?
  /// Comparisons, all of which must hold.
  public internal(set) var conditions: [FaultCondition] = []
  /// Display filters, all of which must pass.
  public internal(set) var filters: [FaultFilter] = []

  /// A rule for all frames.
  public init(_ action: FaultAction) {
    self.action = action
  }

  /// True if a frame fits all that can be told from the frame alone: neither counts nor dice.
  func fits(_ subject: FaultSubject, payload: RawSpan) -> Bool {
    guard isInForce(at: subject.age) else { return false }
    if let direction, direction != subject.identity.direction { return false }
    if !types.isEmpty, !types.contains(subject.typeName) { return false }
    guard Self.list(messages, has: subject.message), Self.list(fragments, has: subject.fragment),
      Self.list(attempts, has: subject.identity.attempt)
    else { return false }
    if !connections.isEmpty {
      guard let connection = UInt64(exactly: subject.identity.connection),
        connections.contains(connection)
      else { return false }
    }
    for condition in conditions where !condition.matches(subject) { return false }
    for filter in filters where !filter.matches(subject, payload: payload) { return false }
    return true
  }

  private static func list(_ numbers: [UInt64], has number: UInt32?) -> Bool {
    if numbers.isEmpty { return true }
    guard let number else { return false }
    return numbers.contains(UInt64(number))
  }

  /// True if a frame fits the end of a direction, apart from the dice.
  func fits(
    endOf direction: Direction, connection: Int, age: Duration
  ) -> Bool {
    guard self.direction == nil || self.direction == direction, isInForce(at: age) else {
      return false
    }
    guard !connections.isEmpty else { return true }
    return UInt64(exactly: connection).map { connections.contains($0) } ?? false
  }

  /// True if it acts so long after the beginning of the connection.
  func isInForce(at age: Duration) -> Bool {
    let age = age - (after ?? .zero)
    guard age >= .zero else { return false }
    if let lasting, age >= lasting { return false }
    guard case .blackhole(let periods?) = action else { return true }
    return periods.isOn(after: age)
  }

  /// True if it does not act all the time.
  private var isTimed: Bool {
    if after != nil || lasting != nil { return true }
    if case .blackhole(.some) = action { return true }
    return false
  }

  /// True if more than type and direction tells which frames fit and are picked.
  var hasDetails: Bool {
    !(nth.isEmpty && first == nil && every == nil && messages.isEmpty && fragments.isEmpty
      && attempts.isEmpty && connections.isEmpty && conditions.isEmpty && filters.isEmpty)
      || isTimed
  }

  /// True if the count of a frame that fits, from 1, is one that is asked for.
  func picks(_ count: UInt64) -> Bool {
    if !nth.isEmpty, !nth.contains(count) { return false }
    if let first, count > first { return false }
    if let every, every == 0 || count % every != 0 { return false }
    return true
  }
}

extension FaultRule: CustomStringConvertible {
  /// The rule in its one normal spelling, which reads back as the same rule.
  public var description: String {
    var words = [action.description]
    if probability != .always { words.append(probability.description) }
    if !types.isEmpty { words.append(types.types.map(\.name).joined(separator: ",")) }
    if let direction { words.append(direction.name) }
    if !nth.isEmpty { words.append("nth " + Self.text(nth)) }
    if let first { words.append("first \(first)") }
    if let every { words.append("every \(every)") }
    if !messages.isEmpty { words.append("message " + Self.text(messages)) }
    if !fragments.isEmpty { words.append("fragment " + Self.text(fragments)) }
    if !attempts.isEmpty { words.append("attempt " + Self.text(attempts)) }
    if !connections.isEmpty { words.append("connection " + Self.text(connections)) }
    if let after { words.append("after " + after.unitText) }
    if let lasting { words.append("for " + lasting.unitText) }
    let tests = conditions.map(\.description) + filters.map(\.description)
    if !tests.isEmpty { words.append("where " + tests.joined(separator: " and ")) }
    return words.joined(separator: " ")
  }

  private static func text(_ numbers: [UInt64]) -> String {
    numbers.map { String($0) }.joined(separator: ",")
  }
}
