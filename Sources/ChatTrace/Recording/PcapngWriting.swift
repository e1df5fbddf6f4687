// Blocks of pcapng, little-endian, appended to bytes.

/// The numbers of blocks and options that a recording has.
enum PcapngCode {
  static let sectionHeader: UInt32 = 0x0A0D_0D0A
  static let interfaceDescription: UInt32 = 1
  static let interfaceStatistics: UInt32 = 5
  static let enhancedPacket: UInt32 = 6

  static let comment: UInt16 = 1
  static let interfaceName: UInt16 = 2
  static let interfaceDescriptionText: UInt16 = 3
  static let application: UInt16 = 4
  static let timeResolution: UInt16 = 9
  static let packetFlags: UInt16 = 2
  static let packetIdentifier: UInt16 = 5
  static let statisticsStart: UInt16 = 2
  static let statisticsEnd: UInt16 = 3
  static let packetsReceived: UInt16 = 4
  static let packetsDropped: UInt16 = 5
}

extension [UInt8] {
  /// Appends a number, the lowest byte first, as files have it here.
  @inline(__always)
  mutating func append(little number: some FixedWidthInteger) {
    unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// Appends a number, the highest byte first, as networks have it.
  @inline(__always)
  mutating func append(big number: some FixedWidthInteger) {
    unsafe Swift.withUnsafeBytes(of: number.bigEndian) { unsafe append(contentsOf: $0) }
  }

  /// Replaces what stands at an index by a number, the lowest byte first.
  @inline(__always)
  mutating func store(little number: UInt16, at index: Int) {
    self[index] = UInt8(truncatingIfNeeded: number)
    self[index + 1] = UInt8(truncatingIfNeeded: number >> 8)
  }

  @inline(__always)
  mutating func store(little number: UInt32, at index: Int) {
    store(little: UInt16(truncatingIfNeeded: number), at: index)
    store(little: UInt16(truncatingIfNeeded: number >> 16), at: index + 2)
  }

  /// Appends zeros up to a multiple of four from the beginning.
  @inline(__always)
  mutating func pad() {
    while count & 3 != 0 { append(0) }
  }

  /// Begins a block; these bytes hold nothing else.
  mutating func beginBlock(_ type: UInt32) {
    removeAll(keepingCapacity: true)
    append(little: type)
    append(little: UInt32(0))
  }

  /// Ends the block that began at the first byte, and its options.
  mutating func endBlock() {
    append(little: UInt32(0))
    append(little: UInt32(0))
    setBlockLength()
  }

  /// Says how long the block is, at its beginning and at its end.
  mutating func setBlockLength() {
    store(little: UInt32(truncatingIfNeeded: count), at: 4)
    store(little: UInt32(truncatingIfNeeded: count), at: count - 4)
  }

  /// Begins an option whose value is appended then; gives what `endOption` needs.
  mutating func beginOption(_ code: UInt16) -> Int {
    append(little: code)
    append(little: UInt16(0))
    return count
  }

  /// Ends an option; it must not be longer than 65535 bytes.
  mutating func endOption(from start: Int) {
    store(little: UInt16(truncatingIfNeeded: count - start), at: start - 2)
    pad()
  }

  /// Appends an option that is a text.
  mutating func append(option code: UInt16, text: String) {
    let start = beginOption(code)
    append(contentsOf: text.utf8)
    endOption(from: start)
  }

  /// Appends an option that is a number.
  mutating func append(option code: UInt16, number: some FixedWidthInteger) {
    let start = beginOption(code)
    append(little: number)
    endOption(from: start)
  }

  /// Appends a moment as blocks have it: the upper half first.
  mutating func append(time: TraceTime) {
    let ticks = UInt64(Swift.max(0, time.nanoseconds))
    append(little: UInt32(truncatingIfNeeded: ticks >> 32))
    append(little: UInt32(truncatingIfNeeded: ticks))
  }

  /// Appends a text as a comment for people: fit for a terminal, and not too long.
  ///
  /// Nothing is appended for an empty text.
  mutating func append(comment text: String) {
    guard !text.isEmpty else { return }
    let start = beginOption(PcapngCode.comment)
    Escaping().append(text, to: &self)
    if count - start > RecordingMark.humanByteCountMax {
      var end = start + RecordingMark.humanByteCountMax
      // Not within a character.
      while self[end] & 0xC0 == 0x80 { end -= 1 }
      removeSubrange(end...)
      append("…")
    }
    endOption(from: start)
  }
}
