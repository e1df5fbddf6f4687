import Testing

@testable import ChatTrace

@Suite("Display width") struct RenderDisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("olá", 3), ("e\u{301}", 1), ("日本語", 6), ("ﾊﾝｶｸ", 4), ("ｆｕｌｌ", 8),
    ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("👋", 2), ("👋🏽", 2), ("👩‍👩‍👧", 2), ("❤\u{FE0F}", 2),
    ("❤", 1), ("🇧🇷", 2), ("1\u{FE0F}\u{20E3}", 2), ("✓", 1), ("→", 1), ("■", 1), ("…", 1),
    ("「」", 4), ("नमस्ते", 4), ("ไทย", 3), ("العربية", 7), ("می\u{200C}خواهم", 7),
    ("𠀀", 2), ("ｶﾞ", 2), ("½", 1),
  ])
  func `a text takes the cells that terminals give it`(_ text: String, _ width: Int) {
    #expect(displayWidth(text) == width)
  }
}

@Suite("Escaping") struct RenderEscapingTests {
  private func escaped(_ text: String, _ escaping: Escaping = Escaping()) -> String {
    var output: [UInt8] = []
    let width = escaping.append(text, to: &output)
    let result = String(decoding: output, as: UTF8.self)
    #expect(width == displayWidth(result))
    return result
  }

  @Test(arguments: [
    ("\u{1B}[2J", "\\u{1b}[2J"), ("a\nb\r\n\t", "a\\nb\\r\\n\\t"), ("\u{0}\u{7F}", "\\u{0}\\u{7f}"),
    ("\u{85}\u{9B}31m", "\\u{85}\\u{9b}31m"), ("\u{202E}x\u{2066}", "\\u{202e}x\\u{2066}"),
    ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("a\u{200B}b\u{FEFF}", "a\\u{200b}b\\u{feff}"),
    ("a\u{200D}b", "a\\u{200d}b"), ("👩\u{200D}🚒", "👩\u{200D}🚒"),
    ("می\u{200C}خ", "می\u{200C}خ"), ("\u{E0041}", "\\u{e0041}"), ("\u{3164}", "\\u{3164}"),
    ("❤\u{FE0F}", "❤\u{FE0F}"), ("\"\\", "\"\\"), ("olá", "olá"),
  ])
  func `what could act or hide is shown as its code`(_ text: String, _ shown: String) {
    #expect(escaped(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
  }

  @Test func `a terminal without Unicode gets ASCII`() {
    #expect(escaped("olá ✓ 👋", Escaping(asciiOnly: true)) == "ol\\u{e1} \\u{2713} \\u{1f44b}")
  }

  @Test func `invalid UTF-8 is shown as the replacement character`() {
    #expect(escaped(String(decoding: [0x61, 0xFF, 0x62], as: UTF8.self)) == "a\u{FFFD}b")
  }

  @Test func `a character with more marks than any writing system needs is replaced`() {
    let marks = String(repeating: "\u{301}", count: 1_000)
    #expect(escaped("a\(marks)b") == "\u{FFFD}b")
  }

  @Test(arguments: [
    ("oi", 10, "\"oi\""), ("say \"x\\\"", 20, "\"say \\\"x\\\\\\\"\""),
    ("abcdefgh", 10, "\"abcdefgh\""),
    ("abcdefghi", 10, "\"abcdefg\"…"), ("日本語日本語", 10, "\"日本語\"…"),
    ("a\nbcdefghij", 8, "\"a\\nbc\"…"),
    ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 7, "\"👩‍👩‍👧👩‍👩‍👧\"…"), ("abc", 2, "\"\"…"),
  ])
  func `a quoted text is shortened between characters`(
    _ text: String, _ widthMax: Int, _ shown: String
  ) {
    var output: [UInt8] = []
    Escaping().appendQuoted(text, widthMax: widthMax, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == shown)
  }

  @Test func `a quoted text never exceeds its width`() {
    for text in RenderSamples.hostile {
      for widthMax in 5..<40 {
        for asciiOnly in [false, true] {
          var output: [UInt8] = []
          Escaping(asciiOnly: asciiOnly).appendQuoted(text, widthMax: widthMax, to: &output)
          #expect(displayWidth(String(decoding: output, as: UTF8.self)) <= widthMax)
        }
      }
    }
  }
}

@Suite("Layout of words") struct RenderWordLayoutTests {
  private func placed(
    _ pieces: [String], column: Int, start: Int, width: Int?, isBeside: Bool, continuation: Int,
    color: StaticString? = nil
  ) -> String {
    var layout = WordLayout(
      column: column, start: start, width: width, isBeside: isBeside, continuation: continuation)
    var output = [UInt8](repeating: UInt8(ascii: "#"), count: column)
    for (index, piece) in pieces.enumerated() {
      layout.place(Array(piece.utf8).span, color: color, onOwnLine: index > 1, into: &output)
    }
    return String(decoding: output, as: UTF8.self)
  }

  @Test func `pieces that fit stay on the row`() {
    #expect(
      placed(["one", "two"], column: 4, start: 6, width: 40, isBeside: false, continuation: 2)
        == "####  one  two")
  }

  @Test func `on a narrow table a long piece goes beneath`() {
    #expect(
      placed(
        ["one two three four five six"], column: 20, start: 22, width: 30, isBeside: false,
        continuation: 2) == "####################\n  one two three four five six")
  }

  @Test func `on a wide table a long piece wraps in its column`() {
    #expect(
      placed(
        ["one two three four five"], column: 4, start: 6, width: 20, isBeside: true,
        continuation: 6) == "####  one two three four\n      five")
  }

  @Test func `a word longer than a line is broken between characters`() {
    let word = String(repeating: "漢", count: 15)
    #expect(
      placed([word], column: 0, start: 0, width: 23, isBeside: true, continuation: 2)
        == String(repeating: "漢", count: 11) + "\n  " + String(repeating: "漢", count: 4))
  }

  @Test func `without a width everything stays on the row`() {
    let long = String(repeating: "word ", count: 50) + "end"
    #expect(
      placed([long, "b", "c"], column: 1, start: 4, width: nil, isBeside: true, continuation: 4)
        == "#   \(long)  b  c")
  }

  @Test func `every line of a coloured piece is coloured by itself`() {
    #expect(
      placed(
        ["aaaaaaaaaaaaaaa bbbbbbbbbbbbbbb"], column: 0, start: 0, width: 20, isBeside: true,
        continuation: 0, color: "<") == "<aaaaaaaaaaaaaaa\u{1B}[0m\n<bbbbbbbbbbbbbbb\u{1B}[0m")
  }

  @Test func `no word is lost and no line too long`() {
    var random = RenderRandom(seed: 3)
    for _ in 0..<500 {
      let words = (0..<random.number() % 30).map { _ in
        String(repeating: random.pick(["x", "é", "日"]), count: Int(random.number() % 9) + 1)
      }
      let piece = words.joined(separator: " ")
      let width = 30 + Int(random.number() % 60)
      let text = placed(
        [piece], column: 0, start: Int(random.number() % 20), width: width, isBeside: random.flip(),
        continuation: Int(random.number() % 10))
      for line in text.split(separator: "\n") { #expect(displayWidth(line) <= width) }
      #expect(text.split { $0 == " " || $0 == "\n" }.map(String.init) == words)
    }
  }
}
