public import ChatWire

/// Finds for each message of a live peer the recorded one whose place it takes.
///
/// The same content comes first, as far as two runs can agree on it; failing that the same type. A
/// message that has no counterpart is one too many.
public struct ReplayMatching: Sendable {
  /// The recorded message that a live one stands for.
  public struct Match: Sendable, Hashable {
    /// Its index in its direction.
    public var index: Int
    /// The two say the same.
    public var isSame: Bool

    /// Makes a match.
    public init(index: Int, isSame: Bool) {
      self.index = index
      self.isSame = isSame
    }
  }

  /// Recorded messages that are looked at for each live one.
  private static let lookAheadMax = 1_024

  private struct Expected {
    var typeCode: UInt8
    /// What two runs agree on; nil if it is not known.
    var content: [UInt8]?
    var isTaken = false
  }

  private let dialect: Dialect
  private let sender: Session.Role
  private var expected: [Expected]
  /// The first that is not taken.
  private var first = 0

  /// Expects what one side of a recorded connection sent.
  public init(_ session: StorySession, from sender: Session.Role) {
    dialect = session.dialect
    self.sender = sender
    expected = []
    for message in session.messages(from: sender) {
      let content = message.bytes.map {
        Self.content($0, typeCode: message.typeCode, session.dialect, from: sender)
      }
      expected.append(Expected(typeCode: message.typeCode, content: content))
    }
  }

  /// Takes a message; nil if it is one too many.
  public mutating func take(typeCode: UInt8, _ bytes: [UInt8]) -> Match? {
    let content = Self.content(bytes, typeCode: typeCode, dialect, from: sender)
    var sameType: Int?
    var looked = 0
    var index = first
    while index < expected.count, looked < Self.lookAheadMax {
      defer { index += 1 }
      guard !expected[index].isTaken else { continue }
      looked += 1
      guard expected[index].typeCode == typeCode else { continue }
      if expected[index].content == content { return taken(index, isSame: true) }
      if sameType == nil { sameType = index }
    }
    return sameType.map { taken($0, isSame: false) }
  }

  private mutating func taken(_ index: Int, isSame: Bool) -> Match {
    expected[index].isTaken = true
    while first < expected.count, expected[first].isTaken { first += 1 }
    return Match(index: index, isSame: isSame)
  }

  /// The part of a message that two runs can agree on: no times, and no lists of who is here.
  private static func content(
    _ bytes: [UInt8], typeCode: UInt8, _ dialect: Dialect, from sender: Session.Role
  ) -> [UInt8] {
    switch dialect {
    case .native:
      switch FrameType(rawValue: typeCode) {
      case .data where sender == .server: Array(bytes.dropFirst(8))
      case .roster, .fin: []
      default: bytes
      }
    case .classic:
      switch ClassicType(rawValue: typeCode) {
      case .listRequest, .listResponse, .disconnect, .channelConfig: []
      case .setNick: trimmed(bytes)
      default: bytes
      }
    }
  }

  /// Without white space around it, as servers take a nickname.
  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    let name = unsafe ClassicNickname.requested(by: bytes.span.bytes)
    return name.map { Array($0.utf8) } ?? bytes
  }
}
