import ChatWire
import TestSupport
import Testing

/// The channel simulation, for one session (PROTOCOL.md 9.2, CLASSIC.md section 8).
@Suite struct ClassicChannelTests {
  private func bench(_ config: ClassicSample, seed: UInt64 = 1) -> ClassicServerBench {
    let bench = ClassicServerBench.established(seed: seed)
    bench.receive(config)
    _ = bench.takeSaid()
    return bench
  }

  @Test func `a configuration is never answered`() {
    let bench = ClassicServerBench.established()
    bench.receive(.channel(loss: 1))
    var config = ClassicChannelConfig()
    config.lossProbability = 1
    #expect(bench.takeSaid() == [.channelConfigured(config)])
    #expect(bench.takeWritten() == [])
  }

  @Test(arguments: ["", "[]", "null", #"{"loss_prob": null}"#, #"{"loss_prob": "much"}"#])
  func `a configuration that cannot be read is ignored as a whole`(_ json: String) {
    let bench = bench(.channel(loss: 1))
    bench.receive(ClassicSample(.channelConfig, json), .data("x"))
    #expect(bench.takeSaid() == [])
    #expect(bench.takeWritten() == [.nack(0)])
  }

  @Test func `an empty configuration heals the channel`() {
    let bench = bench(.channel(loss: 1))
    bench.receive(ClassicSample(.channelConfig, "{}"), .data("x"))
    #expect(bench.takeWritten() == [.ack(0)])
  }

  @Test func `loss ignores the frame and says NACK`() {
    let bench = bench(.channel(loss: 1))
    bench.receive(.data("x", 3))
    #expect(bench.takeWritten() == [.nack(3)])
    #expect(bench.takeSaid() == [])
  }

  @Test func `corruption makes the checksum fail and says NACK`() {
    let bench = bench(.channel(corruption: 1))
    bench.receive(.data("x", 3))
    #expect(bench.takeWritten() == [.nack(3)])
    #expect(bench.takeSaid() == [])
  }

  @Test func `corruption of an empty frame closes`() {
    let bench = bench(.channel(corruption: 1))
    bench.receive(.data("", 3))
    #expect(bench.takeSaid() == [.ended(.emptyFrameDamaged)])
  }

  @Test func `loss wins over corruption and corruption over delay`() {
    let bench = bench(.channel(loss: 1, corruption: 1, delay: 1, seconds: 3))
    bench.receive(.data("", 3))
    #expect(bench.takeWritten() == [.nack(3)])
    bench.receive(.channel(corruption: 1, delay: 1, seconds: 3), .data("x", 4))
    #expect(bench.takeWritten() == [.nack(4)])
  }

  @Test func `delay sleeps once and holds up only what this client sends`() {
    let bench = bench(.channel(delay: 1, seconds: 0.5))
    let start = bench.now
    bench.receive(.data("a", 0, last: false), .data("b", 1))
    bench.session.broadcast(name: "ana", text: "meanwhile")
    bench.settle()
    #expect(bench.takeWritten().map(\.text) == ["[ana] meanwhile"])
    #expect(bench.deadline == start.advanced(by: .milliseconds(500)))
    bench.pass(.seconds(3))
    #expect(
      bench.times.map { start.nanoseconds(to: $0) / 1_000_000 } == [500, 1_002]
        || bench.times.map { start.nanoseconds(to: $0) / 1_000_000 } == [500, 1_000])
    #expect(bench.takeWritten() == [.ack(0), .ack(1)])
    #expect(bench.takeTexts() == ["ab"])
  }

  @Test(arguments: [11.0, 1e300, .infinity])
  func `delay is at most 10 seconds`(_ seconds: Double) {
    let bench = bench(.channel(delay: 1, seconds: seconds))
    bench.receive(.data("x"))
    bench.pass(.milliseconds(9_999))
    #expect(bench.takeWritten() == [])
    bench.pass(.milliseconds(1))
    #expect(bench.takeWritten() == [.ack(0)])
  }

  @Test func `a delayed frame is dealt with although the client has gone`() {
    let bench = bench(.channel(delay: 1, seconds: 1))
    bench.receive(.data("x"))
    bench.session.endOfStream()
    bench.pass(.seconds(2))
    #expect(bench.takeSaid() == [.text([0x78]), .ended(.closedByClient)])
  }

  @Test func `a damaged frame is delayed like any other`() {
    let bench = bench(.channel(delay: 1, seconds: 1))
    bench.receive(bytes: ClassicSample.data("x", 2).bytes.damaged)
    #expect(bench.takeWritten() == [])
    bench.pass(.seconds(1))
    #expect(bench.takeWritten() == [.nack(2)])
  }

  @Test func `nicknames, lists and configurations pass on any channel`() {
    let bench = bench(.channel(loss: 1))
    bench.receive(ClassicSample(.setNick, "ana"), .listRequest)
    #expect(
      bench.takeWritten() == [
        ClassicSample(.ack, "NICK OK: ana"), ClassicSample(.listResponse, #"["ana", "bob"]"#),
      ])
    bench.receive(.disconnect, ClassicSample(.ack, "to a broadcast"))
    #expect(bench.takeWritten() == [.nack(0), .nack(0)])
    #expect(bench.session.state == .established)
  }

  @Test func `the sixth NACK closes on a simulated channel too`() {
    let bench = bench(.channel(loss: 1))
    for _ in 1...6 { bench.receive(.data("x")) }
    #expect(bench.takeWritten() == Array(repeating: .nack(0), count: 6))
    #expect(bench.takeSaid() == [.ended(.tooManyNacks)])
  }

  @Test func `it holds for one session only`() {
    let first = bench(.channel(loss: 1))
    let second = ClassicServerBench.established()
    first.receive(.data("x"))
    second.receive(.data("x"))
    #expect(first.takeWritten() == [.nack(0)])
    #expect(second.takeWritten() == [.ack(0)])
  }

  @Test func `equal seeds mistreat equal frames and the share is that asked for`() {
    func struck(_ seed: UInt64) -> [Bool] {
      let bench = bench(.channel(loss: 0.25), seed: seed)
      return (0..<400).compactMap { index in
        // A configuration with the same probability resets nothing, so keep the count of NACKs low.
        bench.receive(.data("x", UInt16(index)))
        return bench.takeWritten().first.map { $0.type == .nack }
      }
    }
    #expect(struck(7) == struck(7))
    #expect(struck(7) != struck(8))
    #expect(60...140 ~= struck(9).filter(\.self).count)
  }
}
