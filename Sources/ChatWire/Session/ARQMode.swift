/// How a session repairs losses (PROTOCOL.md sections 3.1 and 4).
public enum ARQMode: UInt8, Sendable, Hashable {
  case goBackN = 1
  case selectiveRepeat = 2

  /// The short name: `gbn` or `sr`.
  public var name: String {
    switch self {
    case .goBackN: "gbn"
    case .selectiveRepeat: "sr"
    }
  }
}
