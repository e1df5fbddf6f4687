import ChatSimulation
import ChatWire
import Testing

@Suite("Simulated link") struct SimulatedLinkTests {
  private func arrivals(
    _ parameters: LinkParameters, sizes: [Int], every gap: Duration = .zero, seed: UInt64 = 1
  ) -> [Int64?] {
    var link = SimulatedLink(parameters, seed: seed)
    return sizes.enumerated().map { index, size in
      let now = Instant.zero.advanced(byNanoseconds: gap.nanoseconds * Int64(index))
      guard case .queued(let arrival) = link.send([UInt8](repeating: 0, count: size), at: now)
      else { return nil }
      return arrival.nanoseconds
    }
  }

  @Test func `a line without a rate delays by its latency alone`() {
    #expect(arrivals(LinkParameters(), sizes: [100, 1]) == [10_000_000, 10_000_000])
  }

  @Test func `a rate lets frames leave one after the other`() {
    var parameters = LinkParameters()
    parameters.bytesPerSecond = 1_000
    #expect(arrivals(parameters, sizes: [10, 20]) == [20_000_000, 40_000_000])
  }

  @Test func `a queue that is full loses the frame that comes last`() {
    var parameters = LinkParameters()
    parameters.bytesPerSecond = 1_000
    parameters.queueLimit = 2
    #expect(
      arrivals(parameters, sizes: [10, 10, 10, 10], every: .milliseconds(1))
        == [20_000_000, 30_000_000, nil, nil])
  }

  @Test func `jitter keeps the order and repeats itself with the seed`() {
    var parameters = LinkParameters()
    parameters.jitter = .milliseconds(30)
    let sizes = [Int](repeating: 8, count: 100)
    let first = arrivals(parameters, sizes: sizes, every: .milliseconds(1), seed: 7)
    let times = first.compactMap { $0 }
    #expect(times == times.sorted())
    #expect(Set(times).count > 10)
    #expect(times.last.map { $0 <= 99_000_000 + 40_000_000 } == true)
    #expect(arrivals(parameters, sizes: sizes, every: .milliseconds(1), seed: 7) == first)
    #expect(arrivals(parameters, sizes: sizes, every: .milliseconds(1), seed: 8) != first)
  }

  @Test func `the end of the stream comes behind the last frame`() {
    var link = SimulatedLink(LinkParameters(), seed: 1)
    _ = link.send([1, 2, 3], at: .zero)
    link.finish(at: .zero)
    #expect(!link.isAtEnd)
    var frame: [UInt8] = []
    link.takeFrame(into: &frame)
    #expect(frame == [1, 2, 3])
    #expect(link.isAtEnd)
    #expect(link.nextArrival == Instant(nanoseconds: 10_000_000))
  }
}
