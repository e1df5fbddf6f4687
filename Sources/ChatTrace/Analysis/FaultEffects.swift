/// What faults do to one frame.
struct FaultEffects: OptionSet, Sendable, Hashable {
  var rawValue: UInt8

  static let dropped = FaultEffects(rawValue: 1)
  static let corrupted = FaultEffects(rawValue: 2)
  static let delayed = FaultEffects(rawValue: 4)
  static let duplicated = FaultEffects(rawValue: 8)
  static let reordered = FaultEffects(rawValue: 16)
  /// What was corrupted is the header: the frame may be taken for another one.
  static let header = FaultEffects(rawValue: 32)
  /// No fault at all: of what is remembered of a frame, that a good copy was passed on.
  static let isThrough = FaultEffects(rawValue: 64)
  /// It was changed by somebody, so that the other side may take it for good.
  static let altered = FaultEffects(rawValue: 128)

  init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  init(_ disposition: TraceEvent.Disposition) {
    self =
      switch disposition {
      case .seen, .forwarded: []
      case .dropped: .dropped
      case .corrupted: .corrupted
      case .delayed: .delayed
      case .duplicated: .duplicated
      case .reordered: .reordered
      }
  }

  /// What matters most of them; nil if there are none.
  var disposition: TraceEvent.Disposition? {
    if contains(.dropped) { return .dropped }
    if !isDisjoint(with: [.corrupted, .altered]) { return .corrupted }
    if contains(.duplicated) { return .duplicated }
    if contains(.reordered) { return .reordered }
    return contains(.delayed) ? .delayed : nil
  }

  /// The other side does not get the frame, or not undamaged.
  var isLost: Bool { !isDisjoint(with: [.dropped, .corrupted, .altered]) }

  /// The other side gets it late.
  var isLate: Bool { !isLost && !isDisjoint(with: [.delayed, .reordered]) }

  /// What kept the frame from the other side, in words that go on from "was"; nil if nothing did.
  var mishap: String? {
    if contains(.dropped) { return "dropped" }
    if contains(.corrupted) { return "damaged" }
    if contains(.altered) { return "altered" }
    if contains(.reordered) { return "held back" }
    return contains(.delayed) ? "delayed" : nil
  }
}

/// What becomes of the frame in hand in a connection that is tapped.
struct FrameFate: Sendable {
  var effects = FaultEffects()
  /// For how long it is held, in nanoseconds; 0 if that is not known.
  var delay: Int64 = 0
}
