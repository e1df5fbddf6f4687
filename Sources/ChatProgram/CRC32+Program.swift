internal import ChatPosix
public import ChatWire

extension CRC32 {
  /// The processor's checksum, if it has one.
  public static var forProgram: CRC32 {
    FastChecksum.isAvailable ? CRC32(accelerator: FastChecksum.continuation) : CRC32()
  }
}
