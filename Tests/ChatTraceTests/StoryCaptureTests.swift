import ChatTrace
import ChatWire
import Foundation
import TestSupport
import Testing

/// The story of the captures of the repository, and of what is left of them with holes.
@Suite("Stories of captures") struct StoryCaptureTests {
  /// The messages of the truth: fragments joined by somebody who knows nothing of the collector.
  private func truth(_ name: String) throws -> [Int: [[StoryFact]]] {
    let truth = try JSONDecoder().decode(
      TruthTests.Truth.self, from: Data(try CaptureFixture.bytes(name + ".truth.json")))
    let trace = try trace(file: try CaptureFixture.bytes(truth.file))
    var result: [Int: [[StoryFact]]] = [:]
    for stream in truth.streams {
      result[stream.stream] = [Direction.clientToServer, .serverToClient].map { direction in
        let frames = trace.frames(stream.stream, direction).filter { $0.event.checksum == .good }
        return frames.first?.event.dialect == .native
          ? StoryFact.native(frames) : StoryFact.classic(frames, direction)
      }
    }
    return result
  }

  @Test(arguments: [
    "a_handshake_one_message", "b_three_clients", "b_three_clients.reordered", "c_sr_and_gbn",
    "i_big_512", "k_mtu1500_split_frames", "k_mtu1500_split_frames.overlap",
    "h_clean_disconnect", "h_clean_disconnect.ipv6", "native_gbn_clean", "native_sr_faults",
    "native_mixed_reorder",
  ])
  func `are those of the truth`(_ name: String) throws {
    let truth = try truth(name)
    let story = try story(file: try CaptureFixture.bytes(name + ".pcap"))
    #expect(story.sessions.map(\.stream) == truth.keys.sorted())
    for session in story.sessions {
      let sides = try #require(truth[session.stream])
      #expect(session.doubts == [])
      #expect(session.fromClient.map(StoryFact.init) == sides[0])
      #expect(session.fromServer.map(StoryFact.init) == sides[1])
      #expect(!session.fromClient.isEmpty)
    }
  }

  @Test func `200 messages of a classic server are all there`() throws {
    let story = try story(file: try CaptureFixture.bytes("i_big_512.pcap"))
    let texts = story.sessions.flatMap(\.fromClient).filter { $0.typeCode == 4 }
    #expect(texts.count == 200)
    #expect(texts.allSatisfy { $0.bytes != nil && $0.acknowledgedOrder != nil })
    // Each is broadcast to all who are there: every broadcast is the text of somebody.
    let said = Set(texts.compactMap(\.bytes).map { String(decoding: $0, as: UTF8.self) })
    let heard = story.sessions.flatMap(\.fromServer).filter { $0.typeCode == 4 }
    #expect(heard.count >= 200)
    for message in heard {
      let text = String(decoding: message.bytes ?? [], as: UTF8.self)
      #expect(text.range(of: "] ").map { said.contains(String(text[$0.upperBound...])) } == true)
    }
  }

  @Test func `what was said of a native session is known with its terms`() throws {
    let story = try story(file: try CaptureFixture.bytes("native_mixed_reorder.pcap"))
    #expect(story.sessions.map(\.granted.mode) == [.selectiveRepeat, .selectiveRepeat, .goBackN])
    #expect(story.sessions.map(\.granted.window) == [2, 16, 4])
    #expect(story.sessions.map(\.granted.nickname).contains("rui"))
    #expect(story.sessions.allSatisfy { $0.end == .clean && $0.error == nil })
    let nicknames = story.sessions.flatMap(\.fromClient).filter { $0.typeCode == 7 }
    #expect(nicknames.map(\.bytes) == [Array("ruy".utf8)])
  }

  @Test(arguments: ["b_three_clients.midstream.pcap", "i_big_512.holes.pcap"])
  func `a capture with holes says less, and why`(_ name: String) throws {
    let whole = name.split(separator: ".")[0] + ".pcap"
    let complete = try story(file: try CaptureFixture.bytes(String(whole)))
    let story = try story(file: try CaptureFixture.bytes(name))
    #expect(story.sessions.contains { !$0.doubts.isEmpty })
    #expect(claimsNothingWrong(story, complete))
  }

  @Test(arguments: [
    "native_sr_faults.pcap", "native_gbn_clean.pcap", "b_three_clients.pcap",
    "native_mixed_reorder.pcap",
  ])
  func `whatever packets are missing, no wrong bytes are claimed`(_ name: String) throws {
    let packets = try packets(of: name)
    let complete = story(packets)
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<15 * effort {
      let from =
        Bool.random(using: &generator) ? 0 : Int.random(in: 0..<packets.count, using: &generator)
      let loss = Int.random(in: 1...20, using: &generator)
      let left = packets[from...].filter { _ in Int.random(in: 0..<100, using: &generator) >= loss }
      #expect(claimsNothingWrong(story(left), complete))
    }
  }

  /// True if all that is known of messages is in the whole story too, in the same order.
  private func claimsNothingWrong(_ story: Story, _ complete: Story) -> Bool {
    story.sessions.allSatisfy { session in
      guard
        let whole = complete.sessions.first(where: {
          [$0.client, $0.server] == [session.client, session.server]
            || [$0.client, $0.server] == [session.server, session.client]
        })
      else { return false }
      // A stream without its beginning may be taken for one the other way round.
      let isTurned = whole.client != session.client
      for side in [Session.Role.client, .server] {
        let known = session.messages(side).filter { $0.bytes != nil }
        let other: Session.Role = side == .client ? .server : .client
        var rest = whole.messages(isTurned ? other : side)[...]
        for message in known {
          guard
            let index = rest.firstIndex(where: {
              $0.bytes == message.bytes && $0.typeCode == message.typeCode
            })
          else { return false }
          rest = rest[(index + 1)...]
        }
      }
      return true
    }
  }
}

/// What a message says.
struct StoryFact: Equatable {
  var typeCode: UInt8
  var bytes: [UInt8]?
  var fragmentCount: Int?

  init(_ typeCode: UInt8, _ bytes: [UInt8]?, _ fragmentCount: Int?) {
    self.typeCode = typeCode
    self.bytes = bytes
    self.fragmentCount = fragmentCount
  }

  init(_ message: StoryMessage) {
    self.init(message.typeCode, message.bytes, message.fragmentCount)
  }

  /// Fragments in the order of their numbers, the first copy of each, cut at LAST.
  static func native(_ frames: [TracedRecord]) -> [StoryFact] {
    let sequenced = frames.filter { FrameType(rawValue: $0.event.typeCode).isSequenced }
    var bySequence: [UInt16: TracedRecord] = [:]
    for frame in sequenced where bySequence[frame.event.sequence] == nil {
      bySequence[frame.event.sequence] = frame
    }
    // The captures are short: no number is used twice. The handshake says which is the first.
    guard var sequence = sequenced.map(\.event.sequence).first else { return [] }
    while bySequence[sequence &- 1] != nil { sequence &-= 1 }
    var facts: [StoryFact] = []
    var bytes: [UInt8] = []
    var count = 0
    while let frame = bySequence[sequence] {
      bytes += frame.payload
      count += 1
      if frame.event.last {
        facts.append(StoryFact(frame.event.typeCode, bytes, count))
        bytes = []
        count = 0
      }
      sequence &+= 1
    }
    return facts
  }

  /// Stop-and-wait without losses: fragments in the order of the bytes, cut at LAST.
  static func classic(_ frames: [TracedRecord], _ direction: Direction) -> [StoryFact] {
    var facts: [StoryFact] = []
    var bytes: [UInt8] = []
    var count = 0
    for frame in frames {
      switch (frame.event.typeCode, direction) {
      case (4, .clientToServer):
        bytes += frame.payload
        count += 1
        guard frame.event.last else { continue }
        facts.append(StoryFact(4, bytes, count))
        bytes = []
        count = 0
      case (4, .serverToClient), (6, _), (7, _), (8, _), (9, _), (99, _):
        facts.append(StoryFact(frame.event.typeCode, frame.payload, 1))
      case (2, .serverToClient) where frame.payload.starts(with: Array("NICK OK".utf8)):
        facts.append(StoryFact(2, frame.payload, 1))
      default: break
      }
    }
    return facts
  }
}
