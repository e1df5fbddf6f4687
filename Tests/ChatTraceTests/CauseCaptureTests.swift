import ChatTrace
import ChatWire
import TestSupport
import Testing

/// What explanations say of the captures of the repository (captures/README.md), and of captures of
/// sessions of which everything is known.
@Suite("Causes: captures") struct CauseCaptureTests {
  @Test(
    "every broadcast is put down to the message that it passes on",
    arguments: ["native_gbn_clean", "native_sr_faults", "native_mixed_reorder"])
  func broadcasts(_ name: String) throws {
    let why = try ExplainedTrace(capture: name)
    // Every message of these captures has a text of its own.
    var said: [String: TracedRecord] = [:]
    for record in why.trace.frames where record.event.direction == .clientToServer {
      if let text = record.event.text { said[text] = record }
    }
    var count = 0
    for record in why.trace.frames where record.event.direction == .serverToClient {
      guard record.event.typeCode == FrameType.data.rawValue, let text = record.event.text,
        let source = said[text]
      else { continue }
      count += 1
      let link = why.graph.links(of: record.event.frame).first { $0.relation == .broadcast }
      let first = (record.event.attempt ?? 1) == 1
      // On a copy, the message follows from the first one.
      guard first else { continue }
      let cause = why.trace.frames.first { $0.event.frame == link?.frame }
      #expect(cause?.event.stream == source.event.stream, "frame \(record.event.frame)")
      #expect(cause?.event.sequence == source.event.sequence, "frame \(record.event.frame)")
    }
    #expect(count > 5)
  }

  @Test func `the closing of a classic server leads to the channel simulation`() throws {
    let why = try ExplainedTrace(capture: "d_corruption")
    let steps = why.answer(.end(stream: 1)).steps.map(\.event.frame)
    #expect(steps == [0, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14])
    #expect(
      why.root(.end(stream: 1)) == "the server's channel simulation, which frame 14 had switched "
        + "on, lost or damaged its copy of frames 25, 23, 21, 19 and 2 more")
    #expect(why.chain(17) == [17, 16, 15, 14])
    // A goodbye is refused as well.
    #expect(why.chain(34) == [34, 33, 14])
  }

  @Test func `a late acknowledgement leads to the delay that somebody set`() throws {
    let why = try ExplainedTrace(capture: "f_delay")
    #expect(why.chain(16) == [16, 15, 14])
    #expect(
      why.troubles(16)
        == "the server's channel simulation, which frame 14 had switched on, held it back")
    #expect(why.chain(12) == [12, 11])
    #expect(why.chain(25) == [25, 24])
    #expect(why.chain(19).prefix(2) == [19, 17])
  }

  @Test func `a classic goodbye, a list and an end`() throws {
    let why = try ExplainedTrace(capture: "h_clean_disconnect")
    #expect(why.answer(.end(stream: 0)).steps.map(\.event.frame) == [0, 21, 20])
    #expect(why.root(.end(stream: 0)) == "the client said goodbye")
    #expect(why.chain(12) == [12, 11])
    #expect(why.root(12) == "somebody at the client asked who is here")
    #expect(why.chain(19) == [19, 17])
  }

  @Test(
    "a capture names only what it can know", arguments: [Mode.goBackN, .selectiveRepeat], 0..<40)
  func plain(_ mode: Mode, _ seed: UInt64) {
    let session = SimulatedSession(
      mode: mode, window: 8, isn: seed % 2 == 0 ? 65_520 : 100,
      messages: EngineAnalysisTests.texts(12), fragmentSize: 8,
      trouble: [(.lostBefore, 6), (.lostBehind, 6), (.damagedBefore, 6), (.repeated, 6)],
      seed: seed)
    let why = ExplainedTrace(EngineAnalysisTests.trace(session.dialogue))
    for (index, truth) in session.truth.enumerated() {
      let isRepair = truth.cause != nil || truth.type == .nack
      guard isRepair, !truth.isDamaged else { continue }
      let answer = why.answer(.frame(UInt64(index + 1)))
      #expect(!answer.roots.isEmpty)
      for root in answer.roots {
        let frames = root.frames.map { session.truth[Int($0) - 1] }
        let label = "\(mode), seed \(seed), frame \(index + 1): \(root.text)"
        switch root.kind {
        case .damaged: #expect(frames.allSatisfy { $0.isDamaged }, "\(label)")
        case .unanswered, .lostLater, .overtaken, .answerLate:
          #expect(frames.allSatisfy { !$0.isDamaged }, "\(label)")
          #expect(root.text.contains("either"), "\(label)")
        case .doubled, .lost, .unseen, .acknowledged: break
        case .fault, .framing, .channel, .channelDelay, .unrequested, .own, .unknown:
          Issue.record("\(label): a capture cannot know that")
        }
      }
    }
  }

  @Test func `changed captures are explained as well as they can be`() throws {
    let file = try CaptureFixture.bytes("native_mixed_reorder.pcap")
    var random = SeededGenerator(seed: 5)
    for _ in 0..<12 * effort {
      var copy = file
      for _ in 0..<200 {
        copy[Int.random(in: 24..<copy.count, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      }
      var sink = CollectingSink()
      guard (try? readThrough(copy, into: &sink)) != nil else { continue }
      let why = ExplainedTrace(Trace(records: sink.records, summary: sink.summary))
      for frame in stride(from: UInt64(1), through: why.graph.frameCount, by: 61) {
        #expect(!why.root(frame).isEmpty)
        #expect(why.effects(of: frame).steps.count <= 61)
      }
    }
  }

  @Test("every frame has an answer", arguments: CaptureFixture.clean)
  func total(_ name: String) throws {
    var sink = CollectingSink()
    _ = try readThrough(try CaptureFixture.bytes(name), into: &sink)
    let why = ExplainedTrace(Trace(records: sink.records, summary: sink.summary))
    #expect(why.graph.frameCount == UInt64(why.trace.frames.count))
    for frame in stride(from: UInt64(1), through: why.graph.frameCount, by: 97) {
      #expect(!why.root(frame).isEmpty, "frame \(frame)")
      #expect(why.text(.frame(frame)).hasPrefix("frame \(frame), "))
      // Causes are earlier, so nothing is explained by itself.
      #expect(why.graph.links(of: frame).allSatisfy { $0.frame < frame })
    }
    for stream in why.graph.streams {
      #expect(!why.root(.end(stream: stream)).isEmpty, "stream \(stream)")
    }
  }
}
