import ChatWire
import TestSupport
import Testing

@Suite struct ClassicChannelConfigTests {
  private func read(_ text: String) throws -> ClassicChannelConfig {
    try ClassicChannelConfig(decoding: Array(text.utf8).span.bytes)
  }

  @Test func `keys that are missing are zero, and the type does not matter`() throws {
    #expect(try read("{}") == ClassicChannelConfig())
    let config = try read(#"{"type": 7, "loss_prob": 1, "delay_time": 2.5}"#)
    #expect(config.lossProbability == 1 && config.delaySeconds == 2.5)
    #expect(config.corruptionProbability == 0 && config.delayProbability == 0)
  }

  @Test(
    arguments: [
      ("0.25", 0.25, 0.25), ("-1", 0, 0), ("7", 1, 7), ("NaN", 1, 0), ("Infinity", 1, .infinity),
      ("-Infinity", 0, 0), ("true", 1, 1), ("false", 0, 0), ("\" 0.5 \"", 0.5, 0.5),
      ("\"nan\"", 1, 0), ("\"1_0\"", 1, 10), ("1e999", 1, .infinity),
    ] as [(String, Double, Double)])
  func `values go through float and are clamped`(
    _ text: String, _ probability: Double, _ delay: Double
  ) throws {
    #expect(try read("{\"loss_prob\": \(text)}").lossProbability == probability)
    #expect(try read("{\"corruption_prob\": \(text)}").corruptionProbability == probability)
    #expect(try read("{\"delay_prob\": \(text)}").delayProbability == probability)
    #expect(try read("{\"delay_time\": \(text)}").delaySeconds == delay)
  }

  @Test func `one value that float refuses spoils the whole`() {
    let overflowing = "1" + String(repeating: "0", count: 400)
    for value in ["null", "\"high\"", "[]", "{}", "\"\"", overflowing] {
      #expect(throws: ClassicPayloadError.wrongType(key: "delay_prob")) {
        _ = try self.read("{\"loss_prob\": 1, \"delay_prob\": \(value)}")
      }
    }
    #expect(throws: ClassicPayloadError.notAnObject) { _ = try self.read("[]") }
    #expect(throws: ClassicPayloadError.json(.unexpectedEnd)) { _ = try self.read("{") }
  }

  /// The right column is what Python's `float()` gives, nil where it raises.
  @Test(
    arguments: [
      ("1", 1.0),
      ("1.5", 1.5),
      (" 1.5 ", 1.5),
      ("\n1\t", 1.0),
      ("\u{B}1\u{C}", 1.0),
      ("+1", 1.0),
      ("-1", -1.0),
      (".5", 0.5),
      ("5.", 5.0),
      (".", nil),
      ("", nil),
      ("  ", nil),
      ("1e5", 100000.0),
      ("1E-5", 1e-05),
      ("1e", nil),
      ("e5", nil),
      ("1_000", 1000.0),
      ("1__0", nil),
      ("_1", nil),
      ("1_", nil),
      ("1_.5", nil),
      ("1._5", nil),
      ("1.5_5", 1.55),
      ("1e1_0", 10000000000.0),
      ("1e_1", nil),
      ("inf", .infinity),
      ("-INF", -.infinity),
      ("+Infinity", .infinity),
      ("infinit", nil),
      ("nan", .nan),
      ("-nan", .nan),
      ("NaN", .nan),
      ("0x10", nil),
      ("\u{661}\u{66B}\u{665}", nil),
      ("\u{661}\u{662}", 12.0),
      ("\u{FF11}.\u{FF15}", 1.5),
      ("\u{A0}1", 1.0),
      ("\u{2003}1\u{3000}", 1.0),
      ("\u{1C}1\u{1F}", nil),
      ("\u{1C}\u{661}", nil),
      ("\u{0}1", nil),
      ("1\u{0}", nil),
      ("1 2", nil),
      ("1e400", .infinity),
      ("-1e400", -.infinity),
      ("1e-400", 0.0),
      ("true", nil),
      ("\u{BD}", nil),
      ("\u{B2}", nil),
      ("1,5", nil),
      ("--1", nil),
      ("+-1", nil),
      ("+", nil),
      ("1e+", nil),
      ("1e5.5", nil),
      ("\u{200B}1", nil),
      ("007", 7.0),
      ("-0.0", -0.0),
      ("111111111111111111111111111111", 1.111111111111111e+29),
    ] as [(String, Double?)])
  func `numeric strings have the values that Python gives them`(_ text: String, _ value: Double?)
    throws
  {
    var json: [UInt8] = []
    JSONValue.object([JSONMember("delay_time", .string(text))]).encode(into: &json)
    guard let value else {
      #expect(throws: ClassicPayloadError.wrongType(key: "delay_time")) {
        _ = try ClassicChannelConfig(decoding: json.span.bytes)
      }
      return
    }
    let delay = try ClassicChannelConfig(decoding: json.span.bytes).delaySeconds
    #expect(delay == (value > 0 ? value : 0))
  }
}
