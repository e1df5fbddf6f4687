import ChatWire

// The sentences that only connections which are tapped have: there it is known what became of each
// frame.

extension Note {
  /// What a fault did to the frame that a NACK asks for again (`arq.nack.fault`); nil for others.
  public var faultBehind: TraceEvent.Disposition? {
    guard id == .nackFault else { return nil }
    return FaultEffects(rawValue: UInt8(truncatingIfNeeded: second)).disposition
  }

  /// Says on a frame what a fault does to it; nil if there is nothing to say about the action.
  ///
  /// `receiver` is who gets the frame: 0 the server, 1 the client.
  init?(fault action: TappedAction, rule: String?, receiver: Int64) {
    switch action {
    case .drop: self.init(.faultDropped, 0, receiver, detail: rule)
    case .corrupt(let part):
      let number = part.flatMap { TappedAction.Part.allCases.firstIndex(of: $0) }.map { $0 + 1 }
      self.init(.faultCorrupted, Int64(number ?? 0), receiver, detail: rule)
    case .delay(let nanoseconds): self.init(.faultDelayed, nanoseconds, receiver, detail: rule)
    case .duplicate: self.init(.faultDuplicated, 0, receiver, detail: rule)
    case .reorder(let gap): self.init(.faultReordered, Int64(gap), receiver, detail: rule)
    case .bandwidth(let rate):
      self.init(.faultPaced, Int64(clamping: rate.bytesPerSecond), receiver, detail: rule)
    case .reset: self.init(.faultReset, 0, receiver, detail: rule)
    case .slowClose(let nanoseconds):
      self.init(.faultSlowClose, nanoseconds, receiver, detail: rule)
    case .hold: self.init(.faultHeld, 0, receiver, detail: rule)
    case .release: self.init(.faultReleased, 0, receiver, detail: rule)
    case .alter: self.init(.faultAltered, 0, receiver, detail: rule)
    case .other: return nil
    }
  }

  /// The sentences of notes about faults.
  var faultText: String {
    switch id {
    case .faultDropped:
      causes.count > 0
        ? "frame \(causes[0]), which was held, is dropped\(byRule): "
          + "the \(receiver) will not see it"
        : "dropped here\(byRule): the \(receiver) will not see it"
    case .faultCorrupted: "damaged here\(byRule)\(damage)"
    case .faultDelayed:
      first > 0
        ? "held for \(milliseconds(first)) here\(byRule): the \(receiver) gets it later"
        : "delayed here\(byRule): the \(receiver) gets it later"
    case .faultDuplicated: "duplicated here\(byRule): the \(receiver) gets it twice"
    case .faultReordered:
      "held back here\(byRule): the \(receiver) gets it behind "
        + (first > 1 ? "the next \(first) frames" : first == 1 ? "the next frame" : "later ones")
    case .faultPaced:
      "waits here\(byRule) until a line of \(rateText) is free: the \(receiver) gets it later"
    case .faultReset:
      "the connection is reset here\(byRule): the \(receiver) will not see this, "
        + "and neither side anything more"
    case .faultSlowClose:
      "the end is held back for \(milliseconds(first)) here\(byRule): "
        + "the \(receiver) learns later that no more is sent"
    case .faultHeld: "held here\(byRule): the \(receiver) gets it when somebody lets it go"
    case .faultReleased: "\(frame(0, "a frame")) is let go\(byRule): the \(receiver) gets it now"
    case .faultAltered:
      causes.count > 0
        ? "frame \(causes[0]), which was held, is altered and let go\(byRule): "
          + "the \(receiver) gets something else"
        : "altered here\(byRule): the \(receiver) gets something else"
    case .nackFault:
      "asks for sequence \(first) again: \(damagedHeader)\(frame(0, "it")) was \(mishap) here"
    case .retransmissionUnheard:
      "retransmission of \(copyText), which has arrived: its acknowledgement in "
        + "\(frame(1, "another frame")) was \(mishap) here, "
        + "and none had come within \(milliseconds(first))"
    case .classicNackFault:
      "refuses \(frame(0, "sequence \(first)")), which was \(mishap) here"
    case .classicRetransmissionLost: "retransmission of \(lostCopyText)"
    default: ""
    }
  }

  /// A handshake frame came again.
  var repeatedText: String {
    guard first != 0 else { return "repeats \(copyText): no answer had come" }
    let what = FaultEffects(note: first).mishap ?? "duplicated"
    return causes.count > 1
      ? "repeats \(copyText): frame \(causes[1]) was \(what) here"
      : "repeats \(copyText), which was \(what) here"
  }

  /// The HANDSHAKE_ACK did not come.
  var impliedText: String {
    let confirms = "confirms \(named("the SYN_ACK")), as the HANDSHAKE_ACK"
    guard causes.count > 1, let mishap = FaultEffects(note: first).mishap else {
      return confirms + " would have, which was not seen"
    }
    return confirms + " in frame \(causes[1]) would have, which was \(mishap) here"
  }

  /// The copy that a retransmission repeats, and what became of it if that is known.
  var lostCopyText: String {
    guard let mishap = FaultEffects(note: second).mishap else { return copyText }
    return "\(copyText), which was \(mishap) here"
  }

  /// The NACK that the sender of a retransmission did not get.
  var unheardText: String {
    guard causes.count > 1 else { return "" }
    return "; the NACK in frame \(causes[1]) has not come through here"
  }

  /// What kept a frame away.
  private var mishap: String { FaultEffects(note: second).mishap ?? "changed" }

  var byRule: String {
    guard let detail else { return "" }
    return detail == TappedAct.interceptionRule ? " by hand" : " by the rule '\(detail)'"
  }

  private var rateText: String {
    FaultRate(bytesPerSecond: UInt64(clamping: first)).map { "\($0)" } ?? "limited rate"
  }

  private var receiver: String { second == 0 ? "server" : "client" }

  private var damage: String {
    let parts = TappedAction.Part.allCases
    guard first > 0, first <= Int64(parts.count) else {
      return ": the \(receiver) will find it damaged"
    }
    switch parts[Int(first) - 1] {
    case .header: return ", in its header: the \(receiver) will find a bad checksum"
    case .length: return ", in its length: the \(receiver) will lose framing for a while"
    case .checksum: return ", in its checksum: the \(receiver) will find it bad"
    case .payload: return ", in its payload: the \(receiver) will find a bad checksum"
    }
  }

  /// Where the header is damaged the receiver may take the frame for another one.
  private var damagedHeader: String {
    FaultEffects(note: second).contains(.header) ? "the header of " : ""
  }
}

extension FaultEffects {
  /// The effects as a note keeps them.
  init(note number: Int64) {
    self.init(rawValue: UInt8(truncatingIfNeeded: number))
  }

  /// The number that a note keeps.
  var number: Int64 { Int64(subtracting(.isThrough).rawValue) }
}
