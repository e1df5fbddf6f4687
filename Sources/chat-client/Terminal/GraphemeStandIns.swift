internal import ChatLens
internal import ChatPosix

/// One scalar in the place of each character that has several, for libedit's sake.
///
/// libedit gives a cell of its own to every scalar, also to those that terminals draw over the one
/// before: accents, variation selectors, the joints of an emoji. Its idea of where the cursor is
/// would go wrong with each of them. So it gets scalars that nobody types, which take as many
/// columns as the whole character, and what it draws and returns is translated back. It also
/// moves over and deletes such a character as one.
struct GraphemeStandIns {
  /// What a stand-in stands for.
  private struct Original {
    /// What was typed.
    var text: String
    /// What is drawn.
    var shown: String
  }

  /// Private use, one column.
  private static let narrow: UInt32 = 0xF0000
  /// Rare ideographs, two columns.
  private static let wide: UInt32 = 0x31000
  private static let narrowCountMax = 0xFFFE
  private static let wideCountMax = 0x34B

  private var narrowOriginals: [Original] = []
  private var wideOriginals: [Original] = []
  private var known: [[UInt8]: Unicode.Scalar] = [:]

  /// The scalars that libedit gets for a text.
  mutating func encoded(_ text: String) -> [Unicode.Scalar] {
    text.flatMap { character in
      if let scalar = standIn(for: character) { return [scalar] }
      return character.unicodeScalars.map { standIn(for: Character($0)) ?? $0 }
    }
  }

  /// What a character that was typed makes of the one before it: a new scalar in its place; nil if
  /// they are two.
  mutating func joined(_ last: Unicode.Scalar, _ next: Unicode.Scalar) -> Unicode.Scalar? {
    let text = decoded([last]) + String(next)
    guard text.count == 1, let character = text.first, last.value >= 0x20 else { return nil }
    if let only = text.unicodeScalars.first, text.unicodeScalars.count == 1 { return only }
    return standIn(for: character)
  }

  /// What stands for a character; nil if libedit can have it as it is.
  mutating func standIn(for character: Character) -> Unicode.Scalar? {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return nil }
    if scalars.count == 1, first.value < 0x80 || isPlain(first) { return nil }
    // The newline of Windows, and what is wider than any stand-in.
    guard first.value >= 0x20, case let columns = Terminal.columns(of: character), columns <= 2
    else { return nil }
    let key = Array(String(character).utf8)
    if let scalar = known[key] { return scalar }
    // What cannot be seen by itself, or would change how others are seen, is shown as a box.
    let shown =
      columns == 0 || scalars.contains(where: EscapedText.isHarmful)
      ? "\u{FFFD}" : String(character)
    let original = Original(text: String(character), shown: shown)
    let value: UInt32
    if columns == 2 {
      guard wideOriginals.count < Self.wideCountMax else { return nil }
      value = Self.wide + UInt32(wideOriginals.count)
      wideOriginals.append(original)
    } else {
      guard narrowOriginals.count < Self.narrowCountMax else { return nil }
      value = Self.narrow + UInt32(narrowOriginals.count)
      narrowOriginals.append(original)
    }
    let scalar = Unicode.Scalar(value)
    known[key] = scalar
    return scalar
  }

  /// True if libedit and the terminal agree about it.
  private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    guard let columns = Terminal.columns(of: scalar), columns > 0 else { return false }
    return !(Self.narrow...0xFFFFF ~= scalar.value) && !(Self.wide...0x3134A ~= scalar.value)
      && !EscapedText.isHarmful(scalar)
  }

  /// The text that libedit's scalars are about.
  func decoded(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars {
      if let original = original(of: scalar) {
        text += original.text.unicodeScalars
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }

  /// What the terminal gets in the place of bytes that libedit draws.
  func shown(_ bytes: [UInt8]) -> [UInt8] {
    // All stand-ins begin with one of these.
    guard !known.isEmpty, bytes.contains(where: { $0 == 0xF3 || $0 == 0xF0 }) else {
      return bytes
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if let original = original(of: scalar) {
        result += original.shown.utf8
      } else {
        result += String(scalar).utf8
      }
    }
    return result
  }

  private func original(of scalar: Unicode.Scalar) -> Original? {
    if scalar.value >= Self.narrow, scalar.value - Self.narrow < narrowOriginals.count {
      return narrowOriginals[Int(scalar.value - Self.narrow)]
    }
    if scalar.value >= Self.wide, scalar.value - Self.wide < wideOriginals.count {
      return wideOriginals[Int(scalar.value - Self.wide)]
    }
    return nil
  }
}
