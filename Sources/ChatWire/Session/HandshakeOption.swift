/// One option of a handshake frame as it stands in the bytes, legal or not.
public struct HandshakeOption: Sendable, Hashable {
  /// What a value can be.
  public enum Value: Sendable, Hashable {
    /// A known number of the right length.
    case number(UInt32)
    /// A nickname or a name that is UTF-8.
    case text(String)
    /// Anything else.
    case bytes([UInt8])
  }

  /// Its kind.
  public var kind: HandshakeOptionKind
  /// Its value.
  public var value: Value

  /// Makes an option.
  public init(_ kind: HandshakeOptionKind, _ value: Value) {
    self.kind = kind
    self.value = value
  }

  /// Lists the whole options at the beginning of any bytes, in their order: all of them, or those
  /// before the one that overruns.
  public static func list(_ bytes: RawSpan) -> [HandshakeOption] {
    var options: [HandshakeOption] = []
    var cursor = HandshakeOptionCursor()
    while case .option(let kind, let range) = cursor.next(bytes) {
      options.append(HandshakeOption(kind, value(of: kind, in: bytes, at: range)))
    }
    return options
  }

  private static func value(
    of kind: HandshakeOptionKind, in bytes: RawSpan, at range: Range<Int>
  ) -> Value {
    switch kind {
    case .version, .mode, .window, .fragment, .maxMessage, .acknowledges:
      guard kind.lengths.contains(range.count) else { break }
      var number: UInt32 = 0
      for offset in range { number = number << 8 | UInt32(bytes.byte(offset)) }
      return .number(number)
    case .nickname, .name:
      guard let text = bytes.text(range) else { break }
      return .text(text)
    default: break
    }
    return .bytes(bytes.copy(range))
  }
}

/// Steps from option to option.
struct HandshakeOptionCursor {
  /// What comes next.
  enum Step {
    case option(HandshakeOptionKind, Range<Int>)
    case overrun(HandshakeOptionKind)
    case end
  }

  private var cursor = PayloadCursor()

  /// The next option; after an overrun or the end nothing more comes.
  mutating func next(_ bytes: RawSpan) -> Step {
    guard let code = cursor.readByte(bytes) else { return .end }
    let kind = HandshakeOptionKind(rawValue: code)
    guard let length = cursor.readByte(bytes),
      let range = cursor.readRange(bytes, count: Int(length))
    else {
      _ = cursor.readRest(bytes)
      return .overrun(kind)
    }
    return .option(kind, range)
  }
}
