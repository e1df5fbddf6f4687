import ChatWire
import TestSupport
import Testing

/// The middle of a connection: bytes of both sides in any segmentation, frames and other bytes out.
@Suite("Frame relay") struct FrameRelayTests {
  /// What came through, and what was said about it.
  private struct Run: Equatable {
    var bytes: [[UInt8]] = [[], []]
    /// All arrivals of a direction, in order.
    var arrived: [[UInt8]] = [[], []]
    /// What was done to the frames of a direction.
    var acts: [[[FaultAct]]] = [[], []]
    var frameCounts = [0, 0]
    var held: [(Direction, [UInt8], Fate)] = []

    static func == (left: Run, right: Run) -> Bool {
      left.bytes == right.bytes && left.arrived == right.arrived && left.acts == right.acts
        && left.frameCounts == right.frameCounts
    }
  }

  /// One side's bytes and when they come.
  private struct Chunk {
    var direction: Direction
    var bytes: [UInt8]
  }

  private func relay(_ rules: String = "") throws -> FrameRelay {
    FrameRelay(
      rules: try FaultRules(parsing: rules), seed: 7, connection: 0, checksum: CRC32(), at: .zero)
  }

  private func take(
    _ relay: inout FrameRelay, at now: Instant = .zero, into run: inout Run,
    holding type: FrameType? = nil
  ) {
    var buffer: [UInt8] = []
    for direction in [Direction.clientToServer, .serverToClient] {
      let index = Int(direction.rawValue)
      while let arrival = relay.nextArrival(
        direction, at: now, into: &buffer,
        isHeld: { _, header, _, _ in header.typeCode == type?.rawValue })
      {
        run.arrived[index] += buffer
        if arrival.header != nil { run.frameCounts[index] += 1 }
        if let fate = arrival.fate {
          run.acts[index].append(fate.acts)
          if arrival.isHeld { run.held.append((direction, buffer, fate)) }
        }
      }
      while case .forward = relay.nextOutput(direction, at: now, into: &run.bytes[index]) {}
    }
  }

  /// Plays chunks; those that may pass at once do.
  private func play(_ chunks: [Chunk], through relay: consuming FrameRelay) -> Run {
    var relay = relay
    var run = Run()
    for chunk in chunks { give(chunk, to: &relay, into: &run) }
    for direction in [Direction.clientToServer, .serverToClient] {
      relay.finish(direction, at: .zero)
    }
    take(&relay, into: &run)
    for direction in [Direction.clientToServer, .serverToClient] {
      relay.finishOutput(direction)
    }
    take(&relay, into: &run)
    return run
  }

  private func give(_ chunk: Chunk, to relay: inout FrameRelay, into run: inout Run) {
    let isPassed = relay.isTransparent(chunk.direction)
    if isPassed { run.bytes[Int(chunk.direction.rawValue)] += chunk.bytes }
    relay.receive(chunk.bytes.span.bytes, chunk.direction, isPassed: isPassed, at: .zero)
    take(&relay, into: &run)
  }

  private func cut(
    _ frames: [TrafficFrame], junk: Bool, cutAtMost: Int, using random: inout SeededGenerator
  ) -> [Chunk] {
    var chunks: [Chunk] = []
    for (index, frame) in frames.enumerated() {
      var bytes = frame.bytes
      // The first frame tells the dialect.
      if junk, index > 4, Int.random(in: 0..<6, using: &random) == 0 {
        bytes += (0..<Int.random(in: 1...30, using: &random)).map { _ in
          UInt8.random(in: 1...255, using: &random)
        }
      }
      while !bytes.isEmpty {
        let count = min(bytes.count, Int.random(in: 1...cutAtMost, using: &random))
        chunks.append(Chunk(direction: frame.direction, bytes: Array(bytes.prefix(count))))
        bytes.removeFirst(count)
      }
    }
    return chunks
  }

  private func sent(_ chunks: [Chunk]) -> [[UInt8]] {
    [Direction.clientToServer, .serverToClient].map { direction in
      chunks.filter { $0.direction == direction }.flatMap(\.bytes)
    }
  }

  @Test("Without rules, and with rules that never fire, every byte comes out as it went in")
  func nothingChanges() throws {
    var random = SeededGenerator(seed: 31)
    for round in 0..<(20 * effort) {
      let frames = try RandomTraffic(count: 80, using: &random).interleaved(using: &random)
      let chunks = cut(frames, junk: round % 2 == 1, cutAtMost: 60, using: &random)
      for rules in ["", "drop DATA nth 100000", "corrupt length 0% c2s"] {
        let run = play(chunks, through: try relay(rules))
        #expect(run.bytes == sent(chunks), "\(rules)")
        #expect(run.arrived == sent(chunks), "\(rules)")
      }
    }
  }

  @Test("The same frames have the same fates, however the bytes are cut")
  func segmentation() throws {
    var random = SeededGenerator(seed: 32)
    let rules = "drop 10% DATA; corrupt 5%; duplicate 5% c2s; drop ACK every 3"
    for _ in 0..<(10 * effort) {
      let frames = try RandomTraffic(count: 120, using: &random).interleaved(using: &random)
      let whole = play(
        frames.map { Chunk(direction: $0.direction, bytes: $0.bytes) }, through: try relay(rules))
      #expect(whole.frameCounts.reduce(0, +) == frames.count)
      #expect(whole.acts.joined().contains { !$0.isEmpty })
      let chunks = cut(frames, junk: false, cutAtMost: 40, using: &random)
      #expect(play(chunks, through: try relay(rules)) == whole)
    }
  }

  @Test("Rules that come and go lose no byte and know each frame")
  func changingRules() throws {
    var random = SeededGenerator(seed: 33)
    for _ in 0..<(20 * effort) {
      let frames = try RandomTraffic(count: 80, using: &random).interleaved(using: &random)
      let chunks = cut(frames, junk: false, cutAtMost: 30, using: &random)
      var relay = try relay()
      var run = Run()
      for chunk in chunks {
        if Int.random(in: 0..<10, using: &random) == 0 {
          relay.rules =
            relay.rules.isEmpty ? try FaultRules(parsing: "drop nth 9999") : FaultRules()
        }
        give(chunk, to: &relay, into: &run)
      }
      for direction in [Direction.clientToServer, .serverToClient] {
        relay.finish(direction, at: .zero)
        relay.finishOutput(direction)
      }
      take(&relay, into: &run)
      #expect(run.bytes == sent(chunks))
      #expect(run.arrived == sent(chunks))
    }
  }

  @Test("What is no chat passes, whether there are rules or not")
  func noChat() throws {
    var random = SeededGenerator(seed: 34)
    for rules in ["", "drop 50%"] {
      let chunks = (0..<200).map { index in
        Chunk(
          direction: index % 3 == 0 ? .serverToClient : .clientToServer,
          bytes: (0..<Int.random(in: 1...400, using: &random)).map { _ in
            UInt8.random(in: 1...255, using: &random)
          })
      }
      var relay = try relay(rules)
      var run = Run()
      for chunk in chunks { give(chunk, to: &relay, into: &run) }
      #expect(relay.framing == .nothing)
      take(&relay, into: &run)
      #expect(run.bytes == sent(chunks))
      #expect(run.arrived == sent(chunks))
    }
  }

  @Test("A server that speaks first, and half a frame, wait a second and then pass")
  func undecided() throws {
    var relay = try relay("drop nth 9999")
    var run = Run()
    let greeting: [UInt8] = [1, 2, 3]
    let frame = TrafficFrame(.clientToServer, .data, 5, Array("hello".utf8))
    let beginning = Array(frame.bytes.prefix(3))
    relay.receive(greeting.span.bytes, .serverToClient, isPassed: false, at: .zero)
    relay.receive(beginning.span.bytes, .clientToServer, isPassed: false, at: .zero)
    take(&relay, into: &run)
    #expect(run.bytes == [[], []])
    let deadline = relay.deadline
    #expect(deadline == Instant.zero.advanced(by: .seconds(1)))
    take(&relay, at: deadline, into: &run)
    #expect(run.bytes == [beginning, greeting])
    // The frame that had begun is recognised all the same.
    let rest = Array(frame.bytes.dropFirst(3))
    relay.receive(rest.span.bytes, .clientToServer, isPassed: false, at: deadline)
    take(&relay, at: deadline, into: &run)
    #expect(relay.framing == .found(.native))
    #expect(run.bytes[0] == frame.bytes)
    #expect(run.arrived == run.bytes)
  }

  @Test("A frame held by hand goes on when it is released, and others overtake it")
  func interception() throws {
    var relay = try relay()
    relay.isIntercepting = true
    let frames = [
      TrafficFrame(.clientToServer, .data, 1, Array("one".utf8)),
      TrafficFrame(.clientToServer, .ping, 2), TrafficFrame(.clientToServer, .data, 2),
    ]
    var run = Run()
    for frame in frames {
      let isPassed = relay.isTransparent(.clientToServer)
      #expect(!isPassed)
      relay.receive(frame.bytes.span.bytes, .clientToServer, isPassed: isPassed, at: .zero)
      take(&relay, into: &run, holding: .ping)
    }
    #expect(run.bytes[0] == frames[0].bytes + frames[2].bytes)
    #expect(run.held.count == 1)
    let (direction, bytes, fate) = run.held[0]
    #expect(bytes == frames[1].bytes)
    relay.release(bytes.span.bytes, fate: fate, direction, at: .zero)
    take(&relay, into: &run)
    #expect(run.bytes[0] == frames[0].bytes + frames[2].bytes + frames[1].bytes)
  }

  @Test("A ledger does the same again to the same frames")
  func ledger() throws {
    var random = SeededGenerator(seed: 35)
    let rules = "drop 10% DATA; corrupt header 5%; duplicate 3 5% s2c"
    let frames = try RandomTraffic(count: 200, using: &random).interleaved(using: &random)
    let chunks = cut(frames, junk: false, cutAtMost: 100, using: &random)
    var first = try relay(rules)
    var ledger = FaultLedger(seed: 7, rules: try FaultRules(parsing: rules))
    var buffer: [UInt8] = []
    for chunk in chunks {
      first.receive(chunk.bytes.span.bytes, chunk.direction, isPassed: false, at: .zero)
      while let arrival = first.nextArrival(chunk.direction, at: .zero, into: &buffer) {
        if let fate = arrival.fate { ledger.record(fate) }
      }
    }
    #expect(!ledger.entries.isEmpty)
    let replay = FrameRelay(replaying: ledger, connection: 0, checksum: CRC32(), at: .zero)
    let again = play(cut(frames, junk: false, cutAtMost: 33, using: &random), through: replay)
    #expect(again == play(chunks, through: try relay(rules)))
  }
}
