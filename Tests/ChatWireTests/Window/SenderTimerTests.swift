import ChatWire
import TestSupport
import Testing

/// Timeouts, their doubling, and the limits of patience (PROTOCOL.md sections 4.3 and 4.4).
@Suite("Sender, timers") struct SenderTimerTests {
  private static let modes = [ARQMode.goBackN, .selectiveRepeat]

  @Test func `Go-Back-N: a timeout sends everything in flight again`() {
    var harness = SenderHarness(.goBackN, frames: 3)
    _ = harness.send()
    #expect(harness.run(until: 999) == [])
    #expect(
      harness.run(until: 1_000) == ["1000: 100 timeout", "1000: 101 goBack", "1000: 102 goBack"])
  }

  @Test func `Go-Back-N: one timer, restarted whenever base moves`() {
    var harness = SenderHarness(.goBackN, frames: 3, fixed: .seconds(1))
    _ = harness.send()
    harness.skip(600)
    _ = harness.ack(100, next: 101)
    #expect(harness.run(until: 1_599) == [])
    #expect(harness.run(until: 1_600) == ["1600: 101 timeout", "1600: 102 goBack"])
  }

  @Test func `Go-Back-N: one timer, restarted when base is retransmitted`() {
    var harness = SenderHarness(.goBackN, frames: 2, fixed: .seconds(1))
    _ = harness.send()
    harness.skip(600)
    #expect(harness.nack(100) == ["100 nack", "101 goBack"])
    #expect(harness.run(until: 1_599) == [])
    #expect(harness.run(until: 1_600).first == "1600: 100 timeout")
  }

  @Test func `Go-Back-N: neither a new frame nor another's retransmission restarts it`() {
    var harness = SenderHarness(.goBackN, frames: 2, fixed: .seconds(1))
    _ = harness.send()
    harness.skip(500)
    #expect(harness.nack(101, next: 100) == ["101 nack"])
    harness.queue(1)
    #expect(harness.send() == ["102"])
    _ = harness.ack(99, next: 100)
    #expect(harness.run(until: 1_000).first == "1000: 100 timeout")
  }

  @Test func `Selective Repeat: one timer per frame, and it sends that frame`() {
    var harness = SenderHarness(.selectiveRepeat, fixed: .seconds(1))
    for _ in 0..<3 {
      harness.queue(1)
      _ = harness.send()
      harness.skip(100)
    }
    #expect(
      harness.run(until: 1_999)
        == ["1000: 100 timeout", "1100: 101 timeout", "1200: 102 timeout"])
    _ = harness.ack(101, next: 100)
    #expect(harness.run(until: 2_999) == ["2000: 100 timeout", "2200: 102 timeout"])
  }

  @Test("the timeout doubles on each consecutive timeout, up to 10 s", arguments: modes)
  func doubles(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1)
    _ = harness.send()
    #expect(
      harness.run(until: 26_000)
        == [1, 3, 7, 15, 25].map { "\($0)000: 100 timeout" })
  }

  @Test("it returns to the computed value when base moves", arguments: modes)
  func returns(_ mode: ARQMode) {
    var harness = SenderHarness(mode, window: 2, frames: 3)
    _ = harness.send()
    #expect(harness.run(until: 3_500).count == 4, "two timeouts of two frames")
    #expect(harness.ack(100, next: 101) == ["102"])
    let words = harness.run(until: 20_000)
    if mode == .goBackN {
      #expect(words.first == "4500: 101 timeout", "the timer of the new base is not doubled")
      #expect(words.dropFirst(2).first == "6500: 101 timeout", "then it doubles")
    } else {
      #expect(words.first == "4500: 102 timeout", "a new frame's is not doubled")
      #expect(words.dropFirst().first == "6500: 102 timeout")
      #expect(words.dropFirst(2).first == "7000: 101 timeout", "what runs already keeps running")
      #expect(words.contains("9000: 101 timeout"), "but then it doubles from the beginning")
    }
  }

  @Test func `Selective Repeat: each frame doubles by itself`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 2)
    _ = harness.send()
    _ = harness.run(until: 500)
    #expect(harness.nack(101, next: 100) == ["101 nack"])
    #expect(
      harness.run(until: 4_000)
        == ["1000: 100 timeout", "1500: 101 timeout", "3000: 100 timeout", "3500: 101 timeout"])
  }

  @Test("a fixed timeout does not double, and knows no floor", arguments: modes)
  func fixed(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, roundTrip: 400, fixed: .milliseconds(30))
    _ = harness.send()
    #expect(
      harness.run(until: 120) == [30, 60, 90, 120].map { "\($0): 100 timeout" })
  }

  @Test("at the 11th timeout of a frame the session is over", arguments: modes)
  func tenRetries(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, fixed: .seconds(1))
    _ = harness.send()
    #expect(
      harness.run(until: 60_000)
        == (1...10).map { "\($0)000: 100 timeout" } + ["11000: exhausted"])
  }

  @Test("the number of retries is configurable", arguments: modes)
  func configuredRetries(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, fixed: .seconds(1), timerRetriesMax: 0)
    _ = harness.send()
    #expect(harness.run(until: 60_000) == ["1000: exhausted"])
  }

  @Test("only retransmissions by the timer count as retries", arguments: modes)
  func otherCauses(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 1, fixed: .seconds(1))
    _ = harness.send()
    for _ in 0..<50 { #expect(harness.nack(100) == ["100 nack"]) }
    #expect(harness.run(until: 60_000).count == 11)
  }

  @Test func `Go-Back-N: retries count since the frame became base`() {
    var harness = SenderHarness(.goBackN, frames: 2, fixed: .seconds(1))
    _ = harness.send()
    #expect(harness.run(until: 10_500).count == 20)
    _ = harness.ack(100, next: 101)
    #expect(harness.run(until: 60_000).count == 11, "ten more and the end")
  }

  @Test func `Selective Repeat: retries count since the frame was sent`() {
    var harness = SenderHarness(.selectiveRepeat, frames: 2, fixed: .seconds(1))
    _ = harness.send()
    #expect(harness.run(until: 10_500).count == 20)
    _ = harness.ack(100, next: 101)
    #expect(harness.run(until: 60_000) == ["11000: exhausted"])
  }

  @Test("a frame is retransmitted 100 times at most while base does not move", arguments: modes)
  func hundred(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 2)
    _ = harness.send()
    for _ in 0..<99 { #expect(harness.nack(101, next: 100) == ["101 nack"]) }
    _ = harness.ack(100, next: 101)
    for _ in 0..<100 { #expect(harness.nack(101) == ["101 nack"]) }
    #expect(!harness.sender.isExhausted)
    #expect(harness.nack(101) == [])
    #expect(harness.sender.isExhausted)
  }

  @Test("what a timer repeats is not measured, what was sent once is", arguments: modes)
  func karn(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 3)
    _ = harness.send()
    harness.skip(300)
    _ = harness.ack(100, next: 101)
    #expect(harness.sender.timeout.smoothedNanoseconds == 300_000_000)
    #expect(harness.nack(101).first == "101 nack")
    harness.skip(100)
    _ = harness.ack(101, next: 102)
    #expect(harness.sender.timeout.smoothedNanoseconds == 300_000_000, "Karn")
  }

  @Test("a NACK and a second ACK are not measured", arguments: modes)
  func unmeasured(_ mode: ARQMode) {
    var harness = SenderHarness(mode, frames: 3)
    _ = harness.send()
    harness.skip(300)
    _ = harness.nack(101)
    #expect(harness.sender.timeout.smoothedNanoseconds == nil)
    harness.skip(300)
    _ = harness.ack(100, next: 101)
    #expect(harness.sender.timeout.smoothedNanoseconds == nil, "it is not in flight any more")
    if mode == .selectiveRepeat {
      _ = harness.ack(102, next: 101)
      harness.skip(300)
      _ = harness.ack(102, next: 101)
      #expect(harness.sender.timeout.smoothedNanoseconds == 600_000_000, "measured once")
    }
  }
}
