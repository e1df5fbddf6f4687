import ChatTrace
import ChatWire
import TestSupport
import Testing

/// The file that a recording is.
@Suite("Recordings: writing") struct RecordingWriterTests {
  /// A session of a few frames, of which one is damaged and one is dropped.
  static func small() -> RecordingScript {
    var script = RecordingScript()
    script.now = 1_700_000_000_000_000_000
    let rule = "drop DATA c2s first 1"
    script.add(.open(0, RecordingScript.ends(0)))
    let syn = native(.syn, 100, EngineSessionTests.syn(mode: 1))
    script.add(.arrived(0, .clientToServer, syn, number: 1, .forwarded))
    script.add(.sent(0, .clientToServer, syn, number: 1, []))
    let answer = native(.synAck, 500, EngineSessionTests.synAck(mode: 1, acknowledges: 100))
    script.add(.arrived(0, .serverToClient, answer, number: 2, .forwarded))
    script.add(.sent(0, .serverToClient, answer, number: 2, []))
    let drop = TappedAct(rule: rule, action: .drop)
    script.add(
      .arrived(
        0, .clientToServer, native(.data, 101, Array("hi".utf8), flags: 1), number: 3,
        TappedFate(acts: [drop])))
    let hold = TappedAct(rule: "intercept", action: "hold")
    let again = native(.data, 101, Array("hi".utf8), flags: 3)
    script.add(.arrived(0, .clientToServer, again, number: 4, TappedFate(acts: [hold])))
    script.add(
      .decided(
        0, .clientToServer, number: 4, frame: 4, TappedAct(rule: "intercept", action: "release")),
      after: 500_000_000)
    script.add(.sent(0, .clientToServer, again, number: 4, [hold]))
    script.add(
      .ended(
        0, .halfClose(.clientToServer),
        [TappedAct(rule: "slow-close 1s c2s", action: "slow-close 1s")]))
    script.add(.passedEnd(0, .clientToServer), after: 1_000_000_000)
    script.add(.ended(0, .halfClose(.serverToClient), []))
    script.add(.passedEnd(0, .serverToClient))
    return script
  }

  @Test func `a small session is this, block by block`() throws {
    let run = RecordingRun(Self.small(), waits: true)
    var description = ""
    for block in try RecordedBlock.all(in: run.recording) { description += block.description }
    expectGolden(description, named: "recording-small.txt")
    let read = try PrintedTrace(reading: run.recording)
    #expect(read.difference(from: run.live) == nil)
  }

  @Test func `checksums are right, and sequence numbers count what the leg has carried`() throws {
    for seed in 0..<UInt64(6 * effort) {
      let script = RecordingScript(seed: 4_000 + seed, connections: 5, largest: 140_000)
      let run = RecordingRun(script)
      var expected: [String: UInt32] = [:]
      for block in try RecordedBlock.all(in: run.recording) where block.type == 6 {
        let packet = try #require(RecordedPacket(block.packet))
        #expect(packet.isChecksumGood, "seed \(seed)")
        let flow = "\(block.interface) \(packet.source) \(packet.destination)"
        let back = "\(block.interface) \(packet.destination) \(packet.source)"
        if packet.flags & 2 != 0 {
          expected[flow] = packet.sequence &+ 1
          continue
        }
        let next = try #require(expected[flow])
        #expect(packet.payload.isEmpty || packet.sequence == next, "seed \(seed)")
        expected[flow] =
          next &+ UInt32(packet.payload.count) &+ (packet.flags & 1 != 0 ? 1 : 0)
        // Everything that has come is acknowledged.
        #expect(packet.acknowledgement == expected[back], "seed \(seed)")
        #expect(packet.payload.isEmpty || packet.flags == 0x18)
      }
    }
  }

  @Test func `each leg carries its own bytes`() throws {
    let script = RecordingScript(seed: 9, connections: 5, largest: 200_000)
    var arrived: [UInt8] = []
    var sent: [UInt8] = []
    for (_, step) in script.steps {
      if case .arrived(_, _, let bytes, _, _) = step { arrived += bytes }
      if case .sent(_, _, let bytes, _, _) = step { sent += bytes }
    }
    var inbound: [UInt8] = []
    var outbound: [UInt8] = []
    let run = RecordingRun(script)
    for block in try RecordedBlock.all(in: run.recording) where block.type == 6 {
      let packet = try #require(RecordedPacket(block.packet))
      if block.flags == 1 { inbound += packet.payload } else { outbound += packet.payload }
    }
    #expect(inbound == arrived)
    #expect(outbound == sent)
  }

  @Test func `what is explained late waits, and all behind it, but not for ever`() throws {
    var writer = RecordingWriter(program: "test", comment: "")
    writer.beginFile()
    func time(_ milliseconds: Int64) -> TraceTime {
      TraceTime(nanoseconds: milliseconds * 1_000_000)
    }
    writer.open(0, RecordingScript.ends(0), client: "c", server: "s", at: time(0))
    _ = writer.takeOutput()
    let bytes: [UInt8] = [1, 2, 3]
    func arrive(_ number: UInt64, _ milliseconds: Int64, _ notes: [String]?) {
      writer.arrived(
        bytes.span.bytes, connection: 0, direction: .clientToServer, number: number,
        at: time(milliseconds), fate: .forwarded, notes: notes)
    }
    arrive(1, 10, nil)
    arrive(2, 20, ["second"])
    arrive(3, 30, nil)
    #expect(writer.isWaiting)
    #expect(writer.output.isEmpty)
    writer.explain(connection: 0, direction: .serverToClient, notes: ["of nobody"])
    #expect(writer.output.isEmpty)
    writer.explain(connection: 0, direction: .clientToServer, notes: ["first", "and more"])
    #expect(
      try RecordedBlock.all(in: writer.takeOutput()).map { $0.comments.first ?? "" }.prefix(2)
        == ["first; and more", "second"])
    writer.advance(to: time(1_029))
    #expect(writer.output.isEmpty)
    writer.advance(to: time(1_030))
    #expect(try RecordedBlock.all(in: writer.takeOutput()).count == 1)
    #expect(!writer.isWaiting)
    // More than a mebibyte does not wait either.
    for number in 0..<40 as Range<UInt64> {
      let many = [UInt8](repeating: 1, count: 60_000)
      writer.arrived(
        many.span.bytes, connection: 0, direction: .clientToServer, number: 4 + number,
        at: time(1_031), fate: .forwarded, notes: nil)
    }
    #expect(writer.output.count > 1_000_000)
  }

  @Test func `comments for people are short, printable, and without a zero`() throws {
    var writer = RecordingWriter(
      program: "test", comment: String(repeating: "seed 1; drop \u{0}\u{1B}[31m é", count: 900))
    writer.beginFile()
    let blocks = try RecordedBlock.all(in: writer.output)
    let comment = try #require(blocks.first?.comments.first)
    #expect(comment.utf8.count <= 4_200)
    #expect(!comment.unicodeScalars.contains { $0.value < 0x20 })
  }

  @Test func `rules of any length are kept, in several comments`() throws {
    var script = Self.small()
    let acts = (0..<30).map {
      TappedAct(rule: "where seq in {\(String(repeating: "\($0),", count: 4_000))}", action: .drop)
    }
    script.add(.open(1, RecordingScript.ends(1)))
    let syn = native(.syn, 100, EngineSessionTests.syn(mode: 1))
    script.add(.arrived(1, .clientToServer, syn, number: 1, TappedFate(acts: acts)))
    let run = RecordingRun(script)
    let read = try PrintedTrace(reading: run.recording)
    #expect(read.difference(from: run.live) == nil)
  }
}
