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

  /// For how long the frame is held, in nanoseconds; 0 if that is not known.
  ///
  /// - Parameters:
  ///   - lines: Those of limited rate that frames of its direction pass.
  ///   - byteCount: How long the frame is.
  func delayNanoseconds(_ lines: inout PacedLines, byteCount: Int, at time: Int64) -> Int64 {
    let start = Instant(nanoseconds: time)
    let copies = acts.contains { $0.action == .duplicate } ? 2 : 1
    var due = start
    for (index, act) in acts.enumerated() {
      switch act.action {
      case .delay(let nanoseconds): due = due.advanced(byNanoseconds: max(0, nanoseconds))
      case .bandwidth(let rate):
        let occurrence = acts[..<index].count { $0.rule == act.rule }
        due = lines.carry(
          byteCount &* copies, rule: act.rule, occurrence: occurrence, rate: rate, from: due)
      // Nobody knows for how long.
      case .hold: due = .distantFuture
      case .drop, .corrupt, .duplicate, .reorder, .reset, .slowClose, .release, .alter, .other:
        break
      }
    }
    return due == .distantFuture ? .max : start.nanoseconds(to: due)
  }
}

/// One thing that a fault rule did to a frame.
public struct TappedAct: Sendable, Hashable {
  /// What stands for the rule where somebody acts by hand.
  public static let interceptionRule = "intercept"

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
  /// The frame is held until a line of this rate is free.
  case bandwidth(FaultRate)
  /// The frame is not passed on, and the connection is broken.
  case reset
  /// The end of a direction, not a frame, is held for so long.
  case slowClose(nanoseconds: Int64)
  /// The frame is held until somebody decides.
  case hold
  /// The frame that was held is passed on.
  case release
  /// The frame is changed, and passed on if it was held.
  case alter
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
    case ("bandwidth", 2): action = FaultRate(text: String(words[1])).map { .bandwidth($0) }
    case ("reset", 1): action = .reset
    case ("slow", 3) where words[1] == "close":
      action = Self.nanoseconds(words[2]).map { .slowClose(nanoseconds: $0) }
    case ("hold", 1): action = .hold
    case ("release", 1): action = .release
    case ("alter", 1): action = .alter
    default: action = nil
    }
    // Only the words that it would be described by: "+3" is a number too.
    self = action.flatMap { $0.description == text ? $0 : nil } ?? .other(text)
  }

  /// The words: `drop`, `corrupt payload`, `delay 50ms`, `duplicate`, `reorder gap 3`, `bandwidth
  /// 64kB/s`, `reset`, `slow close 2s`, `hold`, `release`, `alter`.
  public var description: String {
    switch self {
    case .drop: "drop"
    case .corrupt(nil): "corrupt"
    case .corrupt(let part?): "corrupt " + part.rawValue
    case .delay(let nanoseconds): "delay " + Duration.nanoseconds(nanoseconds).unitText
    case .duplicate: "duplicate"
    case .reorder(let gap): gap > 0 ? "reorder gap \(gap)" : "reorder"
    case .bandwidth(let rate): "bandwidth \(rate)"
    case .reset: "reset"
    case .slowClose(let nanoseconds):
      "slow close " + Duration.nanoseconds(nanoseconds).unitText
    case .hold: "hold"
    case .release: "release"
    case .alter: "alter"
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
    case .drop, .reset: .dropped
    case .corrupt(.header): [.corrupted, .header]
    case .corrupt: .corrupted
    case .delay, .bandwidth, .hold: .delayed
    case .duplicate: .duplicated
    case .reorder: .reordered
    case .alter: .altered
    case .slowClose, .release, .other: []
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
