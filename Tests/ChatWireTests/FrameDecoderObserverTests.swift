import ChatWire
import TestSupport
import Testing

@Suite("Frame decoder, observing") struct FrameDecoderObserverTests {
  private let checksum = CRC32()

  /// Hands in a chunk and takes every unit.
  private func units(
    of decoder: inout FrameDecoder, _ chunk: [UInt8]
  ) -> [DecodedUnit] {
    var position = 0
    var units: [DecodedUnit] = []
    while let unit = decoder.next(in: chunk.span.bytes, position: &position, checksum: checksum) {
      units.append(unit)
    }
    return units
  }

  private func end(of decoder: inout FrameDecoder) -> [DecodedUnit] {
    var units: [DecodedUnit] = []
    while units.count < 16, let unit = decoder.finish(checksum: checksum) { units.append(unit) }
    return units
  }

  private func frame(_ payload: [UInt8], sequence: UInt16 = 5) throws -> [UInt8] {
    let frame = try #require(
      Frame(.data, sequence: SequenceNumber(sequence), payload: payload, isLast: true))
    var bytes: [UInt8] = []
    frame.encode(into: &bytes, checksum: checksum)
    return bytes
  }

  @Test func `bytes that stay undecided after framing was lost are told once`() throws {
    var decoder = FrameDecoder(.native, discardLimit: nil)
    let stream = try #require(bytes(hex: "ffffff040005e29861d20168656c6c6f"))
    let found = units(of: &decoder, stream) + end(of: &decoder)
    #expect(found.map(\.kind) == [.lost, .undecided])
    #expect(found.map(\.offset) == [0, 6])
    #expect(found.map(\.byteCount) == [6, 10])
  }

  @Test func `bytes that stay undecided in a search are told once`() throws {
    var decoder = FrameDecoder(.native, discardLimit: nil, isAligned: false, at: 100)
    let stream = try #require(bytes(hex: "ffffff040005e29861d20168656c6c6f"))
    let found = units(of: &decoder, stream) + end(of: &decoder)
    #expect(found.map(\.kind) == [.skipped, .undecided])
    #expect(found.map(\.byteCount).reduce(0, +) == 16)
  }

  @Test func `the verdict on a damaged frame waits for the header behind it`() throws {
    var stream = try frame([1, 2, 3])
    stream[12] ^= 0xFF
    let next = try frame([4], sequence: 6)
    var decoder = FrameDecoder(.native, discardLimit: nil)
    #expect(units(of: &decoder, stream + next.prefix(4)).isEmpty)
    #expect(decoder.isDeferring)
    let found = units(of: &decoder, Array(next.dropFirst(4)))
    #expect(found.map(\.kind) == [.corrupt, .frame])
    #expect(!decoder.isDeferring)
  }

  @Test func `no verdict waits any more when framing is lost`() throws {
    // A frame begins inside the damaged one and ends behind it.
    let inner = try frame([7, 8, 9, 10])
    var stream = try frame([0, 0] + inner.prefix(12))
    stream[11] ^= 0xFF
    var decoder = FrameDecoder(.native, discardLimit: nil)
    #expect(units(of: &decoder, stream).isEmpty)
    #expect(decoder.isDeferring)
    let rest = Array(inner.dropFirst(12))
    decoder.append(rest.span.bytes)
    let settled = decoder.settle(checksum: checksum)
    #expect(settled?.kind == .lost)
    #expect(!decoder.isDeferring)
    #expect(units(of: &decoder, []).map(\.kind) == [.frame])
  }

  @Test func `a gap ends the wait for a verdict`() throws {
    var stream = try frame([1, 2, 3])
    stream[12] ^= 0xFF
    var decoder = FrameDecoder(.native, discardLimit: nil)
    #expect(units(of: &decoder, stream).isEmpty)
    #expect(decoder.isDeferring)
    #expect(decoder.settle(checksum: checksum)?.kind == .corrupt)
    #expect(decoder.gap(1_000, checksum: checksum) == nil)
    #expect(!decoder.isDeferring)
    let found = units(of: &decoder, try frame([4], sequence: 9))
    #expect(found.map(\.kind) == [.frame])
    #expect(found.first?.offset == UInt64(stream.count) + 1_000)
  }

  @Test func `a receiver that has given up keeps nothing`() {
    var decoder = FrameDecoder(.native, limit: 1_024, discardLimit: 64)
    let junk = [UInt8](repeating: 0xA6, count: 200)
    #expect(units(of: &decoder, junk).map(\.kind) == [.lost, .overflow])
    for _ in 0..<1_000 { #expect(units(of: &decoder, junk).isEmpty) }
    #expect(decoder.buffer.count <= 400)
    #expect(decoder.pendingByteCount == 0)
    #expect(decoder.offset == 200 * 1_001)
  }
}
