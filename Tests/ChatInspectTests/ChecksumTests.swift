import ChatPosix
import TestSupport
import Testing

/// The processor's checksum against the definition, bit by bit.
@Suite(.enabled(if: FastChecksum.isAvailable, "this processor has no carry-less multiplication"))
struct ChecksumTests {
  /// One byte after another, as the definition has it; checked by the test below.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { state, _ in
      state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1
    }
  }

  private func slow(_ state: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(state) { $0 >> 8 ^ Self.table[Int(($0 ^ UInt32($1)) & 0xFF)] }
  }

  @Test func `the slow checksum has the check value of the catalogue`() {
    #expect(~slow(~0, Array("123456789".utf8)[...]) == 0xCBF4_3926)
  }

  @Test func `every length from 64 to 2000 agrees, at any alignment, from any state`() {
    var generator = SeededGenerator(seed: 0xC4C)
    let bytes = (0..<2016).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    for length in FastChecksum.minimumByteCount...2000 {
      let start = Int.random(in: 0..<16, using: &generator)
      let state = UInt32.random(in: .min ... .max, using: &generator)
      let range = start..<start + length
      #expect(
        FastChecksum.update(state, bytes.span.bytes.extracting(range))
          == slow(state, bytes[range]), "\(length) bytes from \(start)")
    }
  }

  @Test func `a long buffer in two parts is the same as in one`() {
    var generator = SeededGenerator(seed: 7)
    let bytes = (0..<100_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let whole = FastChecksum.update(~0, bytes.span.bytes)
    for cut in [64, 65, 4096, 99_936] {
      let first = FastChecksum.update(~0, bytes.span.bytes.extracting(0..<cut))
      #expect(
        FastChecksum.update(first, bytes.span.bytes.extracting(cut..<bytes.count)) == whole)
    }
  }
}
