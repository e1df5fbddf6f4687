internal import ChatProgram
internal import ChatWire

extension FrameAlteration {
  /// True if it leaves every frame as it is.
  var isEmpty: Bool {
    bytes == nil && payload == nil && typeCode == nil && sequence == nil && flags == nil
  }

  /// The frame with this done to it.
  ///
  /// Bytes in place of the whole frame are taken as they are. Otherwise the length is made to fit
  /// the payload, and the checksum to fit the frame unless it is to stay; what is too short to be a
  /// frame, and what nothing is to be done to, stays as it is.
  func applied(to frame: [UInt8], dialect: Dialect) -> [UInt8] {
    if let bytes { return bytes }
    guard !isEmpty, var header = FrameHeader(dialect, in: frame.span.bytes, at: 0) else {
      return frame
    }
    let payload = payload ?? Array(frame[dialect.headerSize...])
    header.length = UInt32(truncatingIfNeeded: payload.count)
    if let typeCode { header.typeCode = typeCode }
    if let sequence { header.sequence = sequence }
    if let flags { header.flags = flags }
    if !keepsChecksum {
      switch dialect {
      case .native:
        header.checksum = CRC32.forProgram.frameChecksum(
          header: header, payload: payload.span.bytes)
      case .classic: header.checksum = classicChecksum(of: payload.span.bytes)
      }
    }
    var altered: [UInt8] = []
    altered.reserveCapacity(dialect.headerSize + payload.count)
    header.encode(dialect, into: &altered)
    return altered + payload
  }
}
