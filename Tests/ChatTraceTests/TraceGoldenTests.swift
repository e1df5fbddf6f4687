import ChatTrace
import TestSupport
import Testing

/// Renders while it takes records, as the program does.
struct RenderingSink: TraceSink {
  var text = TextRenderer(Self.options)
  var ndjson = NDJSONRenderer(includesPayload: false)
  var textBytes: [UInt8] = []
  var ndjsonBytes: [UInt8] = []
  var frameCountMax = Int.max
  var frames = 0

  static var options: TextRenderer.Options {
    var options = TextRenderer.Options()
    options.width = 120
    return options
  }

  mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    guard frames < frameCountMax else { return }
    text.render(event, payload: payload, into: &textBytes)
    ndjson.render(event, payload: payload, into: &ndjsonBytes)
    if event.kind == .frame { frames += 1 }
  }

  mutating func finish(_ summary: TraceSummary) {
    text.render(summary, into: &textBytes)
    ndjson.render(summary, into: &ndjsonBytes)
  }
}

@Suite("Golden traces") struct TraceGoldenTests {
  @Test(
    "the trace reads as it should",
    arguments: [
      ("a_handshake_one_message", Int.max), ("d_corruption", .max), ("native_gbn_clean", .max),
      ("native_sr_faults", 120),
    ])
  func golden(_ name: String, _ frameCountMax: Int) throws {
    var sink = RenderingSink()
    sink.frameCountMax = frameCountMax
    _ = try readThrough(try CaptureFixture.bytes(name + ".pcap"), into: &sink)
    expectGolden(String(decoding: sink.textBytes, as: UTF8.self), named: "trace-\(name).txt")
    expectGolden(String(decoding: sink.ndjsonBytes, as: UTF8.self), named: "trace-\(name).ndjson")
  }

  @Test(
    "neither the size of blocks nor another run changes a byte", arguments: CaptureFixture.clean)
  func determinism(_ name: String) throws {
    let file = try CaptureFixture.bytes(name)
    var expected: RenderingSink?
    // Blocks of a byte make the reader of this test quadratic.
    let sizes = file.count < 12_000 ? [1 << 16, 1, 100, 1 << 16] : [1 << 16, 1_000, 1 << 16]
    for size in sizes {
      var sink = RenderingSink()
      _ = try readThrough(file, inBlocksOf: size, into: &sink)
      #expect(sink.ndjsonBytes == expected?.ndjsonBytes ?? sink.ndjsonBytes, "blocks of \(size)")
      #expect(sink.textBytes == expected?.textBytes ?? sink.textBytes, "blocks of \(size)")
      expected = expected ?? sink
    }
  }
}

/// Bytes changed anywhere: nothing may trap, sums must hold.
@Suite("Hostile captures") struct TraceHostileTests {
  @Test("a mutated capture is read", arguments: CaptureFixture.small + ["native_sr_faults.pcap"])
  func mutated(_ name: String) throws {
    let file = try CaptureFixture.bytes(name)
    var random = SeededGenerator(seed: UInt64(file.count))
    for round in 0..<max(40, 3_000_000 * effort / (file.count + 2_000)) {
      var copy = file
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        // The file header stays mostly whole, so that there is something to read.
        let index = Int.random(in: (round % 8 == 0 ? 0 : 24)..<copy.count, using: &random)
        copy[index] = UInt8.random(in: 0...255, using: &random)
      }
      if round % 5 == 0 { copy.removeLast(Int.random(in: 0..<copy.count, using: &random)) }
      var sink = CollectingSink()
      do {
        _ = try readThrough(copy, into: &sink)
        let trace = Trace(records: sink.records, summary: sink.summary)
        let problems = trace.inconsistencies
        if !problems.isEmpty {
          Issue.record("\(name), round \(round): \(problems)")
          return
        }
      } catch is CaptureFileError {
        continue
      }
    }
  }

  @Test func `mutated packets with hostile times are read`() throws {
    for name in ["native_sr_faults.pcap", "native_gbn_clean.pcap", "d_corruption.pcap"] {
      let original = try packets(of: name)
      var random = SeededGenerator(seed: 3)
      for _ in 0..<30 * effort {
        var packets = original
        for _ in 0..<20 {
          let index = Int.random(in: packets.indices, using: &random)
          let place = Int.random(in: packets[index].bytes.indices, using: &random)
          packets[index].bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        for index in packets.indices {
          packets[index].nanoseconds =
            [Int64.max, .min, 0, nil, packets[index].nanoseconds].randomElement(using: &random)
            ?? nil
        }
        let trace = trace(packets)
        #expect(trace.inconsistencies.isEmpty)
      }
    }
  }

  @Test func `random packets are read`() {
    var random = SeededGenerator(seed: 11)
    var packets: [RawPacket] = []
    for _ in 0..<4_000 * effort {
      // Any flags and sequence numbers on few connections.
      let segment = MadeSegment(
        connection: Int.random(in: 0..<3, using: &random),
        fromClient: Bool.random(using: &random),
        sequence: UInt32.random(in: 0..<3_000, using: &random)
          &+ (Bool.random(using: &random) ? 0 : .max - 1_000),
        acknowledgement: UInt32.random(in: 0..<3_000, using: &random),
        flags: UInt8.random(in: 0...255, using: &random) & 0x17,
        payload: (0..<Int.random(in: 0..<40, using: &random)).map { _ in
          UInt8.random(in: 0...5, using: &random)
        })
      packets += Wrapping().packets([segment])
    }
    let trace = trace(packets)
    #expect(trace.inconsistencies.isEmpty)
    #expect(trace.summary.packets == UInt64(packets.count))
  }
}
