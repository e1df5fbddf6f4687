// What went wrong, if a frame is there to repair something. A trace knows what was done where it
// was taken; what happened before and behind that place it only knows from what follows. Where two
// things look the same from here, both are said.

extension CauseWitness {
  /// The troubles that the notes of a frame put down to something.
  func troubles(of event: TraceEvent, _ links: [CauseLink]) -> [CauseRoot] {
    var found: [CauseRoot] = []
    for note in event.notes { found += troubles(note, on: event.frame, links) }
    for link in links where link.relation == .channel && event.has(.classicAcknowledges) {
      found.append(CauseRoot(.channelDelay(configuration: link.frame), event.frame))
    }
    for link in links where link.relation == .ending {
      found += faults(on: link.frame).filter { $0.id == .faultReset }.map {
        CauseRoot(.fault($0.id), link.frame, note: $0)
      }
    }
    return found
  }

  private func troubles(_ note: Note, on frame: UInt64, _ links: [CauseLink]) -> [CauseRoot] {
    let first = note.causes.count > 0 ? note.causes[0] : 0
    let second = note.causes.count > 1 ? note.causes[1] : 0
    switch note.id {
    case .nackCorrupt, .nackFault: return injury(first, else: .damaged)
    case .nackFramingLost: return [CauseRoot(.framing(sequence: note.first), frame)]
    case .nackMissing:
      let sequence = note.first
      return [CauseRoot(first > 0 ? .lost(sequence: sequence) : .unseen(sequence: sequence), frame)]
    case .nackLostLater: return injury(first, else: .lostLater)
    case .retransmissionNack:
      return note.second != 0 ? injury(first, else: .lostLater) : []
    case .retransmissionTimeout:
      return second != 0
        ? injury(first, else: nil) + injury(second, else: .answerLate)
        : injury(first, else: .unanswered)
    case .retransmissionUnheard, .retransmissionSpurious: return injury(second, else: .answerLate)
    case .retransmissionFast: return injury(first, else: .overtaken)
    case .retransmissionUnseen:
      if note.second == 1 { return [CauseRoot(.acknowledged(sequence: note.first), frame)] }
      return first == 0 ? [CauseRoot(.lost(sequence: note.first), frame)] : []
    case .duplicate: return injury(first, else: .doubled)
    case .acknowledgementDuplicate where note.first == 2: return injury(first, else: .doubled)
    case .handshakeRepeated:
      guard links.contains(where: { $0.relation == .copy }) else { return [] }
      return injury(second != 0 ? second : first, else: .unanswered)
    case .classicNack:
      let channel = links.first { $0.relation == .channel }?.frame ?? 0
      return [CauseRoot(.channel(configuration: channel), first)]
    case .classicNackFault, .classicRetransmissionLost: return injury(first, else: .lostLater)
    case .classicRepeated: return [CauseRoot(.unrequested, first)]
    default: return []
    }
  }

  /// What happened to a frame: what is known of it, or else what can be concluded.
  private func injury(_ frame: UInt64, else conclusion: CauseRoot.Kind?) -> [CauseRoot] {
    guard frame != 0 else { return [] }
    let faults = faults(on: frame)
    if !faults.isEmpty {
      return faults.map { CauseRoot(.fault($0.id), frame, note: $0) }
    }
    if events[frame]?.checksum == .bad { return [CauseRoot(.damaged, frame)] }
    return conclusion.map { [CauseRoot($0, frame)] } ?? []
  }
}
