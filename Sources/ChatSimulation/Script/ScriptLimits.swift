/// Limits of a script, so that no text makes a run that does not end or fit into memory.
public enum ScriptLimits {
  /// Bytes of a script: more than anybody writes by hand.
  public static let textBytesMax = 64 << 10
  /// Commands, repetitions included.
  public static let commandsMax = 10_000
  /// Bytes of one message.
  public static let messageBytesMax = 1 << 20
  /// Bytes of all messages.
  public static let allMessagesBytesMax = 16 << 20
  /// Words of one line.
  public static let wordsMax = 64
}
