import ChatWire
import TestSupport
import Testing

/// Which dialect a new connection speaks (PROTOCOL.md 9.1).
@Suite struct DialectRecogniserTests {
  private func native(_ type: FrameType, _ payload: [UInt8]) throws -> [UInt8] {
    var output: [UInt8] = []
    try #require(Frame(type, sequence: SequenceNumber(9), payload: payload))
      .encode(into: &output, checksum: CRC32())
    return output
  }

  private func syn() throws -> [UInt8] {
    var options = HandshakeOptions()
    options.version = 1
    options.mode = 1
    options.window = 16
    options.fragment = 1_024
    var payload: [UInt8] = []
    try options.encode(for: .syn, into: &payload)
    return try native(.syn, payload)
  }

  private func recognise(_ bytes: [UInt8], pieces: Int = .max) -> DialectRecogniser.Recognition {
    var recogniser = DialectRecogniser(checksum: CRC32())
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, pieces == .max ? bytes.count : start + pieces)
      _ = recogniser.receive(Array(bytes[start..<end]).span.bytes)
      start = end
    }
    return recogniser.recognition
  }

  @Test func `a SYN of either dialect is recognised with its last byte`() throws {
    for (dialect, bytes) in [(Dialect.native, try syn()), (.classic, ClassicSample.syn.bytes)] {
      var recogniser = DialectRecogniser(checksum: CRC32())
      for byte in bytes.dropLast() {
        #expect(recogniser.receive([byte].span.bytes) == .undecided)
      }
      #expect(recogniser.receive([bytes[bytes.count - 1]].span.bytes) == .found(dialect, offset: 0))
      #expect(recognise(bytes) == .found(dialect, offset: 0))
      #expect(recognise(bytes + [1, 2, 3]) == .found(dialect, offset: 0))
    }
  }

  @Test func `frames of any type count`() throws {
    #expect(
      recognise(try native(.ping, Array(repeating: 7, count: 8))) == .found(.native, offset: 0))
    #expect(recognise(try native(.who, [])) == .found(.native, offset: 0))
    #expect(recognise(ClassicSample.data("x").bytes) == .found(.classic, offset: 0))
    #expect(recognise(ClassicSample.channel().bytes) == .found(.classic, offset: 0))
  }

  @Test func `the first valid frame counts, at whatever offset of 4 KiB`() throws {
    for offset in [1, 11, 12, 500, 4_095, 4_096] {
      for fill in [0, 0xFF] as [UInt8] {
        let junk = [UInt8](repeating: fill, count: offset)
        #expect(recognise(junk + (try syn())) == .found(.native, offset: offset))
        #expect(recognise(junk + ClassicSample.syn.bytes) == .found(.classic, offset: offset))
        #expect(
          recognise(junk + ClassicSample.syn.bytes, pieces: 7) == .found(.classic, offset: offset))
      }
    }
    #expect(recognise([UInt8](repeating: 0xFF, count: 4_097) + (try syn())) == .nothing)
  }

  @Test func `a damaged frame is passed over`() throws {
    let damaged = try syn().damaged
    #expect(recognise(damaged) == .undecided)
    #expect(recognise(damaged + (try syn())) == .found(.native, offset: damaged.count))
    let classic = ClassicSample.syn.bytes.damaged
    #expect(recognise(classic + ClassicSample.syn.bytes) == .found(.classic, offset: classic.count))
  }

  @Test func `a frame that never ends does not hide the one behind it`() throws {
    // A header that claims 1,000 bytes.
    let unfinished: [UInt8] = [0, 3, 0xE8, 4, 0, 0, 0, 0, 0, 0, 0]
    #expect(recognise(unfinished + (try syn())) == .found(.native, offset: 11))
  }

  @Test func `what no client may send before its session is open is not waited for`() {
    let long = ClassicSample.syn.text + String(repeating: " ", count: 4_096)
    #expect(recognise(ClassicSample(.syn, long).bytes) == .nothing)
  }

  @Test func `nothing is found in 4 KiB of anything else`() {
    let request = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    #expect(recognise(request) == .undecided)
    let long = Array(repeating: request, count: 200).flatMap(\.self)
    #expect(recognise(long) == .nothing)
    #expect(recognise(long, pieces: 1) == .nothing)
  }

  @Test func `the session gets what it can read`() throws {
    var recogniser = DialectRecogniser(checksum: CRC32())
    let junk: [UInt8] = [9, 9, 9]
    _ = recogniser.receive((junk + ClassicSample.syn.bytes).span.bytes)
    #expect(Array(recogniser.sessionBytes) == ClassicSample.syn.bytes)
    _ = recogniser.receive(([5] as [UInt8]).span.bytes)
    #expect(recogniser.recognition == .found(.classic, offset: 3))
    #expect(Array(recogniser.sessionBytes) == ClassicSample.syn.bytes + [5])
    recogniser = DialectRecogniser(checksum: CRC32())
    _ = recogniser.receive((junk + (try syn())).span.bytes)
    #expect(Array(recogniser.sessionBytes) == junk + (try syn()))
  }

  @Test func `how the bytes are cut makes no difference`() throws {
    var random = SeededGenerator(seed: 41)
    let frames = [try syn(), ClassicSample.syn.bytes, ClassicSample.data("hello").bytes]
    for round in 0..<300 * effort {
      var bytes: [UInt8] = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        UInt8.random(in: 0...(round.isMultiple(of: 2) ? 9 : 255), using: &random)
      }
      bytes += frames.randomElement(using: &random) ?? []
      bytes += [UInt8](repeating: 0x61, count: 40)
      let whole = recognise(bytes)
      guard case .found = whole else { continue }
      #expect(recognise(bytes, pieces: 1) == whole)
      #expect(recognise(bytes, pieces: Int.random(in: 2...20, using: &random)) == whole)
    }
  }

  @Test func `hostile bytes are bounded`() {
    // Every third byte begins a plausible header of both dialects.
    let bytes: [UInt8] = Array(repeating: [0, 0, 0, 4], count: 4_000).flatMap(\.self)
    #expect(recognise(bytes, pieces: 100) == .nothing)
  }
}
