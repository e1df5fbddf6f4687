import ChatTrace
import ChatWire
import Testing

/// Peers that break one rule: the judge names the rule, the place and the peer, and nothing else.
@Suite struct PeerTests {
  @Test(arguments: PeerCase.all)
  func `a peer that misbehaves is found in a recording`(misbehaving: PeerCase) throws {
    let pair = misbehaving.run()
    let check = try examine(file: pair.sight.recording)
    let problems = misbehaving.problems(check, pair)
    #expect(problems.isEmpty, "\(misbehaving.name): \(problems.joined(separator: "\n"))")
  }
}
