public import ChatWire

/// What a caller wants of the engine.
public struct TraceOptions: Sendable {
  /// Texts are read and put together.
  public var assemblesText = true
  /// Notes of severity chat are made; without them counting is quicker.
  public var notesChat = true
  /// The checksum, perhaps with a faster update.
  public var checksum = CRC32()
  /// The stream whose bytes the sink wants.
  public var tappedStream: Int?

  /// Everything is wanted.
  public init() {}

  var analysis: AnalysisOptions {
    var options = AnalysisOptions()
    options.assemblesText = assemblesText
    options.notesChat = notesChat
    return options
  }
}
