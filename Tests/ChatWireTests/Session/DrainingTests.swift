import ChatWire
import TestSupport
import Testing

/// How reads and drains are interleaved makes no difference to what is delivered.
@Suite("Draining") struct DrainingTests {
  /// How a driver treats the bytes that it gets.
  enum Habit: CaseIterable {
    case whole, byteByByte, pieces, severalReads, stalls
  }

  /// What a client says: messages, an extension, a FIN, with some frames corrupt, lost or twice.
  private func conversation(_ mode: ARQMode, using random: inout SeededGenerator) -> [UInt8] {
    var bytes = frame(
      .syn, 1_000, synOptions(mode: mode, window: 16, fragment: 1_024))
    bytes += handshakeAck()
    var sequence: UInt16 = 1_001
    for number in 0..<12 {
      let good = data(sequence, "message \(number)", isLast: number % 3 != 0)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes += corrupted(good) + good
      case 1: bytes += data(sequence &+ 1, "ahead", again: true) + good
      case 2: bytes += good + good
      case 3: bytes += [0xFF, 0x00, 0x07] + good
      case 4: bytes += frame(.ping, 0, [0, 0, 0, 0, 0, 0, 0, UInt8(number)]) + good
      default: bytes += good
      }
      sequence &+= 1
    }
    if mode == .selectiveRepeat {
      // Whatever was kept "ahead" goes before its copy; the numbers stay in order all the same.
      return bytes + frame(.pong, 0)
    }
    return bytes + data(sequence, "end") + frame(.fin, sequence &+ 1, Array("bye".utf8), flags: 1)
  }

  /// What it delivers to a driver with this habit.
  private func outcome(
    _ bytes: [UInt8], _ habit: Habit, using random: inout SeededGenerator
  ) -> (words: [String], delivered: [[UInt8]], state: SessionStatus) {
    var driven = DrivenSession.server()
    var words: [String] = []
    switch habit {
    case .whole: words = driven.take(bytes)
    case .byteByByte:
      for byte in bytes { words += driven.take([byte]) }
    case .pieces:
      for piece in bytes.pieces(upTo: 100, using: &random) { words += driven.take(piece) }
    case .severalReads:
      for piece in bytes.pieces(upTo: 100, using: &random) {
        driven.session.receive(piece.span.bytes)
        if Int.random(in: 0..<3, using: &random) == 0 { words += driven.drain() }
      }
      words += driven.drain()
    case .stalls:
      for piece in bytes.pieces(upTo: 100, using: &random) {
        driven.session.receive(piece.span.bytes)
        // Its peer does not read, so it takes a few outputs and stops.
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          words += step(&driven)
        }
      }
      words += driven.drain()
    }
    return (words, driven.delivered, driven.session.status)
  }

  /// One output.
  private func step(_ driven: inout DrivenSession) -> [String] {
    var buffer: [UInt8] = []
    switch driven.session.nextOutput(at: driven.now, into: &buffer) {
    case .deliver(_, let bytes): driven.delivered.append(bytes)
    case .request: driven.session.accept(SessionLoop.grant)
    default: break
    }
    return []
  }

  @Test(
    "any interleaving of reads and drains gives the same deliveries and the same state",
    arguments: Habit.allCases, [ARQMode.goBackN, .selectiveRepeat])
  func same(_ habit: Habit, _ mode: ARQMode) {
    for seed in 0..<UInt64(20 * effort) {
      var random = SeededGenerator(seed: seed)
      let bytes = conversation(mode, using: &random)
      let reference = outcome(bytes, .whole, using: &random)
      let actual = outcome(bytes, habit, using: &random)
      #expect(actual.delivered == reference.delivered, "seed \(seed)")
      #expect(actual.state.nextExpected == reference.state.nextExpected, "seed \(seed)")
      #expect(actual.state.framesReceived == reference.state.framesReceived, "seed \(seed)")
      #expect(!reference.delivered.isEmpty)
      if habit == .severalReads { #expect(actual.words == reference.words, "seed \(seed)") }
    }
  }

  @Test func `a driver that does not drain makes the session decode and acknowledge nothing`() {
    var server = DrivenSession.establishedServer()
    let before = server.session.status
    for number in 0..<16 {
      let frame = data(UInt16(1_001 + number), "x")
      server.session.receive(frame.span.bytes)
    }
    #expect(server.session.status == before)
    #expect(server.drain().count == 32)
  }

  @Test(
    "deadlines that are met exactly, late or far too late all come to the same end",
    arguments: [0, 1, 700_000_000, 5_000_000_000] as [Int64])
  func late(_ delay: Int64) throws {
    for situation in try SessionTransitions.situations() {
      var driven = situation.session
      driven.grant = SessionLoop.grant
      var steps = 0
      _ = driven.drain()
      while driven.session.end == nil, steps < 1_000 {
        steps += 1
        driven.now = driven.deadline.advanced(byNanoseconds: delay)
        let before = (driven.deadline, driven.session.phase)
        let words = driven.drain(outputsMax: 50)
        #expect(
          !words.isEmpty || driven.deadline > before.0 || driven.session.phase != before.1,
          "\(situation.name): a deadline must make progress")
      }
      #expect(driven.session.end != nil, "\(situation.name): silence ends every session")
      #expect(steps < 200, "\(situation.name)")
    }
  }

  @Test func `asking again at the same moment says the same`() throws {
    for situation in try SessionTransitions.situations() {
      var driven = situation.session
      let deadline = driven.deadline
      #expect(driven.drain() == [])
      #expect(driven.drain() == [])
      #expect(driven.deadline == deadline, "\(situation.name)")
    }
  }

  @Test func `timers of no duration at all do not make a drain endless`() {
    var tuning = SessionTuning()
    tuning.fixedTimeout = .zero
    tuning.handshakeRepeat = .zero
    tuning.pingAfter = .zero
    tuning.pingRepeat = .seconds(-1)
    var configuration = ClientConfiguration()
    configuration.tuning = tuning
    var client = DrivenSession.client(configuration)
    #expect(client.drain(outputsMax: 50) == ["SYN"])
    _ = client.take(frame(.synAck, 65_530, synAckOptions()))
    #expect(client.session.phase == .established)
    client.session.finish()
    #expect(client.drain(outputsMax: 50) == ["FIN 1001 LAST"])
    #expect(client.take(frame(.pong, 0)) == ["PING"])
    client.now = client.deadline
    #expect(client.drain(outputsMax: 50).contains("FIN 1001 LAST again (timeout)"))
  }
}
