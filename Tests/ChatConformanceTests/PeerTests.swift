import ChatSimulation
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

  @Test(arguments: PeerCase.all)
  func `a peer that misbehaves is found in a plain capture next to it`(
    misbehaving: PeerCase
  ) throws {
    let pair = misbehaving.run()
    // What the line has done is hidden from whoever captures at the proxy: it lies before the
    // other peer, or before this one.
    guard pair.isLineQuiet else { return }
    let check = examine(pair.sight.plain)
    let problems = misbehaving.problems(check, pair)
    #expect(problems.isEmpty, "\(misbehaving.name): \(problems.joined(separator: "\n"))")
  }

  @Test(arguments: PeerCase.indistinguishable)
  func `nobody is blamed for what may have happened to the frames unseen`(
    misbehaving: PeerCase
  ) throws {
    let pair = misbehaving.run()
    let check = try examine(file: pair.sight.recording)
    #expect(check.breaches.isEmpty, "\(misbehaving.name): \(check.breaches.lines)")
    let stream = try #require(check.streams.first)
    #expect(
      stream.excusedCount > 0 || stream.isDisturbedAtServer || stream.isDisturbedAtClient
        || stream.findings.contains { $0.rule.name == misbehaving.rule && $0.blame == .network },
      "\(misbehaving.name): something is said")
  }

  @Test(arguments: PeerCase.indistinguishable)
  func `a peer that is known to have no faults of its own is blamed for them`(
    misbehaving: PeerCase
  ) throws {
    var options = ConformanceOptions()
    options.atClient = .none
    options.atServer = .none
    let pair = misbehaving.run()
    let check = try examine(file: pair.sight.recording, options: options)
    let found = check.breaches.first { $0.rule.name == misbehaving.rule }
    #expect(found?.side == misbehaving.side, "\(misbehaving.name): \(check.findings.lines)")
    #expect(!check.breaches.contains { $0.side != misbehaving.side })
  }
}
