import Testing

import ChatLens

@Suite("Escaped text")
struct EscapedTextTests {
  @Test(
    "shows what must not reach a terminal",
    arguments: [
      ("plain é 日本 👨‍👩‍👧", "plain é 日本 👨‍👩‍👧"),
      ("\u{1b}[2J", #"\u{1b}[2J"#), ("a\u{7}b\u{7f}", #"a\u{7}b\u{7f}"#),
      ("\u{9b}31m", #"\u{9b}31m"#), ("\u{202e}abc\u{202c}", #"\u{202e}abc\u{202c}"#),
      ("\u{2066}x\u{2069}", #"\u{2066}x\u{2069}"#), ("a\u{2028}b", #"a\u{2028}b"#),
      ("a\tb", "a    b"), ("a\nb", #"a\nb"#), ("a\r\nb", #"a\u{d}\nb"#),
    ])
  func line(_ text: String, _ expected: String) {
    #expect(EscapedText.line(text) == expected)
  }

  @Test func `leaves nothing harmful of all scalars below U+10000`() {
    for value in UInt32(0)..<0x10000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let escaped = EscapedText.line("<\(scalar)>")
      #expect(!escaped.unicodeScalars.contains(where: EscapedText.isHarmful))
    }
  }

  @Test func `cuts lines`() {
    #expect(EscapedText.lines("a\n\nb\n") == ["a", "", "b"])
    #expect(EscapedText.lines("a\r\nb") == [#"a\u{d}"#, "b"])
    #expect(EscapedText.lines("") == [""])
    #expect(EscapedText.lines("\n") == [""])
  }
}
