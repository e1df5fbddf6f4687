/// A frame's header as it stands on the wire, in either dialect: a view that reads any bytes.
///
/// Native (PROTOCOL.md section 2), 11 bytes: length 3, type 1, sequence 2, checksum 4, flags 1.
/// Classic (section 9), 12 bytes: length 4, type 1, sequence 2, checksum 4, last flag 1.
@frozen
public struct FrameHeader: Equatable, Sendable {
  /// Bytes of payload that follow, as claimed.
  public var length: UInt32
  /// The type byte.
  public var typeCode: UInt8
  /// The sequence field.
  public var sequence: UInt16
  /// The checksum field.
  public var checksum: UInt32
  /// The flags byte; in the classic dialect the last flag.
  public var flags: UInt8

  /// Bit 0 of a native frame's flags: the last fragment of a message.
  public static var lastFlag: UInt8 { 0x01 }
  /// Bit 1 of a native frame's flags: every copy after the first.
  public static var retransmissionFlag: UInt8 { 0x02 }
  /// Bits 2-7 of a native frame's flags, sent as 0.
  public static var reservedFlags: UInt8 { 0xFC }

  /// Makes a header from its fields.
  @inlinable
  public init(length: UInt32, typeCode: UInt8, sequence: UInt16, checksum: UInt32, flags: UInt8) {
    self.length = length
    self.typeCode = typeCode
    self.sequence = sequence
    self.checksum = checksum
    self.flags = flags
  }

  /// Reads the header at `offset`, or nil if fewer bytes than a header are there.
  @inlinable @inline(__always)
  public init?(_ dialect: Dialect, in bytes: RawSpan, at offset: Int) {
    guard offset >= 0, bytes.byteCount &- offset >= dialect.headerSize else { return nil }
    let first = unsafe UInt64(
      bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    switch dialect {
    case .native:
      let second = unsafe UInt32(
        bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset &+ 7, as: UInt32.self))
      length = UInt32(truncatingIfNeeded: first >> 40)
      typeCode = UInt8(truncatingIfNeeded: first >> 32)
      sequence = UInt16(truncatingIfNeeded: first >> 16)
      checksum = UInt32(truncatingIfNeeded: first) << 16 | second >> 8 & 0xFFFF
      flags = UInt8(truncatingIfNeeded: second)
    case .classic:
      let second = unsafe UInt32(
        bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset &+ 8, as: UInt32.self))
      length = UInt32(truncatingIfNeeded: first >> 32)
      typeCode = UInt8(truncatingIfNeeded: first >> 24)
      sequence = UInt16(truncatingIfNeeded: first >> 8)
      checksum = UInt32(truncatingIfNeeded: first) << 24 | second >> 8
      flags = UInt8(truncatingIfNeeded: second)
    }
  }

  /// True if the native header could be the beginning of a frame for a receiver with this limit
  /// (PROTOCOL.md section 2.3).
  @inlinable
  public func isPlausible(_ dialect: Dialect, limit: Int) -> Bool {
    switch dialect {
    case .native:
      Int(length) <= limit && FrameType(rawValue: typeCode).isPlausible
        && flags & Self.reservedFlags == 0
    case .classic:
      // Section 9.1: type 1-9 or 99, length at most 16 MiB, last flag 0 or 1.
      Int(length) <= limit && ClassicType(rawValue: typeCode).isPlausible && flags <= 1
    }
  }

  /// True if the frame ends a message.
  @inlinable
  public func endsMessage(_ dialect: Dialect) -> Bool {
    dialect == .native ? flags & Self.lastFlag != 0 : flags != 0
  }

  /// True if the sender has marked the frame as a retransmission, which the classic dialect cannot.
  @inlinable
  public func isMarkedRetransmission(_ dialect: Dialect) -> Bool {
    dialect == .native && flags & Self.retransmissionFlag != 0
  }

  /// Appends the header's bytes.
  public func encode(_ dialect: Dialect, into bytes: inout [UInt8]) {
    // Type, sequence and checksum behind the length, put together as they are read, so that they
    // are appended at once.
    let lengthBits: UInt64 = dialect == .native ? 24 : 32
    let head = UInt64(length) << (64 - lengthBits)
    let typed = UInt64(typeCode) << (56 - lengthBits) | UInt64(sequence) << (40 - lengthBits)
    let checksumShift = 40 - lengthBits
    let first = head | typed | UInt64(checksum) >> (32 - checksumShift)
    let second =
      UInt64(checksum) << (32 + checksumShift) | UInt64(flags) << (24 + checksumShift)
    var encoded = (first.bigEndian, second.bigEndian)
    unsafe withUnsafeBytes(of: &encoded) {
      unsafe bytes.append(
        contentsOf: UnsafeRawBufferPointer(rebasing: $0[0..<dialect.headerSize]))
    }
  }
}
