import ChatSimulation
import ChatWire
import TestSupport
import Testing

@Suite("Exploration") struct ExplorationTests {
  /// Deeper: `chat-sim-run explore 8`.
  private static let depth = 4

  @Test func `nothing that can happen to small windows breaks a rule or prevents a good end`() {
    var text = ""
    for settings in Exploration.Settings.all(depth: Self.depth) {
      let findings = Exploration.explore(settings)
      #expect(findings.failure == nil)
      #expect(findings.continuationCount > 0)
      text += "\(settings.text): \(findings.text)\n"
    }
    expectGolden(text, named: "exploration.txt")
  }
}
