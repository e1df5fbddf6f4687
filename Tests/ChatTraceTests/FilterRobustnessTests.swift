import ChatTrace
import TestSupport
import Testing

@Suite("Filter robustness") struct FilterRobustnessTests {
  private static let seeds = [
    "type == DATA and (seq in {1, 4..7} or not text contains \"a\\x41\")",
    "all notes.because >= 4 xor payload[-2:2,0-1] == aa:bb",
    "max(seq, len(text)) !== 0x10 && lower(nickname) matches \"^a(?-i)b\"",
    "options.window > 0.5e3 || time < -1.000000001 and 'x' == code",
    "1 < sender.base <= sender.next and r\"\\d\" == string(last)[0:]",
  ]
  private static let pieces = [
    "seq", "text", "payload", "options.", "chat.", "(", ")", "[", "]", "{", "}", "..", ",", "\"",
    "'", "\\", "==", "!==", "~", "not", "and", "all", "in", "matches", "contains", "0x", "-", "é",
    "世",
    "\u{0}", "\u{1B}", "🙂", "9223372036854775808", "len(", "max(", ":", ".", "1e99", " ",
  ]

  /// Either a filter that can be run on anything, or an error that points into the text.
  private func check(_ text: String) throws {
    do throws(FilterError) {
      let filter = try Filter(text, matcher: testMatcher)
      for event in [TraceEvent.data, .ack, .syn, .make(.session), .make(.summary)] {
        _ = passes(filter, event, payload: [1, 2, 3])
      }
    } catch {
      #expect((1...text.count + 1).contains(error.column))
      #expect(error.length >= 1 && error.column + error.length <= text.count + 2)
      let lines = error.caretMessage(for: text).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count == 2)
      #expect(lines.last?.contains("^") == true)
      let isClean = (error.message + lines.joined()).unicodeScalars.allSatisfy {
        $0.value >= 0x20 && $0.value != 0x7F
      }
      #expect(isClean && !error.message.isEmpty)
    }
  }

  @Test func `random bytes are a filter or an error`() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<2000 {
      let count = Int.random(in: 0...40, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try check(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test func `random pieces are a filter or an error`() throws {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<2000 {
      let count = Int.random(in: 1...12, using: &generator)
      let text = (0..<count).map { _ in
        (Self.pieces.randomElement(using: &generator) ?? "")
          + (Bool.random(using: &generator) ? " " : "")
      }
      try check(text.joined())
    }
  }

  @Test func `filters cut off or changed in one place are a filter or an error`() throws {
    var generator = SeededGenerator(seed: 3)
    for seed in Self.seeds {
      #expect(refusal(seed) == nil)
      let characters = Array(seed)
      for index in characters.indices {
        try check(String(characters[..<index]))
        try check(String(characters[index...]))
        for _ in 0..<3 {
          var changed = characters
          changed[index...index] = Array(Self.pieces.randomElement(using: &generator) ?? "")[...]
          try check(String(changed))
        }
      }
    }
  }

  @Test func `nesting is refused beyond 64, and runs up to it`() throws {
    func nested(_ open: String, _ middle: String, _ close: String, _ count: Int) -> String {
      String(repeating: open, count: count) + middle + String(repeating: close, count: count)
    }
    for (open, middle, close) in [
      ("(", "seq == 100", ")"), ("not (", "seq == 100", ")"), ("(seq == 1 or ", "seq == 100", ")"),
    ] {
      #expect(try passes(nested(open, middle, close, 64), .data))
      #expect(refusal(nested(open, middle, close, 65))?.message == "filters nest at most 64 deep")
      #expect(refusal(nested(open, middle, close, 1000)) != nil)
    }
    #expect(try passes(nested("lower(", "text", ")", 64) + " contains \"g\"", .data))
    #expect(refusal(nested("lower(", "text", ")", 65) + " contains \"g\"") != nil)
    #expect(try passes("payload" + nested("[0:]", "", "", 64), .data, payload: [1]))
    #expect(refusal("payload" + nested("[0:]", "", "", 65)) != nil)
    #expect(refusal(nested("(", "", "", 16_000)) != nil)
    #expect(refusal(nested("len(", "", "", 4000)) != nil)
  }

  @Test func `long chains need no depth`() throws {
    #expect(try passes(String(repeating: "not ", count: 4000) + "seq", .data))
    #expect(try passes(String(repeating: "! ", count: 4001) + "seq == 1", .data))
    #expect(try passes(String(repeating: "seq and ", count: 2000) + "seq", .data))
    #expect(try passes(String(repeating: "ack || ", count: 2000) + "seq", .data))
    #expect(try passes("0" + String(repeating: " <= seq", count: 2000), .data))
    let set = (0..<3000).map { "\($0)" }.joined(separator: ",")
    #expect(try passes("seq in {\(set)}", .data))
  }

  @Test func `a filter has at most 16 KiB`() throws {
    let longest = "seq == 100" + String(repeating: " ", count: 16_374)
    #expect(try passes(longest, .data))
    let error = try #require(refusal(longest + " "))
    #expect(error.message == "a filter has at most 16384 bytes")
    #expect(error.column == 16_385)
    #expect(refusal(String(repeating: "é", count: 1_000_000))?.column ?? 0 <= 16_385)
  }

  @Test func `slices of slices do not grow without bound`() throws {
    let double = "[" + Array(repeating: "0:", count: 16).joined(separator: ",") + "]"
    let filter = "payload" + String(repeating: double, count: 10)
    #expect(try !passes(filter, .data, payload: [UInt8](repeating: 1, count: 1000)))
    #expect(
      refusal("payload[" + Array(repeating: "0", count: 17).joined(separator: ",") + "]") != nil)
  }
}
