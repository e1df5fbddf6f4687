internal import ChatTrace
internal import ChatWire

/// Says in words what faults do and how they are repaired, as it happens.
///
/// What it says of a frame are the sentences of the trace. No more than so many a second: of the
/// rest it tells how many there were.
struct Explainer {
  /// Sentences in a second.
  static let countMax = 50
  private static let period: Int64 = 1_000_000_000

  private var sentences: [String] = []
  private var periodStart = Instant(nanoseconds: .min)
  private var count = 0
  private var omittedCount = 0

  /// Takes a record of the trace.
  mutating func record(_ event: TraceEvent, at now: Instant) {
    switch event.kind {
    case .frame:
      for note in event.notes where Self.isWorthSaying(note.id) {
        say("\(Self.label(event)): \(note.text)", at: now)
      }
    case .junk:
      let sender = event.direction == .clientToServer ? "this client" : "the server"
      let count = event.length == 1 ? "1 byte" : "\(event.length) bytes"
      say("\(count) from \(sender) in which no frame can be found", at: now)
    case .tcp, .gap, .fault, .session, .summary: break
    }
  }

  /// What there is to say now.
  mutating func take(at now: Instant) -> [String] {
    if omittedCount > 0, periodStart.nanoseconds(to: now) >= Self.period {
      sentences.append("... and \(omittedCount) more")
      omittedCount = 0
    }
    defer { sentences.removeAll(keepingCapacity: true) }
    return sentences
  }

  /// When something is to be said without anything new happening.
  var deadline: Instant {
    omittedCount > 0 ? periodStart.advanced(byNanoseconds: Self.period) : .distantFuture
  }

  private mutating func say(_ sentence: String, at now: Instant) {
    if periodStart.nanoseconds(to: now) >= Self.period {
      if omittedCount > 0 { sentences.append("... and \(omittedCount) more") }
      periodStart = now
      count = 0
      omittedCount = 0
    }
    count += 1
    if count <= Self.countMax { sentences.append(sentence) } else { omittedCount += 1 }
  }

  /// `frame 12, DATA 1002 (message 3, fragment 2 of 6)`.
  static func label(_ event: TraceEvent) -> String {
    let name = FrameTypeName(event.typeCode, event.dialect).name
    var label = "frame \(event.frame), \(name) \(event.sequence)"
    guard let message = event.message else { return label }
    label += " (message \(message)"
    if let fragment = event.fragment, event.fragments != 1 {
      label += ", fragment \(fragment)"
      if let fragments = event.fragments { label += " of \(fragments)" }
    }
    return label + ")"
  }

  /// Faults, what they lead to, and repairs; not the normal course, and not what is only worth
  /// knowing.
  private static func isWorthSaying(_ id: NoteID) -> Bool {
    switch id {
    case .faultDropped, .faultCorrupted, .faultDelayed, .faultDuplicated, .faultReordered,
      .faultPaced, .faultReset,
      .nackCorrupt, .nackFramingLost, .nackMissing, .nackLostLater, .nackFault, .nackRepeated,
      .nackStale, .retransmissionNack, .retransmissionTimeout, .retransmissionUnheard,
      .retransmissionGoBack, .retransmissionFast, .retransmissionSpurious, .retransmissionUnseen,
      .handshakeRepeated, .handshakeImplied, .duplicate, .corrupt,
      .outOfOrder, .skipped, .resynchronised, .classicNack, .classicNackFault,
      .classicRetransmission, .classicRetransmissionLost:
      true
    default: false
    }
  }
}
