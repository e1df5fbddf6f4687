/// The reason in a FIN: a text of at most 200 bytes that may be empty (PROTOCOL.md section 7).
public enum FinReason {
  /// The most bytes that it may have.
  public static let byteCountMax = 200

  /// What is wrong with a reason.
  public enum Violation: Error, Sendable, Hashable {
    /// It has more than 200 bytes.
    case tooLong(byteCount: Int)
    /// It breaks the rules of section 6.1.
    case text(ChatText.Violation)

    /// One sentence that says it.
    public var sentence: String {
      switch self {
      case .tooLong(let byteCount): "The reason has \(byteCount) bytes, more than 200."
      case .text(let violation): violation.sentence
      }
    }
  }

  /// What is wrong with a reason first; an empty one is in order.
  public static func violation(in bytes: RawSpan) -> Violation? {
    if bytes.byteCount > byteCountMax { return .tooLong(byteCount: bytes.byteCount) }
    return ChatText.faultyCharacter(in: bytes).map { .text($0) }
  }

  /// The reason; one that breaks the rules is treated as empty.
  public static func text(of bytes: RawSpan) -> String {
    guard violation(in: bytes) == nil else { return "" }
    return bytes.text(0..<bytes.byteCount) ?? ""
  }
}
