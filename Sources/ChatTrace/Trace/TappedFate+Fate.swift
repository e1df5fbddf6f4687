public import ChatWire

// What a fault injector says about a frame, as the trace takes it.

extension TappedFate {
  /// What a fault injector does with a frame.
  public init(_ fate: Fate) {
    self.init(fate.disposition, acts: fate.acts)
  }

  /// What became of a frame, and what rules did to it.
  public init(_ disposition: Fate.Disposition, acts: [FaultAct]) {
    self.init(
      TraceEvent.Disposition(disposition),
      acts: acts.map { TappedAct($0) })
  }
}

extension TappedAct {
  /// What a fault injector did, to a frame or to the end of a direction.
  public init(_ act: FaultAct) {
    self.init(rule: act.rule, action: TappedAction(act.change))
  }
}

extension TraceEvent.Disposition {
  fileprivate init(_ disposition: Fate.Disposition) {
    self =
      switch disposition {
      case .forwarded: .forwarded
      case .dropped: .dropped
      case .corrupted: .corrupted
      case .delayed: .delayed
      case .duplicated: .duplicated
      case .reordered: .reordered
      }
  }
}

extension TappedAction {
  fileprivate init(_ change: FaultAct.Change) {
    switch change {
    case .drop: self = .drop
    case .corrupt(let part, _, _): self = .corrupt(Part(rawValue: part.name))
    case .duplicate: self = .duplicate
    case .delay(let duration): self = .delay(nanoseconds: duration.nanoseconds)
    case .reorder(let gap): self = .reorder(gap: gap)
    case .bandwidth(let rate): self = .bandwidth(rate)
    case .reset: self = .reset
    case .slowClose(let duration): self = .slowClose(nanoseconds: duration.nanoseconds)
    }
  }
}
