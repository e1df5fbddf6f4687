import ChatWire
import TestSupport
import Testing

/// What Python's `json` makes of each text, as literals.
@Suite struct JSONTests {
  private func read(_ text: String) throws -> JSONValue {
    try JSONValue(decoding: Array(text.utf8).span.bytes)
  }

  @Test(arguments: [
    ("{}", "{}"),
    ("[]", "[]"),
    ("null", "null"),
    ("true", "true"),
    ("false", "false"),
    ("\"\"", "\"\""),
    ("0", "0"),
    ("-0.0", "-0.0"),
    ("1", "1"),
    ("-1", "-1"),
    ("1.5", "1.5"),
    ("[1, 2]", "[1, 2]"),
    ("[1,2]", "[1, 2]"),
    (" [ 1 , 2 ] ", "[1, 2]"),
    ("[ ]", "[]"),
    ("{ }", "{}"),
    ("\t\n\r 1 \r\n", "1"),
    ("{\"a\": 1}", "{\"a\": 1}"),
    ("{\"a\":1,\"a\":2}", "{\"a\": 2}"),
    ("{\"a\": 1, \"b\": 2, \"a\": 3}", "{\"a\": 3, \"b\": 2}"),
    ("{\"\u{E9}\": 1, \"\u{E9}\": 2}", "{\"\\u00e9\": 2}"),
    ("{\"\u{E9}\": 1, \"e\u{301}\": 2}", "{\"\\u00e9\": 1, \"e\\u0301\": 2}"),
    ("{\"\": 1}", "{\"\": 1}"),
    ("\"\u{E9}\"", "\"\\u00e9\""),
    ("\"\\u00e9\"", "\"\\u00e9\""),
    ("\"\\u00E9\"", "\"\\u00e9\""),
    ("\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""),
    ("\"\u{1F600}\"", "\"\\ud83d\\ude00\""),
    ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""),
    ("\"/\"", "\"/\""),
    ("\"\u{7F}\"", "\"\\u007f\""),
    ("\"\u{80}\"", "\"\\u0080\""),
    ("\"\u{2028}\"", "\"\\u2028\""),
    ("\"\\u0000\"", "\"\\u0000\""),
    ("\"\\ufeff\"", "\"\\ufeff\""),
    ("NaN", "NaN"),
    ("Infinity", "Infinity"),
    ("-Infinity", "-Infinity"),
    ("[NaN, -Infinity]", "[NaN, -Infinity]"),
    ("{\"a\": [{\"b\": {}}, []], \"c\": null}", "{\"a\": [{\"b\": {}}, []], \"c\": null}"),
  ])
  func `what Python accepts is read and written as Python writes it`(_ pair: (String, String))
    throws
  {
    #expect(try read(pair.0).text == pair.1)
  }

  @Test(arguments: [
    ("\"\\ud83d\"", "\"\\ufffd\""),
    ("\"\\ude00\\ud83d\"", "\"\\ufffd\\ufffd\""),
    ("\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""),
    ("\"\\ud83dx\"", "\"\\ufffdx\""),
    ("\"\\ud83d\\n\"", "\"\\ufffd\\n\""),
    ("\"\\ud83d\\u0041\"", "\"\\ufffdA\""),
  ])
  func `a half of a surrogate pair becomes a replacement character`(_ pair: (String, String)) throws
  {
    #expect(try read(pair.0).text == pair.1)
  }

  @Test(arguments: [
    "",
    "   ",
    "nul",
    "nulll",
    "-",
    "+1",
    "01",
    "-01",
    "1.",
    ".5",
    "1.e5",
    "1e",
    "1e+",
    "-NaN",
    "-I",
    "Inf",
    "nan",
    "inf",
    "--1",
    "0x10",
    "1_000",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[",
    "[1",
    "[1,",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{a:1}",
    "{'a':1}",
    "{\"a\" 1}",
    "{1:2}",
    "\"",
    "\"a",
    "\"\\",
    "\"\\u",
    "\"\\u12",
    "\"\\u12g4\"",
    "\"\\u+123\"",
    "\"\\x41\"",
    "\"\\U0041\"",
    "\"\n\"",
    "\"\t\"",
    "\"\u{0}\"",
    "\"\u{1F}\"",
    "1 2",
    "{} x",
    "] ",
    "tru",
    "True",
    "\u{FEFF}1",
    "\"\\ud83d\\u12\"",
    "\"\\ud83d\\u00zz\"",
    "[1]]",
    "\u{B}1",
    "\u{A0}1",
    "\u{661}",
  ])
  func `what Python refuses is refused with a sentence`(_ text: String) {
    let error = #expect(throws: JSONError.self) { _ = try self.read(text) }
    #expect(error?.sentence.hasSuffix(".") == true)
  }

  @Test(
    arguments: [
      ("0", 0x0000000000000000),
      ("-0.0", 0x8000000000000000),
      ("1", 0x3FF0000000000000),
      ("-17", 0xC031000000000000),
      ("123456789012345678901234567890", 0x45F8EE90FF6C373E),
      ("0.1", 0x3FB999999999999A),
      ("1e-7", 0x3E7AD7F29ABCAF48),
      ("5e-324", 0x0000000000000001),
      ("2e-324", 0x0000000000000000),
      ("1.7976931348623157e308", 0x7FEFFFFFFFFFFFFF),
      ("1e309", 0x7FF0000000000000),
      ("-1e400", 0xFFF0000000000000),
      ("1e5", 0x40F86A0000000000),
      ("1E5", 0x40F86A0000000000),
      ("1e+5", 0x40F86A0000000000),
      ("1.25e-3", 0x3F547AE147AE147B),
      ("9007199254740993", 0x4340000000000000),
      ("0.30000000000000004", 0x3FD3333333333334),
      ("1e22", 0x4480F0CF064DD592),
      ("4.35", 0x4011666666666666),
      ("2.2250738585072011e-308", 0x000FFFFFFFFFFFFF),
      ("8.5", 0x4021000000000000),
      ("1000000000000000000000000000000000000000000000000000000000000", 0x4C63E9E4E4C2F344),
    ] as [(String, UInt64)])
  func `numbers have the values that Python gives them`(_ pair: (String, UInt64)) throws {
    guard case .number(let number) = try read(pair.0) else {
      Issue.record("\(pair.0) is not read as a number")
      return
    }
    #expect(number.value.bitPattern == pair.1)
    #expect(number.text == pair.0)
  }

  @Test(arguments: [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (0.5, "0.5"),
    (0.1, "0.1"),
    (100.0, "100.0"),
    (1000000000000000.0, "1000000000000000.0"),
    (9007199254740991.0, "9007199254740991.0"),
    (9007199254740992.0, "9007199254740992.0"),
    (9007199254740994.0, "9007199254740994.0"),
    (-9007199254740994.0, "-9007199254740994.0"),
    (9500000000000000.0, "9500000000000000.0"),
    (9999999999999998.0, "9999999999999998.0"),
    (1e+16, "1e+16"),
    (1.5e+16, "1.5e+16"),
    (1e+22, "1e+22"),
    (1e+100, "1e+100"),
    (0.0001, "0.0001"),
    (1e-05, "1e-05"),
    (1.5e-05, "1.5e-05"),
    (Double.leastNonzeroMagnitude, "5e-324"),
    (1.7976931348623157e+308, "1.7976931348623157e+308"),
    (0.3333333333333333, "0.3333333333333333"),
    (123456.789, "123456.789"),
  ])
  func `floating-point values are written as Python writes them`(_ pair: (Double, String)) {
    #expect(JSONNumber(pair.0).text == pair.1)
  }

  @Test func `only a number without fraction and exponent is an integer`() throws {
    #expect(try read("[4]") == .array([.number(JSONNumber(4))]))
    #expect(JSONNumber(-4).integer == -4)
    #expect(JSONNumber(4.0).integer == nil)
    #expect(JSONNumber(.infinity).integer == nil)
    guard case .number(let huge) = try read("99999999999999999999") else { return }
    #expect(huge.isInteger && huge.integer == nil)
  }

  @Test func `depth and size are bounded`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try read(nested(32))
    #expect(throws: JSONError.tooDeep(offset: 32)) { _ = try self.read(nested(33)) }
    #expect(throws: JSONError.tooDeep(offset: 32)) {
      _ = try self.read(String(repeating: "[", count: 16_384))
    }
    #expect(throws: JSONError.tooDeep(offset: 160)) {
      _ = try self.read(String(repeating: "{\"a\":", count: 2_000))
    }
    let longest = "\"" + String(repeating: "a", count: 16_382) + "\""
    _ = try read(longest)
    #expect(throws: JSONError.tooLong(byteCount: 16_385)) { _ = try self.read(longest + " ") }
  }

  @Test func `an object of many keys keeps their order and the last of each`() throws {
    let members = (0..<400).map { "\"k\($0 % 150)\":\($0)" }
    let value = try read("{" + members.joined(separator: ",") + "}")
    guard case .object(let read) = value else {
      Issue.record("not an object")
      return
    }
    #expect(read.map(\.key) == (0..<150).map { "k\($0)" })
    #expect(value["k0"] == .number(JSONNumber(300)))
    #expect(value["k149"] == .number(JSONNumber(299)))
    #expect(value["k150"] == nil)
  }

  @Test func `bytes that are not UTF-8 are refused where they stand`() {
    #expect(throws: JSONError.notUTF8(offset: 2)) {
      _ = try JSONValue(decoding: ([0x22, 0x61, 0xFF, 0x22] as [UInt8]).span.bytes)
    }
    #expect(throws: JSONError.notUTF8(offset: 1)) {
      _ = try JSONValue(decoding: ([0x22, 0xED, 0xA0, 0x80, 0x22] as [UInt8]).span.bytes)
    }
  }

  @Test func `whatever is read from hostile bytes reads the same again once written`() {
    let samples = [
      #"{"protocol": "gbn", "max_fragment_size": 3, "window_size": 4}"#,
      #"{"a": [1, -2.5e+3, true, false, null, NaN, -Infinity], "b": {"\u00e9": "\ud83d\ude00"}}"#,
      #"["ana", "127.0.0.1:40000", "\u00e9", "\"\\\/\b\f\n\r\t"]"#,
    ]
    var hostile = HostileBytes(seed: 9)
    var accepted = 0
    for sample in samples {
      let bytes = Array(sample.utf8)
      for bytes in HostileBytes.cuts(of: bytes)
        + (0..<2000).map({ _ in hostile.mutation(of: bytes) })
      {
        guard let value = try? JSONValue(decoding: bytes.span.bytes) else { continue }
        #expect((try? read(value.text)) == value)
        accepted += 1
      }
    }
    #expect(accepted > 100)
  }
}
