import ChatTrace
import TestSupport
import Testing

@Suite struct PacketFragmentTests {
  typealias Build = PacketBuilder

  /// A fragment of a packet's payload.
  struct Piece {
    var offset: Int
    var bytes: [UInt8]
    var isLast: Bool
  }

  static func packet(_ piece: Piece, isIPv6: Bool, id: UInt16 = 1, protocolNumber: UInt8 = 6)
    -> [UInt8]
  {
    isIPv6
      ? Build.ipv6(
        Build.fragment(
          piece.bytes, nextHeader: protocolNumber, offset: piece.offset, isLast: piece.isLast,
          id: id), nextHeader: 44)
      : Build.ipv4(
        piece.bytes, protocolNumber: protocolNumber, identification: id,
        flagsAndOffset: UInt16(piece.offset / 8) | (piece.isLast ? 0 : 0x2000))
  }

  /// Cuts a payload into pieces of a size that is a multiple of 8.
  static func pieces(_ payload: [UInt8], size: Int = 16) -> [Piece] {
    stride(from: 0, to: payload.count, by: size).map { start in
      let end = min(start + size, payload.count)
      return Piece(offset: start, bytes: Array(payload[start..<end]), isLast: end == payload.count)
    }
  }

  static func content(_ outcome: PacketOutcome, _ decoder: PacketDecoder) -> [UInt8]? {
    guard case .segment(let segment) = outcome, segment.isReassembled else { return nil }
    let end = segment.payloadOffset + segment.payloadLength
    return Array(decoder.reassembled[segment.payloadOffset..<end])
  }

  static let text = Array("a text that does not fit into one fragment, nor two".utf8)

  @Test(arguments: [false, true])
  func `fragments in every order give the segment once`(_ isIPv6: Bool) {
    let pieces = Self.pieces(Build.tcp(Self.text), size: 24)
    #expect(pieces.count == 3)
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      var decoder = PacketDecoder()
      let outcomes = order.map { index in
        decode(Self.packet(pieces[index], isIPv6: isIPv6), .rawIP, with: &decoder)
      }
      #expect(outcomes.dropLast() == [.fragmentHeld, .fragmentHeld])
      #expect(Self.content(outcomes[2], decoder) == Self.text)
    }
  }

  @Test func `overlapping fragments keep the bytes that came first`() {
    var generator = SeededGenerator(seed: 0xF4A6)
    for round in 0..<500 {
      let isIPv6 = round.isMultiple(of: 2)
      let units = Int.random(in: 4...40, using: &generator)
      let total = units * 8 - Int.random(in: 0..<8, using: &generator)
      var decoder = PacketDecoder()
      var model = [UInt8?](repeating: nil, count: total)
      var hasLast = false
      var outcome = PacketOutcome.fragmentHeld
      // The TCP header must not be mixed from several fragments, so it comes first and whole.
      var piece = Piece(offset: 0, bytes: Build.tcp([1, 2, 3, 4]), isLast: false)
      var steps = 0
      repeat {
        outcome = decode(Self.packet(piece, isIPv6: isIPv6), .rawIP, with: &decoder)
        hasLast = hasLast || piece.isLast
        for (index, byte) in piece.bytes.enumerated() where model[piece.offset + index] == nil {
          model[piece.offset + index] = byte
        }
        let isComplete = hasLast && !model.contains(nil)
        guard isComplete else {
          #expect(outcome == .fragmentHeld)
          // Not from 0, where a piece that reaches the end would be no fragment.
          let start = Int.random(in: 1..<units, using: &generator)
          let end = min(start * 8 + 8 * Int.random(in: 1...6, using: &generator), total)
          let bytes = (start * 8..<end).map { _ in UInt8.random(in: 0...255, using: &generator) }
          let isAligned = end.isMultiple(of: 8)
          piece = Piece(offset: start * 8, bytes: bytes, isLast: end == total || !isAligned)
          steps += 1
          continue
        }
        #expect(Self.content(outcome, decoder) == model.dropFirst(20).compactMap(\.self))
        break
      } while steps < 10_000
      #expect(steps < 10_000)
    }
  }

  @Test func `packets with different keys do not mix`() {
    var decoder = PacketDecoder()
    let first = Self.pieces(Build.tcp(Self.text))
    let second = Self.pieces(Build.tcp(Self.text.reversed()))
    for (one, two) in zip(first, second).dropLast() {
      #expect(decode(Self.packet(one, isIPv6: false), .rawIP, with: &decoder) == .fragmentHeld)
      #expect(
        decode(Self.packet(two, isIPv6: false, id: 2), .rawIP, with: &decoder) == .fragmentHeld)
    }
    let last = Piece(offset: 64, bytes: Array(Build.tcp(Self.text)[64...]), isLast: true)
    let outcome = decode(Self.packet(last, isIPv6: false), .rawIP, with: &decoder)
    #expect(Self.content(outcome, decoder) == Self.text)
  }

  @Test func `extension headers may be inside the fragments`() {
    let inner = [6, 0, 0, 0, 0, 0, 0, 0] + Build.tcp(Self.text)
    var decoder = PacketDecoder()
    var outcome = PacketOutcome.other
    for piece in Self.pieces(inner).reversed() {
      outcome = decode(
        Self.packet(piece, isIPv6: true, protocolNumber: 60), .rawIP, with: &decoder)
    }
    #expect(Self.content(outcome, decoder) == Self.text)
  }

  @Test func `fragments within fragments are refused`() {
    let inner = Build.fragment(Self.text, nextHeader: 6, offset: 0, isLast: false, id: 3)
    var decoder = PacketDecoder()
    var outcome = PacketOutcome.other
    for piece in Self.pieces(inner) {
      outcome = decode(
        Self.packet(piece, isIPv6: true, protocolNumber: 44), .rawIP, with: &decoder)
    }
    #expect(outcome == .malformed)
  }

  @Test func `fragments of other protocols are not held`() {
    let piece = Piece(offset: 0, bytes: [1, 2, 3, 4, 5, 6, 7, 8], isLast: false)
    #expect(decode(Self.packet(piece, isIPv6: false, protocolNumber: 17), .rawIP) == .other)
  }

  @Test func `fragments that contradict themselves or others are refused`() {
    func refused(_ pieces: [Piece], isIPv6: Bool = false) -> Bool {
      var decoder = PacketDecoder()
      return pieces.map {
        decode(Self.packet($0, isIPv6: isIPv6), .rawIP, with: &decoder)
      }.last == .malformed
    }
    let eight: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    for isIPv6 in [false, true] {
      #expect(refused([Piece(offset: 0, bytes: [1, 2, 3], isLast: false)], isIPv6: isIPv6))
      #expect(refused([Piece(offset: 0, bytes: [], isLast: false)], isIPv6: isIPv6))
      #expect(refused([Piece(offset: 65_528, bytes: eight, isLast: true)], isIPv6: isIPv6))
    }
    let last = Piece(offset: 8, bytes: [1, 2, 3], isLast: true)
    #expect(refused([last, Piece(offset: 8, bytes: eight, isLast: false)]))
    #expect(refused([last, Piece(offset: 16, bytes: eight, isLast: true)]))
    #expect(refused([Piece(offset: 16, bytes: eight, isLast: false), last]))
    #expect(!refused([last, Piece(offset: 32, bytes: eight, isLast: true), last]))
  }

  @Test func `a snap length cuts fragments, and what is missing stays known`() {
    let whole = Self.pieces(Build.tcp(Self.text), size: 40)
    #expect(whole.count == 2)
    func outcome(cutting index: Int, to length: Int) -> (PacketOutcome, PacketDecoder) {
      var decoder = PacketDecoder()
      var outcome = PacketOutcome.other
      for (number, piece) in whole.enumerated() {
        let packet = Self.packet(piece, isIPv6: false)
        let captured = number == index ? Array(packet.prefix(20 + length)) : packet
        outcome = decode(captured, .rawIP, originalLength: packet.count, with: &decoder)
      }
      return (outcome, decoder)
    }
    for length in 0..<40 {
      let (first, decoder) = outcome(cutting: 0, to: length)
      if length < 20 {
        #expect(first == .truncated)
      } else if case .segment(let segment) = first {
        #expect(Self.content(first, decoder) == Array(Self.text.prefix(length - 20)))
        #expect(segment.missingLength == Self.text.count - (length - 20))
      } else {
        Issue.record("no segment")
      }
    }
    for length in 0..<whole[1].bytes.count {
      let (second, decoder) = outcome(cutting: 1, to: length)
      #expect(Self.content(second, decoder) == Array(Self.text.prefix(20 + length)))
    }
  }

  @Test func `the oldest of too many packets makes room`() {
    let pieces = Self.pieces(Build.tcp(Self.text), size: 40)
    var decoder = PacketDecoder()
    for id in 0..<65 as Range<UInt16> {
      let first = Self.packet(pieces[0], isIPv6: false, id: id)
      #expect(decode(first, .rawIP, with: &decoder) == .fragmentHeld)
    }
    for id in 1..<65 as Range<UInt16> {
      let second = decode(Self.packet(pieces[1], isIPv6: false, id: id), .rawIP, with: &decoder)
      #expect(Self.content(second, decoder) == Self.text)
    }
    #expect(
      decode(Self.packet(pieces[1], isIPv6: false, id: 0), .rawIP, with: &decoder) == .fragmentHeld)
  }

  @Test func `a packet is held for thirty seconds of capture time`() {
    let pieces = Self.pieces(Build.tcp(Self.text), size: 40).map {
      Self.packet($0, isIPv6: true)
    }
    func second(after nanoseconds: Int64?, since start: Int64? = 1_000) -> PacketOutcome {
      var decoder = PacketDecoder()
      _ = decode(pieces[0], .rawIP, nanoseconds: start, with: &decoder)
      return decode(pieces[1], .rawIP, nanoseconds: nanoseconds, with: &decoder)
    }
    #expect(second(after: 30_000_001_000) != .fragmentHeld)
    #expect(second(after: 30_000_001_001) == .fragmentHeld)
    #expect(second(after: .max, since: .min) == .fragmentHeld)
    #expect(second(after: .min, since: .max) != .fragmentHeld)
    #expect(second(after: nil) != .fragmentHeld)
    #expect(second(after: 90_000_000_000, since: nil) != .fragmentHeld)
  }
}
