/// A nickname that obeys PROTOCOL.md 6.2.
public struct Nickname: Sendable, Hashable {
  /// What is wrong with a nickname.
  public enum Violation: Error, Sendable, Hashable {
    /// There is none.
    case empty
    /// The bytes from an offset on are not UTF-8.
    case notUTF8(offset: Int)
    /// It has more than 64 bytes.
    case tooManyBytes(Int)
    /// It has more than 32 Unicode scalars.
    case tooManyScalars
    /// It begins with something other than a letter, a digit or `_`.
    case illegalStart(Unicode.Scalar)
    /// It has something other than letters, marks, digits and `- _ . | ^`.
    case illegalScalar(Unicode.Scalar)

    /// One sentence that says it.
    public var sentence: String {
      switch self {
      case .empty: "The nickname is empty."
      case .notUTF8(let offset): "The nickname is not UTF-8 at byte \(offset)."
      case .tooManyBytes(let count): "The nickname has \(count) bytes, more than 64."
      case .tooManyScalars: "The nickname has more than 32 characters."
      case .illegalStart(let scalar):
        "A nickname cannot begin with \(codePoint(scalar)), only with a letter, a digit or _."
      case .illegalScalar(let scalar):
        "A nickname cannot have \(codePoint(scalar)), only letters, digits, marks and - _ . | ^."
      }
    }
  }

  /// The most bytes of UTF-8.
  public static let byteCountMax = 64
  /// The most Unicode scalars.
  public static let scalarCountMax = 32

  /// The nickname as its owner spells it.
  public let value: String

  /// Reads a nickname.
  public init(decoding bytes: RawSpan) throws(Violation) {
    if let violation = Self.violation(in: bytes) { throw violation }
    guard let text = bytes.text(0..<bytes.byteCount) else { throw .notUTF8(offset: 0) }
    value = text
  }

  /// Takes a nickname that obeys the rules.
  public init(_ text: String) throws(Violation) {
    if let violation = unsafe Self.violation(in: text.utf8.span.bytes) { throw violation }
    value = text
  }

  /// Takes a nickname that is known to obey the rules.
  init(unchecked text: String) {
    value = text
  }

  /// What is wrong with a nickname first, found without making a string of it.
  public static func violation(in bytes: RawSpan) -> Violation? {
    if bytes.isEmpty { return .empty }
    // First, so that what follows looks at no more than 64 bytes.
    if bytes.byteCount > byteCountMax { return .tooManyBytes(bytes.byteCount) }
    var offset = 0
    var count = 0
    while offset < bytes.byteCount {
      guard let scalar = UTF8Scan.next(bytes, at: &offset) else { return .notUTF8(offset: offset) }
      count += 1
      let role = Role(scalar)
      if role == .illegal { return .illegalScalar(scalar) }
      if count == 1, role != .anywhere { return .illegalStart(scalar) }
      if count > scalarCountMax { return .tooManyScalars }
    }
    return nil
  }

  /// Where a scalar may stand.
  enum Role {
    case anywhere, inside, illegal

    init(_ scalar: Unicode.Scalar) {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": self = .anywhere
      case "-", ".", "|", "^": self = .inside
      default:
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
          .decimalNumber:
          self = .anywhere
        case .nonspacingMark, .spacingMark, .enclosingMark: self = .inside
        default: self = .illegal
        }
      }
    }
  }

  /// What all spellings that count as this nickname have in common: strings compare by canonical
  /// equivalence, so equal keys, also in a dictionary, mean one nickname.
  public var key: String { Self.key(value) }

  /// The key of any text.
  public static func key(_ text: String) -> String { text.uppercased().lowercased() }

  /// True if the two count as one nickname.
  public func isSame(as other: Nickname) -> Bool { key == other.key }

  /// Compares the spelling, scalar by scalar; see `isSame(as:)`.
  public static func == (left: Nickname, right: Nickname) -> Bool {
    left.value.utf8.elementsEqual(right.value.utf8)
  }

  /// Hashes the key, which equal spellings share.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
  }
}
