import ChatWire
import Testing

@testable import chat_server

@Suite("Flood guard") struct FloodGuardTests {
  private func moment(_ seconds: Double) -> Instant {
    Instant(nanoseconds: Int64(seconds * 1_000_000_000))
  }

  @Test("ten seconds' worth may come at once, then one at a time")
  func admitsABurst() {
    var flood = FloodGuard(messagesPerSecond: 5, at: .zero)
    let admitted = (0..<60).count { _ in flood.admit(at: .zero) }
    #expect(admitted == 50)
    let later = (0..<10).count { _ in flood.admit(at: moment(1)) }
    #expect(later == 5)
  }

  @Test("who waits long enough has the whole burst again, and no more")
  func refills() {
    var flood = FloodGuard(messagesPerSecond: 2, at: .zero)
    for _ in 0..<100 { _ = flood.admit(at: .zero) }
    let admitted = (0..<100).count { _ in flood.admit(at: moment(1_000_000)) }
    #expect(admitted == 20)
  }

  @Test("the first refusal is said at once, those of the next second together")
  func saysSo() {
    var flood = FloodGuard(messagesPerSecond: 1, at: .zero)
    for _ in 0..<10 { _ = flood.admit(at: .zero) }
    let silenceFirst = flood.notice(at: .zero)
    #expect(silenceFirst == nil)
    let isAdmitted = flood.admit(at: .zero)
    #expect(!isAdmitted)
    let noticeSecond = flood.notice(at: .zero)
    #expect(
      noticeSecond == "This message was not passed on: more than 1 a second are too many.")
    for _ in 0..<3 { _ = flood.admit(at: moment(0.1)) }
    let silenceThird = flood.notice(at: moment(0.2))
    #expect(silenceThird == nil)
    #expect(flood.deadline == moment(1))
    let noticeFourth = flood.notice(at: moment(1))
    #expect(
      noticeFourth == "3 messages were not passed on: more than 1 a second are too many.")
    #expect(flood.deadline == .distantFuture)
  }

  @Test("a rate of 0 is no limit")
  func isOff() {
    var flood = FloodGuard(messagesPerSecond: 0, at: .zero)
    let admitted = (0..<10_000).count { _ in flood.admit(at: .zero) }
    #expect(admitted == 10_000)
    #expect(flood.deadline == .distantFuture)
  }

  @Test("every message of a flood is either passed on or counted in a notice")
  func countsAll() {
    var flood = FloodGuard(messagesPerSecond: 7, at: .zero)
    var random = SplitMix64(seed: 3)
    var now = Instant.zero
    var (admitted, sent) = (0, 0)
    var told: [String] = []
    for _ in 0..<5_000 {
      now = now.advanced(byNanoseconds: Int64(random.next() % 50_000_000))
      sent += 1
      if flood.admit(at: now) { admitted += 1 }
      if let notice = flood.notice(at: now) { told.append(notice) }
    }
    if let notice = flood.notice(at: now.advanced(by: .seconds(2))) { told.append(notice) }
    let refused = told.reduce(0) { sum, notice in
      sum + (notice.hasPrefix("This") ? 1 : Int(notice.prefix { $0.isNumber }) ?? 0)
    }
    #expect(admitted + refused == sent)
    #expect(refused > 0)
  }
}
