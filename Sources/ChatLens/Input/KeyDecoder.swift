/// Turns the bytes that a terminal sends into keys, pasted texts, mouse and focus.
///
/// All terminals in use send what xterm sends, or what rxvt and the Linux console do; those are
/// understood whatever the terminal calls itself. Characters are UTF-8; bytes that are none, and
/// sequences that nobody knows, are left out. Nothing is kept without bound.
///
/// Only one thing needs a clock: whether an Escape is the key or the beginning of something more.
/// While `isEscapePending`, wait for `escapeDelayNanoseconds`; if nothing more comes, call
/// `settleEscape`.
public struct KeyDecoder: Sendable {
  /// How long what belongs to an Escape can take behind it.
  public static let escapeDelayNanoseconds: Int64 = 25_000_000
  /// How many bytes of a pasted text are taken; the rest of it is left out.
  public static let pasteLimit = 1 << 20

  /// What the bytes at the beginning are.
  enum Step {
    case input(ScreenInput, count: Int)
    case nothing(count: Int)
    case pasteBegin(count: Int)
    case incomplete

    static func key(_ key: Key, _ count: Int) -> Step { .input(.key(key), count: count) }
  }

  private var bytes: [UInt8] = []
  private var start = 0
  private var paste: [UInt8]?
  private var isAlone = false

  /// A decoder that has received nothing.
  public init() {}

  /// Takes what has been read.
  public mutating func receive(_ received: some Sequence<UInt8>) {
    bytes.append(contentsOf: received)
  }

  /// The next thing that somebody has done; nil if that takes more bytes.
  public mutating func next() -> ScreenInput? {
    while start < bytes.count {
      if paste != nil {
        guard let text = takePaste() else { break }
        return .paste(text)
      }
      switch step(at: start) {
      case .input(let input, let count):
        start += count
        return input
      case .nothing(let count): start += count
      case .pasteBegin(let count):
        start += count
        paste = []
      case .incomplete:
        forget()
        return nil
      }
    }
    forget()
    return nil
  }

  /// What is here may be the Escape key, or the beginning of something more.
  public var isEscapePending: Bool {
    guard paste == nil, start < bytes.count, bytes[start] == Byte.escape else { return false }
    let rest = bytes[(start + 1)...].drop { $0 == Byte.escape }
    return rest.isEmpty
      || rest.count == 1 && (rest.first == Byte.bracket || rest.first == Byte.letterO)
  }

  /// Nothing more has come in time: what is here is all.
  public mutating func settleEscape() {
    isAlone = isEscapePending
  }

  private mutating func forget() {
    isAlone = false
    bytes.removeFirst(start)
    start = 0
  }
}

// MARK: - Characters

extension KeyDecoder {
  enum Byte {
    static let escape: UInt8 = 0x1B
    static let bracket = UInt8(ascii: "[")
    static let letterO = UInt8(ascii: "O")
  }

  enum Decoded {
    case scalar(Unicode.Scalar, count: Int)
    case invalid
    case incomplete
  }

  private func step(at index: Int) -> Step {
    switch bytes[index] {
    case Byte.escape: return escapeStep(at: index)
    case 0x09: return .key(.tab, 1)
    case 0x0A, 0x0D: return .key(.enter, 1)
    case 0x08, 0x7F: return .key(.backspace, 1)
    case 0..<0x20:
      // Ctrl takes the upper bits of a letter away.
      let letter = bytes[index] | 0x40
      let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter)
      return .key(.control(Character(Unicode.Scalar(isLetter ? letter | 0x20 : letter))), 1)
    default:
      switch Self.decode(bytes, at: index) {
      case .scalar(let scalar, let count):
        return Self.isControl(scalar)
          ? .nothing(count: count) : .key(.character(Character(scalar)), count)
      case .invalid: return .nothing(count: 1)
      case .incomplete: return .incomplete
      }
    }
  }

  private func escapeStep(at index: Int) -> Step {
    guard index + 1 < bytes.count else { return isAlone ? .key(.escape, 1) : .incomplete }
    switch bytes[index + 1] {
    case Byte.bracket, Byte.letterO:
      return SequenceReader(bytes: bytes, isAlt: false, isAlone: isAlone).step(at: index + 1, 1)
    case Byte.escape:
      // rxvt says Alt by one Escape more.
      guard index + 2 < bytes.count else { return isAlone ? .key(.escape, 1) : .incomplete }
      guard bytes[index + 2] == Byte.bracket || bytes[index + 2] == Byte.letterO,
        !(isAlone && index + 3 == bytes.count)
      else { return .key(.escape, 1) }
      return SequenceReader(bytes: bytes, isAlt: true, isAlone: isAlone).step(at: index + 2, 2)
    // The Linux console's Shift-Tab.
    case 0x09: return .key(.backTab, 2)
    case 0x0A, 0x0D: return .key(.altEnter, 2)
    case 0x08, 0x7F: return .key(.altBackspace, 2)
    case 0..<0x20: return .key(.escape, 1)
    default:
      switch Self.decode(bytes, at: index + 1) {
      case .scalar(let scalar, let count):
        return Self.isControl(scalar)
          ? .nothing(count: 1 + count) : .key(.alt(Character(scalar)), 1 + count)
      case .invalid: return .nothing(count: 2)
      case .incomplete: return .incomplete
      }
    }
  }

  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }

  /// The UTF-8 character at a place.
  static func decode(_ bytes: [UInt8], at index: Int) -> Decoded {
    let first = bytes[index]
    let count: Int
    switch first {
    case 0..<0x80: return .scalar(Unicode.Scalar(first), count: 1)
    case 0xC2...0xDF: count = 2
    case 0xE0...0xEF: count = 3
    case 0xF0...0xF4: count = 4
    default: return .invalid
    }
    var value = UInt32(first) & (0x7F >> UInt32(count))
    for offset in 1..<count {
      guard index + offset < bytes.count else { return .incomplete }
      let byte = bytes[index + offset]
      guard byte & 0xC0 == 0x80 else { return .invalid }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    // Not in the shortest way, a surrogate, or too large.
    let least: [UInt32] = [0x80, 0x800, 0x1_0000]
    guard value >= least[count - 2], let scalar = Unicode.Scalar(value) else { return .invalid }
    return .scalar(scalar, count: count)
  }
}

// MARK: - Pasted text

extension KeyDecoder {
  private static let pasteEnd = Array("\u{1b}[201~".utf8)

  /// Takes more of the pasted text; all of it once its end is here.
  private mutating func takePaste() -> String? {
    var taken = paste ?? []
    paste = []
    while start < bytes.count {
      if bytes[start] == Byte.escape {
        let rest = bytes[start..<min(bytes.count, start + Self.pasteEnd.count)]
        if rest.elementsEqual(Self.pasteEnd) {
          start += rest.count
          paste = nil
          return Self.text(ofPaste: taken)
        }
        // Its end may still come.
        if Self.pasteEnd.starts(with: rest) { break }
      }
      if taken.count < Self.pasteLimit { taken.append(bytes[start]) }
      start += 1
    }
    paste = taken
    return nil
  }

  /// The text that bytes are: line ends are `\n`, and of control characters only Tab is kept.
  private static func text(ofPaste bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    var index = 0
    while index < bytes.count {
      guard case .scalar(let scalar, let count) = decode(bytes, at: index) else {
        index += 1
        continue
      }
      let isSecondOfLineEnd = scalar == "\n" && index > 0 && bytes[index - 1] == 0x0D
      if scalar == "\r" || scalar == "\n" && !isSecondOfLineEnd {
        text.append("\n")
      } else if scalar == "\t" || !isControl(scalar) {
        text.append(scalar)
      }
      index += count
    }
    return String(text)
  }
}
