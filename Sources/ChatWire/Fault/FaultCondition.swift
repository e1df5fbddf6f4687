/// A comparison of a field of a frame with a value, as in `sequence == 17`.
///
/// As in the display filter, a comparison with a field that the frame does not have is false,
/// `!=` too.
public struct FaultCondition: Sendable, Hashable, CustomStringConvertible {
  /// The field.
  public let field: FaultField
  /// How it is compared.
  public let comparison: FaultComparison
  /// What it is compared with: a number, 0 or 1 for a boolean, the place of a name in its list.
  public let value: UInt64

  /// Makes a comparison.
  init(_ field: FaultField, _ comparison: FaultComparison, _ value: UInt64) {
    self.field = field
    self.comparison = comparison
    self.value = value
  }

  /// True if a frame passes.
  func matches(_ subject: FaultSubject) -> Bool {
    guard let found = subject.value(of: field) else { return false }
    return switch comparison {
    case .equal: found == value
    case .notEqual: found != value
    case .less: found < value
    case .lessOrEqual: found <= value
    case .greater: found > value
    case .greaterOrEqual: found >= value
    }
  }

  /// The comparison as it is written in a rule.
  public var description: String {
    "\(field.name) \(comparison.sign) \(field.text(of: value))"
  }
}

/// How two values are compared.
public enum FaultComparison: Sendable, Hashable, CaseIterable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// The operator as a sign.
  public var sign: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }

  /// The operator as a word.
  public var word: String {
    switch self {
    case .equal: "eq"
    case .notEqual: "ne"
    case .less: "lt"
    case .lessOrEqual: "le"
    case .greater: "gt"
    case .greaterOrEqual: "ge"
    }
  }

  /// True if it asks for an order, which names and booleans do not have.
  var isOrder: Bool { self != .equal && self != .notEqual }
}

/// A field of a frame that a rule can compare: those of the display filter that are known when the
/// frame arrives.
public enum FaultField: Sendable, Hashable, CaseIterable {
  case direction, dialect, type, typeCode, sequence, length, flags, last, retransmission
  case message, fragment, attempt, nextExpected, advertisedWindow

  /// The name, that of the display filter.
  public var name: String {
    switch self {
    case .direction: "direction"
    case .dialect: "dialect"
    case .type: "type"
    case .typeCode: "type_code"
    case .sequence: "sequence"
    case .length: "length"
    case .flags: "flags"
    case .last: "last"
    case .retransmission: "retransmission"
    case .message: "message"
    case .fragment: "fragment"
    case .attempt: "attempt"
    case .nextExpected: "next_expected"
    case .advertisedWindow: "advertised_window"
    }
  }

  /// Other names for it.
  public var aliases: [String] {
    switch self {
    case .sequence: ["seq"]
    case .length: ["len"]
    case .message: ["msg", "msg.id"]
    case .fragment: ["frag", "frag.index"]
    default: []
    }
  }

  /// The field of a name, bare or as `chat.NAME`; nil if there is none.
  init?(word: String) {
    let prefix = "chat."
    let name = word.hasPrefix(prefix) ? String(word.dropFirst(prefix.utf8.count)) : word
    for field in Self.allCases where field.name == name || field.aliases.contains(name) {
      self = field
      return
    }
    return nil
  }

  /// The words that stand for its values, in the order of the values; none if it is a number.
  var valueNames: [String] {
    switch self {
    case .direction: [Direction.clientToServer.name, Direction.serverToClient.name]
    case .dialect: ["native", "classic"]
    case .type: FrameTypeName.allCases.map(\.name)
    case .last, .retransmission: ["false", "true"]
    default: []
    }
  }

  /// A value as it is written in a rule.
  func text(of value: UInt64) -> String {
    let names = valueNames
    return value < UInt64(names.count) ? names[Int(value)] : String(value)
  }
}
