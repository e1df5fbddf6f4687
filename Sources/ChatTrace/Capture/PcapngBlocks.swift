// The pcapng format: blocks, each with its type, its length, a body, and its length again. A
// section header sets the byte order and forgets the interfaces; interface descriptions number
// themselves; packet blocks refer to them. All other blocks are passed over, but for the statistics
// that end a recording of a proxy.

/// The block types that are read.
private enum BlockType {
  static let sectionHeader: UInt32 = 0x0A0D_0D0A
  static let interfaceDescription: UInt32 = 1
  static let obsoletePacket: UInt32 = 2
  static let simplePacket: UInt32 = 3
  static let interfaceStatistics: UInt32 = 5
  static let enhancedPacket: UInt32 = 6
}

/// A block without a packet that is being passed over, perhaps in several pieces.
struct PcapngSkippedBlock: Sendable {
  /// Bytes of the body still to pass over.
  var bodyRemaining = 0
  /// The length that the block's end must repeat; 0 if no block is being passed over.
  var length: UInt32 = 0
  /// Where in the file the block begins.
  var fileOffset: UInt64 = 0
}

extension CaptureFileReader {
  /// More interfaces than this in one section are taken as damage: they are kept in memory.
  static let interfaceCountMax = 65_536

  /// Reads blocks up to and including the next packet.
  mutating func pcapngPacket(
    in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> CaptureFileStep {
    while true {
      if skipped.length != 0 {
        let step = try skipBlock(in: bytes, position: &position, isLastBlock: isLastBlock)
        if let step { return step }
      }
      let available = bytes.byteCount &- position
      if available <= 0, isLastBlock {
        phase = .ended
        return .end
      }
      guard available >= 12 else {
        return try incomplete(
          "the header of a block", needed: 12, available: available, isLastBlock: isLastBlock)
      }
      let type = bytes.uint32(at: position, byteOrder)
      if type == BlockType.sectionHeader {
        guard adoptByteOrder(of: bytes, at: position &+ 8) else {
          return try damage(
            "the section header at byte \(fileOffset) has no byte-order mark,"
              + " so the file is damaged there\(remedy)")
        }
      }
      let length = bytes.uint32(at: position &+ 4, byteOrder)
      guard length >= Self.minimumLength(ofBlock: type), length & 3 == 0 else {
        return try badLength(length)
      }
      guard Self.isRead(type) || isRecording && Self.areStatistics(type, length) else {
        skipped = PcapngSkippedBlock(
          bodyRemaining: Int(length &- 12), length: length, fileOffset: fileOffset)
        advance(&position, by: 8)
        continue
      }
      let size = Int(length)
      guard size <= Self.recordSizeMax &+ 32 else { return try badLength(length) }
      guard available >= size else {
        return try incomplete(
          "a block", needed: size, available: available, isLastBlock: isLastBlock)
      }
      guard bytes.uint32(at: position &+ size &- 4, byteOrder) == length else {
        return try badLength(length)
      }
      if let step = try readBlock(type, in: bytes, position: &position, size: size) { return step }
    }
  }

  /// Reads a whole block and consumes it; nil if no packet is in it.
  @inline(__always)
  private mutating func readBlock(
    _ type: UInt32, in bytes: RawSpan, position: inout Int, size: Int
  ) throws(CaptureFileError) -> CaptureFileStep? {
    let start = position
    switch type {
    case BlockType.enhancedPacket:
      return try packet(
        interface: bytes.uint32(at: start &+ 8, byteOrder), in: bytes, position: &position,
        size: size)
    case BlockType.obsoletePacket:
      return try packet(
        interface: UInt32(bytes.uint16(at: start &+ 8, byteOrder)), in: bytes,
        position: &position, size: size)
    case BlockType.simplePacket:
      return try simplePacket(in: bytes, position: &position, size: size)
    case BlockType.interfaceDescription:
      guard interfaces.count < Self.interfaceCountMax else {
        return try damage(
          "the section describes more than \(Self.interfaceCountMax) interfaces"
            + " at byte \(fileOffset)\(remedy)")
      }
      interfaces.append(
        PcapngInterface(in: bytes, from: start &+ 8, to: start &+ size &- 4, byteOrder))
      interfacesChanged()
    case BlockType.interfaceStatistics:
      // Read in recordings only.
      let interface = Int(bytes.uint32(at: start &+ 8, byteOrder))
      if interfaces.indices.contains(interface) {
        recording.endTime = interfaces[interface].time(ticks: ticks(in: bytes, at: start &+ 12))
      }
    default:
      // A section header: `isRead` lets nothing else through.
      let major = bytes.uint16(at: start &+ 12, byteOrder)
      guard major == 1 else {
        return try damage(
          "the section header at byte \(fileOffset) is of pcapng version \(major),"
            + " but only version 1 is known\(remedy)")
      }
      interfaces.removeAll(keepingCapacity: true)
      interfacesChanged()
      recording.begin(in: bytes, from: start &+ 24, to: start &+ size &- 4, byteOrder)
      accept(
        CaptureFileFormat(
          container: .pcapng, isBigEndian: byteOrder == .big, precision: .perInterface))
    }
    advance(&position, by: size)
    return nil
  }

  /// Reads an Enhanced Packet Block, or an obsolete Packet Block: they differ only in the interface
  /// field.
  @inline(__always)
  private mutating func packet(
    interface: UInt32, in bytes: RawSpan, position: inout Int, size: Int
  ) throws(CaptureFileError) -> CaptureFileStep {
    let start = position
    guard Int(interface) < interfaces.count else { return try unknownInterface(interface) }
    let capturedLength = Int(bytes.uint32(at: start &+ 20, byteOrder))
    guard capturedLength <= size &- 32 else {
      return try damage(
        "the packet block at byte \(fileOffset) claims \(capturedLength) packet bytes,"
          + " more than the block has, so the file is damaged there\(remedy)")
    }
    let description = interfaces[Int(interface)]
    let record = CaptureRecord(
      time: description.time(ticks: ticks(in: bytes, at: start &+ 12)),
      linkType: description.linkType,
      offset: start &+ 28, capturedLength: capturedLength,
      originalLength: Int(bytes.uint32(at: start &+ 24, byteOrder)), interface: interface)
    if isRecording {
      let end = start &+ size &- 4
      recording.packetOptions = min(end, start &+ 28 &+ (capturedLength &+ 3) & ~3)..<end
    }
    advance(&position, by: size)
    return .record(record)
  }

  /// The 64 bits of a moment.
  @inline(__always)
  private func ticks(in bytes: RawSpan, at offset: Int) -> UInt64 {
    UInt64(bytes.uint32(at: offset, byteOrder)) << 32
      | UInt64(bytes.uint32(at: offset &+ 4, byteOrder))
  }

  /// Reads a Simple Packet Block: no time, always of interface 0, cut to that interface's snap
  /// length.
  private mutating func simplePacket(
    in bytes: RawSpan, position: inout Int, size: Int
  ) throws(CaptureFileError) -> CaptureFileStep {
    guard let description = interfaces.first else { return try unknownInterface(0) }
    let originalLength = Int(bytes.uint32(at: position &+ 8, byteOrder))
    let snapLength = description.snapLength == 0 ? Int.max : Int(description.snapLength)
    let record = CaptureRecord(
      time: nil, linkType: description.linkType, offset: position &+ 12,
      capturedLength: min(originalLength, snapLength, size &- 16), originalLength: originalLength)
    advance(&position, by: size)
    return .record(record)
  }

  /// Passes over as much of a block as there is; nil when all of it is behind.
  private mutating func skipBlock(
    in bytes: RawSpan, position: inout Int, isLastBlock: Bool
  ) throws(CaptureFileError) -> CaptureFileStep? {
    let passed = min(skipped.bodyRemaining, max(0, bytes.byteCount &- position))
    advance(&position, by: passed)
    skipped.bodyRemaining &-= passed
    guard skipped.bodyRemaining == 0, bytes.byteCount &- position >= 4 else {
      guard isLastBlock else {
        return .needMore(minimumBytes: skipped.bodyRemaining == 0 ? 4 : 1)
      }
      return try damage("the file ends inside the block at byte \(skipped.fileOffset)\(remedy)")
    }
    guard bytes.uint32(at: position, byteOrder) == skipped.length else {
      fileOffset = skipped.fileOffset
      return try badLength(skipped.length)
    }
    advance(&position, by: 4)
    skipped.length = 0
    return nil
  }

  /// Takes over the byte order that a section header's mark shows; false if it shows none.
  private mutating func adoptByteOrder(of bytes: RawSpan, at offset: Int) -> Bool {
    switch bytes.uint32(at: offset, .little) {
    case 0x1A2B_3C4D: byteOrder = .little
    case 0x4D3C_2B1A: byteOrder = .big
    default: return false
    }
    return true
  }

  private mutating func badLength(_ length: UInt32) throws(CaptureFileError) -> CaptureFileStep {
    try damage(
      "the block at byte \(fileOffset) has an impossible length (\(length), or another at its end),"
        + " so the file is damaged there\(remedy)")
  }

  private mutating func unknownInterface(
    _ interface: UInt32
  ) throws(CaptureFileError) -> CaptureFileStep {
    try damage(
      "the packet block at byte \(fileOffset) refers to interface \(interface), but only"
        + " \(interfaces.count) are described, so the file is damaged there\(remedy)")
  }

  /// True for the blocks that are read; they must be in memory as a whole.
  @inline(__always)
  private static func isRead(_ type: UInt32) -> Bool {
    switch type {
    case BlockType.enhancedPacket, BlockType.simplePacket, BlockType.interfaceDescription,
      BlockType.obsoletePacket, BlockType.sectionHeader:
      true
    default: false
    }
  }

  /// True for interface statistics, which are read in recordings only.
  private static func areStatistics(_ type: UInt32, _ length: UInt32) -> Bool {
    type == BlockType.interfaceStatistics && (24...4_096).contains(length)
  }

  /// The length of a block of this type whose variable parts are empty.
  @inline(__always)
  private static func minimumLength(ofBlock type: UInt32) -> UInt32 {
    switch type {
    case BlockType.enhancedPacket, BlockType.obsoletePacket: 32
    case BlockType.simplePacket: 16
    case BlockType.interfaceDescription: 20
    case BlockType.sectionHeader: 28
    default: 12
    }
  }
}
