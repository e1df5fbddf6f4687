import ChatLens
import TestSupport
import Testing

@Suite struct KeyDecoderTests {
  /// What terminals send, and the key that it is.
  private static let keys: [(String, Key)] = [
    ("a", .character("a")), ("é", .character("é")), ("你", .character("你")),
    ("🌍", .character("🌍")), (" ", .character(" ")), ("\r", .enter), ("\n", .enter),
    ("\t", .tab), ("\u{7f}", .backspace), ("\u{8}", .backspace), ("\u{1}", .control("a")),
    ("\u{17}", .control("w")), ("\u{1f}", .control("_")), ("\u{1b}[A", .up), ("\u{1b}[B", .down),
    ("\u{1b}[C", .right), ("\u{1b}[D", .left), ("\u{1b}OA", .up), ("\u{1b}OD", .left),
    ("\u{1b}[H", .home), ("\u{1b}[F", .end), ("\u{1b}[1~", .home), ("\u{1b}[4~", .end),
    ("\u{1b}[7~", .home), ("\u{1b}[8~", .end), ("\u{1b}OH", .home), ("\u{1b}OF", .end),
    ("\u{1b}[2~", .insert), ("\u{1b}[3~", .delete), ("\u{1b}[5~", .pageUp),
    ("\u{1b}[6~", .pageDown), ("\u{1b}[Z", .backTab), ("\u{1b}[1;5A", .controlUp),
    ("\u{1b}[1;5B", .controlDown), ("\u{1b}[1;5C", .controlRight), ("\u{1b}[1;5D", .controlLeft),
    ("\u{1b}[1;3A", .altUp), ("\u{1b}[1;3B", .altDown), ("\u{1b}[1;3C", .altRight),
    ("\u{1b}[1;3D", .altLeft), ("\u{1b}OP", .function(1)), ("\u{1b}OQ", .function(2)),
    ("\u{1b}OS", .function(4)), ("\u{1b}[11~", .function(1)), ("\u{1b}[15~", .function(5)),
    ("\u{1b}[17~", .function(6)), ("\u{1b}[20~", .function(9)), ("\u{1b}[21~", .function(10)),
    ("\u{1b}[23~", .function(11)), ("\u{1b}[24~", .function(12)), ("\u{1b}[[A", .function(1)),
    ("\u{1b}[[E", .function(5)), ("\u{1b}b", .alt("b")), ("\u{1b}é", .alt("é")),
    ("\u{1b}\r", .altEnter), ("\u{1b}\u{7f}", .altBackspace),
  ]

  private func inputs(_ decoder: inout KeyDecoder) -> [ScreenInput] {
    var inputs: [ScreenInput] = []
    while let input = decoder.next() { inputs.append(input) }
    return inputs
  }

  private func decoded(_ bytes: [UInt8], settled: Bool = true) -> [ScreenInput] {
    var decoder = KeyDecoder()
    decoder.receive(bytes)
    var result = inputs(&decoder)
    if settled, decoder.isEscapePending {
      decoder.settleEscape()
      result += inputs(&decoder)
    }
    return result
  }

  @Test func `every key is known, whole, in pieces, and among others`() {
    for (text, key) in Self.keys {
      let name = text.unicodeScalars.map { $0.value < 0x20 ? "^" : String($0) }.joined()
      let bytes = Array(text.utf8)
      #expect(decoded(bytes) == [.key(key)], "\(name)")
      var decoder = KeyDecoder()
      var pieces: [ScreenInput] = []
      for byte in bytes {
        decoder.receive([byte])
        pieces += inputs(&decoder)
      }
      #expect(pieces == [.key(key)], "\(name) in pieces")
      let among = decoded(Array("x".utf8) + bytes + Array("y".utf8))
      #expect(
        among == [.key(.character("x")), .key(key), .key(.character("y"))], "\(name) among others")
    }
  }

  @Test func `an Escape alone is one if nothing follows`() {
    var decoder = KeyDecoder()
    decoder.receive([0x1B])
    #expect(inputs(&decoder).isEmpty)
    #expect(decoder.isEscapePending)
    decoder.settleEscape()
    #expect(inputs(&decoder) == [.key(.escape)])
    #expect(!decoder.isEscapePending)
  }

  @Test func `what is no UTF-8 is left out`() {
    #expect(decoded([0x61, 0xFF, 0x62]) == [.key(.character("a")), .key(.character("b"))])
    #expect(decoded([0xC3, 0x62]) == [.key(.character("b"))])
    #expect(decoded([0x80, 0x62]) == [.key(.character("b"))])
  }

  @Test func `a pasted text is one thing, wherever it is cut`() {
    let bytes = Array("a\u{1b}[200~one\r\ntwo\rthree\u{1b}[Hé\u{1b}[201~b".utf8)
    let whole = decoded(bytes)
    #expect(whole.count == 3)
    guard case .paste(let text) = whole[1] else {
      Issue.record("\(whole)")
      return
    }
    #expect(text.hasPrefix("one\ntwo\nthree") && text.hasSuffix("é"))
    #expect(!text.unicodeScalars.contains("\u{1b}"))
    for cut in 0...bytes.count {
      var decoder = KeyDecoder()
      decoder.receive(bytes[..<cut])
      var result = inputs(&decoder)
      decoder.receive(bytes[cut...])
      result += inputs(&decoder)
      #expect(result == whole, "cut at \(cut)")
    }
  }

  @Test func `a pasted text has an end`() {
    var decoder = KeyDecoder()
    decoder.receive(Array("\u{1b}[200~".utf8))
    for _ in 0..<40 { decoder.receive([UInt8](repeating: 0x61, count: 100_000)) }
    #expect(inputs(&decoder).isEmpty)
    decoder.receive(Array("\u{1b}[201~".utf8))
    guard case .paste(let text)? = inputs(&decoder).first else {
      Issue.record("no paste")
      return
    }
    #expect(text.utf8.count == KeyDecoder.pasteLimit)
  }

  @Test func `mouse and focus are told`() {
    #expect(
      decoded(Array("\u{1b}[<0;6;3M\u{1b}[<0;6;3m".utf8))
        == [.mouse(MouseInput(.press, row: 2, column: 5))])
    #expect(
      decoded(Array("\u{1b}[<64;1;1M\u{1b}[<65;1;1M".utf8))
        == [
          .mouse(MouseInput(.wheelUp, row: 0, column: 0)),
          .mouse(MouseInput(.wheelDown, row: 0, column: 0)),
        ])
    #expect(
      decoded(Array("\u{1b}[M".utf8) + [0x20, 0x25, 0x24])
        == [.mouse(MouseInput(.press, row: 3, column: 4))])
    #expect(decoded(Array("\u{1b}[I\u{1b}[O".utf8)) == [.focus(true), .focus(false)])
  }

  @Test func `sequences that nobody knows take nothing with them`() {
    for text in ["\u{1b}[99~", "\u{1b}[?1;2c", "\u{1b}[1;9Q", "\u{1b}Oz", "\u{1b}[>0;276;0c"] {
      let result = decoded(Array((text + "x").utf8))
      #expect(result.last == .key(.character("x")), "\(text.dropFirst())")
      #expect(result.count <= 2)
    }
  }

  @Test("any bytes can come, in any pieces", arguments: 1...20)
  func anything(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    // Many of them mean something.
    let telling = Array("\u{1b}\u{1b}[[O<;0129~MmABZ200~201~".utf8)
    let bytes = (0..<10_000).map { _ -> UInt8 in
      Bool.random(using: &random)
        ? telling[Int.random(in: 0..<telling.count, using: &random)]
        : UInt8.random(in: 0...255, using: &random)
    }
    var whole = KeyDecoder()
    whole.receive(bytes)
    let expected = inputs(&whole)
    var decoder = KeyDecoder()
    var result: [ScreenInput] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...9, using: &random))
      rest = rest.dropFirst(piece.count)
      decoder.receive(piece)
      result += inputs(&decoder)
    }
    #expect(result == expected)
    decoder.settleEscape()
    _ = inputs(&decoder)
  }
}
