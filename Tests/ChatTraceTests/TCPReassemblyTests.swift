import ChatTrace
import Testing

@Suite struct TCPReassemblyTests {
  /// A line whose SYN was seen.
  private func open(at initialSequenceNumber: UInt32 = 1000) -> Line {
    var line = Line(initialSequenceNumber: initialSequenceNumber)
    line.syn()
    return line
  }

  @Test func `state is small while nothing is held`() {
    #expect(MemoryLayout<TCPReassembler>.stride <= 96)
  }

  @Test func `segments in order are handed on as they come`() {
    var line = open()
    line.segment(0..<10)
    line.segment(10..<10)
    line.segment(10..<15)
    #expect(line.sink.outputs == [.stream(0..<15)])
    #expect(line.sink.calls == 2)
    #expect(line.sink.remarks.isEmpty)
    #expect(line.reassembler.nextOffset == 15)
    #expect(line.reassembler.nextSequenceNumber == 1016)
    #expect(line.reassembler.firstSequenceNumber == 1001)
  }

  @Test func `a segment that was overtaken releases those behind it, and says that more follows`() {
    var line = open()
    line.segment(20..<30)
    line.segment(10..<20)
    #expect(line.sink.outputs.isEmpty)
    #expect(line.reassembler.heldBytes == 20)
    #expect(line.reassembler.isWaiting)
    line.segment(0..<10)
    #expect(line.sink.outputs == [.stream(0..<30)])
    #expect(line.sink.calls == 3)
    #expect(!line.sink.isMorePromised && !line.sink.isBroken)
    #expect(line.sink.remarks == [.outOfOrder, .outOfOrder])
    #expect(line.reassembler.heldBytes == 0)
    #expect(!line.reassembler.isWaiting)
  }

  @Test func `a segment between holes was overtaken, one beyond them was not`() {
    var line = open()
    line.segment(10..<20)
    line.segment(50..<60)
    #expect(line.sink.remarks.isEmpty)
    line.segment(30..<40)
    #expect(line.sink.remarks == [.outOfOrder])
  }

  @Test func `a retransmission brings nothing`() {
    var line = open()
    line.segment(0..<10)
    line.segment(0..<10)
    line.segment(3..<7)
    line.segment(20..<30)
    line.segment(20..<30)
    line.segment(22..<25)
    #expect(line.sink.outputs == [.stream(0..<10)])
    #expect(line.sink.remarks == Array(repeating: .retransmission, count: 4))
  }

  @Test func `of an overlap with bytes given out only the new ones count`() {
    var line = open()
    line.segment(0..<10)
    line.segment(5..<15)
    #expect(line.sink.outputs == [.stream(0..<15)])
    #expect(line.sink.remarks == [.overlap])
  }

  @Test func `where held segments differ the first bytes win`() {
    var line = open()
    line.segment(10..<20)
    line.segment(at: 5, [UInt8](repeating: 7, count: 10))
    line.segment(at: 15, [UInt8](repeating: 8, count: 10))
    line.segment(0..<5)
    let sevens = [UInt8](repeating: 7, count: 5)
    let eights = [UInt8](repeating: 8, count: 5)
    let expected = Line.bytes(0..<5) + sevens + Line.bytes(10..<20) + eights
    #expect(line.sink.outputs == [.bytes(at: 0, expected)])
    #expect(
      line.sink.remarks == [.overlap, .overlapDiffers, .overlap, .overlapDiffers, .outOfOrder])
  }

  @Test func `a segment in order that runs into held ones leaves them as they are`() {
    var line = open()
    line.segment(10..<20)
    line.segment(30..<40)
    line.segment(at: 0, Line.bytes(0..<10) + [UInt8](repeating: 9, count: 35))
    let nines = { [UInt8](repeating: 9, count: $0) }
    let expected = Line.bytes(0..<20) + nines(10) + Line.bytes(30..<40) + nines(5)
    #expect(line.sink.outputs == [.bytes(at: 0, expected)])
    #expect(line.sink.remarks == [.overlap, .overlapDiffers])
    #expect(!line.sink.isBroken)
  }

  @Test func `a sink that remembers is asked about bytes given out`() {
    var line = open()
    line.sink.remembers = true
    line.segment(0..<10)
    line.segment(2..<8)
    line.segment(at: 5, [UInt8](repeating: 7, count: 10))
    #expect(line.sink.remarks == [.retransmission, .overlap, .overlapDiffers])
    let expected = Line.bytes(0..<10) + [UInt8](repeating: 7, count: 5)
    #expect(line.sink.outputs == [.bytes(at: 0, expected)])
  }

  @Test func `keep-alives bring nothing`() {
    var line = open()
    line.segment(at: -1, [])
    line.segment(at: -1, [0])
    line.segment(0..<10)
    line.segment(at: 9, [])
    line.segment(at: 9, [0])
    line.segment(10..<12)
    line.segment(12..<12, isFIN: true)
    line.segment(at: 12, [])
    #expect(line.sink.outputs == [.stream(0..<12)])
    #expect(line.sink.remarks == Array(repeating: .keepAlive, count: 5))
  }

  @Test func `a window probe is data, and what repeats it an overlap`() {
    var line = open()
    line.segment(0..<10)
    line.segment(10..<11)
    line.segment(10..<20)
    #expect(line.sink.outputs == [.stream(0..<20)])
    #expect(line.sink.remarks == [.overlap])
  }

  @Test(arguments: [UInt32.max - 20, .max - 1, .max, 0])
  func `sequence numbers wrap around`(initialSequenceNumber: UInt32) {
    var line = open(at: initialSequenceNumber)
    for start in stride(from: 0, to: 60, by: 20) {
      line.segment(start + 10..<start + 20)
      line.segment(start..<start + 10)
      line.segment(start..<start + 20)
    }
    #expect(line.sink.outputs == [.stream(0..<60)])
    #expect(line.reassembler.firstSequenceNumber == initialSequenceNumber &+ 1)
  }

  @Test func `offsets go on when sequence numbers wrap around several times`() {
    var line = open(at: 5)
    let step = 1 << 24
    var offset = 0
    // Of each 16 MiB one byte was captured, three times around.
    while offset < 3 << 32 {
      line.segment(at: offset, [1], missing: step - 1)
      offset += step
    }
    #expect(line.reassembler.nextOffset == 3 << 32)
    line.segment(at: offset + 4, [3, 4])
    line.segment(at: offset, [9, 9, 9, 9])
    #expect(line.sink.outputs.last == .bytes(at: 3 << 32, [9, 9, 9, 9, 3, 4]))
    #expect(!line.sink.isBroken)
  }

  @Test func `a SYN may carry data and may be repeated`() {
    var line = Line()
    line.syn(Line.bytes(0..<5))
    line.syn()
    line.syn(Line.bytes(0..<5))
    line.segment(5..<10)
    #expect(line.sink.outputs == [.stream(0..<10)])
    #expect(line.sink.remarks == [.retransmission])
  }

  @Test func `another SYN changes nothing`() {
    var line = open()
    line.segment(0..<10)
    let payload: [UInt8] = [1, 2, 3]
    line.reassembler.receive(
      sequenceNumber: 5000, isSYN: true, isFIN: false, payload: payload.span.bytes, missing: 0,
      time: 0, into: &line.sink)
    line.segment(10..<20)
    #expect(line.sink.outputs == [.stream(0..<20)])
    #expect(line.sink.remarks == [.synChanged])
  }

  @Test func `a FIN with data ends the stream`() {
    var line = open()
    line.segment(0..<10)
    #expect(!line.reassembler.isFinished)
    line.segment(10..<20, isFIN: true)
    #expect(line.reassembler.isFinished)
    line.segment(10..<20, isFIN: true)
    line.segment(at: 21, [])
    line.finish()
    #expect(line.sink.outputs == [.stream(0..<20)])
    #expect(line.sink.remarks == [.retransmission])
  }

  @Test func `a FIN that comes early waits for the data before it`() {
    var line = open()
    line.segment(20..<20, isFIN: true)
    line.segment(10..<20)
    #expect(!line.reassembler.isFinished)
    line.segment(0..<10)
    #expect(line.reassembler.isFinished)
    #expect(line.sink.outputs == [.stream(0..<20)])
  }

  @Test func `the first FIN counts, and nothing after it`() {
    var line = open()
    line.segment(30..<40)
    line.segment(10..<20, isFIN: true)
    line.segment(20..<25, isFIN: true)
    line.segment(0..<10)
    line.segment(15..<22)
    #expect(line.reassembler.isFinished)
    #expect(line.sink.outputs == [.stream(0..<20)])
    #expect(
      line.sink.remarks == [
        .dataAfterFin, .finChanged, .dataAfterFin, .outOfOrder, .dataAfterFin, .retransmission,
      ])
  }

  @Test func `a FIN before bytes given out is not believed`() {
    var line = open()
    line.segment(0..<10)
    line.segment(3..<5, isFIN: true)
    line.segment(10..<20)
    #expect(line.sink.outputs == [.stream(0..<20)])
    #expect(line.sink.remarks == [.finChanged, .retransmission])
  }

  @Test func `in order, what the snap length cut off is a gap at once`() {
    var line = open()
    line.segment(0..<100, missing: 60)
    #expect(line.sink.outputs == [.stream(0..<40), .gap(at: 40, length: 60)])
    line.segment(100..<150)
    line.segment(50..<60)
    #expect(line.sink.outputs == [.stream(0..<40), .gap(at: 40, length: 60), .stream(100..<150)])
    #expect(line.sink.remarks == [.late])
  }

  @Test func `what follows a cut may overlap it`() {
    var line = open()
    line.segment(0..<100, missing: 60)
    line.segment(90..<110)
    line.segment(105..<120, missing: 13)
    #expect(
      line.sink.outputs == [
        .stream(0..<40), .gap(at: 40, length: 60), .stream(100..<110), .gap(at: 110, length: 10),
      ])
    #expect(line.sink.remarks == [.overlap, .overlap])
  }

  @Test func `behind a hole, what was cut off may still be supplied`() {
    var line = open()
    line.segment(100..<200, missing: 60)
    line.segment(150..<180)
    line.segment(200..<300, missing: 100)
    line.segment(100..<200, missing: 60)
    line.segment(0..<100)
    #expect(
      line.sink.outputs == [
        .stream(0..<140), .gap(at: 140, length: 10), .stream(150..<180), .gap(at: 180, length: 120),
      ])
    #expect(line.sink.remarks == [.outOfOrder, .retransmission, .outOfOrder])
    #expect(!line.reassembler.isWaiting)
    #expect(!line.sink.isBroken)
  }

  @Test func `segments in reverse order come out in order`() {
    var line = open()
    for start in stride(from: 20_000, through: 0, by: -10) { line.segment(start..<start + 10) }
    #expect(line.sink.outputs == [.stream(0..<20_010)])
  }
}
