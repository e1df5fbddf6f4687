import ChatWire
import TestSupport
import Testing

@Suite struct NicknameTests {
  @Test func `every nickname vector is accepted or refused`() throws {
    for vector in try PayloadVectors.load().nickname {
      let bytes = try hexBytes(vector.hex)
      let nickname = try? Nickname(decoding: bytes.span.bytes)
      #expect((nickname != nil) == vector.valid, "\(vector.hex)")
      if let nickname { #expect(Array(nickname.value.utf8) == bytes) }
    }
  }

  @Test func `every pair of nicknames is the same or not`() throws {
    for vector in try PayloadVectors.load().sameNickname {
      let (a, b) = (try Nickname(vector.a), try Nickname(vector.b))
      #expect(a.isSame(as: b) == vector.same, "\(vector.a) \(vector.b)")
      #expect(b.isSame(as: a) == vector.same, "\(vector.a) \(vector.b)")
      #expect((Set([a.key, b.key]).count == 1) == vector.same, "\(vector.a) \(vector.b)")
    }
  }

  @Test(arguments: [
    ("straße", "STRASSE"), ("ﬁn", "FIN"), ("ς", "Σ"), ("ΟΔΟΣ", "οδος"), ("ǅ", "Ǆ"), ("ŉ", "ʼN"),
    ("K", "k"), ("Å", "å"), ("ſ", "s"),
  ])
  func `full case mappings decide`(_ pair: (String, String)) throws {
    #expect(try Nickname(pair.0).isSame(as: Nickname(pair.1)))
  }

  @Test func `equal means spelt alike, the same means one nickname`() throws {
    let (composed, decomposed) = (try Nickname("zo\u{EB}"), try Nickname("zoe\u{308}"))
    #expect(composed != decomposed)
    #expect(composed.isSame(as: decomposed))
    #expect(composed.hashValue == decomposed.hashValue)
  }

  @Test(arguments: [
    ("", Nickname.Violation.empty),
    (String(repeating: "a", count: 33), .tooManyScalars),
    (String(repeating: "漢", count: 22), .tooManyBytes(66)),
    ("-a", .illegalStart("-")),
    ("\u{301}a", .illegalStart("\u{301}")),
    ("a b", .illegalScalar(" ")),
    ("a\u{200D}b", .illegalScalar("\u{200D}")),
    ("²", .illegalScalar("²")),
    ("aⅧ", .illegalScalar("Ⅷ")),
  ])
  func `a violation names its cause`(_ text: String, _ violation: Nickname.Violation) {
    #expect(throws: violation) { _ = try Nickname(text) }
    #expect(violation.sentence.hasSuffix("."))
  }

  @Test func `hostile bytes are a nickname only by the letter of the rules`() throws {
    var hostile = HostileBytes(seed: 62)
    var accepted = 0
    for vector in try PayloadVectors.load().nickname {
      let bytes = try hexBytes(vector.hex)
      for bytes in HostileBytes.cuts(of: bytes)
        + (0..<100).map({ _ in hostile.mutation(of: bytes) })
      {
        let text = String(validating: bytes, as: UTF8.self)
        let isLegal = text.map(Self.isLegal) ?? false
        #expect((Nickname.violation(in: bytes.span.bytes) == nil) == isLegal, "\(bytes)")
        if isLegal { accepted += 1 }
      }
    }
    #expect(accepted > 100)
  }

  /// Section 6.2, word by word.
  private static func isLegal(_ text: String) -> Bool {
    let letters: [Unicode.GeneralCategory] = [
      .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
    ]
    let marks: [Unicode.GeneralCategory] = [.nonspacingMark, .spacingMark, .enclosingMark]
    let scalars = Array(text.unicodeScalars)
    guard 1...32 ~= scalars.count, text.utf8.count <= 64 else { return false }
    func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
      scalar.properties.generalCategory
    }
    func starts(_ scalar: Unicode.Scalar) -> Bool {
      letters.contains(category(scalar)) || category(scalar) == .decimalNumber || scalar == "_"
    }
    return starts(scalars[0])
      && scalars.allSatisfy {
        starts($0) || marks.contains(category($0)) || "-_.|^".unicodeScalars.contains($0)
      }
  }
}
