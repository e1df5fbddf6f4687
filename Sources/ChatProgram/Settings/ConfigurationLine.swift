/// One line of a configuration file, and how far it has been read.
struct ConfigurationLine {
  /// What a line says.
  enum Content {
    case empty
    case section(String, ConfigurationFile.Place)
    /// An entry, whose section is still to be filled in.
    case entry(ConfigurationFile.Entry)
  }

  private let scalars: [Unicode.Scalar]
  private let number: Int
  private var index = 0

  /// Takes the next line of a text, with its line feed, or carriage return and line feed.
  init(takingFrom text: inout Substring.UnicodeScalarView, number: Int) {
    let end = text.firstIndex(of: "\n")
    var scalars = Array(text[..<(end ?? text.endIndex)])
    if end != nil, scalars.last == "\r" { scalars.removeLast() }
    text = end.map { text[text.index(after: $0)...] } ?? Substring.UnicodeScalarView()
    self.scalars = scalars
    self.number = number
  }

  /// Reads the line to its end.
  mutating func read(
    sections: [String]
  ) throws(ConfigurationFile.ParseError) -> Content {
    if let index = scalars.firstIndex(where: isForbidden) {
      throw error("the character \(Self.codePoint(scalars[index])) cannot stand here", at: index)
    }
    skipSpace()
    switch next {
    case nil, "#": return .empty
    case "[": return try section(sections)
    default: return .entry(try entry())
    }
  }

  // MARK: sections and entries

  private mutating func section(
    _ sections: [String]
  ) throws(ConfigurationFile.ParseError) -> Content {
    let place = place(at: index)
    let all = sections.map { "[\($0)]" }.joined(separator: " or ")
    index += 1
    skipSpace()
    let name = word()
    skipSpace()
    guard next == "]", !name.isEmpty else { throw error("expected \(all)", at: place.column - 1) }
    index += 1
    guard sections.contains(name) else {
      throw error("there is no section [\(shown(name))]: expected \(all)", at: place.column - 1)
    }
    try expectEnd()
    return .section(name, place)
  }

  private mutating func entry() throws(ConfigurationFile.ParseError) -> ConfigurationFile.Entry {
    let keyPlace = place(at: index)
    let key = word()
    guard !key.isEmpty else {
      throw error("expected a line such as port = 5000, a section or a comment", at: index)
    }
    skipSpace()
    guard next == "=" else {
      throw error("expected = and a value behind \(shown(key))", at: index)
    }
    index += 1
    skipSpace()
    let start = index
    let value = try value(of: key)
    let spelling = String(String.UnicodeScalarView(scalars[start..<index]))
    try expectEnd()
    return ConfigurationFile.Entry(
      key: key, keyPlace: keyPlace, value: value, spelling: spelling, valuePlace: place(at: start))
  }

  /// Nothing but a comment may follow.
  private mutating func expectEnd() throws(ConfigurationFile.ParseError) {
    skipSpace()
    guard next == nil || next == "#" else {
      throw error("expected the end of the line, or # and a comment", at: index)
    }
  }

  // MARK: values

  private mutating func value(
    of key: String
  ) throws(ConfigurationFile.ParseError) -> ConfigurationFile.Value {
    switch next {
    case nil, "#": throw error("there is no value for \(shown(key))", at: index)
    case "\"": return .text(try basicString())
    case "'": return .text(try literalString())
    default: break
    }
    let start = index
    while let scalar = next, !isSpace(scalar), scalar != "#" { index += 1 }
    let word = String(String.UnicodeScalarView(scalars[start..<index]))
    switch word {
    case "true": return .flag(true)
    case "false": return .flag(false)
    default: break
    }
    guard let digits = Self.digits(of: word) else {
      let isNumber = word.unicodeScalars.first.map { "0"..."9" ~= $0 } ?? false
      throw error(
        isNumber
          ? "expected a whole number in decimal figures; anything else belongs in quotes"
          : "expected a text in quotes, a whole number, true or false", at: start)
    }
    return .number(digits)
  }

  /// The digits of a whole number without underscores; nil if it is none.
  private static func digits(of word: String) -> String? {
    var body = word[...]
    let isNegative = body.hasPrefix("-")
    if isNegative || body.hasPrefix("+") { body = body.dropFirst() }
    // An underscore stands between two digits, and a zero not in front of others.
    let groups = body.split(separator: "_", omittingEmptySubsequences: false)
    let digits = groups.joined()
    guard groups.allSatisfy({ !$0.isEmpty }), digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      digits == "0" || !digits.hasPrefix("0")
    else { return nil }
    return isNegative && digits != "0" ? "-" + digits : digits
  }

  /// Text in double quotes, with escapes.
  private mutating func basicString() throws(ConfigurationFile.ParseError) -> String {
    let start = index
    try refuseThreeQuotes("\"\"\"")
    index += 1
    var text = String.UnicodeScalarView()
    while let scalar = next {
      index += 1
      switch scalar {
      case "\"": return String(text)
      case "\\": text.append(try escape())
      default: text.append(scalar)
      }
    }
    throw error("the text that begins here has no closing quote", at: start)
  }

  private mutating func escape() throws(ConfigurationFile.ParseError) -> Unicode.Scalar {
    let start = index - 1
    guard let letter = next else {
      throw error("a backslash at the end of the line joins no lines here", at: start)
    }
    index += 1
    switch letter {
    case "b": return "\u{8}"
    case "t": return "\t"
    case "n": return "\n"
    case "f": return "\u{C}"
    case "r": return "\r"
    case "\"", "\\": return letter
    case "u", "U":
      let digits = scalars[index...].prefix(letter == "u" ? 4 : 8)
      // Text with this character would end early wherever the system takes it.
      guard digits.count == (letter == "u" ? 4 : 8), digits.allSatisfy(\.isHexadecimal),
        let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16), value != 0,
        let scalar = Unicode.Scalar(value)
      else { throw error("expected \\uXXXX or \\UXXXXXXXX with a character's number", at: start) }
      index += digits.count
      return scalar
    default:
      throw error(
        "there is no such escape; a backslash is written \\\\, or the text in single quotes",
        at: start)
    }
  }

  /// Text in single quotes, in which a backslash is one.
  private mutating func literalString() throws(ConfigurationFile.ParseError) -> String {
    let start = index
    try refuseThreeQuotes("'''")
    guard let end = scalars[(start + 1)...].firstIndex(of: "'") else {
      throw error("the text that begins here has no closing quote", at: start)
    }
    index = end + 1
    return String(String.UnicodeScalarView(scalars[start + 1..<end]))
  }

  private func refuseThreeQuotes(_ quotes: String) throws(ConfigurationFile.ParseError) {
    guard !scalars[index...].starts(with: quotes.unicodeScalars) else {
      throw error("a text stays on one line here: write \\n in \"quotes\" for a new one", at: index)
    }
  }

  // MARK: characters

  private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func skipSpace() {
    while let scalar = next, isSpace(scalar) { index += 1 }
  }

  private mutating func word() -> String {
    let start = index
    while let scalar = next, scalar.isKeyCharacter { index += 1 }
    return String(String.UnicodeScalarView(scalars[start..<index]))
  }

  private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

  private func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.value < 0x20 && scalar != "\t") || scalar.value == 0x7F
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  private func shown(_ text: String) -> String { TerminalText.cut(text, scalarCountMax: 40) }

  private func place(at index: Int) -> ConfigurationFile.Place {
    ConfigurationFile.Place(line: number, column: index + 1)
  }

  private func error(_ message: String, at index: Int) -> ConfigurationFile.ParseError {
    ConfigurationFile.ParseError(message: message, place: place(at: index))
  }
}

extension Unicode.Scalar {
  fileprivate var isKeyCharacter: Bool {
    switch self {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
    default: false
    }
  }

  fileprivate var isHexadecimal: Bool {
    switch self {
    case "a"..."f", "A"..."F", "0"..."9": true
    default: false
    }
  }
}
