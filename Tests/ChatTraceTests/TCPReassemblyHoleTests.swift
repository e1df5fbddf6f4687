import ChatTrace
import Testing

@Suite struct TCPReassemblyHoleTests {
  private let second: Int64 = 1_000_000_000

  /// A line whose SYN and first 10 bytes were seen.
  private func open(_ limits: ReassemblyLimits = .default) -> Line {
    var line = Line(limits: limits)
    line.syn()
    line.segment(0..<10)
    return line
  }

  @Test func `at the end every hole is a gap of its exact length`() {
    var line = open()
    line.segment(20..<30)
    line.segment(37..<40)
    line.segment(50..<50, isFIN: true)
    line.finish()
    let expected: [RecordingSink.Output] = [
      .stream(0..<10), .gap(at: 10, length: 10), .stream(20..<30), .gap(at: 30, length: 7),
      .stream(37..<40), .gap(at: 40, length: 10),
    ]
    #expect(line.sink.outputs == expected)
    #expect(line.reassembler.isFinished)
    line.finish()
    #expect(line.sink.outputs == expected)
  }

  @Test func `the tail that was acknowledged or sent is a gap at the end`() {
    var line = open()
    line.acknowledge(25)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 15)])

    line = open()
    line.segment(at: 17, [])
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 7)])
  }

  @Test func `one acknowledged byte at the end is a FIN that was not captured`() {
    var line = open()
    line.acknowledge(11)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10)])
  }

  @Test func `the acknowledgement of a FIN is not a byte`() {
    var line = open()
    line.segment(10..<10, isFIN: true)
    line.acknowledge(11)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10)])
  }

  @Test func `old acknowledgements say nothing`() {
    var line = open()
    line.acknowledge(5)
    line.acknowledge(-3)
    line.acknowledge(10)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10)])
  }

  @Test func `a hole becomes a gap by age once enough segments were seen`() {
    var line = open()
    line.segment(20..<30)
    for start in stride(from: 30, to: 190, by: 10) { line.segment(start..<start + 10) }
    line.advance(to: 3 * second)
    #expect(line.sink.outputs == [.stream(0..<10)])
    line.advance(to: 3 * second + 1)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<190)])
  }

  @Test func `with few segments seen a hole becomes a gap only after ten times as long`() {
    var line = open()
    line.segment(20..<30)
    line.advance(to: 30 * second)
    #expect(line.reassembler.isWaiting)
    line.advance(to: 30 * second + 1)
    #expect(!line.reassembler.isWaiting)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<30)])
  }

  @Test func `each hole waits for itself`() {
    var limits = ReassemblyLimits.default
    limits.holeSegments = 0
    var line = open(limits)
    line.segment(20..<30)
    line.time = 2 * second
    line.segment(40..<50)
    line.advance(to: 4 * second)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<30)])
    line.advance(to: 5 * second)
    #expect(line.reassembler.isWaiting)
    line.advance(to: 6 * second)
    #expect(!line.reassembler.isWaiting)
  }

  @Test func `time that goes back or jumps to the ends of its range harms nothing`() {
    var line = open()
    line.time = .max
    line.segment(20..<30)
    line.advance(to: .min)
    #expect(line.reassembler.isWaiting)
    line.segment(40..<50)
    line.advance(to: .max)
    #expect(!line.reassembler.isWaiting)
  }

  @Test func `an acknowledgement makes a hole a gap only with patience`() {
    var line = open()
    line.segment(20..<30)
    line.acknowledge(30)
    for start in stride(from: 30, to: 180, by: 10) { line.segment(start..<start + 10) }
    #expect(line.reassembler.isWaiting)
    line.segment(180..<190)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<190)])
  }

  @Test func `an acknowledgement seen before the data makes no gap`() {
    var line = open()
    line.acknowledge(40)
    line.segment(30..<40)
    line.segment(10..<20)
    line.segment(20..<30)
    #expect(line.sink.outputs == [.stream(0..<40)])
  }

  @Test func `data for a gap comes too late`() {
    var line = open()
    line.segment(20..<30)
    line.advance(to: 60 * second)
    line.segment(10..<20)
    line.segment(12..<15)
    line.segment(15..<35)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<35)])
    #expect(line.sink.remarks == [.late, .late, .overlap])
  }

  @Test func `more bytes than may be held make the first hole a gap`() {
    var limits = ReassemblyLimits.default
    limits.heldBytes = 100
    var line = open(limits)
    line.segment(20..<60)
    line.segment(70..<130)
    #expect(line.reassembler.heldBytes == 100)
    line.segment(140..<141)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<60)])
    #expect(line.reassembler.heldBytes == 61)
  }

  @Test func `more pieces than may be held make the first hole a gap`() {
    var limits = ReassemblyLimits.default
    limits.heldSegments = 3
    var line = open(limits)
    for start in [20, 30, 40] { line.segment(start..<start + 1) }
    #expect(line.sink.outputs == [.stream(0..<10)])
    line.segment(50..<51)
    #expect(line.sink.outputs == [.stream(0..<10), .gap(at: 10, length: 10), .stream(20..<21)])
  }

  @Test func `a stray segment far ahead does not end the stream`() {
    var line = open()
    line.segment(at: 1 << 30, [1, 2, 3])
    line.segment(10..<20)
    line.advance(to: 60 * second)
    line.segment(20..<30)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<30)])
    #expect(line.sink.remarks == [.outOfOrder, .implausible])
  }

  @Test func `a stream that goes on far ahead is followed`() {
    var line = open()
    let far = 1 << 30
    for start in [far, far + 10, far + 20] { line.segment(start..<start + 10) }
    line.advance(to: 60 * second)
    #expect(
      line.sink.outputs
        == [.stream(0..<10), .gap(at: 10, length: UInt64(far) - 10), .stream(far..<far + 30)])
  }

  @Test func `an acknowledged segment far ahead is followed`() {
    var line = open()
    let far = 1 << 30
    line.segment(far..<far + 10)
    line.acknowledge(far + 10)
    line.finish()
    #expect(
      line.sink.outputs
        == [.stream(0..<10), .gap(at: 10, length: UInt64(far) - 10), .stream(far..<far + 10)])
  }

  @Test func `a lone acknowledgement or FIN far ahead makes no gap`() {
    var line = open()
    line.acknowledge(1 << 30)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10)])

    line = open()
    line.segment(1 << 30..<1 << 30, isFIN: true)
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<10)])
  }

  @Test func `what lies far behind is old`() {
    var line = open()
    line.segment(at: 10 - (1 << 31), [1, 2, 3])
    line.segment(at: -3, [1, 2, 3])
    line.segment(10..<20)
    #expect(line.sink.outputs == [.stream(0..<20)])
    #expect(line.sink.remarks == [.beforeBeginning, .beforeBeginning])
  }
}
