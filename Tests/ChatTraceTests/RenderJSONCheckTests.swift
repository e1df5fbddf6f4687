import Foundation
import Testing

@testable import ChatTrace

@Suite("JSON that may be copied") struct RenderJSONCheckTests {
  @Test(arguments: [
    "1", "-0", "0.5", "1e9", "-1.25E-7", "999999999999999", "true", "false", "null", "\"\"",
    "\"ol\u{E1} \\u00e9 \\n \\\\ ✓\"", "\"\\ud83d\\udc4b\"", "[]", "{}", " [1, 2 , 3] ",
    "{\"a\": {\"b\": [null]}, \"c\": -1}",
  ])
  func `plain JSON is accepted`(_ text: String) throws {
    #expect(JSONCheck.isPlainValue(text))
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  @Test(arguments: [
    "", " ", "01", "+1", ".5", "1.", "1e", "1e100", "1e999", "9007199254740993", "NaN", "Infinity",
    "-", "tru", "True", "nul", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"a\nb\"", "\"\u{7F}\"", "\"\u{9B}\"", "\"\u{2028}\"", "\"\u{202E}\"",
    "[1,]", "[1 2]", "[", "]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}", "[1]\n", "{\n}", "1 2", "{}{}", "\u{0}",
    String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
    String(repeating: "[", count: 100_000),
  ])
  func `what some reader might stumble over is not`(_ text: String) {
    #expect(!JSONCheck.isPlainValue(text))
  }

  @Test func `a number is a number only if nothing else is there`() {
    #expect(JSONCheck.isPlainNumber("-0.50"))
    #expect(!JSONCheck.isPlainNumber(" 1"))
    #expect(!JSONCheck.isPlainNumber("1 "))
    #expect(!JSONCheck.isPlainNumber("1,"))
    #expect(!JSONCheck.isPlainNumber("true"))
  }

  @Test func `damaged JSON is accepted only where it is still JSON`() {
    let base = Array("{\"a\": [1, 2.5e3, \"x\\u00e9y\", {\"b\": null}], \"c\": \"\\\"\"}".utf8)
    var random = RenderRandom(seed: 7)
    var acceptedCount = 0
    for _ in 0..<20_000 {
      var bytes = base
      for _ in 0...random.number() % 3 {
        let index = Int(random.number() % UInt64(bytes.count))
        if random.flip() {
          bytes[index] = random.pick(Array("{}[],:\"\\ue019-. tn\u{1}".utf8))
        } else {
          bytes.remove(at: index)
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard JSONCheck.isPlainValue(text) else { continue }
      acceptedCount += 1
      #expect(throws: Never.self, "\(text)") {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
      }
    }
    #expect(acceptedCount > 100)
  }
}
