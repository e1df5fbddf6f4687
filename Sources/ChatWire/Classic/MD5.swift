/// MD5 (RFC 1321), for the checksum of classic frames: it guards against damage, not against
/// people.
///
/// Runs once for each classic frame, so it allocates nothing, and reads whole blocks straight from
/// the payload.
public struct MD5: Sendable {
  /// The 128 bits of a digest, as the four words of the RFC.
  public struct Digest: Sendable, Hashable {
    /// Word A: the first four bytes, least significant first.
    public var a: UInt32
    /// Word B: the next four.
    public var b: UInt32
    /// Word C: the next four.
    public var c: UInt32
    /// Word D: the last four.
    public var d: UInt32

    /// The first four bytes as a big-endian integer: the checksum field of a classic frame.
    public var prefix: UInt32 { a.byteSwapped }

    /// The sixteen bytes in the usual order.
    public var bytes: [UInt8] {
      var bytes: [UInt8] = []
      for word in [a, b, c, d] { bytes.appendInteger(word.byteSwapped) }
      return bytes
    }
  }

  private var state = Digest(
    a: 0x6745_2301, b: 0xEFCD_AB89, c: 0x98BA_DCFE, d: 0x1032_5476)
  /// The block that is not full yet; its bytes behind the last one taken are zero.
  private var block = InlineArray<16, UInt32>(repeating: 0)
  private var byteCount: UInt64 = 0

  /// A digest of nothing yet.
  public init() {}

  /// Takes more bytes.
  public mutating func update(_ bytes: RawSpan) {
    var offset = 0
    if byteCount & 63 != 0 {
      offset = min(64 - Int(byteCount & 63), bytes.byteCount)
      fill(bytes, from: 0, to: offset)
    }
    while bytes.byteCount - offset >= 64 {
      for index in 0..<16 {
        block[index] = UInt32(
          littleEndian:
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self))
      }
      state.compress(block)
      offset += 64
      byteCount &+= 64
      if bytes.byteCount - offset < 64 { block = InlineArray(repeating: 0) }
    }
    fill(bytes, from: offset, to: bytes.byteCount)
  }

  /// The digest of the bytes taken so far; more may follow.
  public func digest() -> Digest {
    var state = state
    var block = block
    let filled = Int(byteCount & 63)
    block[filled >> 2] |= 0x80 << UInt32(8 * (filled & 3))
    if filled >= 56 {
      state.compress(block)
      block = InlineArray(repeating: 0)
    }
    let bitCount = byteCount &* 8
    block[14] = UInt32(truncatingIfNeeded: bitCount)
    block[15] = UInt32(truncatingIfNeeded: bitCount >> 32)
    state.compress(block)
    return state
  }

  /// The digest of some bytes.
  public static func digest(of bytes: RawSpan) -> Digest {
    var digest = MD5()
    digest.update(bytes)
    return digest.digest()
  }

  /// Puts bytes into the block one by one, at most up to its end.
  private mutating func fill(_ bytes: RawSpan, from start: Int, to end: Int) {
    for offset in start..<end {
      let position = Int(byteCount & 63)
      block[position >> 2] |= UInt32(bytes.byte(offset)) << UInt32(8 * (position & 3))
      byteCount &+= 1
      if byteCount & 63 == 0 {
        state.compress(block)
        block = InlineArray(repeating: 0)
      }
    }
  }
}

/// The checksum of a classic frame: the first four bytes of the MD5 of its payload, as they stand
/// in the header, read as a big-endian integer.
public func classicChecksum(of payload: RawSpan) -> UInt32 {
  MD5.digest(of: payload).prefix
}
