/// What a NOTICE says, by its code (PROTOCOL.md 6.4).
public enum Notice: Sendable, Hashable {
  case joined(nickname: String)
  case left(nickname: String, reason: String?)
  case renamed(from: String, to: String)
  case nicknameAccepted(String)
  case refused(String)
  case shuttingDown(String)
  case welcome(String)
  /// A code that version 1 does not know, or a renaming without its second name.
  case other(code: UInt8, text: String)

  /// Reads the text of a NOTICE as its code demands.
  public init(_ payload: CodedText) {
    let text = payload.text
    switch NoticeCode(rawValue: payload.code) {
    case .joined: self = .joined(nickname: text)
    case .left:
      let (nickname, reason) = Self.splitAtNewline(text)
      self = .left(nickname: nickname, reason: reason)
    case .renamed:
      let (old, new) = Self.splitAtNewline(text)
      if let new {
        self = .renamed(from: old, to: new)
      } else {
        self = .other(code: payload.code, text: text)
      }
    case .nicknameAccepted: self = .nicknameAccepted(text)
    case .refused: self = .refused(text)
    case .shuttingDown: self = .shuttingDown(text)
    case .welcome: self = .welcome(text)
    default: self = .other(code: payload.code, text: text)
    }
  }

  /// The payload that says it.
  public var payload: CodedText {
    switch self {
    case .joined(let nickname): Self.coded(.joined, nickname)
    case .left(let nickname, let reason?): Self.coded(.left, nickname + "\n" + reason)
    case .left(let nickname, nil): Self.coded(.left, nickname)
    case .renamed(let old, let new): Self.coded(.renamed, old + "\n" + new)
    case .nicknameAccepted(let nickname): Self.coded(.nicknameAccepted, nickname)
    case .refused(let sentence): Self.coded(.refused, sentence)
    case .shuttingDown(let sentence): Self.coded(.shuttingDown, sentence)
    case .welcome(let sentence): Self.coded(.welcome, sentence)
    case .other(let code, let text): CodedText(code: code, text: text)
    }
  }

  private static func coded(_ code: NoticeCode, _ text: String) -> CodedText {
    CodedText(code: code.rawValue, text: text)
  }

  /// Cuts at the first newline.
  ///
  /// By scalars, for a newline after a carriage return is the second half of one character.
  private static func splitAtNewline(_ text: String) -> (String, String?) {
    let scalars = text.unicodeScalars
    guard let newline = scalars.firstIndex(of: "\n") else { return (text, nil) }
    return (String(scalars[..<newline]), String(scalars[scalars.index(after: newline)...]))
  }
}
