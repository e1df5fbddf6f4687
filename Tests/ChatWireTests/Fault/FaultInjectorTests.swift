import ChatWire
import TestSupport
import Testing

@Suite("Fault injector") struct FaultInjectorTests {
  private func injector(_ rules: String, seed: UInt64 = 1) throws -> FaultInjector {
    FaultInjector(rules: try FaultRules(parsing: rules), seed: seed, connection: 0)
  }

  private func data(
    _ sequence: UInt16, _ direction: Direction = .clientToServer, size: Int = 4
  ) -> TrafficFrame {
    TrafficFrame(
      direction, .data, sequence, Array(repeating: UInt8(truncatingIfNeeded: sequence), count: size)
    )
  }

  @Test func `without rules everything goes out at once, unchanged and in order`() throws {
    var injector = try injector("")
    let frames = (1...5).map { data($0) }
    for frame in frames { #expect(injector.receive(frame).disposition == .forwarded) }
    let (outputs, deadline) = injector.drain(.clientToServer)
    #expect(outputs.map(\.bytes) == frames.map(\.bytes))
    #expect(outputs.map(\.number) == [1, 2, 3, 4, 5])
    #expect(deadline == .distantFuture)
    #expect(injector.drain(.serverToClient).outputs.isEmpty)
  }

  @Test func `a dropped frame never goes out`() throws {
    var injector = try injector("drop nth 2")
    for number in 1...3 as ClosedRange<UInt16> { _ = injector.receive(data(number)) }
    #expect(injector.drain(.clientToServer).outputs.map(\.number) == [1, 3])
  }

  @Test func `a corrupted frame differs in the bit that its fate names`() throws {
    for (rule, isLongEnough) in [("corrupt", true), ("corrupt length", false)] {
      var injector = try injector(rule)
      let frame = data(1)
      let fate = injector.receive(frame)
      guard case .corrupt(_, let byte, let bit)? = fate.acts.first?.change else {
        Issue.record("not corrupted")
        return
      }
      var expected = frame.bytes
      expected[byte] ^= 1 << UInt8(bit)
      #expect(injector.drain(.clientToServer).outputs.map(\.bytes) == [expected])
      #expect((byte >= 11) == isLongEnough)
    }
  }

  @Test func `copies go out one after the other and carry the same number`() throws {
    var injector = try injector("duplicate 2 nth 1")
    let frames = [data(1), data(2)]
    for frame in frames { _ = injector.receive(frame) }
    let outputs = injector.drain(.clientToServer).outputs
    #expect(outputs.map(\.number) == [1, 1, 1, 2])
    #expect(outputs.prefix(3).allSatisfy { $0.bytes == frames[0].bytes })
  }

  @Test func `a delayed frame is overtaken by those behind it`() throws {
    var injector = try injector("delay 50ms nth 1; delay 20ms nth 2")
    for number in 1...3 as ClosedRange<UInt16> {
      _ = injector.receive(data(number), at: moment(10))
    }
    var (outputs, deadline) = injector.drain(.clientToServer, at: moment(10))
    #expect(outputs.map(\.number) == [3])
    #expect(deadline == moment(30))
    (outputs, deadline) = injector.drain(.clientToServer, at: moment(29))
    #expect(outputs.isEmpty)
    (outputs, deadline) = injector.drain(.clientToServer, at: moment(30))
    #expect(outputs.map(\.number) == [2])
    #expect(deadline == moment(60))
    (outputs, deadline) = injector.drain(.clientToServer, at: moment(61))
    #expect(outputs.map(\.number) == [1])
    #expect(deadline == .distantFuture)
  }

  @Test func `what is overdue goes out in order of its time, before what comes now`() throws {
    var injector = try injector("delay 50ms nth 1; delay 20ms nth 2")
    _ = injector.receive(data(1), at: moment(0))
    _ = injector.receive(data(2), at: moment(0))
    _ = injector.receive(data(3), at: moment(100))
    let (outputs, _) = injector.drain(.clientToServer, at: moment(100))
    #expect(outputs.map(\.number) == [2, 1, 3])
  }

  @Test func `equal delays keep the order`() throws {
    var injector = try injector("delay 50ms")
    for number in 1...200 as ClosedRange<UInt16> {
      _ = injector.receive(data(number), at: moment(Int(number / 10)))
    }
    let (outputs, deadline) = injector.drain(.clientToServer, at: moment(49))
    #expect(outputs.isEmpty && deadline == moment(50))
    #expect(
      injector.drain(.clientToServer, at: moment(100)).outputs.map(\.number) == Array(1...200))
  }

  @Test func `delays add up`() throws {
    var injector = try injector("delay 50ms; delay 20ms")
    _ = injector.receive(data(1))
    #expect(injector.drain(.clientToServer).deadline == moment(70))
  }

  @Test func `a delay in one direction does not hold the other`() throws {
    var injector = try injector("delay 50ms c2s")
    _ = injector.receive(data(1))
    _ = injector.receive(data(1, .serverToClient))
    #expect(injector.drain(.serverToClient).outputs.count == 1)
    #expect(injector.drain(.clientToServer).outputs.isEmpty)
  }

  @Test func `a reordered frame waits for the later frames of its direction`() throws {
    var injector = try injector("reorder gap 2 nth 1 c2s")
    var sent: [UInt64] = []
    for number in 1...4 as ClosedRange<UInt16> {
      _ = injector.receive(data(number, .serverToClient))
      _ = injector.receive(data(number))
      sent += injector.drain(.clientToServer).outputs.map(\.number)
    }
    // The client's frames have the even numbers.
    #expect(sent == [4, 6, 2, 8])
    #expect(injector.drain(.serverToClient).outputs.map(\.number) == [1, 3, 5, 7])
  }

  @Test func `frames that came together are reordered like those that came apart`() throws {
    var injector = try injector("reorder nth 1; reorder gap 2 nth 4; duplicate nth 5")
    for number in 1...7 as ClosedRange<UInt16> { _ = injector.receive(data(number)) }
    let sent = injector.drain(.clientToServer).outputs.map(\.number)
    #expect(sent == [2, 1, 3, 5, 5, 6, 4, 7])
  }

  @Test func `a reordered frame that nothing follows goes out after 200 ms`() throws {
    var injector = try injector("reorder")
    for number in 1...3 as ClosedRange<UInt16> {
      _ = injector.receive(data(number), at: moment(Int(number)))
    }
    let (outputs, deadline) = injector.drain(.clientToServer, at: moment(3))
    #expect(outputs.isEmpty && deadline == moment(201))
    #expect(injector.drain(.clientToServer, at: moment(201)).outputs.map(\.number) == [1])
    #expect(injector.drain(.clientToServer, at: moment(400)).outputs.map(\.number) == [2, 3])
  }

  @Test func `dropped frames and junk are none that a reordered frame waits for`() throws {
    var injector = try injector("reorder nth 1; drop nth 2")
    let junk: [UInt8] = [0xFF, 0xFE]
    _ = injector.receive(data(1))
    _ = injector.receive(data(2))
    injector.pass(junk.span.bytes, direction: .clientToServer, at: .zero)
    let (outputs, deadline) = injector.drain(.clientToServer)
    #expect(outputs.map(\.bytes) == [junk])
    #expect(deadline == moment(200))
    _ = injector.receive(data(3))
    #expect(injector.drain(.clientToServer).outputs.map(\.number) == [4, 1])
  }

  @Test func `a frame that is delayed and reordered waits for both`() throws {
    var injector = try injector("delay 50ms nth 1; reorder nth 1; delay 10ms nth 4")
    _ = injector.receive(data(1))
    _ = injector.receive(data(2))
    var (outputs, deadline) = injector.drain(.clientToServer)
    #expect(outputs.map(\.number) == [2])
    #expect(deadline == moment(50))
    (outputs, deadline) = injector.drain(.clientToServer, at: moment(50))
    #expect(outputs.map(\.number) == [1])
  }

  @Test func `junk passes in order with what is not held`() throws {
    var injector = try injector("delay 50ms nth 2")
    let junk: [[UInt8]] = [[1], [2, 2], [3, 3, 3]]
    var expected: [[UInt8]] = []
    for index in 0..<3 {
      let frame = data(UInt16(index + 1))
      _ = injector.receive(frame)
      let run = junk[index]
      injector.pass(run.span.bytes, direction: .clientToServer, at: .zero)
      expected += index == 1 ? [run] : [frame.bytes, run]
    }
    #expect(injector.drain(.clientToServer).outputs.map(\.bytes) == expected)
  }

  @Test func `finish lets everything go in the order of its time`() throws {
    var injector = try injector("delay 50ms nth 1; delay 20ms nth 2; reorder gap 9 nth 3")
    for number in 1...5 as ClosedRange<UInt16> { _ = injector.receive(data(number)) }
    _ = injector.receive(data(1, .serverToClient))
    injector.finish(.clientToServer)
    let (outputs, deadline) = injector.drain(.clientToServer)
    #expect(outputs.map(\.number) == [4, 5, 2, 1, 3])
    #expect(deadline == .distantFuture)
    // The other direction still holds.
    #expect(injector.drain(.serverToClient).deadline == moment(50))
    _ = injector.receive(data(9, .serverToClient))
    #expect(injector.drain(.serverToClient).deadline == moment(20))
  }

  @Test func `time that goes back does not disorder frames`() throws {
    var injector = try injector("")
    _ = injector.receive(data(1), at: moment(100))
    _ = injector.receive(data(2), at: moment(50))
    #expect(injector.drain(.clientToServer, at: moment(0)).outputs.map(\.number) == [1, 2])
  }

  @Test func `no more than so many frames are held`() throws {
    var injector = try injector("delay 3600s")
    var sent: [UInt64] = []
    for number in 1...5_000 {
      _ = injector.receive(data(UInt16(number)))
      sent += injector.drain(.clientToServer).outputs.map(\.number)
    }
    #expect(sent == Array(1...UInt64(5_000 - FaultLimits.heldFramesMax)))
    #expect(injector.releasedEarlyCount == UInt64(5_000 - FaultLimits.heldFramesMax))
  }

  @Test func `no more than so many bytes are held, whichever way`() throws {
    for rule in ["delay 3600s", "reorder gap 4000", "delay 3600s every 1 jitter 1s"] {
      var injector = try injector(rule)
      var sent: [UInt64] = []
      for number in 1...100 as ClosedRange<UInt16> {
        _ = injector.receive(data(number, size: 60_000))
        sent += injector.drain(.clientToServer).outputs.map(\.number)
      }
      let kept = FaultLimits.heldBytesMax / 60_011
      #expect(sent == Array(1...UInt64(100 - kept)))
    }
    var injector = try injector("delay 1s; duplicate")
    let huge = TrafficFrame(
      classic: .clientToServer, .data, 0, String(repeating: "x", count: 5 << 20))
    _ = injector.receive(huge)
    let sizes = injector.drain(.clientToServer).outputs.map(\.bytes.count)
    #expect(sizes == [huge.bytes.count, huge.bytes.count])
  }

  @Test func `rules can be replaced, and those that stay keep their counts`() throws {
    var injector = try injector("drop nth 3; duplicate first 2")
    #expect(injector.receive(data(1)).disposition == .duplicated)
    injector.rules = try FaultRules(parsing: "corrupt nth 2; drop nth 3")
    #expect(injector.receive(data(2)).disposition == .forwarded)
    // The third frame, and the second since `corrupt` came.
    #expect(injector.receive(data(3)).acts.map(\.rule) == ["corrupt payload nth 2", "drop nth 3"])
    injector.rules = FaultRules()
    #expect(injector.receive(data(4)).disposition == .forwarded)
  }

  @Test func `any bytes can be called a frame`() throws {
    var random = SeededGenerator(seed: 2)
    var injector = try injector(
      "corrupt; corrupt length; corrupt checksum; corrupt header; delay 1ms 50%")
    for size in 0..<40 {
      let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      for dialect in [Dialect.native, .classic] {
        let header = FrameHeader(
          length: 3, typeCode: UInt8(size % 16), sequence: 9, checksum: 0, flags: 0)
        let fate = injector.receive(
          bytes.span.bytes, header: header, dialect: dialect, isGood: false,
          direction: .clientToServer, at: .zero)
        #expect(fate.identity.isDamaged)
      }
    }
    injector.finish(.clientToServer)
    let outputs = injector.drain(.clientToServer).outputs
    #expect(outputs.count == 80)
    let byteCount = outputs.map(\.bytes.count).reduce(0, +)
    // Each size from 0 to 39 twice.
    #expect(byteCount == 39 * 40)
  }
}
