/// A legal native frame, ready to be sent (PROTOCOL.md section 2).
///
/// It can only be legal: a length that fits, LAST clear on control frames, reserved flags 0.
public struct Frame: Equatable, Sendable {
  /// The type.
  public let type: FrameType
  /// The sequence field.
  public let sequence: SequenceNumber
  /// Ends a message; always false on control frames.
  public let isLast: Bool
  /// A copy after the first; always false on control frames.
  public var isRetransmission: Bool
  /// The payload, at most 65,535 bytes, 1,024 on control frames.
  public let payload: [UInt8]

  /// Makes a frame, or nil if it would not be legal.
  public init?(
    _ type: FrameType, sequence: SequenceNumber, payload: [UInt8] = [], isLast: Bool = false,
    isRetransmission: Bool = false
  ) {
    if type.isSequenced {
      guard payload.count <= FrameLimits.nativePayloadMax else { return nil }
    } else {
      guard payload.count <= FrameLimits.controlPayloadMax, !isLast, !isRetransmission else {
        return nil
      }
    }
    self.type = type
    self.sequence = sequence
    self.isLast = isLast
    self.isRetransmission = isRetransmission
    self.payload = payload
  }

  /// Appends the frame's bytes, checksum included.
  public func encode(into bytes: inout [UInt8], checksum: CRC32) {
    let flags =
      (isLast ? FrameHeader.lastFlag : 0) | (isRetransmission ? FrameHeader.retransmissionFlag : 0)
    unsafe encodeFrame(
      FrameHeader(
        length: UInt32(payload.count), typeCode: type.rawValue, sequence: sequence.rawValue,
        checksum: 0, flags: flags),
      payload: payload.span.bytes, into: &bytes, checksum: checksum)
  }
}

/// Appends a native frame with these header fields and the checksum that they and the payload call
/// for; the header's own length and checksum are not looked at.
public func encodeFrame(
  _ header: FrameHeader, payload: RawSpan, into bytes: inout [UInt8], checksum: CRC32
) {
  var header = header
  header.length = UInt32(truncatingIfNeeded: payload.byteCount)
  header.checksum = checksum.frameChecksum(header: header, payload: payload)
  header.encode(.native, into: &bytes)
  unsafe payload.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
}

/// Appends a classic frame: the checksum is the first four bytes of the payload's MD5.
public func encodeClassicFrame(
  _ type: ClassicType, sequence: UInt16, payload: [UInt8], isLast: Bool, into bytes: inout [UInt8]
) {
  unsafe FrameHeader(
    length: UInt32(truncatingIfNeeded: payload.count), typeCode: type.rawValue, sequence: sequence,
    checksum: classicChecksum(of: payload.span.bytes), flags: isLast ? 1 : 0
  ).encode(.classic, into: &bytes)
  bytes.append(contentsOf: payload)
}
