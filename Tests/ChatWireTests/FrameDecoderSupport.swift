import ChatWire
import TestSupport

/// Frames put together at random.
struct FrameStream {
  var dialect: Dialect
  var bytes: [UInt8] = []
  var frames: [Found] = []

  init(_ dialect: Dialect, count: Int, lengths: ClosedRange<Int>, seed: UInt64) {
    self.dialect = dialect
    var random = SeededGenerator(seed: seed)
    for index in 0..<count {
      // Many zeros and small numbers, which look like headers.
      let payload = (0..<Int.random(in: lengths, using: &random)).map { _ in
        UInt8.random(in: 0...(Bool.random(using: &random) ? 4 : 255), using: &random)
      }
      append(
        typeCode: dialect == .native
          ? [2, 4, 5, 13, 0x41][index % 5] : [2, 4, 5, 8, 99][index % 5],
        sequence: UInt16.random(in: 0...65_535, using: &random), payload: payload,
        flags: UInt8(index % 2))
    }
  }

  mutating func append(
    typeCode: UInt8, sequence: UInt16, payload: [UInt8], flags: UInt8 = 0
  ) {
    let start = bytes.count
    switch dialect {
    case .native:
      encodeFrame(
        FrameHeader(
          length: 0, typeCode: typeCode, sequence: sequence, checksum: 0, flags: flags),
        payload: payload.span.bytes, into: &bytes, checksum: CRC32())
    case .classic:
      encodeClassicFrame(
        ClassicType(rawValue: typeCode), sequence: sequence, payload: payload,
        isLast: flags & 1 != 0, into: &bytes)
    }
    frames.append(
      Found(
        unit: .frame, typeCode: typeCode, sequence: sequence, flags: flags, offset: UInt64(start),
        byteCount: bytes.count - start, payload: payload))
  }
}

extension Array where Element == UInt8 {
  /// Cut at random.
  func pieces(upTo size: Int, using random: inout SeededGenerator) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var start = 0
    while start < count {
      let end = Swift.min(count, start + Int.random(in: 1...size, using: &random))
      result.append(Array(self[start..<end]))
      start = end
    }
    return result
  }
}

/// An observer's decoder.
func observer(_ dialect: Dialect, limit: Int? = nil, isAligned: Bool = true) -> FrameDecoder {
  FrameDecoder(dialect, limit: limit, discardLimit: nil, isAligned: isAligned)
}

/// The unit of a call that returns at most one, with its payload.
func found(_ unit: DecodedUnit?, in decoder: FrameDecoder) -> [Found] {
  guard let unit else { return [] }
  let end = unit.payloadOffset + unit.payloadCount
  return [
    Found(
      unit: unit.kind, typeCode: unit.header.typeCode, sequence: unit.header.sequence,
      flags: unit.header.flags, offset: unit.offset, byteCount: unit.byteCount,
      payload: end <= decoder.buffer.count ? Array(decoder.buffer[unit.payloadOffset..<end]) : [])
  ]
}
