/// The payload of a classic ACK.
///
/// One type answers four things, and only the text tells them apart.
public enum ClassicAcknowledgement: Sendable, Hashable {
  /// A fragment has arrived: `ACK for seq N`.
  case fragment(sequence: UInt16)
  /// The nickname is set: `NICK OK: NAME`.
  case nickname(String)
  /// The goodbye has arrived: `Disconnect ACK`.
  case disconnect
  /// The answer to a SYN: a JSON object with a status.
  case handshake(ClassicSYNACK)
  /// Anything else.
  case other

  /// Reads a payload; every payload is one of the cases.
  public init(decoding bytes: RawSpan) {
    // Fragments first: they are by far the most.
    if let sequence = ClassicPhrase.acknowledged.sequence(in: bytes) {
      self = .fragment(sequence: sequence)
    } else if let range = ClassicPhrase.nickname.rest(of: bytes), let name = bytes.text(range) {
      self = .nickname(name)
    } else if ClassicPhrase.disconnected.rest(of: bytes)?.isEmpty == true {
      self = .disconnect
    } else if let answer = try? ClassicSYNACK(decoding: bytes), answer.status != nil {
      self = .handshake(answer)
    } else {
      self = .other
    }
  }

  /// Appends `ACK for seq N`.
  public static func encodeFragment(sequence: UInt16, into output: inout [UInt8]) {
    ClassicPhrase.acknowledged.encode(String(sequence), into: &output)
  }

  /// Appends `NICK OK: NAME`.
  public static func encodeNickname(_ name: String, into output: inout [UInt8]) {
    ClassicPhrase.nickname.encode(name, into: &output)
  }

  /// Appends `Disconnect ACK`.
  public static func encodeDisconnect(into output: inout [UInt8]) {
    ClassicPhrase.disconnected.encode("", into: &output)
  }
}

/// The payload of a classic NACK.
public enum ClassicNack {
  /// The sequence in `NACK for seq N`; nil if the text is another.
  public static func sequence(of bytes: RawSpan) -> UInt16? {
    ClassicPhrase.refused.sequence(in: bytes)
  }

  /// Appends `NACK for seq N`.
  public static func encode(sequence: UInt16, into output: inout [UInt8]) {
    ClassicPhrase.refused.encode(String(sequence), into: &output)
  }
}

/// How the texts of the original server begin.
enum ClassicPhrase {
  case acknowledged, refused, nickname, disconnected

  private var text: StaticString {
    switch self {
    case .acknowledged: "ACK for seq "
    case .refused: "NACK for seq "
    case .nickname: "NICK OK: "
    case .disconnected: "Disconnect ACK"
    }
  }

  /// What follows the phrase; nil if the bytes do not begin with it.
  func rest(of bytes: RawSpan) -> Range<Int>? {
    let count = text.utf8CodeUnitCount
    guard bytes.byteCount >= count else { return nil }
    for index in 0..<count where unsafe bytes.byte(index) != text.utf8Start[index] { return nil }
    return count..<bytes.byteCount
  }

  /// The decimal number, at most 65,535 and without leading zeros, that alone follows the phrase.
  func sequence(in bytes: RawSpan) -> UInt16? {
    guard let digits = rest(of: bytes), 1...5 ~= digits.count else { return nil }
    if digits.count > 1, bytes.byte(digits.lowerBound) == 0x30 { return nil }
    var value = 0
    for offset in digits {
      let byte = bytes.byte(offset)
      guard 0x30...0x39 ~= byte else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return UInt16(exactly: value)
  }

  func encode(_ rest: String, into output: inout [UInt8]) {
    output += text.description.utf8
    output += rest.utf8
  }
}
