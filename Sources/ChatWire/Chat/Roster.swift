/// The payload of ROSTER: who is here (PROTOCOL.md 6.3).
public struct Roster: Sendable, Hashable {
  /// What is wrong with a payload.
  public enum Violation: Error, Sendable, Hashable {
    /// It ends within the count or an entry.
    case tooShort(byteCount: Int)
    /// A nickname is not UTF-8; entries count from 0.
    case nicknameNotUTF8(entry: Int)
    /// Bytes follow the last entry.
    case bytesBehind(count: Int)

    /// One sentence that says it.
    public var sentence: String {
      switch self {
      case .tooShort(let byteCount):
        "The roster ends after \(byteCount) bytes, within its count or an entry."
      case .nicknameNotUTF8(let entry): "The nickname in entry \(entry) is not UTF-8."
      case .bytesBehind(let count): "The last entry of the roster is followed by \(count) bytes."
      }
    }
  }

  /// One participant.
  public struct Entry: Sendable, Hashable {
    /// Their nickname.
    public var nickname: String
    /// The mode byte; see `arqMode`.
    public var mode: UInt8
    /// Their window, in frames.
    public var window: UInt16
    /// Their fragment size: bytes, or characters in the classic dialect.
    public var fragment: UInt16
    /// For how long they have been here.
    public var connectedSeconds: UInt32
    /// Bit 0 and bit 1 are below; the others are reserved and ignored.
    public var flags: UInt8

    /// Makes an entry.
    public init(
      nickname: String, mode: UInt8, window: UInt16, fragment: UInt16, connectedSeconds: UInt32,
      flags: UInt8
    ) {
      self.nickname = nickname
      self.mode = mode
      self.window = window
      self.fragment = fragment
      self.connectedSeconds = connectedSeconds
      self.flags = flags
    }

    /// The mode, if it is known.
    public var arqMode: ARQMode? { ARQMode(rawValue: mode) }
    /// True for the participant who gets this roster.
    public var isYou: Bool { flags & 1 != 0 }
    /// True for one who speaks the classic dialect.
    public var isClassic: Bool { flags & 2 != 0 }
  }

  /// The participants in the order of the bytes.
  public var entries: [Entry]

  /// Makes a roster.
  public init(entries: [Entry]) {
    self.entries = entries
  }

  /// Reads a payload.
  public init(decoding bytes: RawSpan) throws(Violation) {
    var cursor = PayloadCursor()
    guard let count = cursor.readInteger(bytes, as: UInt16.self) else {
      throw .tooShort(byteCount: bytes.byteCount)
    }
    entries = []
    for index in 0..<Int(count) {
      guard let length = cursor.readByte(bytes),
        let nickname = cursor.readRange(bytes, count: Int(length)),
        let mode = cursor.readByte(bytes),
        let window = cursor.readInteger(bytes, as: UInt16.self),
        let fragment = cursor.readInteger(bytes, as: UInt16.self),
        let seconds = cursor.readInteger(bytes, as: UInt32.self),
        let flags = cursor.readByte(bytes)
      else { throw .tooShort(byteCount: bytes.byteCount) }
      guard let name = bytes.text(nickname) else { throw .nicknameNotUTF8(entry: index) }
      entries.append(
        Entry(
          nickname: name, mode: mode, window: window, fragment: fragment,
          connectedSeconds: seconds, flags: flags))
    }
    guard cursor.isAtEnd(bytes) else {
      throw .bytesBehind(count: bytes.byteCount - cursor.offset)
    }
  }

  /// Appends the payload; nothing, and false, if there are more than 65,535 entries or a nickname
  /// has more than 255 bytes.
  public func encode(into output: inout [UInt8]) -> Bool {
    guard let count = UInt16(exactly: entries.count),
      entries.allSatisfy({ $0.nickname.utf8.count <= 255 })
    else { return false }
    output.appendInteger(count)
    for entry in entries {
      output.append(UInt8(truncatingIfNeeded: entry.nickname.utf8.count))
      output += entry.nickname.utf8
      output.append(entry.mode)
      output.appendInteger(entry.window)
      output.appendInteger(entry.fragment)
      output.appendInteger(entry.connectedSeconds)
      output.append(entry.flags)
    }
    return true
  }
}
