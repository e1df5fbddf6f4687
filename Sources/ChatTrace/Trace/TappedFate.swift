public import ChatWire

/// What a source in the middle of a connection does with a frame that has arrived.
public struct TappedFate: Sendable, Hashable {
  /// What becomes of the frame.
  public var disposition: TraceEvent.Disposition
  /// What fault rules did to it, in the order in which they did it.
  public var acts: [TappedAct]

  /// Makes a fate.
  ///
  /// A disposition that no act explains is believed: not every source has rules.
  public init(_ disposition: TraceEvent.Disposition, acts: [TappedAct] = []) {
    self.disposition = disposition
    self.acts = acts
  }

  /// The fate that rules have made: the disposition is that of the act that matters most.
  ///
  /// A dropped frame is dropped whatever else was done to it; then corruption counts, then copies,
  /// then the place among the others, then delay.
  public init(acts: [TappedAct]) {
    let effects = acts.reduce(into: FaultEffects()) { $0.formUnion($1.action.effects) }
    self.init(effects.disposition ?? .forwarded, acts: acts)
  }

  /// It goes on as it came.
  public static var forwarded: TappedFate { TappedFate(.forwarded) }

  /// Everything that is done to the frame.
  var effects: FaultEffects {
    acts.reduce(into: FaultEffects(disposition)) { $0.formUnion($1.action.effects) }
  }

  /// For how long the frame is held by its rules, in nanoseconds.
  var delayNanoseconds: Int64 {
    acts.reduce(0) { sum, act in
      guard case .delay(let nanoseconds) = act.action else { return sum }
      let (longer, overflow) = sum.addingReportingOverflow(max(0, nanoseconds))
      return overflow ? .max : longer
    }
  }
}

/// One thing that a fault rule did to a frame.
public struct TappedAct: Sendable, Hashable {
  /// The rule, as it was written.
  public var rule: String
  /// What it did.
  public var action: TappedAction

  /// Makes an act.
  public init(rule: String, action: TappedAction) {
    self.rule = rule
    self.action = action
  }

  /// Makes an act whose action is given in words, as a recording keeps it.
  public init(rule: String, action: String) {
    self.init(rule: rule, action: TappedAction(action))
  }
}

/// What a fault rule can do to a frame.
///
/// Its description is the `action` of a `fault` record, and says everything: an action made from it
/// is equal, so that a recording gives the same trace as the live run.
public enum TappedAction: Sendable, Hashable, CustomStringConvertible {
  /// A part of a frame.
  public enum Part: String, Sendable, Hashable, CaseIterable {
    case header, length, checksum, payload
  }

  /// The frame is not passed on.
  case drop
  /// Bits of this part are changed; nil if it is not known which part.
  case corrupt(Part?)
  /// The frame is held for so long, and does not hold up others.
  case delay(nanoseconds: Int64)
  /// The frame is passed on twice.
  case duplicate
  /// The frame is held until so many later ones have overtaken it; 0 if it is not known how many.
  case reorder(gap: Int)
  /// Anything else, in words of its own.
  case other(String)

  /// Reads the words of `description`; what is none of them is `other`.
  public init(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let action: TappedAction?
    switch (words.first, words.count) {
    case ("drop", 1): action = .drop
    case ("corrupt", 1): action = .corrupt(nil)
    case ("corrupt", 2): action = Part(rawValue: String(words[1])).map { .corrupt($0) }
    case ("delay", 2): action = Self.nanoseconds(words[1]).map { .delay(nanoseconds: $0) }
    case ("duplicate", 1): action = .duplicate
    case ("reorder", 1): action = .reorder(gap: 0)
    case ("reorder", 3) where words[1] == "gap":
      action = Int(words[2]).flatMap { $0 > 0 ? .reorder(gap: $0) : nil }
    default: action = nil
    }
    // Only the words that it would be described by: "+3" is a number too.
    self = action.flatMap { $0.description == text ? $0 : nil } ?? .other(text)
  }

  /// The words: `drop`, `corrupt payload`, `delay 50ms`, `duplicate`, `reorder gap 3`.
  public var description: String {
    switch self {
    case .drop: "drop"
    case .corrupt(nil): "corrupt"
    case .corrupt(let part?): "corrupt " + part.rawValue
    case .delay(let nanoseconds): "delay " + Duration.nanoseconds(nanoseconds).unitText
    case .duplicate: "duplicate"
    case .reorder(let gap): gap > 0 ? "reorder gap \(gap)" : "reorder"
    case .other(let words): words
    }
  }

  /// Units of time, the largest first.
  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
  ]

  private static func nanoseconds(_ text: Substring) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits),
      let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
    return overflow ? nil : product
  }

  /// What it does to the frame, as far as the analysis cares.
  var effects: FaultEffects {
    switch self {
    case .drop: .dropped
    case .corrupt(.header): [.corrupted, .header]
    case .corrupt: .corrupted
    case .delay: .delayed
    case .duplicate: .duplicated
    case .reorder: .reordered
    case .other: []
    }
  }
}

/// How a connection that is tapped comes to its end.
public enum TappedClosing: Sendable, Hashable {
  /// The sender of this direction will send no more; with both the connection is closed.
  case halfClose(Direction)
  /// Both directions are over.
  case close
  /// The connection was reset.
  case reset
}
