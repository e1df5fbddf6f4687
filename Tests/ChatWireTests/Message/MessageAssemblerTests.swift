import ChatWire
import TestSupport
import Testing

@Suite struct MessageAssemblerTests {
  private func append(
    _ text: String, to assembler: inout MessageAssembler, type: FrameType = .data, last: Bool
  ) -> MessageAssembler.Step {
    assembler.append(Array(text.utf8).span.bytes, type: type, isLast: last)
  }

  @Test func `fragments are joined up to the last one`() {
    var assembler = MessageAssembler()
    #expect(!append("Hel", to: &assembler, last: false).isComplete)
    #expect(assembler.isOpen)
    #expect(append("lo", to: &assembler, last: true).isComplete)
    #expect(assembler.bytes == Array("Hello".utf8))
    #expect(assembler.fragmentCount == 2)
    #expect(!assembler.isOpen)
    #expect(append("", to: &assembler, type: .who, last: true).isComplete)
    #expect(assembler.bytes.isEmpty)
    #expect(assembler.type == .who && assembler.fragmentCount == 1)
  }

  @Test func `what goes past the bound is discarded up to the last fragment and counted`() {
    var assembler = MessageAssembler(byteCountMax: 4)
    _ = append("abc", to: &assembler, last: false)
    _ = append("def", to: &assembler, last: false)
    _ = append("ghi", to: &assembler, last: true)
    #expect(assembler.bytes == Array("abcd".utf8))
    #expect(assembler.discardedByteCount == 5)
    #expect(assembler.totalByteCount == 9)
    #expect(append("next", to: &assembler, last: true).isComplete)
    #expect(assembler.bytes == Array("next".utf8))
    #expect(assembler.discardedByteCount == 0)
  }

  @Test func `a change of type before the last fragment gives the open message up`() {
    var assembler = MessageAssembler()
    _ = append("abc", to: &assembler, last: false)
    let step = append("ann", to: &assembler, type: .nick, last: true)
    #expect(step == MessageAssembler.Step(isComplete: true, abandonedType: .data))
    #expect(assembler.bytes == Array("ann".utf8))
    #expect(append("x", to: &assembler, last: true).abandonedType == nil)
  }

  @Test func `an abandoned message leaves nothing behind`() {
    var assembler = MessageAssembler()
    _ = append("abc", to: &assembler, last: false)
    assembler.abandon()
    #expect(!assembler.isOpen && assembler.bytes.isEmpty && assembler.fragmentCount == 0)
    #expect(append("x", to: &assembler, type: .nick, last: true).abandonedType == nil)
    #expect(assembler.bytes == Array("x".utf8))
  }

  @Test func `random fragments are joined as a simple model joins them`() {
    var generator = SeededGenerator(seed: 5)
    var assembler = MessageAssembler(byteCountMax: 300)
    var model: [UInt8] = []
    var fragments = 0
    var open: FrameType?
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...80, using: &generator)).map {
        UInt8(truncatingIfNeeded: $0)
      }
      let type = UInt8.random(in: 0..<10, using: &generator) == 0 ? FrameType.notice : .data
      let last = UInt8.random(in: 0..<6, using: &generator) == 0
      let abandoned = open.flatMap { $0 == type ? nil : $0 }
      if open == nil || abandoned != nil { (model, fragments) = ([], 0) }
      model += bytes
      fragments += 1
      open = last ? nil : type
      let step = assembler.append(bytes.span.bytes, type: type, isLast: last)
      #expect(step == MessageAssembler.Step(isComplete: last, abandonedType: abandoned))
      #expect(assembler.bytes == Array(model.prefix(300)))
      #expect(assembler.totalByteCount == model.count)
      #expect(assembler.fragmentCount == fragments)
      #expect(assembler.isOpen == (open != nil))
    }
  }
}
