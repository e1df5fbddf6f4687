import ChatWire
import TestSupport
import Testing

/// Broadcasts as original clients can read them (PROTOCOL.md 9.2).
@Suite struct ClassicBroadcastTests {
  private func payloads(_ name: String, _ text: String) -> [String] {
    ClassicBroadcastFrames(name: name, text: text).frames.map {
      ClassicSample($0).map { $0.isLast && $0.sequence == 0 && $0.type == .data ? $0.text : "?" }
        ?? "not a frame"
    }
  }

  @Test func `a short message is one frame, the last of its message`() throws {
    #expect(payloads("ana", "Hello") == ["[ana] Hello"])
    #expect(
      ClassicBroadcastFrames(name: "ana", text: "Hello").frames == [
        try #require(bytes(hex: "0000000b040000afff295a015b616e615d2048656c6c6f"))
      ])
    #expect(payloads("ana", "") == ["[ana] "])
  }

  @Test func `frames have at most 1,012 bytes of payload and each bears the name`() {
    #expect(payloads("ana", String(repeating: "x", count: 1_006)).map(\.utf8.count) == [1_012])
    #expect(
      payloads("ana", String(repeating: "x", count: 1_007)).map(\.utf8.count) == [1_012, 7])
    let long = String(repeating: "x", count: 10_000)
    #expect(payloads("ana", long).allSatisfy { $0.hasPrefix("[ana] ") })
    #expect(payloads("ana", long).map { String($0.dropFirst(6)) }.joined() == long)
  }

  @Test func `no character is cut`() {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<20 * effort {
      let text = String(
        (0..<Int.random(in: 0...2_000, using: &random)).map { _ in
          ["a", "é", "€", "😀"].randomElement(using: &random) ?? "a"
        } as [Character])
      let pieces = payloads("zoé", text)
      #expect(pieces.allSatisfy { $0.utf8.count <= 1_012 && !$0.contains("\u{FFFD}") })
      #expect(pieces.map { String($0.dropFirst(6)) }.joined() == text)
    }
  }

  @Test func `an absurd name leaves room for text`() {
    let pieces = payloads(String(repeating: "é", count: 5_000), String(repeating: "😀", count: 600))
    #expect(pieces.allSatisfy { $0.utf8.count <= 1_012 })
    #expect(pieces.map { $0.filter { $0 == "😀" }.count }.reduce(0, +) == 600)
  }
}
