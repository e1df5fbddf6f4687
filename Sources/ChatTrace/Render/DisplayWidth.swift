// A terminal gives each character a whole number of cells. There is no standard, but terminals
// agree on most: East Asian wide characters and emoji take two, marks that sit on another character
// take none. What the standard library knows (marks, emoji) is asked there; East Asian width it
// does not know.

/// How many cells a scalar takes on a terminal.
public func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  let value = scalar.value
  if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0xAD ? 0 : 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator:
    return 0
  default: break
  }
  // The vowels and final consonants of a Hangul syllable written in parts stand in the first one's
  // cells.
  if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) { return 0 }
  // Half a flag.
  if (0x1F1E6...0x1F1FF).contains(value) { return 1 }
  return isEastAsianWide(value) || scalar.properties.isEmojiPresentation ? 2 : 1
}

/// How many cells a grapheme takes on a terminal.
public func displayWidth(_ character: Character) -> Int {
  var sum = 0
  var isJoined = false
  var isForcedEmoji = false
  var first: Unicode.Scalar?
  for scalar in character.unicodeScalars {
    if first == nil { first = scalar }
    isJoined = isJoined || scalar.value == 0x200D
    isForcedEmoji = isForcedEmoji || scalar.value == 0xFE0F
    sum &+= displayWidth(scalar)
  }
  guard let first, first.value >= 0x80 || isForcedEmoji else { return sum }
  if isForcedEmoji && first.properties.isEmoji { return 2 }
  if first.properties.isEmojiPresentation || (isJoined && first.properties.isEmoji) {
    return min(sum, 2)
  }
  return sum
}

/// How many cells a text takes on a terminal.
public func displayWidth(_ text: some StringProtocol) -> Int {
  var width = 0
  for character in text { width &+= displayWidth(character) }
  return width
}

/// Whether a scalar is East Asian wide or fullwidth (emoji are asked for elsewhere).
private func isEastAsianWide(_ value: UInt32) -> Bool {
  switch value {
  case ..<0x1100: false
  case 0x1100...0x115F,  // Hangul initial consonants
    0x2329...0x232A,  // angle brackets
    0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF,  // CJK, kana, Yi
    0xA960...0xA97F, 0xAC00...0xD7A3,  // Hangul
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,  // CJK compatibility, vertical forms
    0xFF01...0xFF60, 0xFFE0...0xFFE6,  // fullwidth forms
    0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,  // Tangut, Khitan, Nushu, old kana
    0x1F200...0x1F2FF,  // squared ideographs
    0x20000...0x3FFFD:  // CJK extensions
    true
  default: false
  }
}
