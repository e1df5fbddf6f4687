import ChatTrace
import Testing

@Suite("Filter language") struct FilterLanguageTests {
  @Test(
    "DATA frame",
    arguments: [
      // Existence, and its opposite.
      ("sequence", true), ("text", true), ("code", false), ("not code", true), ("data", true),
      ("chat.data", true), ("DATA", true), ("nack", false), ("chat", true), ("", true), (" ", true),
      // Every operator, by sign and by word.
      ("sequence == 100", true), ("sequence eq 101", false), ("sequence any_eq 100", true),
      ("sequence != 101", true), ("sequence ne 100", false), ("sequence all_ne 101", true),
      ("sequence === 100", true), ("sequence all_eq 99", false), ("sequence !== 100", false),
      ("sequence any_ne 99", true), ("sequence > 99", true), ("sequence gt 100", false),
      ("sequence < 101", true), ("sequence lt 100", false), ("sequence >= 100", true),
      ("sequence ge 101", false), ("sequence <= 100", true), ("sequence le 99", false),
      ("99 < sequence", true), ("101 <= sequence", false), ("90 < sequence <= 100", true),
      ("90 < sequence < 100", false), ("97 < sender.base < sender.next < 102", true),
      // An absent field fails every comparison.
      ("code == 0", false), ("code != 0", false), ("code !== 0", false), ("code === 0", false),
      ("all code == 0", false), ("not code == 0", true), ("nickname != \"x\"", false),
      // Numbers.
      ("sequence == 0x64", true), ("sequence == 0144", true), ("sequence == 0b1100100", true),
      ("sequence == +100", true), ("sequence == 'd'", true), ("sequence == '\\144'", true),
      ("sequence < 18446744073709551615", true), ("sequence >= 0", true), ("sequence < 0", false),
      // Booleans, names, times.
      ("last == true", true), ("last == TRUE", true), ("last == 1", true), ("last != False", true),
      ("last == 0", false), ("type == DATA", true), ("type == data", true),
      ("type == \"Data\"", true),
      ("type == 4", true), ("type == 0x05", false), ("type >= 4", true), ("4 == type", true),
      ("DATA == type", true), ("type != NACK", true), ("direction == c2s", true),
      ("direction == upstream", true), ("direction == downstream", false),
      ("checksum == good", true), ("kind == frame", true), ("frame == kind", true),
      ("kind == session", false), ("time == 1577836800.123456789", true),
      ("time > 1577836800.123456788", true), ("time < 1577836800.12345679", true),
      ("time == \"1577836800.123456789\"", true), ("time > 1577836800", true), ("time > -1", true),
      // Text and bytes.
      ("text contains \"世界\"", true), ("text contains \"grüße\"", false),
      ("text contains ße", true), ("text == \"Gr\\u00fc\\U000000dfe, \\xe4\\xb8\\x96界\"", true),
      ("text == r\"Grüße, 世界\"", true), ("text > \"Gr\"", true), ("text contains 'r'", true),
      ("text contains \"\"", true), ("payload == 68:65:6c:6c:6f", true),
      ("payload_hex == \"hello\"", true), ("payload == 68656c6c6f", true),
      ("payload == 68.65.6c.6c.6f", true), ("payload contains 6c-6c", true),
      ("payload contains 0x6f", true), ("payload contains 'z'", false), ("payload[0] == 'h'", true),
      ("payload > 68:65", true), ("payload != \"hellp\"", true),
      // Regular expressions.
      ("text matches \"^grü\"", true), ("text ~ \"(?-i)^grü\"", false),
      ("payload matches r\"^h.l+o$\"", true), ("type matches \"^d\"", true),
      ("text matches \"\\\\d\"", false),
      // Sets.
      ("sequence in {1, 99..101}", true), ("sequence in {1,2}", false),
      ("sequence not in {1,2}", true), ("type in {ACK, DATA}", true), ("type in {1, 4..6}", true),
      ("type in {ACK, 4}", true), ("type not in {ACK, 5}", true), ("text in {\"a\"..\"z\"}", false),
      ("text in {\"A\"..\"Z\", \"x\"}", true), ("payload in {\"hello\"}", true),
      ("time in {1577836800..1577836801}", true), ("last in {true}", true),
      // Field to field.
      ("fragment == fragments", true), ("sender.in_flight < sender.window", true),
      ("sequence == next_expected", false), ("sequence != next_expected", false),
      ("text != reason", false), ("type == type", true), ("text != type", true),
    ])
  func dataFrame(filter: String, expected: Bool) throws {
    #expect(try passes(filter, .data, payload: Array("hello".utf8)) == expected)
  }

  @Test(
    "Slices",
    arguments: [
      ("payload[0:2] == \"he\"", true), ("payload[1-3] == \"ell\"", true),
      ("payload[4] == 6f", true),
      ("payload[:2] == 68:65", true), ("payload[3:] == \"lo\"", true), ("payload[-1] == 'o'", true),
      ("payload[-2:2] == \"lo\"", true), ("payload[-4--2] == \"ell\"", true),
      ("payload[ 1 : 0x2 , -1 ] == \"elo\"", true), ("payload[0,0,0] == \"hhh\"", true),
      ("payload[1:][1:][0] == 'l'", true), ("payload[5]", false), ("payload[4]", true),
      ("payload[5:] == \"\"", false), ("payload[-6] != 00", false), ("payload[3:3] != 00", false),
      ("payload[3--5] == 00", false), ("not payload[9]", true), ("text[2] == \"ü\"", true),
      ("text[-2:] == \"世界\"", true), ("text[0:3] == lower(text)[0:3]", false),
      ("lower(text)[0:3] == \"grü\"", true), ("type[0] == D", true),
    ])
  func slices(filter: String, expected: Bool) throws {
    #expect(try passes(filter, .data, payload: Array("hello".utf8)) == expected)
  }

  @Test(
    "Functions",
    arguments: [
      ("len(payload) == 5", true), ("len(text) == 15", true), ("len(type) == 4", true),
      ("len(reason) == 0", false), ("count(text) == 1", true), ("count(code) == 0", false),
      ("lower(text) == \"grüße, 世界\"", true), ("upper(text) contains \"GRÜSSE\"", true),
      ("string(sequence) matches \"00$\"", true), ("string(time) contains \"800.1234\"", true),
      ("string(last) == \"true\"", true), ("string(payload) == \"hello\"", true),
      ("max(sequence, frame) == 100", true), ("min(sequence, frame, 5) == 5", true),
      ("max(code, sequence) == 100", true), ("max(code) == 0", false),
      ("abs(sequence) == 100", true),
      ("len(payload) == length", true), ("5 == len( payload )", true),
      ("len(string(frame)) == 2", true),
      ("upper(type) == \"DATA\"", true),
    ])
  func functions(filter: String, expected: Bool) throws {
    #expect(try passes(filter, .data, payload: Array("hello".utf8)) == expected)
  }

  @Test(
    "Options compare as what they are",
    arguments: [
      ("options.window == 16", true), ("options.window == 0x10", true),
      ("options.window > 15.5", true),
      ("options.window == \"16\"", false), ("options.window != \"16\"", true),
      ("options.loss_prob == 0.25", true), ("options.loss_prob < 0.3", true),
      ("options.loss_prob == 25e-2", true), ("options.loss_prob == \"0.25\"", true),
      ("options.nickname == \"ana\"", true), ("options.nickname == ana", true),
      ("options.nickname == 5", false), ("options.session == 00:1f:a0", true),
      ("options.session == 001fa0", true), ("options.session contains 1f", true),
      ("options.session[1] == 1f", true), ("options.flag == true", true),
      ("options.flag == 1", false),
      ("options.delta == -5", true), ("abs(options.delta) == 5", true), ("options.delta < 0", true),
      ("options.list == \"[1]\"", true), ("options.nothing == 1", false), ("options.window", true),
      ("options.other", false), ("options contains \"window=1\"", true),
      ("count(options) == 7", true),
      ("options.window in {10..20}", true), ("options.window in {\"16\"}", false),
      ("options.window == options.delta", false), ("options.window > options.delta", true),
      ("max(options.window, options.delta, 7) == 16", true), ("chat.options.window == 16", true),
      ("options.session == \"\\x00\\x1f\\xa0\"", true), ("options.nickname matches \"^A\"", true),
    ])
  func options(filter: String, expected: Bool) throws {
    #expect(try passes(filter, .syn) == expected)
  }

  /// Each filter, with parentheses where Wireshark's table of precedence puts them.
  @Test(
    "Precedence",
    arguments: [
      ("a or b and c", "a or (b and c)"), ("a and b or c", "(a and b) or c"),
      ("a or b xor c", "a or (b xor c)"), ("a xor b or c", "(a xor b) or c"),
      ("a xor b and c", "a xor (b and c)"), ("a and b xor c", "(a and b) xor c"),
      ("not a and b", "(not a) and b"), ("not a or b", "(not a) or b"),
      ("not a xor b", "(not a) xor b"), ("a xor b xor c", "(a xor b) xor c"),
      ("!a && b || c ^^ a", "((not a) and b) or (c xor a)"), ("not not a", "a"),
      ("! a == true", "not (a == true)"), ("not not not (a or b)", "not (a or b)"),
      ("a and b or not c or b and not a or c", "(a and b) or (not c) or (b and (not a)) or c"),
    ])
  func precedence(plain: String, grouped: String) throws {
    for bits in 0..<8 {
      let event = TraceEvent.make {
        $0.typeCode = 4
        if bits & 1 != 0 { $0.message = 1 }
        if bits & 2 != 0 { $0.code = 1 }
        if bits & 4 != 0 { $0.attempt = 1 }
      }
      func named(_ filter: String) -> String {
        filter.replacing(/\b[abc]\b/) { match in
          ["a": "message", "b": "code", "c": "attempt"][String(match.output)] ?? ""
        }.replacing("== true", with: "== 1")
      }
      #expect(try passes(named(plain), event) == passes(named(grouped), event), "\(bits)")
    }
  }

  @Test func `a field with several values is any or all of them`() throws {
    var event = TraceEvent.data
    let id = NoteID.allCases[0]
    event.notes = [
      Note(id, because: FrameList(4, 7)), Note(id, because: FrameList(9)), Note(id),
    ]
    let cases = [
      ("notes.because == 7", true), ("notes.because == 5", false), ("notes.because != 7", false),
      ("notes.because != 5", true), ("notes.because === 7", false), ("notes.because !== 7", true),
      ("any notes.because != 7", true), ("all notes.because == 7", false),
      ("all notes.because >= 4", true), ("notes.because > 8", true),
      ("all notes.because > 8", false),
      ("all notes.because in {4..9}", true), ("notes.because in {1..5}", true),
      ("notes.because not in {1..3}", true), ("count(notes.because) == 3", true),
      ("max(notes.because) == 9", true), ("min(notes.because) == 4", true),
      ("notes.because == frame", false), ("all notes.because < frame", true),
      ("count(notes) == 3", true),
      ("notes.id === \"\(id.name)\"", true), ("all notes.id contains \"\(id.name)\"", true),
      ("all notes.id matches \"^x\"", false), ("notes.severity == \(id.severity.name)", true),
      ("notes.severity >= chat", true), ("notes.severity < chat", false),
      ("notes.severity in {chat..error}", true), ("notes.text", true), ("notes", true),
    ]
    for (filter, expected) in cases {
      #expect(try passes(filter, event) == expected, "\(filter)")
    }
  }

  @Test func `moments before 1970 and at the ends of time keep their order`() throws {
    let moments: [(Int64, String)] = [
      (.min, "-9223372036.854775808"), (-1_500_000_000, "-1.5"), (-1, "-0.000000001"), (0, "0"),
      (1, "0.000000001"), (.max, "9223372036.854775807"),
    ]
    for (first, written) in moments {
      for (second, _) in moments {
        let event = TraceEvent.make { $0.time = TraceTime(nanoseconds: second) }
        #expect(try passes("time < \(written)", event) == (second < first))
        #expect(try passes("time == \(written)", event) == (second == first))
        #expect(try passes("time >= \(written)", event) == (second >= first))
      }
    }
  }

  @Test func `a subject of a regular expression is cut at 64 KiB before a character`() throws {
    let event = TraceEvent.make { $0.text = "a" + String(repeating: "é", count: 40_000) + "z" }
    let lengths: RegularExpressionCompiler = { _ in
      { subject in subject.utf8.count == 65_535 && subject.unicodeScalars.last == "é" }
    }
    let filter = try Filter("text matches \"x\"", matcher: lengths)
    #expect(passes(filter, event))
  }

  @Test func `patterns ignore case unless they say otherwise, and come as they were written`()
    throws
  {
    let echo: RegularExpressionCompiler = { pattern in { $0 == pattern } }
    for (written, pattern) in [
      ("\"a\\\\d\"", "(?i)a\\d"), ("r\"a\\d\\\"\"", "(?i)a\\d\\\""), ("\"(?-i)x\"", "(?i)(?-i)x"),
    ] {
      let filter = try Filter("text matches \(written)", matcher: echo)
      let event = TraceEvent.make { $0.text = pattern }
      #expect(passes(filter, event))
    }
  }
}
