internal import ChatProgram
internal import ChatTrace
internal import ChatWire

extension TraceOptions {
  /// The options of this program: the processor's checksum, if it has one.
  static func forProgram(assemblesText: Bool) -> TraceOptions {
    var options = TraceOptions()
    options.assemblesText = assemblesText
    options.notesChat = assemblesText
    options.checksum = .forProgram
    return options
  }
}
