internal import ChatPosix
internal import ChatTrace
internal import ChatWire

extension TraceOptions {
  /// The options of this program: the processor's checksum, if it has one.
  static func forProgram(assemblesText: Bool) -> TraceOptions {
    var options = TraceOptions()
    options.assemblesText = assemblesText
    options.notesChat = assemblesText
    if FastChecksum.isAvailable {
      options.checksum = CRC32(accelerator: FastChecksum.continuation)
    }
    return options
  }
}
