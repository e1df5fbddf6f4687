/// The bytes of one native frame (docs/PROTOCOL.md section 2), in a buffer that is used again.
struct FrameBuilder {
  enum FrameCode: UInt8 {
    case syn = 0x01
    case ack = 0x02
    case handshakeACK = 0x03
    case data = 0x04
    case fin = 0x06
    case synACK = 0x0A
  }

  static let last: UInt8 = 1

  private(set) var bytes: [UInt8] = []
  private let table: [UInt32]

  init() {
    table = (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
    bytes.reserveCapacity(16_384)
  }

  mutating func build(
    _ type: FrameCode, sequence: UInt16, flags: UInt8 = 0, payload: some Collection<UInt8>
  ) {
    let length = payload.count
    bytes.removeAll(keepingCapacity: true)
    bytes.append(UInt8(truncatingIfNeeded: length >> 16))
    bytes.append(bigEndian: UInt16(truncatingIfNeeded: length))
    bytes.append(type.rawValue)
    bytes.append(bigEndian: sequence)
    bytes.append(bigEndian: UInt32(0))
    bytes.append(flags)
    bytes.append(contentsOf: payload)
    let checksum = crc32()
    for index in 0..<4 {
      bytes[6 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index))
    }
  }

  private func crc32() -> UInt32 {
    var value = ~UInt32(0)
    for byte in bytes {
      value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
    }
    return ~value
  }
}

extension [UInt8] {
  mutating func append(bigEndian value: UInt16) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  mutating func append(bigEndian value: UInt32) {
    append(bigEndian: UInt16(truncatingIfNeeded: value >> 16))
    append(bigEndian: UInt16(truncatingIfNeeded: value))
  }

  mutating func append(littleEndian value: UInt32) {
    append(bigEndian: value.byteSwapped)
  }
}

/// SplitMix64: a deterministic source of choices.
struct Choices {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(truncatingIfNeeded: seed)
  }

  /// A number below `bound`.
  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    value ^= value >> 31
    return Int(value % UInt64(bound))
  }
}
