/// Where a chain of causes begins, as far as the trace can tell.
public struct CauseRoot: Sendable, Hashable {
  /// What it is.
  public enum Kind: Sendable, Hashable {
    // MARK: troubles

    /// Something was done to a frame where the trace was taken.
    case fault(NoteID)
    /// A frame was damaged before it came here.
    case damaged
    /// A frame was lost before it came here.
    case lost(sequence: Int64)
    /// A frame was asked for that never came here.
    case unseen(sequence: Int64)
    /// A header was damaged before it came here, so that framing was lost.
    case framing(sequence: Int64)
    /// A frame passed here, but did not arrive.
    case lostLater
    /// A frame passed here, and what came behind it was acknowledged first.
    case overtaken
    /// A frame passed here, and nothing answered it in time.
    case unanswered
    /// An acknowledgement passed here, but was not obeyed in time.
    case answerLate
    /// A frame came again that had been acknowledged long before.
    case acknowledged(sequence: Int64)
    /// A frame was doubled before it came here.
    case doubled
    /// An original server has lost or damaged its copy on purpose.
    case channel(configuration: UInt64)
    /// An original server has waited on purpose.
    case channelDelay(configuration: UInt64)
    /// A classic client has repeated a frame that nobody had refused.
    case unrequested

    // MARK: beginnings

    /// A side did something of its own accord.
    case own(String)
    /// The trace does not show what made a side do it.
    case unknown(String)

    /// The name in NDJSON.
    public var name: String {
      switch self {
      case .fault(let id): id.name
      case .damaged: "damaged"
      case .lost: "lost"
      case .unseen: "unseen"
      case .framing: "framing_lost"
      case .lostLater: "lost_later"
      case .overtaken: "overtaken"
      case .unanswered: "unanswered"
      case .answerLate: "answer_late"
      case .acknowledged: "acknowledged"
      case .doubled: "doubled"
      case .channel, .channelDelay: "channel"
      case .unrequested: "unrequested"
      case .own: "own"
      case .unknown: "unknown"
      }
    }
  }

  /// What it is.
  public var kind: Kind
  /// The frames that it is about, the latest first.
  public var frames: [UInt64]
  /// The fault as its note has it, for who did it.
  var note: Note?

  /// The rule, where one acted.
  public var rule: String? {
    guard let detail = note?.detail, detail != TappedAct.interceptionRule else { return nil }
    return detail
  }

  init(_ kind: Kind, _ frame: UInt64, note: Note? = nil) {
    self.kind = kind
    frames = [frame]
    self.note = note
  }

  /// One sentence without a full stop.
  public var text: String {
    let be = frames.count == 1 ? "was" : "were"
    let it = frames.count == 1 ? "it" : "they"
    return switch kind {
    case .fault(let id): faultText(id, be)
    case .damaged: "\(subject) \(be) damaged before \(it) came here"
    case .lost(let sequence):
      "sequence \(sequence) was lost before it came here"
    case .unseen(let sequence):
      "sequence \(sequence) was never seen here: either it was lost before it came here, "
        + "or the header of another frame was damaged further on"
    case .framing(let sequence):
      "the header of sequence \(sequence) was damaged before it came here"
    case .lostLater:
      "\(subject) passed here undamaged: either \(it) \(be) lost or damaged further on, "
        + "or the NACK crossed with \(frames.count == 1 ? "it" : "them")"
    case .overtaken:
      "\(subject) passed here undamaged: either \(it) \(be) lost further on, "
        + "or \(it) or the answer to that came late"
    case .unanswered:
      "\(subject) passed here undamaged, and no answer came back here in time: either \(it) \(be) "
        + "lost further on, or the answer was lost before it came here, or it was late"
    case .answerLate:
      "\(subject) passed here undamaged: either \(it) \(be) lost further on, or came too late"
    case .acknowledged(let sequence):
      "sequence \(sequence) had been acknowledged long before: it came very late, "
        + "or its sender had not heard"
    case .doubled: "\(subject) \(be) doubled before \(it) came here"
    case .channel(let configuration):
      "the server's channel simulation"
        + (configuration > 0 ? ", which frame \(configuration) had switched on," : "")
        + " lost or damaged its copy of \(subject)"
    case .channelDelay(let configuration):
      "the server's channel simulation, which frame \(configuration) had switched on, held it back"
    case .unrequested: "the client repeated \(subject), although nobody had refused it"
    case .own(let text), .unknown(let text): text
    }
  }

  private func faultText(_ id: NoteID, _ be: String) -> String {
    let byRule = note?.byRule ?? ""
    return switch id {
    case .faultDropped: "\(subject) \(be) dropped here\(byRule)"
    case .faultCorrupted: "\(subject) \(be) damaged here\(byRule)"
    case .faultDelayed: "\(subject) \(be) delayed here\(byRule)"
    case .faultDuplicated: "\(subject) \(be) duplicated here\(byRule)"
    case .faultReordered: "\(subject) \(be) held back behind later ones here\(byRule)"
    case .faultPaced: "\(subject) had to wait here\(byRule)"
    case .faultReset: "the connection was reset here\(byRule), when \(subject) came"
    case .faultAltered: "\(subject) \(be) altered here\(byRule)"
    default: "\(subject) \(be) held here\(byRule)"
    }
  }

  /// "frame 3", "frames 3 and 4", "frames 3, 4, 5 and 2 more".
  private var subject: String {
    let shown = frames.prefix(4).map { String($0) }
    switch (shown.count, frames.count - shown.count) {
    case (1, _): return "frame \(shown[0])"
    case (_, 0):
      return "frames " + shown.dropLast().joined(separator: ", ") + " and " + shown[shown.count - 1]
    case (_, let more): return "frames " + shown.joined(separator: ", ") + " and \(more) more"
    }
  }
}

extension [CauseRoot] {
  /// Adds a root to those of its kind, each frame once.
  mutating func add(_ root: CauseRoot) {
    guard
      let index = firstIndex(where: {
        $0.kind == root.kind && $0.note?.detail == root.note?.detail
      })
    else {
      append(root)
      return
    }
    for frame in root.frames where !self[index].frames.contains(frame) {
      self[index].frames.append(frame)
    }
  }
}
