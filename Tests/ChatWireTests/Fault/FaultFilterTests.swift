import ChatWire
import TestSupport
import Testing

extension FaultFilterLanguage {
  /// A language for tests: every text is a filter but those with "wrong" in them.
  ///
  /// Which frames pass depends on the text and on sequence and payload; `text` and `sender` are
  /// fields, of which `sender` cannot be used.
  static let test = FaultFilterLanguage(isField: { $0 == "text" || $0 == "sender" }) {
    text throws(FaultFilterError) in
    if text == "sender" { throw FaultFilterError("sender is not known yet…", at: 0..<6) }
    if let place = text.firstRange(of: "wrong") {
      let start = text.utf8.distance(from: text.startIndex, to: place.lowerBound)
      throw FaultFilterError("this is wrong", at: start..<start + 5)
    }
    let length = text.utf8.count
    return { _, header, _, payload in
      (Int(header.sequence) + payload.byteCount + length) % 3 != 0
    }
  }
}

/// Display filters in fault rules, as far as they are the same in every language.
@Suite("Filters in fault rules") struct FaultFilterTests {
  @Test(
    "Filters have one spelling",
    arguments: [
      ("drop where (text contains \"x\")", "drop where (text contains \"x\")"),
      ("drop where(a)attempt 1", "drop attempt 1 where (a)"),
      ("drop where ( \t a  b )", "drop where (a  b)"),
      ("drop where (Ä b) and SEQ>3 && (c)", "drop where sequence > 3 and (Ä b) and (c)"),
      ("drop where (a) where seq == 1 and (a)", "drop where sequence == 1 and (a) and (a)"),
      ("drop where ((a) or (b (c))) c2s", "drop c2s where ((a) or (b (c)))"),
      ("drop where (a \")\" b)", "drop where (a \")\" b)"),
      ("drop where (a \"(;#\\\")\" b) # (c", "drop where (a \"(;#\\\")\" b)"),
      ("drop where (a ')' '\\'' b); ", "drop where (a ')' '\\'' b)"),
      ("drop where (r\"\\\" )\" b)\r\n", "drop where (r\"\\\" )\" b)"),
      ("drop where (a \"'\" b)", "drop where (a \"'\" b)"),
      ("drop where (a, b = c & d | e ! f)", "drop where (a, b = c & d | e ! f)"),
    ])
  func spelling(text: String, expected: String) throws {
    let rules = try FaultRules(parsing: text, filters: .test)
    #expect(rules.description == expected)
    let again = try FaultRules(parsing: expected, filters: .test)
    #expect(again == rules)
    #expect(again.hashValue == rules.hashValue)
  }

  @Test func `filters are equal if their texts are`() throws {
    let rules = try FaultRules(
      parsing: "drop where (a)\ndrop where ( a )\ndrop where (A)\ndrop", filters: .test
    ).rules
    #expect(rules[0] == rules[1])
    #expect(rules[0] != rules[2])
    #expect(rules[0] != rules[3])
    #expect(rules[0].filters.map(\.text) == ["a"])
  }

  @Test(
    "A mistake is shown where it is in the rule",
    arguments: [
      ("drop where (a wrong b)", "this is wrong", "              ^~~~~"),
      (
        "drop where seq == 3 and ( ä wrong )", "this is wrong",
        "                                 ^~~~~"
      ),
      ("drop where ()", "there is no filter in the parentheses", "           ^~"),
      ("drop where ( )", "there is no filter in the parentheses", "           ^~~"),
      ("drop where (a", "the closing ) is missing", "           ^"),
      ("drop where ((a)", "the closing ) is missing", "           ^"),
      ("drop where (a; drop", "the closing ) is missing", "           ^"),
      ("drop where (a # b)", "the closing ) is missing", "           ^"),
      ("drop where (a \"b)", "the closing \" is missing", "              ^"),
      ("drop where (a 'b\\')", "the closing ' is missing", "              ^"),
      (
        "drop where (a \u{1B}[31m)",
        "control characters are written as escapes in quotes, as in \"\\x1b\"",
        "              ^~~~~~"
      ),
      (
        "drop where text contains \"x\"", "\"text\" is compared in parentheses: where (text ...)",
        "           ^~~~"
      ),
      (
        "drop where text[0:2] == ab",
        "\"text[0:2]\" is compared in parentheses: where (text[0:2] ...)",
        "           ^~~~~~~~~"
      ),
      ("drop where sender == 3", "sender is not known yet...", "           ^~~~~~"),
      (
        "drop where seq in {1}",
        "\"in\" stands in parentheses, as in where (sequence in {1, 4..7})", "               ^~"
      ),
      (
        "drop where len(text) > 3",
        "functions stand in parentheses, as in where (len(text) > 100)", "              ^"
      ),
      (
        "drop where not seq == 3",
        "\"not\" stands in parentheses, as in where (not sequence == 17)", "           ^~~"
      ),
      (
        "drop where (a) or (b)",
        "\"or\" stands in parentheses, as in where (sequence == 3 or sequence == 5)",
        "               ^~"
      ),
      ("drop (a)", "filters stand behind where, as in where (text contains \"hello\")", "     ^"),
      (
        "drop text contains \"a\"",
        "fields are compared behind where, and this one in parentheses, as in "
          + "where (text contains \"hello\")", "     ^~~~"
      ),
      (
        "drop where (a) and", "where needs a comparison, as in where sequence == 17",
        "                  ^"
      ),
    ])
  func caret(text: String, message: String, caret: String) throws {
    let error = try #require(refusal(text, filters: .test))
    #expect(error.message == message)
    #expect(error.caretMessage(for: text).split(separator: "\n").last.map(String.init) == caret)
  }

  @Test func `what ends a line or steers a terminal does not come in`() throws {
    for scalar in ["\u{0}", "\r", "\u{B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}", "\u{2029}"] {
      let text = "drop where (ä \"\(scalar)\")"
      let error = try #require(refusal(text, filters: .test))
      #expect(error.message.hasPrefix("control characters"))
      #expect(error.range == 16..<16 + scalar.utf8.count)
    }
  }

  @Test func `an error does not swallow the lines behind it`() throws {
    let error = try #require(refusal("drop 1%\ndrop where (a \"b\ndrop 2%)\"", filters: .test))
    #expect(error.line == 2)
    #expect(error.column == 15)
  }

  @Test func `a program without the language says so`() throws {
    let text = "drop where seq > 3 and (text contains \"hello\")"
    let error = try #require(refusal(text))
    #expect(
      error.message
        == "this program knows no filters in parentheses; compare fields, "
        + "as in where sequence == 17"
    )
    #expect(error.column == 24)
    // Nor does it advise what it does not know.
    #expect(
      refusal("drop where seq == 3 or seq == 5")?.message.hasSuffix("write two rules") == true)
    #expect(refusal("drop where seq in {3}")?.message.hasPrefix("sequence needs") == true)
  }

  @Test func `filters are bounded`() throws {
    let most = FaultLimits.filterBytesMax
    func filter(_ count: Int) -> String { "(" + String(repeating: "a", count: count) + ")" }
    #expect(refusal("drop where \(filter(most))", filters: .test) == nil)
    #expect(refusal("drop where \(filter(most - 1)) and (b)", filters: .test) == nil)
    for text in [filter(most + 1), filter(most) + " and (b)", "(b) and " + filter(most)] {
      #expect(
        refusal("drop where " + text, filters: .test)?.message
          == "the filters of a rule may have 2048 bytes together")
    }
    let tests = Array(repeating: "(a)", count: FaultLimits.conditionsMax - 1) + ["seq == 1"]
    let full = "drop where " + tests.joined(separator: " and ")
    #expect(refusal(full, filters: .test) == nil)
    for more in ["(a)", "seq == 1"] {
      #expect(
        refusal(full + " and " + more, filters: .test)?.message
          == "this rule has too many comparisons; it may have 32")
    }
  }

  @Test func `hostile text is refused, never worse`() {
    let count = 60_000
    for text in [
      String(repeating: "(", count: count),
      String(repeating: "(", count: count / 2)
        + String(repeating: ")", count: count / 2),
      "(\"" + String(repeating: "\\", count: count),
      "(\"" + String(repeating: "\\\"", count: 9_000),
      "('" + String(repeating: ")", count: count), "(" + String(repeating: " ", count: count) + ")",
    ] {
      #expect(refusal("drop where " + text, filters: .test) != nil)
    }
  }

  @Test func `a filter is read once, with the rules`() throws {
    /// Counts on one thread.
    final class Counter: @unchecked Sendable { var count = 0 }
    let (read, asked) = (Counter(), Counter())
    let language = FaultFilterLanguage(isField: { _ in false }) { _ throws(FaultFilterError) in
      read.count += 1
      return { _, _, _, _ in
        asked.count += 1
        return true
      }
    }
    let rules = try FaultRules(parsing: "drop c2s where (a)\ncorrupt where (b)", filters: language)
    var injector = FaultInjector(rules: rules, seed: 1, connection: 0)
    for sequence in 1...20 as ClosedRange<UInt16> {
      _ = injector.receive(TrafficFrame(.serverToClient, .data, sequence, [1]))
    }
    #expect(read.count == 2)
    // A frame that does not fit what is said outside of the filter is not asked about.
    #expect(asked.count == 20)
  }

  @Test func `what a filter is told is the frame`() throws {
    final class Seen: @unchecked Sendable {
      var frame: IdentifiedFrame?
      var header: FrameHeader?
      var dialect: Dialect?
      var payload: [UInt8] = []
    }
    let seen = Seen()
    let language = FaultFilterLanguage(isField: { _ in false }) { _ throws(FaultFilterError) in
      { frame, header, dialect, payload in
        (seen.frame, seen.header, seen.dialect) = (frame, header, dialect)
        seen.payload = payload.withUnsafeBytes { Array($0) }
        return false
      }
    }
    let rules = try FaultRules(parsing: "drop where (a)", filters: language)
    var injector = FaultInjector(rules: rules, seed: 1, connection: 3)
    for frame in [
      TrafficFrame(.clientToServer, .data, 7, [1, 2, 3]), TrafficFrame(.serverToClient, .ping, 0),
      TrafficFrame(classic: .clientToServer, .data, 0, "hello", isLast: true),
      TrafficFrame(.clientToServer, .data, 8, [4]).damaged,
    ] {
      let fate = injector.receive(frame)
      #expect(fate.acts.isEmpty)
      #expect(seen.frame == fate.frame)
      #expect(seen.header == frame.header)
      #expect(seen.dialect == frame.dialect)
      #expect(seen.payload == Array(frame.bytes.dropFirst(frame.dialect.headerSize)))
    }
  }

  @Test func `all filters and comparisons of a rule must pass`() throws {
    let language = FaultFilterLanguage(isField: { _ in false }) { text throws(FaultFilterError) in
      { _, _, _, payload in payload.byteCount % (Int(text) ?? 1) == 0 }
    }
    let rules = try FaultRules(
      parsing: "drop where (2) and seq > 10 and (3) every 2", filters: language)
    var injector = FaultInjector(rules: rules, seed: 1, connection: 0)
    var dropped: [UInt16] = []
    for sequence in 1...40 as ClosedRange<UInt16> {
      let frame = TrafficFrame(
        .clientToServer, .data, sequence, [UInt8](repeating: 0, count: Int(sequence)))
      if injector.receive(frame).disposition == .dropped { dropped.append(sequence) }
    }
    #expect(dropped == [18, 30])
  }

  @Test func `a ledger keeps filters, on lines that can be read`() throws {
    let filler = String(repeating: "\\\"ä\t", count: 300)
    let longest = "\"" + String(filler.prefix(1_000)) + "\""
    let numbers = (0..<FaultLimits.numbersMax).map { "\(UInt64.max - UInt64($0))" }
      .joined(separator: ",")
    let rule =
      "corrupt checksum nth \(numbers) message \(numbers) fragment \(numbers) attempt \(numbers)"
      + " connection \(numbers) where "
      + (0..<31).map { _ in "advertised_window >= \(UInt64.max)" }
      .joined(separator: " and ") + " and (\(longest))"
    let rules = try FaultRules(
      parsing: Array(repeating: rule, count: 5).joined(separator: "\n"), filters: .test)
    var ledger = FaultLedger(seed: 3, rules: rules)
    ledger.entries = [
      FaultLedger.Entry(
        identity: FrameIdentity(
          connection: 0, direction: .clientToServer, place: .sequenced(1), attempt: 1),
        act: FaultAct(rule: rules.rules[0].description, .drop))
    ]
    let again = try FaultLedger(parsing: ledger.text, filters: .test)
    #expect(again == ledger)
    #expect(again.rules.rules[0].filters.first?.text == longest)
    #expect(throws: FaultLedgerError.self) { try FaultLedger(parsing: ledger.text) }
  }
}
