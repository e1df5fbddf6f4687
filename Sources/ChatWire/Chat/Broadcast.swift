/// The payload of DATA from the server: who said what, and when (PROTOCOL.md 6.1).
///
/// It is read as a layout of well-formed parts; whether nickname and text obey 6.1 and 6.2 is for
/// `Nickname.violation(in:)` and `ChatText.violation(in:)` to say.
public struct Broadcast: Sendable, Hashable {
  /// What is wrong with a payload.
  public enum Violation: Error, Sendable, Hashable {
    /// It ends within the time, the length or the nickname.
    case tooShort(byteCount: Int)
    /// The nickname is not UTF-8.
    case nicknameNotUTF8
    /// The text is not UTF-8.
    case textNotUTF8

    /// One sentence that says it.
    public var sentence: String {
      switch self {
      case .tooShort(let byteCount):
        "The broadcast ends after \(byteCount) bytes, within its time or nickname."
      case .nicknameNotUTF8: "The nickname of the broadcast is not UTF-8."
      case .textNotUTF8: "The text of the broadcast is not UTF-8."
      }
    }
  }

  /// Where the parts of a payload lie; nothing is said about their UTF-8.
  public struct Layout: Sendable, Hashable {
    /// Milliseconds since 1970 UTC.
    public var sentAtMilliseconds: UInt64
    /// The bytes of the nickname.
    public var nickname: Range<Int>
    /// The bytes of the text.
    public var text: Range<Int>

    /// Finds the parts; nil if the payload ends too early.
    public init?(_ bytes: RawSpan) {
      var cursor = PayloadCursor()
      guard let sentAt = cursor.readInteger(bytes, as: UInt64.self),
        let length = cursor.readByte(bytes),
        let nickname = cursor.readRange(bytes, count: Int(length))
      else { return nil }
      self.sentAtMilliseconds = sentAt
      self.nickname = nickname
      self.text = cursor.readRest(bytes)
    }
  }

  /// When the server took the message, in milliseconds since 1970 UTC.
  public var sentAtMilliseconds: UInt64
  /// Who said it.
  public var nickname: String
  /// What was said.
  public var text: String

  /// Makes a broadcast from its parts.
  public init(sentAtMilliseconds: UInt64, nickname: String, text: String) {
    self.sentAtMilliseconds = sentAtMilliseconds
    self.nickname = nickname
    self.text = text
  }

  /// Reads a payload.
  public init(decoding bytes: RawSpan) throws(Violation) {
    guard let layout = Layout(bytes) else { throw .tooShort(byteCount: bytes.byteCount) }
    guard let nickname = bytes.text(layout.nickname) else { throw .nicknameNotUTF8 }
    guard let text = bytes.text(layout.text) else { throw .textNotUTF8 }
    self.init(sentAtMilliseconds: layout.sentAtMilliseconds, nickname: nickname, text: text)
  }

  /// Appends the payload; nothing, and false, if the nickname has more than 255 bytes.
  public func encode(into output: inout [UInt8]) -> Bool {
    guard let length = UInt8(exactly: nickname.utf8.count) else { return false }
    output.appendInteger(sentAtMilliseconds)
    output.append(length)
    output += nickname.utf8
    output += text.utf8
    return true
  }
}
