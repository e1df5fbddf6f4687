import ChatWire
import TestSupport
import Testing

/// The fragmenter (PROTOCOL.md section 5).
@Suite("Outgoing queue") struct OutgoingQueueTests {
  /// All fragments as type, payload, LAST.
  private func drain(_ queue: inout OutgoingQueue, sizeMax: Int) -> [String] {
    var words: [String] = []
    while let fragment = queue.nextFragment(sizeMax: sizeMax) {
      let payload = fragment.bytes[fragment.start..<(fragment.start + fragment.count)]
      words.append(
        "\(fragment.type.name) \(String(decoding: payload, as: UTF8.self))"
          + (fragment.isLast ? "." : ""))
    }
    return words
  }

  private func queue(_ messages: [(FrameType, String)]) -> OutgoingQueue {
    var queue = OutgoingQueue()
    for (type, text) in messages { queue.append(type, Array(text.utf8)) }
    return queue
  }

  @Test func `fragments have the negotiated size, only the last may be shorter and has LAST`() {
    var messages = queue([(.data, "abcdefgh"), (.nick, "abc"), (.data, "ab")])
    #expect(
      drain(&messages, sizeMax: 3) == ["DATA abc", "DATA def", "DATA gh.", "NICK abc.", "DATA ab."])
    #expect(messages.isEmpty && messages.byteCount == 0)
  }

  @Test func `an empty message is one frame with length 0`() {
    var messages = queue([(.who, ""), (.fin, "")])
    #expect(messages.count == 2)
    #expect(drain(&messages, sizeMax: 3) == ["WHO .", "FIN ."])
  }

  @Test func `a boundary may fall inside a character`() {
    var messages = queue([(.data, "é")])
    let first = messages.nextFragment(sizeMax: 1)
    let second = messages.nextFragment(sizeMax: 1)
    #expect(first?.count == 1 && first?.isLast == false)
    #expect(second?.start == 1 && second?.isLast == true)
    #expect(messages.nextFragment(sizeMax: 1) == nil)
  }

  @Test func `it counts the messages and bytes that wait`() {
    var messages = queue([(.data, "abcde"), (.data, "xyz")])
    #expect(messages.count == 2 && messages.byteCount == 8)
    _ = messages.nextFragment(sizeMax: 4)
    #expect(messages.count == 2 && messages.byteCount == 4)
    _ = messages.nextFragment(sizeMax: 4)
    #expect(messages.count == 1 && messages.byteCount == 3)
    messages.removeAll()
    #expect(messages.isEmpty && messages.count == 0 && messages.byteCount == 0)
  }

  @Test func `a size below one is one`() {
    var messages = queue([(.data, "ab")])
    #expect(drain(&messages, sizeMax: 0) == ["DATA a", "DATA b."])
  }

  @Test func `whatever is appended comes out whole and in order, whenever it is taken`() {
    for seed in 0..<UInt64(200 * effort) {
      var random = SeededGenerator(seed: seed)
      var messages = OutgoingQueue()
      var waiting: [[UInt8]] = []
      var open: [UInt8] = []
      for step in 0..<600 {
        if Int.random(in: 0..<5, using: &random) < (step < 300 ? 3 : 1) {
          let message = (0..<Int.random(in: 0...9, using: &random)).map { UInt8($0) }
          messages.append(.data, message)
          waiting.append(message)
        } else if let fragment = messages.nextFragment(
          sizeMax: Int.random(in: 1...4, using: &random))
        {
          open += fragment.bytes[fragment.start..<(fragment.start + fragment.count)]
          if fragment.isLast {
            #expect(open == waiting.removeFirst())
            open = []
          }
        } else {
          #expect(waiting.isEmpty)
        }
        #expect(messages.count == waiting.count)
        #expect(messages.byteCount == waiting.reduce(0) { $0 + $1.count } - open.count)
      }
    }
  }
}
