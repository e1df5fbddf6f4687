import ChatWire
import TestSupport
import Testing

@Suite struct ChatTextTests {
  @Test func `every text vector is accepted or refused`() throws {
    for vector in try PayloadVectors.load().text {
      let bytes = try hexBytes(vector.hex)
      let text = try? ChatText(decoding: bytes.span.bytes)
      #expect((text != nil) == vector.valid, "\(vector.name)")
      if let text {
        var encoded: [UInt8] = []
        text.encode(into: &encoded)
        #expect(encoded == bytes)
      }
    }
  }

  @Test func `a fault is found at its byte, wherever in a long text it stands`() {
    for length in 0...40 {
      for position in 0...length {
        let before = [UInt8](repeating: 0x61, count: position)
        let after = [UInt8](repeating: 0x7E, count: length - position)
        for control in [0x00, 0x08, 0x0B, 0x0D, 0x1F, 0x7F] as [UInt8] {
          #expect(
            ChatText.violation(in: (before + [control] + after).span.bytes)
              == .controlCharacter(Unicode.Scalar(control), offset: position))
        }
        for byte in [0x80, 0xC1, 0xF5, 0xFF] as [UInt8] {
          #expect(
            ChatText.violation(in: (before + [byte] + after).span.bytes)
              == .notUTF8(offset: position))
        }
        for allowed in ["\n", "\t", " ", "~", "é", "漢", "😀", "\u{A0}"] {
          #expect(ChatText.violation(in: (before + allowed.utf8 + after).span.bytes) == nil)
        }
      }
    }
  }

  @Test func `the rules agree with the standard library on hostile bytes`() {
    let samples = [
      "plain text of some length, long enough for words", "na\u{EF}ve 漢字 😀\n\tend",
      "\u{85}\u{9F}\u{A0}",
      "\u{D7FF}\u{E000}\u{10FFFF}\u{800}\u{7FF}\u{80}\u{FFFF}\u{10000}",
    ]
    var hostile = HostileBytes(seed: 61)
    var faults = 0
    for sample in samples {
      let bytes = Array(sample.utf8)
      for bytes in HostileBytes.cuts(of: bytes)
        + (0..<3000).map({ _ in hostile.mutation(of: bytes) })
      {
        let text = String(validating: bytes, as: UTF8.self)
        let isAllowed =
          text.map { text in
            !text.isEmpty
              && text.unicodeScalars.allSatisfy {
                $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
              }
          } ?? false
        #expect((ChatText.violation(in: bytes.span.bytes) == nil) == isAllowed)
        if !isAllowed { faults += 1 }
      }
    }
    #expect(faults > 1000)
  }

  @Test func `a violation is said in one sentence`() {
    #expect(ChatText.Violation.empty.sentence == "The text is empty.")
    #expect(
      ChatText.Violation.controlCharacter("\u{7}", offset: 3).sentence
        == "The text has the control character U+0007 at byte 3.")
  }

  @Test func `a reason of up to 200 bytes is taken, another one is treated as empty`() {
    func reason(_ text: String) -> String { FinReason.text(of: Array(text.utf8).span.bytes) }
    let longest = String(repeating: "é", count: 100)
    #expect(reason("") == "")
    #expect(reason("good\nnight") == "good\nnight")
    #expect(reason(longest) == longest)
    #expect(reason(longest + "x") == "")
    #expect(reason("bell\u{7}") == "")
    #expect(FinReason.text(of: ([0x61, 0xFF] as [UInt8]).span.bytes) == "")
    #expect(FinReason.violation(in: Array("".utf8).span.bytes) == nil)
    #expect(
      FinReason.violation(in: Array((longest + "x").utf8).span.bytes) == .tooLong(byteCount: 201))
  }
}
