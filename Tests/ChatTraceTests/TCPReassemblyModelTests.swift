import TestSupport
import Testing

@testable import ChatTrace

@Suite struct TCPReassemblyModelTests {
  @Test(arguments: 0..<2)
  func `any capture of a stream gives what the model gives`(part: UInt64) {
    let count = UInt64(2_500 * effort)
    for seed in part * count..<(part + 1) * count {
      let failure = Self.run(seed: seed)
      #expect(failure == nil, "seed \(seed)")
      if failure != nil { return }
    }
  }

  @Test func `the same segments give the same output`() {
    for seed in UInt64(0)..<100 {
      var outputs: [[RecordingSink.Output]] = []
      for _ in 0..<2 {
        var line = Line()
        for packet in Scenario(seed: seed).packets { line.take(packet) }
        line.finish()
        outputs.append(line.sink.outputs)
      }
      #expect(outputs[0] == outputs[1], "seed \(seed)")
    }
  }

  /// Runs one made-up capture; nil if all is well.
  private static func run(seed: UInt64) -> String? {
    let scenario = Scenario(seed: seed)
    var limits = ReassemblyLimits.default
    limits.holeSegments = .max
    limits.openingSegments = scenario.openingSegments
    var reassembler = TCPReassembler(limits: limits)
    var sink = FlatSink()
    var model = ReassemblyModel(openingSegments: scenario.openingSegments)
    for (index, packet) in scenario.packets.enumerated() {
      // What acknowledgements tell of the beginning has tests of its own.
      if case .acknowledgement = packet, model.base == nil { continue }
      model.take(packet)
      reassembler.take(packet, from: scenario.initialSequenceNumber, into: &sink)
      if reassembler.nextOffset != model.nextOffset || sink.output.count != model.output.count {
        return "packet \(index): at \(reassembler.nextOffset), not \(model.nextOffset)"
      }
      if reassembler.isFinished != model.isFinished { return "packet \(index): finished or not" }
      if let broken = reassembler.brokenInvariant { return "packet \(index): \(broken)" }
      if sink.owesBytes { return "packet \(index): more was promised" }
    }
    model.finish()
    reassembler.finish(into: &sink)
    if sink.isBroken { return "offsets or promises are broken" }
    if reassembler.isWaiting { return "something is held after the end" }
    if sink.output == model.output { return nil }
    let difference = zip(sink.output, model.output).enumerated().first { $1.0 != $1.1 }?.offset
    return
      "\(sink.output.count) bytes, not \(model.output.count); other from \(difference ?? -1) on"
  }
}

/// A made-up capture of one direction.
private struct Scenario {
  var packets: [Packet] = []
  var initialSequenceNumber: UInt32
  var openingSegments: Int

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    // Every third stream begins just before the sequence numbers wrap around.
    initialSequenceNumber =
      random.chance(1, of: 3)
      ? UInt32.max - UInt32.random(in: 0..<300, using: &random)
      : UInt32(truncatingIfNeeded: random.next())
    openingSegments = Int.random(in: 1...20, using: &random)
    let length = Int.random(in: 0...300, using: &random)
    let sizeMax = Int.random(in: 1...60, using: &random)
    var ordered = Self.segments(of: length, sizeMax: sizeMax, using: &random)
    Self.addRepetitions(to: &ordered, length: length, using: &random)
    if random.chance(1, of: 3) { Self.cutOff(&ordered, using: &random) }
    if random.chance(1, of: 2) {
      let loss = Int.random(in: 2...20, using: &random)
      ordered.removeAll { _ in random.chance(1, of: loss) }
    }
    Self.addBeginning(to: &ordered, using: &random)
    packets = Self.shuffled(ordered, using: &random)
  }

  /// The stream in segments, with or without a FIN.
  private static func segments(
    of length: Int, sizeMax: Int, using random: inout SeededGenerator
  ) -> [Packet] {
    var packets: [Packet] = []
    var offset = 0
    let isFINWithData = random.chance(1, of: 2)
    let hasFIN = random.chance(2, of: 3)
    while offset < length {
      let end = min(length, offset + Int.random(in: 1...sizeMax, using: &random))
      packets.append(
        .segment(
          at: offset, payload: Line.bytes(offset..<end), missing: 0,
          isFIN: end == length && hasFIN && isFINWithData))
      offset = end
      if random.chance(1, of: 8) {
        packets.append(.segment(at: offset, payload: [], missing: 0, isFIN: false))
      }
      if random.chance(1, of: 6) {
        packets.append(.acknowledgement(Int.random(in: 0...offset, using: &random)))
      }
    }
    if hasFIN, !isFINWithData {
      packets.append(.segment(at: length, payload: [], missing: 0, isFIN: true))
    }
    return packets
  }

  /// Segments again, overlaps with other borders, forged ones, keep-alives, strange FINs.
  private static func addRepetitions(
    to packets: inout [Packet], length: Int, using random: inout SeededGenerator
  ) {
    let count = Int.random(in: 0...packets.count, using: &random)
    let forges = random.chance(1, of: 4)
    for _ in 0..<count {
      let place = Int.random(in: 0...packets.count, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<3:
        if let packet = packets.randomElement(using: &random) { packets.insert(packet, at: place) }
      case 3..<8:
        let start = Int.random(in: 0...length, using: &random)
        let end = min(length, start + Int.random(in: 0...100, using: &random))
        var payload = Line.bytes(start..<end)
        if forges, let victim = payload.indices.randomElement(using: &random) {
          payload[victim] &+= 1
        }
        packets.insert(
          .segment(at: start, payload: payload, missing: 0, isFIN: false), at: place)
      case 8:
        let offset = Int.random(in: -1...length, using: &random)
        packets.insert(
          .segment(at: offset - 1, payload: [0], missing: 0, isFIN: false), at: place)
      default:
        guard forges else { continue }
        let offset = Int.random(in: 0...length + 10, using: &random)
        packets.insert(.segment(at: offset, payload: [], missing: 0, isFIN: true), at: place)
      }
    }
  }

  /// Cuts off the ends of some segments, as a snap length does.
  private static func cutOff(_ packets: inout [Packet], using random: inout SeededGenerator) {
    for index in packets.indices {
      guard case .segment(let offset, let payload, _, let isFIN) = packets[index],
        random.chance(1, of: 3)
      else { continue }
      let kept = Int.random(in: 0...payload.count, using: &random)
      packets[index] = .segment(
        at: offset, payload: Array(payload.prefix(kept)), missing: payload.count - kept,
        isFIN: isFIN)
    }
  }

  /// A SYN, several, one with data, or none and a start in the middle.
  private static func addBeginning(
    to packets: inout [Packet], using random: inout SeededGenerator
  ) {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1:
      packets.insert(.syn(payload: []), at: 0)
    case 2:
      packets.insert(.syn(payload: Line.bytes(0..<5)), at: 0)
    case 3:
      packets.insert(.syn(payload: []), at: 0)
      packets.insert(.syn(payload: []), at: Int.random(in: 0...packets.count, using: &random))
    case 4:
      break
    default:
      packets.removeFirst(Int.random(in: 0...packets.count, using: &random))
    }
  }

  /// Moves packets by a few places.
  private static func shuffled(
    _ packets: [Packet], using random: inout SeededGenerator
  ) -> [Packet] {
    let bound = [1, 1, 3, 6, 20, 1000].randomElement(using: &random) ?? 1
    return packets.enumerated()
      .map { (place: $0.offset + Int.random(in: 0..<bound, using: &random), packet: $0) }
      .sorted { ($0.place, $0.packet.offset) < ($1.place, $1.packet.offset) }
      .map { $0.packet.element }
  }
}

extension SeededGenerator {
  fileprivate mutating func chance(_ count: Int, of total: Int) -> Bool {
    Int.random(in: 0..<total, using: &self) < count
  }
}

extension TCPReassembler {
  /// Takes a packet of a made-up capture.
  mutating func take(
    _ packet: Packet, from initialSequenceNumber: UInt32, into sink: inout some ByteStreamSink
  ) {
    let first = initialSequenceNumber &+ 1
    switch packet {
    case .syn(let payload):
      receive(
        sequenceNumber: initialSequenceNumber, isSYN: true, isFIN: false,
        payload: payload.span.bytes, missing: 0, time: 0, into: &sink)
    case .segment(let offset, let payload, let missing, let isFIN):
      receive(
        sequenceNumber: first &+ UInt32(truncatingIfNeeded: offset), isSYN: false, isFIN: isFIN,
        payload: payload.span.bytes, missing: missing, time: 0, into: &sink)
    case .acknowledgement(let offset):
      acknowledged(upTo: first &+ UInt32(truncatingIfNeeded: offset))
    }
  }
}

extension Line {
  mutating func take(_ packet: Packet) {
    reassembler.take(packet, from: initialSequenceNumber, into: &sink)
  }
}
