import ChatTrace
import TestSupport
import Testing

@Suite("Filter against a plain evaluator") struct FilterOracleTests {
  @Test("Random filters on random events", arguments: 0..<8)
  func agreement(seed: Int) throws {
    var generator = OracleGenerator(seed: UInt64(seed))
    var events = SeededGenerator(seed: UInt64(1000 + seed))
    var passed = 0
    for _ in 0..<500 {
      let (text, test) = generator.filter()
      let filter: Filter
      do throws(FilterError) {
        filter = try Filter(text, matcher: nil)
      } catch {
        Issue.record("\(error.message)\n\(error.caretMessage(for: text))")
        continue
      }
      for _ in 0..<8 {
        let (event, payload, record) = randomEvent(&events)
        let expected = test.holds(record)
        if passes(filter, event, payload: payload) != expected {
          Issue.record("\(text)\nshould be \(expected) on\n\(record.sorted { $0.key < $1.key })")
        }
        passed += expected ? 1 : 0
      }
    }
    // Filters that never pass, or always, would test little.
    #expect((800...3200).contains(passed))
  }
}
