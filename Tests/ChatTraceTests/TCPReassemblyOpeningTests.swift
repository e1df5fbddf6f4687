import ChatTrace
import Testing

@Suite struct TCPReassemblyOpeningTests {
  private let second: Int64 = 1_000_000_000

  @Test func `without a SYN the lowest of the first segments is the beginning`() {
    var line = Line()
    line.segment(510..<520)
    line.segment(500..<510)
    for start in 520..<533 { line.segment(start..<start + 1) }
    #expect(line.sink.outputs.isEmpty)
    #expect(line.reassembler.nextSequenceNumber == nil)
    line.segment(533..<540)
    #expect(line.sink.outputs == [.stream(0..<40, base: 500)])
    #expect(line.reassembler.firstSequenceNumber == line.sequenceNumber(at: 500))
  }

  @Test func `the opening is held for a second at most`() {
    var line = Line()
    line.segment(510..<520)
    line.segment(500..<510)
    line.advance(to: second)
    #expect(line.sink.outputs.isEmpty)
    line.advance(to: second + 1)
    #expect(line.sink.outputs == [.stream(0..<20, base: 500)])
  }

  @Test func `the opening ends with the stream`() {
    var line = Line()
    line.segment(510..<520, isFIN: true)
    #expect(!line.reassembler.isFinished)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10, base: 510)])
    #expect(line.reassembler.isFinished)
  }

  @Test func `the peer shows the beginning by what it acknowledges`() {
    var line = Line()
    line.acknowledge(490)
    line.acknowledge(500)
    line.segment(510..<520)
    #expect(line.sink.outputs.isEmpty)
    line.segment(500..<510)
    #expect(line.sink.outputs == [.stream(0..<20, base: 500)])

    line = Line()
    line.segment(500..<510)
    line.acknowledge(500)
    line.advance(to: 0)
    #expect(line.sink.outputs == [.stream(0..<10, base: 500)])
  }

  @Test func `segments that carry nothing are no beginning but count`() {
    var line = Line()
    line.segment(at: 300, [])
    line.segment(500..<510)
    for _ in 0..<15 { line.segment(at: 510, []) }
    #expect(line.sink.outputs == [.stream(0..<10, base: 500)])
  }

  @Test func `acknowledgements of the peer count too`() {
    var line = Line()
    line.segment(500..<510)
    for _ in 0..<15 { line.acknowledge(510) }
    line.advance(to: 0)
    #expect(line.sink.outputs == [.stream(0..<10, base: 500)])
  }

  @Test func `a SYN that comes late settles the beginning`() {
    var line = Line()
    line.segment(10..<20)
    line.segment(5..<10)
    line.syn()
    #expect(line.sink.outputs.isEmpty)
    line.segment(0..<5)
    #expect(line.sink.outputs == [.stream(0..<20)])

    line = Line()
    line.segment(0..<10)
    line.segment(10..<12, isFIN: true)
    line.syn()
    #expect(line.sink.outputs == [.stream(0..<12)])
    #expect(line.reassembler.isFinished)
  }

  @Test func `what lies before a late SYN belongs to another connection`() {
    var line = Line()
    line.segment(at: -500, [1, 2, 3])
    line.segment(at: -2, [1, 2] + Line.bytes(0..<4))
    line.syn()
    line.segment(4..<8)
    #expect(line.sink.outputs == [.stream(0..<8)])
    #expect(line.sink.remarks == [.beforeBeginning])

    line = Line()
    line.segment(at: -400, [], isFIN: true)
    line.syn()
    line.segment(0..<8)
    #expect(line.sink.outputs == [.stream(0..<8)])
    #expect(!line.reassembler.isFinished)
  }

  @Test func `bytes before the beginning are dropped`() {
    var line = Line()
    line.acknowledge(500)
    line.segment(500..<510)
    line.segment(480..<500)
    line.segment(490..<515)
    #expect(line.sink.outputs == [.stream(0..<15, base: 500)])
    #expect(line.sink.remarks == [.beforeBeginning, .overlap])
  }

  @Test func `a keep-alive is not the beginning`() {
    var line = Line()
    line.acknowledge(500)
    line.segment(at: 499, [0])
    line.segment(500..<510)
    #expect(line.sink.outputs == [.stream(0..<10, base: 500)])
    #expect(line.sink.remarks == [.keepAlive])
  }

  @Test func `a hole in the opening becomes a gap like any other`() {
    var line = Line()
    line.segment(500..<510)
    line.segment(520..<530)
    line.finish()
    #expect(
      line.sink.outputs
        == [.stream(0..<10, base: 500), .gap(at: 10, length: 10), .stream(20..<30, base: 500)])
  }

  @Test func `a stray segment is not the beginning`() {
    var line = Line()
    line.segment(at: -(1 << 30), [1, 2, 3])
    line.segment(500..<510)
    line.segment(510..<520)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<20, base: 500)])
    #expect(line.sink.remarks == [.implausible])
  }

  @Test func `the opening is held within limits`() {
    var limits = ReassemblyLimits.default
    limits.heldBytes = 100
    var line = Line(limits: limits)
    line.segment(500..<600)
    #expect(line.sink.outputs.isEmpty)
    line.segment(600..<601)
    #expect(line.sink.outputs == [.stream(0..<101, base: 500)])
  }

  @Test func `a stream without data has no bytes`() {
    var line = Line()
    line.segment(at: 10, [])
    line.acknowledge(30)
    line.finish()
    #expect(line.sink.outputs.isEmpty)
  }

  @Test func `an opening cut by the snap length begins with what was cut`() {
    var line = Line()
    line.segment(510..<520, missing: 5)
    line.segment(500..<510, missing: 10)
    line.finish()
    #expect(
      line.sink.outputs == [
        .gap(at: 0, length: 10), .bytes(at: 10, Line.bytes(510..<515)), .gap(at: 15, length: 5),
      ])
  }
}
