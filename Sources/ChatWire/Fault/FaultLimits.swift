/// Limits of fault rules and of what an injector holds, each with its reason.
public enum FaultLimits {
  /// Bytes of a text of rules: more than anybody writes by hand.
  public static let textBytesMax = 64 << 10
  /// Rules in force at a time: every frame is compared with each.
  public static let rulesMax = 256
  /// Numbers in one list, as in `nth 1,3`; with `conditionsMax` it keeps a rule on one ledger line.
  public static let numbersMax = 64
  /// Comparisons and filters behind the `where` of one rule.
  public static let conditionsMax = 32
  /// Bytes of the filters of one rule together: with the lists they keep it on one ledger line.
  public static let filterBytesMax = 2 << 10
  /// Extra copies of one frame.
  public static let copiesMax: UInt64 = 100
  /// Later frames that one frame can be held for: no more are held anyway.
  public static let gapMax: UInt64 = 4_096
  /// The longest delay, the longest jitter, and the longest of all other times.
  public static let delayMax = Duration.seconds(3_600)
  /// The highest bandwidth: more than the memory of a machine has for one connection.
  public static let bytesPerSecondMax: UInt64 = 10_000_000_000

  /// How long a reordered frame is held if too few frames follow it.
  public static let reorderHoldMax = Duration.milliseconds(200)
  /// Bytes held for one direction of a connection; what exceeds them is released early.
  public static let heldBytesMax = 4 << 20
  /// Frames held for one direction of a connection; what exceeds them is released early.
  public static let heldFramesMax = 4_096

  /// Sequence numbers whose copies are counted: half of the sequence space, beyond which a number
  /// is ambiguous.
  static let rememberedMax = 32_768
  /// Windows that stay remembered once the window is known: a retransmission lies within one, an
  /// acknowledgement of something old within two.
  static let rememberedWindows = 4
  /// Kinds of control frame whose occurrences are counted besides ACK and NACK.
  static let occurrencesMax = 64
}
