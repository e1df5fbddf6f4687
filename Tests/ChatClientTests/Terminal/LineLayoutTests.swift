import ChatPosix
import Testing

@testable import chat_client

@Suite("The typed line")
struct LineLayoutTests {
  @Test(
    "is laid out as libedit does",
    arguments: [
      ("", 10, 0, 0), ("abc", 10, 0, 3), ("123456789", 10, 0, 9), ("1234567890", 10, 1, 0),
      ("12345678901", 10, 1, 1), ("12345678日", 10, 1, 0), ("123456789日", 10, 1, 2),
      ("日本日本日本", 10, 1, 2), ("\u{7}", 10, 0, 2), ("123456789\u{7}", 10, 1, 1),
      ("a\tb", 20, 0, 9), ("ab\ncd", 10, 1, 2), ("日", 1, 1, 0),
    ])
  func layout(_ text: String, _ columns: Int, _ row: Int, _ column: Int) {
    let layout = PromptLayout(columns: columns, text.unicodeScalars)
    #expect(layout.row == row)
    #expect(layout.column == column)
  }

  @Test(
    "takes what several scalars make as one",
    arguments: [
      ("e\u{301}x", [1, 1]), ("👨‍👩‍👧", [2]), ("👍🏽!", [2, 1]), ("🇩🇪🇫🇷", [2, 2]), ("❤️", [1]),
      ("\u{200b}", [1]), ("\u{202e}", [1]), ("\u{F0001}", [1]), ("日", [2]), ("한", [2]),
    ])
  func standIns(_ text: String, _ widths: [Int]) {
    var standIns = GraphemeStandIns()
    let scalars = standIns.encoded(text)
    #expect(scalars.map { Terminal.columns(of: $0) } == widths)
    #expect(Array(standIns.decoded(scalars).unicodeScalars) == Array(text.unicodeScalars))
    let drawn = standIns.shown(Array(String(String.UnicodeScalarView(scalars)).utf8))
    #expect(!String(decoding: drawn, as: UTF8.self).unicodeScalars.contains("\u{202e}"))
  }

  @Test func `what is typed piece by piece is joined`() throws {
    var standIns = GraphemeStandIns()
    let first = standIns.joined("e", "\u{301}")
    let accented = try #require(first)
    #expect(standIns.decoded([accented]) == "e\u{301}")
    let second = standIns.joined(accented, "\u{323}")
    let twice = try #require(second)
    #expect(standIns.decoded([twice]).unicodeScalars.count == 3)
    let two = standIns.joined("a", "b")
    #expect(two == nil)
    let search = standIns.joined("\n", "\u{301}")
    #expect(search == nil)
  }

  @Test func `stand-ins run out without harm`() {
    var standIns = GraphemeStandIns()
    for first in UInt32(0x4E00)..<0x5400 {
      guard let scalar = Unicode.Scalar(first) else { continue }
      let text = "\(scalar)\u{301}"
      let scalars = standIns.encoded(text)
      #expect(standIns.decoded(scalars) == text)
    }
  }

  @Test func `bytes are read as characters however they are cut`() {
    let text = "aé日👍\u{1b}[A"
    for cut in 0...Array(text.utf8).count {
      var decoder = InputDecoder()
      var read = String.UnicodeScalarView()
      for part in [Array(text.utf8)[..<cut], Array(text.utf8)[cut...]] {
        decoder.receive(part)
        while let scalar = decoder.next() { read.append(scalar) }
      }
      #expect(String(read) == text)
    }
  }

  @Test(
    "leaves out bytes that are not UTF-8",
    arguments: [
      [0xFF, 0x61], [0xC3, 0x61], [0x80, 0x61], [0xE6, 0x97, 0x61], [0xED, 0xA0, 0x80, 0x61],
      [0xF4, 0x90, 0x80, 0x80, 0x61], [0xC0, 0x80, 0x61],
    ] as [[UInt8]])
  func notUTF8(_ bytes: [UInt8]) {
    var decoder = InputDecoder()
    decoder.receive(bytes)
    var read = String.UnicodeScalarView()
    while let scalar = decoder.next() { read.append(scalar) }
    #expect(read.last == "a")
    #expect(!read.contains { (0xD800...0xDFFF).contains($0.value) })
  }
}
