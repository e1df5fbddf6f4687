import ChatWire
import TestSupport
import Testing

/// RFC 6298 with the numbers of PROTOCOL.md section 4.4, computed by hand.
@Suite("Retransmission timeout") struct RetransmissionTimeoutTests {
  private let second: Int64 = 1_000_000_000

  @Test func `before the first sample it is one second`() {
    #expect(RetransmissionTimeout().nanoseconds == second)
    #expect(RetransmissionTimeout().smoothedNanoseconds == nil)
    #expect(RetransmissionTimeout().dampingNanoseconds == nil)
  }

  @Test func `the first sample R gives SRTT = R, RTTVAR = R / 2, RTO = 3 R`() {
    var timeout = RetransmissionTimeout()
    timeout.sample(nanoseconds: 400_000_000)
    #expect(timeout.smoothedNanoseconds == 400_000_000)
    #expect(timeout.variationNanoseconds == 200_000_000)
    #expect(timeout.nanoseconds == 1_200_000_000)
    #expect(timeout.dampingNanoseconds == 200_000_000)
    #expect(timeout.delayedNackNanoseconds == 500_000_000)
  }

  @Test func `later samples change RTTVAR by a quarter, with the old SRTT, then SRTT by an eighth`()
  {
    var timeout = RetransmissionTimeout()
    timeout.sample(nanoseconds: 400_000_000)
    timeout.sample(nanoseconds: 800_000_000)
    // RTTVAR = 3/4 200 + 1/4 |400 - 800| = 250; SRTT = 7/8 400 + 1/8 800 = 450
    #expect(timeout.variationNanoseconds == 250_000_000)
    #expect(timeout.smoothedNanoseconds == 450_000_000)
    #expect(timeout.nanoseconds == 1_450_000_000)
    timeout.sample(nanoseconds: 50_000_000)
    // RTTVAR = 3/4 250 + 1/4 400 = 287.5; SRTT = 7/8 450 + 1/8 50 = 400
    #expect(timeout.variationNanoseconds == 287_500_000)
    #expect(timeout.smoothedNanoseconds == 400_000_000)
    #expect(timeout.nanoseconds == 1_550_000_000)
  }

  @Test func `it is never below 100 ms or above 10 s`() {
    var short = RetransmissionTimeout()
    short.sample(nanoseconds: 10)
    #expect(short.nanoseconds == 100_000_000)
    var long = RetransmissionTimeout()
    long.sample(nanoseconds: 5 * second)
    #expect(long.nanoseconds == 10 * second)
  }

  @Test func `it doubles up to 10 s`() {
    var timeout = RetransmissionTimeout()
    #expect((0...5).map { timeout.nanoseconds(doubled: $0) / second } == [1, 2, 4, 8, 10, 10])
    #expect(timeout.nanoseconds(doubled: .max) == 10 * second)
    timeout.sample(nanoseconds: 1)
    #expect(timeout.nanoseconds(doubled: 6) == 6_400_000_000)
    #expect(timeout.nanoseconds(doubled: 7) == 10 * second)
  }

  @Test func `a fixed one neither doubles nor follows samples, but samples are taken`() {
    var timeout = RetransmissionTimeout(fixed: .seconds(20))
    timeout.sample(nanoseconds: second)
    #expect(timeout.nanoseconds == 20 * second)
    #expect(timeout.nanoseconds(doubled: 9) == 20 * second)
    #expect(timeout.smoothedNanoseconds == second)
    #expect(RetransmissionTimeout(fixed: .zero).nanoseconds == 1, "not an endless loop")
    #expect(RetransmissionTimeout(fixed: .seconds(-1)).nanoseconds == 1)
  }

  @Test func `no sample makes it overflow`() {
    var timeout = RetransmissionTimeout()
    for sample in [Int64.max, .min, 0, .max, -1, .max, .max] {
      timeout.sample(nanoseconds: sample)
      #expect((100_000_000...10 * second).contains(timeout.nanoseconds))
      #expect(timeout.delayedNackNanoseconds >= 0)
    }
  }
}
