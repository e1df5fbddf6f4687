import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Captures that lack something: packets, ends of packets, the beginning, the end, a direction.
@Suite("Holes") struct TraceHolesTests {
  /// Which bytes of which connection and direction a packet has, counted from the SYN.
  struct Place {
    var stream: Int
    var direction: Direction
    var range: Range<UInt64>
    var isSYN = false
    var isReset = false
    var acknowledged: UInt64?
  }

  /// A capture, what it says when it is whole, and where its packets belong.
  struct Original {
    var packets: [RawPacket]
    var trace: Trace
    var places: [Place?]

    init(_ name: String) throws {
      packets = try ChatTraceTests.packets(of: name)
      trace = ChatTraceTests.trace(packets)
      var decoder = PacketDecoder()
      var clients: [Set<Endpoint>: (stream: Int, client: Endpoint)] = [:]
      var initials: [Endpoint: [Endpoint: UInt32]] = [:]
      places = []
      for packet in packets {
        let record = CaptureRecord(
          time: nil, linkType: packet.linkType, offset: 0, capturedLength: packet.bytes.count,
          originalLength: packet.bytes.count)
        guard case .segment(let segment) = decoder.decode(packet.bytes.span.bytes, record: record)
        else {
          places.append(nil)
          continue
        }
        let ends: Set = [segment.source, segment.destination]
        if clients[ends] == nil { clients[ends] = (clients.count, segment.source) }
        let isSYN = segment.flags.contains(.syn)
        if isSYN {
          initials[segment.source, default: [:]][segment.destination] =
            segment.sequenceNumber &+ 1
        }
        guard let stream = clients[ends],
          let initial = initials[segment.source]?[segment.destination]
        else {
          places.append(nil)
          continue
        }
        let start = isSYN ? 0 : UInt64(segment.sequenceNumber &- initial)
        let peer = initials[segment.destination]?[segment.source]
        places.append(
          Place(
            stream: stream.stream,
            direction: stream.client == segment.source ? .clientToServer : .serverToClient,
            range: start..<start + UInt64(segment.payloadLength), isSYN: isSYN,
            isReset: segment.flags.contains(.reset),
            acknowledged: segment.flags.contains(.ack) && !segment.flags.contains(.reset)
              ? peer.map { UInt64(segment.acknowledgementNumber &- $0) } : nil))
      }
    }

    /// The bytes that these packets have, apart and sorted.
    func captured(_ kept: [Int], _ stream: Int, _ direction: Direction) -> [Range<UInt64>] {
      var result: [Range<UInt64>] = []
      let ranges = kept.compactMap { places[$0] }.filter {
        $0.stream == stream && $0.direction == direction && !$0.range.isEmpty
      }.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
      for range in ranges {
        if let last = result.last, range.lowerBound <= last.upperBound {
          result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
          result.append(range)
        }
      }
      return result
    }
  }

  /// What a trace of some packets must say, whatever they are.
  static func check(
    _ trace: Trace, of original: Original, kept: [Int], _ label: String
  ) {
    let problems = trace.inconsistencies
    if !problems.isEmpty { Issue.record("\(label): \(problems)") }
    for (index, stream) in original.trace.chatStreams.enumerated() {
      for direction in [Direction.clientToServer, .serverToClient] {
        let captured = original.captured(kept, stream, direction)
        let hasSYN = kept.contains {
          original.places[$0].map {
            $0.stream == stream && $0.direction == direction && $0.isSYN
          } ?? false
        }
        // The first byte known: segments without data tell it as well.
        let first = kept.compactMap { original.places[$0] }.filter {
          $0.stream == stream && $0.direction == direction && !$0.isReset
        }.map(\.range.lowerBound).min()
        let shift = hasSYN ? 0 : first ?? 0
        let all = original.trace.facts(stream, direction)
        // The stream's number among those that have any packet left.
        var numbers: [Int] = []
        for place in kept.lazy.compactMap({ original.places[$0]?.stream })
        where !numbers.contains(place) { numbers.append(place) }
        guard let number = numbers.firstIndex(of: stream) else { continue }
        let got = trace.facts(number, direction)
        let where_ = "\(label), stream \(stream) (\(index)) \(direction.name)"
        var truth: [UInt64: FrameFact] = [:]
        for fact in all { truth[fact.offset] = fact }
        let lost = original.lostFraming(stream, direction)
        // Whether a damaged length can be trusted shows only behind the frame, which may be
        // missing.
        for fact in got
        where fact.checksum == .good || !lost.contains("\(fact.offset + shift) \(fact.typeCode)") {
          guard let fact2 = truth[fact.offset + shift], fact2.typeCode == fact.typeCode,
            fact2.sequence == fact.sequence, fact2.length == fact.length,
            fact2.flags == fact.flags,
            fact2.payload.starts(with: fact.payload) || fact.checksum != .good
          else {
            Issue.record("\(where_): invented \(fact), shift \(shift)")
            return
          }
        }
        checkGaps(
          trace.gaps(number, direction),
          captured.map { $0.lowerBound - shift..<$0.upperBound - shift },
          isRecognised: trace.chatStreams.contains(number), where_)
        if let ledger = trace.ledger(number, direction), let end = captured.last?.upperBound {
          let gapEnd = trace.gaps(number, direction).last?.upperBound ?? 0
          #expect(ledger.bytes == max(end - shift, gapEnd), "\(where_)")
        }
        let found = Set(got.map { $0.offset + shift })
        let header = UInt64(original.headerSize)
        for run in captured {
          for fact in all where fact.checksum == .good {
            let range = fact.offset..<fact.offset + header + fact.length
            guard range.lowerBound >= run.lowerBound, range.upperBound <= run.upperBound,
              !found.contains(fact.offset)
            else { continue }
            if !trace.chatStreams.contains(number) { continue }
            Issue.record("\(where_): missed \(fact), shift \(shift)")
            return
          }
        }
      }
    }
  }

  /// Gaps are exactly what lies between the bytes captured; what is missing behind them may be
  /// known or not.
  static func checkGaps(
    _ gaps: [Range<UInt64>], _ captured: [Range<UInt64>], isRecognised: Bool, _ label: String
  ) {
    guard isRecognised, let end = captured.last?.upperBound else { return }
    var expected: [Range<UInt64>] = []
    var position: UInt64 = 0
    for run in captured {
      if run.lowerBound > position { expected.append(position..<run.lowerBound) }
      position = run.upperBound
    }
    let inner = gaps.filter { $0.lowerBound < end }
    #expect(inner == expected, "\(label)")
    #expect(gaps.dropFirst(inner.count).allSatisfy { $0.lowerBound >= end }, "\(label)")
  }

  @Test("any packet may be missing", arguments: CaptureFixture.clean)
  func onePacket(_ name: String) throws {
    let original = try Original(name)
    let count = original.packets.count
    let budget = max(1, count * count / (1_500 * effort))
    for dropped in stride(from: 0, to: count, by: budget) {
      let kept = (0..<count).filter { $0 != dropped }
      Self.check(
        trace(kept.map { original.packets[$0] }), of: original, kept: kept,
        "\(name) without packet \(dropped)")
    }
  }

  @Test("many packets may be missing", arguments: CaptureFixture.clean)
  func manyPackets(_ name: String) throws {
    let original = try Original(name)
    let count = original.packets.count
    var random = SeededGenerator(seed: 5)
    for round in 0..<max(2, 1_000 * effort / count) {
      let percent = [2, 10, 30][round % 3]
      let kept = (0..<count).filter { _ in Int.random(in: 0..<100, using: &random) >= percent }
      Self.check(
        trace(kept.map { original.packets[$0] }), of: original, kept: kept,
        "\(name), round \(round)")
    }
  }

  @Test("a capture may begin anywhere", arguments: CaptureFixture.clean)
  func beginning(_ name: String) throws {
    let original = try Original(name)
    let count = original.packets.count
    for start in stride(from: 1, to: count, by: max(1, count * count / (2_500 * effort))) {
      let kept = Array(start..<count)
      let trace = trace(kept.map { original.packets[$0] })
      Self.check(trace, of: original, kept: kept, "\(name) from packet \(start)")
      for stream in trace.chatStreams {
        let notes = trace.records.filter { $0.event.stream == stream && $0.has(.directionAssumed) }
        #expect(notes.count <= 1, "\(name) from packet \(start)")
      }
    }
  }

  @Test("a capture may end anywhere", arguments: CaptureFixture.clean)
  func ending(_ name: String) throws {
    let original = try Original(name)
    let count = original.packets.count
    for end in stride(from: 0, to: count, by: max(1, count * count / (2_500 * effort))) {
      Self.check(
        trace(Array(original.packets[..<end])), of: original, kept: Array(0..<end),
        "\(name) up to packet \(end)")
    }
  }

  @Test("a capture may have one direction only", arguments: CaptureFixture.clean)
  func oneDirection(_ name: String) throws {
    let original = try Original(name)
    for direction in [Direction.clientToServer, .serverToClient] {
      let kept = original.packets.indices.filter { original.places[$0]?.direction == direction }
      let trace = trace(kept.map { original.packets[$0] })
      #expect(trace.chatStreams == original.trace.chatStreams)
      Self.check(trace, of: original, kept: kept, "\(name), \(direction.name) only")
    }
  }

  @Test("packets may be cut off", arguments: CaptureFixture.clean)
  func snapLength(_ name: String) throws {
    let original = try Original(name)
    let lengths =
      original.packets.count < 300 * effort
      ? Array(stride(from: 60, through: 300, by: 17)) : [68, 96, 200]
    for length in lengths {
      let cut = original.packets.map { packet in
        var packet = packet
        packet.originalLength = packet.bytes.count
        packet.bytes = Array(packet.bytes.prefix(length))
        return packet
      }
      let trace = trace(cut)
      let label = "\(name), snap length \(length)"
      #expect(trace.inconsistencies.isEmpty, "\(label)")
      for stream in trace.chatStreams {
        for direction in [Direction.clientToServer, .serverToClient] {
          checkSnap(trace, original, cut, stream, direction, label)
        }
      }
    }
  }

  private func checkSnap(
    _ trace: Trace, _ original: Original, _ cut: [RawPacket], _ stream: Int,
    _ direction: Direction, _ label: String
  ) {
    let truth = original.trace.facts(stream, direction)
    let got = trace.facts(stream, direction)
    let all = Dictionary(uniqueKeysWithValues: truth.map { ($0.offset, $0) })
    let lost = original.lostFraming(stream, direction)
    for fact in got
    where fact.checksum == .good || !lost.contains("\(fact.offset) \(fact.typeCode)") {
      guard let same = all[fact.offset], same.typeCode == fact.typeCode,
        same.sequence == fact.sequence, same.length == fact.length, same.flags == fact.flags,
        same.payload.starts(with: fact.payload) || fact.payload.count <= same.payload.count
      else {
        Issue.record("\(label), stream \(stream) \(direction.name): invented \(fact)")
        return
      }
    }
    // What was captured of each packet.
    var runs: [Range<UInt64>] = []
    for index in cut.indices {
      guard let place = original.places[index], place.stream == stream,
        place.direction == direction, !place.range.isEmpty
      else { continue }
      let headers = original.packets[index].bytes.count - place.range.count
      let count = UInt64(max(0, cut[index].bytes.count - headers))
      guard count > 0 else { continue }
      let range =
        place.range.lowerBound..<min(place.range.lowerBound + count, place.range.upperBound)
      if let last = runs.last, last.upperBound == range.lowerBound {
        runs[runs.count - 1] = last.lowerBound..<range.upperBound
      } else {
        runs.append(range)
      }
    }
    let found = Set(got.map(\.offset))
    let header = UInt64(original.headerSize)
    for fact in truth where !found.contains(fact.offset) {
      let range = fact.offset..<fact.offset + header + fact.length
      guard fact.checksum == .good,
        runs.contains(where: {
          $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound
        })
      else { continue }
      Issue.record("\(label), stream \(stream) \(direction.name): missed \(fact)")
      return
    }
    // Headers that begin a packet, where every packet before had one frame, need no luck.
    let ledger = trace.ledger(stream, direction)
    #expect(ledger?.bytes == original.trace.ledger(stream, direction)?.bytes, "\(label)")
  }
}

extension TraceHolesTests.Original {
  var headerSize: Int {
    trace.frames.first?.event.dialect == .classic ? 12 : 11
  }

  /// Where framing was lost, and the type found there.
  func lostFraming(_ stream: Int, _ direction: Direction) -> Set<String> {
    Set(
      trace.records.filter {
        $0.event.kind == .junk && $0.event.stream == stream && $0.event.direction == direction
      }.map { "\($0.event.offset) \($0.event.typeCode)" })
  }
}
