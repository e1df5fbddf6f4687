internal import CFastCRC

/// CRC-32 with the processor's carry-less multiplication.
public enum FastChecksum {
  /// Bytes below which it must not be used.
  public static let minimumByteCount = 64

  /// True if this processor can do it.
  public static let isAvailable = fastcrc_available() != 0

  /// The update as a plain function, for whoever takes one: state, bytes, their count.
  public static let continuation: @convention(c) (UInt32, UnsafeRawPointer?, Int) -> UInt32 = {
    fastcrc_update($0, $1, $2)
  }

  /// The state after `bytes`, of which there must be at least `minimumByteCount`.
  ///
  /// The state is the internal one: no initial value, no final inversion.
  @inline(__always)
  public static func update(_ state: UInt32, _ bytes: RawSpan) -> UInt32 {
    precondition(bytes.byteCount >= minimumByteCount)
    return bytes.withUnsafeBytes { fastcrc_update(state, $0.baseAddress, $0.count) }
  }
}
