/// The payload of NOTICE and ERROR: a code and a text (PROTOCOL.md 2.2, 6.4, 7).
public struct CodedText: Sendable, Hashable {
  /// What is wrong with a payload.
  public enum Violation: Error, Sendable, Hashable {
    /// There is no code.
    case noCode
    /// The text is not UTF-8.
    case textNotUTF8

    /// One sentence that says it.
    public var sentence: String {
      switch self {
      case .noCode: "The code is missing."
      case .textNotUTF8: "The text is not UTF-8."
      }
    }
  }

  /// The code byte; see `ErrorCode` and `NoticeCode`.
  public var code: UInt8
  /// The text, which may be empty.
  public var text: String

  /// Makes a payload from its parts.
  public init(code: UInt8, text: String) {
    self.code = code
    self.text = text
  }

  /// Reads a payload.
  public init(decoding bytes: RawSpan) throws(Violation) {
    guard bytes.byteCount >= 1 else { throw .noCode }
    guard let text = bytes.text(1..<bytes.byteCount) else { throw .textNotUTF8 }
    self.init(code: bytes.byte(0), text: text)
  }

  /// Appends the payload.
  public func encode(into output: inout [UInt8]) {
    output.append(code)
    output += text.utf8
  }
}
