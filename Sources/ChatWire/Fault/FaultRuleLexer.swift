/// A word or a sign of a text of fault rules.
struct FaultRuleToken: Equatable {
  enum Kind: Equatable {
    /// Letters, digits and whatever else is no sign: what it is depends on where it stands.
    case word
    case comparison(FaultComparison)
    case comma
    case and
    /// A sign that means nothing here.
    case other
    /// A line feed or a semicolon: the end of a rule.
    case separator
    case end
  }

  var kind: Kind
  /// Its bytes in the text.
  var range: Range<Int>
}

/// Cuts a text of fault rules into words and signs; any text can be cut.
struct FaultRuleLexer {
  let text: [UInt8]
  /// The first byte that was not read yet.
  var offset = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  /// The next token; at the end, again and again the end.
  mutating func next() -> FaultRuleToken {
    skipSpaceAndComment()
    let start = offset
    guard offset < text.count else { return token(.end, from: start) }
    let byte = text[offset]
    offset += 1
    switch byte {
    case 0x0A, UInt8(ascii: ";"): return token(.separator, from: start)
    case UInt8(ascii: ","): return token(.comma, from: start)
    case UInt8(ascii: "="): return token(skip("=") ? .comparison(.equal) : .other, from: start)
    case UInt8(ascii: "!"):
      return token(skip("=") ? .comparison(.notEqual) : .other, from: start)
    case UInt8(ascii: "<"):
      return token(.comparison(skip("=") ? .lessOrEqual : .less), from: start)
    case UInt8(ascii: ">"):
      return token(.comparison(skip("=") ? .greaterOrEqual : .greater), from: start)
    case UInt8(ascii: "&"): return token(skip("&") ? .and : .other, from: start)
    case UInt8(ascii: "|"):
      _ = skip("|")
      return token(.other, from: start)
    case UInt8(ascii: "("): return token(.other, from: start)
    default:
      while offset < text.count, !Self.endsWord(text[offset]) { offset += 1 }
      return token(.word, from: start)
    }
  }

  /// The text of a token.
  func text(of token: FaultRuleToken) -> String {
    String(decoding: text[token.range], as: UTF8.self)
  }

  private func token(_ kind: FaultRuleToken.Kind, from start: Int) -> FaultRuleToken {
    FaultRuleToken(kind: kind, range: start..<offset)
  }

  private mutating func skip(_ sign: Unicode.Scalar) -> Bool {
    guard offset < text.count, text[offset] == UInt8(ascii: sign) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpaceAndComment() {
    while offset < text.count, text[offset] != 0x0A {
      if text[offset] == UInt8(ascii: "#") {
        while offset < text.count, text[offset] != 0x0A { offset += 1 }
      } else if Self.isSpace(text[offset]) {
        offset += 1
      } else {
        return
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x0A, UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: "!"),
      UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "|"),
      UInt8(ascii: "#"), UInt8(ascii: "("):
      true
    default: isSpace(byte)
    }
  }
}
