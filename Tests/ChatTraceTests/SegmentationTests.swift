import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Where framing is intact, any segmentation, reordering or duplication of the TCP segments gives
/// the same frames: type, sequence, offset, payload.
@Suite("Segmentation") struct SegmentationTests {
  /// How one run mistreats the segments.
  struct Treatment: CustomTestStringConvertible {
    var name: String
    var sizes = 1...1_460
    var window: ClosedRange<Int>?
    var keepsSYN = true
    var duplicates = 0
    var overlaps = false
    var wrapping = Wrapping()
    var isPcapng = false
    var isBigEndian = false
    var isns: (UInt32, UInt32) = (1_000, 77_000)
    var ending = 1
    var testDescription: String { name }
  }

  static let treatments: [Treatment] = [
    Treatment(name: "byte by byte", sizes: 1...1),
    Treatment(name: "small", sizes: 1...40),
    Treatment(name: "large", sizes: 1...60_000),
    Treatment(name: "shuffled", sizes: 1...200, window: 6...16),
    Treatment(name: "shuffled with SYN", sizes: 1...600, window: 6...16, keepsSYN: false),
    Treatment(name: "shuffled, reset", sizes: 1...400, window: 6...16, ending: 2),
    Treatment(name: "shuffled, no end", sizes: 1...400, window: 6...16, ending: 0),
    Treatment(name: "duplicated", sizes: 1...300, duplicates: 30),
    Treatment(
      name: "shuffled and duplicated", sizes: 1...300, window: 6...16, duplicates: 30),
    Treatment(name: "overlapped", sizes: 1...300, overlaps: true),
    Treatment(
      name: "overlapped, shuffled, duplicated", sizes: 1...100, window: 6...16, duplicates: 20,
      overlaps: true),
    Treatment(
      name: "everything with SYN", sizes: 1...100, window: 6...16, keepsSYN: false,
      duplicates: 20, overlaps: true),
    Treatment(
      name: "sequence numbers wrap", sizes: 1...50, window: 6...16,
      isns: (0xFFFF_FFF0, 0xFFFF_FF00)),
    Treatment(name: "IPv6", wrapping: Wrapping(link: .ethernet, isIPv6: true)),
    Treatment(name: "802.1Q", wrapping: Wrapping(link: .vlan)),
    Treatment(name: "802.1ad", wrapping: Wrapping(link: .qinq), isPcapng: true),
    Treatment(
      name: "Ethernet with padding", sizes: 1...9, wrapping: Wrapping(link: .ethernet)),
    Treatment(name: "Linux cooked v1", wrapping: Wrapping(link: .linuxSLL)),
    Treatment(name: "Linux cooked v2", wrapping: Wrapping(link: .linuxSLL2), isPcapng: true),
    Treatment(name: "BSD loopback", wrapping: Wrapping(link: .null), isBigEndian: true),
    Treatment(name: "BSD loopback, big-endian", wrapping: Wrapping(link: .nullBig)),
    Treatment(name: "OpenBSD loopback", wrapping: Wrapping(link: .loop)),
    Treatment(
      name: "IP fragments, shuffled", sizes: 100...1_460, window: 6...16,
      wrapping: Wrapping(link: .ethernet, ipFragment: 96)),
    Treatment(
      name: "big-endian pcapng", wrapping: Wrapping(link: .rawIP, isIPv6: true), isPcapng: true,
      isBigEndian: true),
    Treatment(name: "other ports", wrapping: Wrapping(clientPort: 300, serverPort: 61_000)),
  ]

  @Test("the frames stay the same", arguments: treatments)
  func frames(_ treatment: Treatment) throws {
    for name in CaptureFixture.clean.prefix(10) {
      for seed in 0..<UInt64(effort) {
        let original = try packets(of: name)
        let expected = trace(original)
        var random = SeededGenerator(seed: seed &* 977 &+ UInt64(name.utf8.count))
        let made = Self.treat(Dialogue(of: original), treatment, using: &random)
        let got =
          treatment.isPcapng || treatment.isBigEndian
          ? try trace(
            file: captureFile(
              made, isPcapng: treatment.isPcapng, isBigEndian: treatment.isBigEndian))
          : trace(made)
        // What is a copy in the classic dialect shows only in the order of the two directions.
        let isNumbered = treatment.window == nil || name.hasPrefix("native")
        Self.compare(
          got, expected, isNumbered: isNumbered, "\(name), \(treatment.name), seed \(seed)")
      }
    }
  }

  /// Segments of a dialogue, mistreated.
  static func treat(
    _ dialogue: Dialogue, _ treatment: Treatment, using random: inout SeededGenerator
  ) -> [RawPacket] {
    var plan = WirePlan()
    plan.sizes = treatment.sizes
    plan.clientISN = treatment.isns.0
    plan.serverISN = treatment.isns.1
    plan.ending = treatment.ending
    var segments = plan.segments(dialogue, using: &random)
    if treatment.overlaps { segments = overlapped(segments, using: &random) }
    if treatment.duplicates > 0 {
      segments = segments.flatMap { segment in
        Int.random(in: 0..<100, using: &random) < treatment.duplicates
          ? [segment, segment] : [segment]
      }
    }
    var result = treatment.wrapping.packets(segments)
    guard let window = treatment.window else { return result }
    let keepsSYN = treatment.keepsSYN
    let times = result.map(\.nanoseconds)
    result = result.shuffledInWindows(of: window, using: &random) { packet in
      keepsSYN && isSYN(packet)
    }
    for index in result.indices { result[index].nanoseconds = times[index] }
    return result
  }

  static func isSYN(_ packet: RawPacket) -> Bool {
    guard case .segment(let segment) = decode(packet.bytes, packet.linkType) else { return false }
    return segment.flags.contains(.syn)
  }

  /// Besides each segment, one that repeats the end of the one before and all of it.
  static func overlapped(
    _ segments: [MadeSegment], using random: inout SeededGenerator
  ) -> [MadeSegment] {
    var result: [MadeSegment] = []
    var before: [String: MadeSegment] = [:]
    for segment in segments {
      result.append(segment)
      guard !segment.payload.isEmpty else { continue }
      let key = "\(segment.connection) \(segment.fromClient)"
      if let previous = before[key], Int.random(in: 0..<3, using: &random) == 0,
        previous.sequence &+ UInt32(previous.payload.count) == segment.sequence
      {
        var copy = segment
        let kept = Int.random(in: 0...previous.payload.count, using: &random)
        copy.sequence &-= UInt32(kept)
        copy.payload = previous.payload.suffix(kept) + segment.payload
        copy.payload.removeLast(Int.random(in: 0..<segment.payload.count, using: &random))
        result.append(copy)
      }
      before[key] = segment
    }
    return result
  }

  static func compare(
    _ got: Trace, _ expected: Trace, isNumbered: Bool = true, _ label: String
  ) {
    func plain(_ facts: [FrameFact]) -> [FrameFact] {
      facts.map { fact in
        var fact = fact
        if !isNumbered { (fact.message, fact.fragment) = (nil, nil) }
        return fact
      }
    }
    #expect(got.inconsistencies.isEmpty, "\(label)")
    // Streams are numbered in order of first packet, so disorder may number them otherwise; in made
    // captures the ports tell which is which.
    let numbers = got.records.filter { $0.event.tcpEvent == .open }
      .sorted { $0.event.client ?? "" < $1.event.client ?? "" }.map(\.event.stream)
    guard numbers.count == expected.chatStreams.count else {
      Issue.record("\(label): streams \(got.chatStreams), not \(expected.chatStreams)")
      return
    }
    for (stream, number) in zip(expected.chatStreams, numbers) {
      for direction in [Direction.clientToServer, .serverToClient] {
        // Where framing is lost, what counts as received may change the verdict on damaged frames.
        let isIntact = expected.ledger(stream, direction)?.junkBytes == 0
        let was = plain(expected.facts(stream, direction)).filter {
          isIntact || $0.checksum == .good
        }
        let now = plain(got.facts(number, direction)).filter { isIntact || $0.checksum == .good }
        guard was != now else { continue }
        let place = zip(was, now).prefix { $0 == $1 }.count
        Issue.record(
          """
          \(label), stream \(stream) \(direction.name): \(now.count) frames of \(was.count)
          was: \(place < was.count ? was[place].description : "-")
          now: \(place < now.count ? now[place].description : "-")
          """)
        return
      }
    }
  }
}
