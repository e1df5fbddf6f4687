import ChatWire

/// A frame as it is on the wire, whether it is legal or not.
struct WireFrame: Equatable {
  var type: FrameType
  var sequence: UInt16 = 0
  var flags: UInt8 = 0
  var payload: [UInt8] = []
  /// Its checksum does not fit.
  var isDamaged = false
  /// Frames are told apart in tests by this: it is the one that breaks a rule.
  var isWrong = false

  init(
    _ type: FrameType, _ sequence: UInt16 = 0, _ payload: [UInt8] = [], isLast: Bool = false,
    isRetransmission: Bool = false
  ) {
    self.type = type
    self.sequence = sequence
    self.payload = payload
    self.isLast = isLast
    self.isRetransmission = isRetransmission
  }

  /// Reads the only frame in some bytes.
  init?(_ bytes: [UInt8]) {
    guard let header = FrameHeader(.native, in: bytes.span.bytes, at: 0) else { return nil }
    type = FrameType(rawValue: header.typeCode)
    sequence = header.sequence
    flags = header.flags
    payload = Array(bytes.dropFirst(Dialect.native.headerSize))
  }

  var isLast: Bool {
    get { flags & FrameHeader.lastFlag != 0 }
    set { flags = flags & ~FrameHeader.lastFlag | (newValue ? FrameHeader.lastFlag : 0) }
  }

  var isRetransmission: Bool {
    get { flags & FrameHeader.retransmissionFlag != 0 }
    set {
      flags =
        flags & ~FrameHeader.retransmissionFlag | (newValue ? FrameHeader.retransmissionFlag : 0)
    }
  }

  /// What an ACK or a NACK states.
  var nextExpected: UInt16 {
    get { number(at: 0) }
    set { set(newValue, at: 0) }
  }

  /// What an ACK or a NACK advertises.
  var window: UInt16 {
    get { number(at: 2) }
    set { set(newValue, at: 2) }
  }

  private func number(at offset: Int) -> UInt16 {
    UInt16(payload[offset]) << 8 | UInt16(payload[offset + 1])
  }

  private mutating func set(_ value: UInt16, at offset: Int) {
    payload[offset] = UInt8(value >> 8)
    payload[offset + 1] = UInt8(value & 255)
  }

  /// The bytes, with the checksum that they call for.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    encodeFrame(
      FrameHeader(
        length: 0, typeCode: type.rawValue, sequence: sequence, checksum: 0, flags: flags),
      payload: payload.span.bytes, into: &bytes, checksum: CRC32())
    if isDamaged { bytes[6] ^= 0x10 }
    return bytes
  }

  /// This frame marked as the one that breaks a rule.
  var wrong: WireFrame {
    var frame = self
    frame.isWrong = true
    return frame
  }
}
