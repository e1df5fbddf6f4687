/// Limits of the frame layer (PROTOCOL.md sections 2 and 9).
public enum FrameLimits {
  /// The longest payload that a native frame may claim.
  public static let nativePayloadMax = 65_535
  /// The longest payload of a control frame, and the least `limit` of any receiver.
  public static let controlPayloadMax = 1_024
  /// The longest payload that a classic frame may claim to be taken for one (section 9.1).
  public static let classicPayloadMax = 16 << 20
  /// What a receiver discards in one scan before it gives up (section 2.3).
  public static let discardMax = 1 << 20
  /// How many undecided candidates are kept while scanning (section 2.3).
  public static let candidatesMax = 64
  /// What a scan keeps for undecided candidates at most; only classic frames can be this long.
  public static let scanBufferMax = 1 << 20
  /// How far into a connection its dialect is looked for (section 9.1).
  public static let recognitionMax = 4_096

  /// The longest payload that can be legal before anything is known.
  public static func payloadMax(_ dialect: Dialect) -> Int {
    switch dialect {
    case .native: nativePayloadMax
    case .classic: classicPayloadMax
    }
  }
}
