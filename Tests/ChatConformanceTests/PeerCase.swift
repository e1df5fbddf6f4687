import ChatSimulation
import ChatTrace
import ChatWire
import Testing

/// A peer that breaks the protocol in one way, and what is to be found.
struct PeerCase: Sendable, CustomTestStringConvertible {
  /// Where the finding is expected.
  enum Place: Sendable {
    /// At the frame that is wrong.
    case wrong
    /// At the nth frame of a type in a direction.
    case frame(FrameType, Int, Direction)
    /// At no frame in particular.
    case anywhere
  }

  /// What it does.
  var name: String
  var side: Session.Role
  /// The name of the rule, and its place in docs/PROTOCOL.md.
  var rule: String
  var section: String
  var place: Place
  /// What else follows from it.
  var consequences: Set<String> = []
  var build: @Sendable (MisbehavingPair) -> Void

  init(
    _ name: String, by side: Session.Role, _ rule: String, _ section: String,
    at place: Place = .wrong, also consequences: Set<String> = [],
    _ build: @escaping @Sendable (MisbehavingPair) -> Void
  ) {
    self.name = name
    self.side = side
    self.rule = rule
    self.section = section
    self.place = place
    self.consequences = consequences
    self.build = build
  }

  var testDescription: String { name }

  static let all =
    selectiveRepeatReceivers + goBackNReceivers + senders + messages + handshakes + controls

  func run() -> MisbehavingPair {
    let pair = MisbehavingPair()
    pair.culprit = side
    pair.client.mode = .selectiveRepeat
    build(pair)
    pair.run()
    return pair
  }

  /// Problems with what an examination has found.
  func problems(_ check: ConformanceCheck, _ pair: MisbehavingPair) -> [String] {
    var problems: [String] = []
    guard let stream = check.streams.first else { return ["no connection was examined"] }
    if stream.verdict(of: side) != .violated {
      problems.append("the verdict on the \(side) is \(stream.verdict(of: side))")
    }
    if stream.verdict(of: side.opposite) == .violated {
      problems.append("the verdict on the \(side.opposite) is violated")
    }
    let breaches = check.breaches
    for finding in breaches where finding.side != side {
      problems.append("blames the other: \(finding.line)")
    }
    for finding in breaches
    where finding.rule.name != rule && !consequences.contains(finding.rule.name) {
      problems.append("says more: \(finding.line)")
    }
    guard let found = breaches.first(where: { $0.rule.name == rule }) else {
      problems.append("does not find \(rule); \(check.findings.lines)")
      return problems
    }
    if found.place != section { problems.append("the place is \(found.place), not \(section)") }
    if let frame = frame(pair), found.frame != frame {
      problems.append("finds it at frame \(found.frame), not \(frame): \(found.line)")
    }
    return problems
  }

  private func frame(_ pair: MisbehavingPair) -> UInt64? {
    switch place {
    case .wrong: return pair.wrongFrames.first ?? 0
    case .anywhere: return nil
    case .frame(let type, let nth, let direction):
      var count = 0
      for (index, seen) in pair.frames.enumerated()
      where seen.frame.type == type && seen.direction == direction {
        count += 1
        if count == nth { return UInt64(index + 1) }
      }
      return 0
    }
  }
}
