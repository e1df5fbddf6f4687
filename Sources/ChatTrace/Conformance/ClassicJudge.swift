import ChatWire

/// Judges both peers of a classic session (docs/PROTOCOL.md section 9).
struct ClassicJudge: Sendable {
  private var findings: [(Session.Role, ProvisionalFinding)] = []
  private var doubts: [String] = []

  mutating func sent(_ frame: ObservedFrame, _ direction: Direction, payload: RawSpan) {}

  mutating func received(_ frame: ObservedFrame, _ direction: Direction, payload: RawSpan) {}

  mutating func lose(_ reason: String) {
    if doubts.count < 8, !doubts.contains(reason) { doubts.append(reason) }
  }

  mutating func finish(_ side: Session.Role) -> ([ProvisionalFinding], [String]) {
    (findings.filter { $0.0 == side }.map(\.1), doubts)
  }
}
