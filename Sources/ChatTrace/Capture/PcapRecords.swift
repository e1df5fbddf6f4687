// The classic pcap format: a header of 24 bytes, then records of a 16-byte header and a packet.
// Only records that the fast path of `next` leaves over come here.

/// Which of a record's two lengths comes first: old writers did not agree.
enum PcapLengthOrder: UInt8 {
  case capturedFirst
  /// Version 2.3: the captured length is the smaller one.
  case smallerIsCaptured
  /// Before version 2.3.
  case originalFirst

  init(minorVersion: UInt16) {
    self =
      switch minorVersion {
      case 0..<3: .originalFirst
      case 3: .smallerIsCaptured
      default: .capturedFirst
      }
  }
}

extension CaptureFileReader {
  /// Reads the file header; the number of bytes that it needs, or nil when it is done.
  mutating func readPcapHeader(
    _ found: CaptureFileFormat, in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> Int? {
    let available = bytes.byteCount &- position
    guard available >= 24 else {
      guard isLastBlock else { return 24 }
      throw CaptureFileError(
        message: "the file ends inside its pcap header"
          + " (\(available) of 24 bytes are there); nothing of it can be read")
    }
    let order: ByteOrder = found.isBigEndian ? .big : .little
    let major = bytes.uint16(at: position &+ 4, order)
    let minor = bytes.uint16(at: position &+ 6, order)
    guard major == 2 else {
      throw CaptureFileError(
        message: "the file says that it is pcap version \(major).\(minor), but only versions 2.x"
          + " are known; convert it with editcap -F pcap")
    }
    // The upper bits tell the length of the frame check sequence, which the IP length excludes
    // anyway.
    linkType = LinkType(rawValue: bytes.uint32(at: position &+ 20, order) & 0xFFFF)
    nanosecondsPerTick = found.precision == .nanoseconds ? 1 : 1000
    recordHeaderSize = found.container == .modifiedPcap ? 24 : 16
    lengthOrder = PcapLengthOrder(minorVersion: minor)
    hasPlainRecords =
      order == .little && found.container == .pcap && lengthOrder == .capturedFirst
    accept(found)
    phase = .pcap
    advance(&position, by: 24)
    return nil
  }

  /// Reads one record in any byte order.
  mutating func pcapRecord(
    in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> CaptureFileStep {
    let available = bytes.byteCount &- position
    if available <= 0, isLastBlock {
      phase = .ended
      hasPlainRecords = false
      return .end
    }
    guard available >= recordHeaderSize else {
      return try incomplete(
        "the header of a packet record", needed: recordHeaderSize, available: available,
        isLastBlock: isLastBlock)
    }
    var capturedLength = Int(bytes.uint32(at: position &+ 8, byteOrder))
    var originalLength = Int(bytes.uint32(at: position &+ 12, byteOrder))
    switch lengthOrder {
    case .capturedFirst: break
    case .smallerIsCaptured where capturedLength <= originalLength: break
    case .smallerIsCaptured, .originalFirst: swap(&capturedLength, &originalLength)
    }
    guard capturedLength <= Self.recordSizeMax else {
      return try damage(
        "the packet record at byte \(fileOffset) claims \(capturedLength) bytes,"
          + " so the file is damaged there\(remedy)")
    }
    let size = recordHeaderSize &+ capturedLength
    guard available >= size else {
      return try incomplete(
        "the packet record", needed: size, available: available, isLastBlock: isLastBlock)
    }
    let seconds = Int64(bytes.uint32(at: position, byteOrder))
    let fraction = Int64(bytes.uint32(at: position &+ 4, byteOrder))
    let record = CaptureRecord(
      time: TraceTime(nanoseconds: seconds &* 1_000_000_000 &+ fraction &* nanosecondsPerTick),
      linkType: linkType, offset: position &+ recordHeaderSize, capturedLength: capturedLength,
      originalLength: originalLength)
    advance(&position, by: size)
    return .record(record)
  }
}
