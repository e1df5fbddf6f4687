/// What a rule does to a frame.
public enum FaultAction: Sendable, Hashable {
  /// The frame never arrives.
  case drop
  /// One bit of a part of it is flipped.
  case corrupt(FramePart)
  /// It is sent so many more times.
  case duplicate(copies: Int)
  /// It is held for a time; with a jitter the time lies evenly spread around that.
  case delay(Duration, jitter: Duration)
  /// It is held until so many later frames have passed.
  case reorder(gap: Int)
}

/// A part of a frame that can be corrupted.
public enum FramePart: UInt8, Sendable, Hashable, CaseIterable {
  /// The payload; of a frame without one, the checksum.
  case payload
  /// The checksum field.
  case checksum
  /// The type, the sequence and the flags.
  case header
  /// The length field: the only damage that can break framing.
  case length

  /// The word for it in a rule.
  public var name: String {
    switch self {
    case .payload: "payload"
    case .checksum: "checksum"
    case .header: "header"
    case .length: "length"
    }
  }
}

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

  /// True if more than type and direction tells which frames fit and are picked.
  var hasDetails: Bool {
    !(nth.isEmpty && first == nil && every == nil && messages.isEmpty && fragments.isEmpty
      && attempts.isEmpty && connections.isEmpty && conditions.isEmpty && filters.isEmpty)
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
    let tests = conditions.map(\.description) + filters.map(\.description)
    if !tests.isEmpty { words.append("where " + tests.joined(separator: " and ")) }
    return words.joined(separator: " ")
  }

  private static func text(_ numbers: [UInt64]) -> String {
    numbers.map { String($0) }.joined(separator: ",")
  }
}

extension FaultAction: CustomStringConvertible {
  /// The action as a rule begins with it.
  public var description: String {
    switch self {
    case .drop: "drop"
    case .corrupt(let part): "corrupt " + part.name
    case .duplicate(1): "duplicate"
    case .duplicate(let copies): "duplicate \(copies)"
    case .delay(let time, .zero): "delay " + time.unitText
    case .delay(let time, let jitter):
      "delay " + time.unitText + " jitter " + jitter.unitText
    case .reorder(1): "reorder"
    case .reorder(let gap): "reorder gap \(gap)"
    }
  }
}
