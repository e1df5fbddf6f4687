import ChatWire
import TestSupport
import Testing

@Suite("Frame decoder") struct FrameDecoderTests {
  static let dialects: [Dialect] = [.native, .classic]

  @Test("frames are the same whole, byte by byte and cut anywhere", arguments: dialects)
  func cuts(_ dialect: Dialect) {
    let stream = FrameStream(dialect, count: 24, lengths: 0...40, seed: 1)
    for makesObserver in [false, true] {
      func decoder() -> FrameDecoder { makesObserver ? observer(dialect) : FrameDecoder(dialect) }
      var whole = decoder()
      #expect(decode([stream.bytes], with: &whole) == stream.frames)
      var single = decoder()
      #expect(decode(stream.bytes.map { [$0] }, with: &single) == stream.frames)
      for cut in stream.bytes.indices {
        var halves = decoder()
        let chunks = [Array(stream.bytes[..<cut]), Array(stream.bytes[cut...])]
        guard decode(chunks, with: &halves) != stream.frames else { continue }
        Issue.record("cut at \(cut)")
      }
      #expect(whole.isBetweenFrames && whole.offset == UInt64(stream.bytes.count))
    }
  }

  @Test("frames of any length are the same in any pieces", arguments: dialects)
  func pieces(_ dialect: Dialect) {
    var random = SeededGenerator(seed: 9)
    for seed in 0..<12 {
      let stream = FrameStream(dialect, count: 12, lengths: 0...3_000, seed: UInt64(seed))
      var decoder = observer(dialect)
      let chunks = stream.bytes.pieces(upTo: [5, 700, 9_000][seed % 3], using: &random)
      #expect(decode(chunks, with: &decoder) == stream.frames)
    }
  }

  @Test("a search finds every frame behind any beginning", arguments: dialects)
  func search(_ dialect: Dialect) {
    let stream = FrameStream(dialect, count: 10, lengths: 0...30, seed: 3)
    for start in stream.bytes.indices {
      let expected = stream.frames.filter { $0.offset >= start }
      guard !expected.isEmpty else { continue }
      for isWhole in [true, false] {
        var decoder = observer(dialect, isAligned: false)
        let rest = Array(stream.bytes[start...])
        let found = decode(isWhole ? [rest] : rest.map { [$0] }, with: &decoder)
        let frames = found.filter { $0.unit == .frame }
        #expect(frames.map(\.payload) == expected.map(\.payload), "from \(start)")
        let skipped = found.first { $0.unit == .skipped }?.byteCount ?? 0
        #expect(skipped == Int(expected[0].offset) - start, "from \(start)")
      }
    }
  }

  // MARK: gaps

  @Test("a gap costs the frames that it touches and no other", arguments: dialects)
  func gap(_ dialect: Dialect) {
    let stream = FrameStream(dialect, count: 8, lengths: 0...24, seed: 4)
    let checksum = CRC32()
    for start in stride(from: 0, to: stream.bytes.count - 1, by: 3) {
      for length in [1, 2, 7, 30, 90] where start + length < stream.bytes.count {
        var decoder = observer(dialect)
        var all = decode([Array(stream.bytes[..<start])], with: &decoder)
        all += found(decoder.settle(checksum: checksum), in: decoder)
        all += decode([[]], with: &decoder)
        let unit = decoder.gap(UInt64(length), checksum: checksum)
        all += found(unit, in: decoder)
        all += decode(
          [Array(stream.bytes[(start + length)...])], with: &decoder, finishes: true)
        let label = "gap of \(length) at \(start)"
        // Every byte is in one unit, in order.
        var position: UInt64 = 0
        for unit in all {
          if position == UInt64(start) { position += UInt64(length) }
          if unit.offset != position { Issue.record("\(label): \(unit), not at \(position)") }
          position = unit.offset + UInt64(unit.byteCount)
        }
        #expect(position == UInt64(stream.bytes.count), "\(label)")
        let whole = stream.frames.filter {
          $0.offset + UInt64($0.byteCount) <= UInt64(start)
            || $0.offset >= UInt64(start + length)
        }
        #expect(all.filter { $0.unit == .frame } == whole, "\(label)")
        for unit in all where unit.unit == .unverified {
          let same = stream.frames.first { $0.offset == unit.offset }
          #expect(same?.typeCode == unit.typeCode && same?.sequence == unit.sequence, "\(label)")
        }
      }
    }
  }

  @Test("the end leaves an incomplete frame unverified or undecided", arguments: dialects)
  func end(_ dialect: Dialect) {
    let stream = FrameStream(dialect, count: 3, lengths: 5...20, seed: 6)
    for end in stream.bytes.indices {
      var decoder = observer(dialect)
      let all = decode([Array(stream.bytes[..<end])], with: &decoder, finishes: true)
      #expect(all.reduce(0) { $0 + $1.byteCount } == end)
      let whole = stream.frames.filter { $0.offset + UInt64($0.byteCount) <= UInt64(end) }
      #expect(all.filter { $0.unit == .frame } == whole)
      let rest = all.dropFirst(whole.count)
      let left = end - whole.reduce(0) { $0 + $1.byteCount }
      if left > 0 {
        #expect(rest.map(\.unit) == [left >= dialect.headerSize ? .unverified : .undecided])
      } else {
        #expect(rest.isEmpty)
      }
    }
  }

  // MARK: corrupt frames

  @Test func `an observer waits for what follows a damaged frame`() {
    var stream = FrameStream(.native, count: 0, lengths: 0...0, seed: 0)
    stream.append(typeCode: 4, sequence: 1, payload: [1, 2, 3])
    stream.append(typeCode: 4, sequence: 2, payload: [4, 5, 6])
    var bytes = stream.bytes
    bytes[12] ^= 0x40
    var decoder = observer(.native)
    #expect(decode([Array(bytes[..<14])], with: &decoder).isEmpty)
    #expect(decoder.isDeferring)
    // The next header shows that the length was right.
    let found = decode([Array(bytes[14...])], with: &decoder)
    #expect(found.map(\.unit) == [.corrupt, .frame])
    #expect(!decoder.isDeferring)

    var settled = observer(.native)
    _ = decode([Array(bytes[..<14])], with: &settled)
    #expect(settled.settle(checksum: CRC32())?.kind == .corrupt)
    #expect(settled.settle(checksum: CRC32()) == nil)
    #expect(decode([Array(bytes[14...])], with: &settled).map(\.unit) == [.frame])

    // A receiver does not wait: what has not come says nothing against the length.
    var receiver = FrameDecoder(.native)
    #expect(decode([Array(bytes[..<14])], with: &receiver).map(\.unit) == [.corrupt])
  }

  @Test func `a deferred frame that nothing plausible follows has lost framing`() {
    var stream = FrameStream(.native, count: 0, lengths: 0...0, seed: 0)
    stream.append(typeCode: 4, sequence: 1, payload: [1, 2, 3, 4, 5, 6])
    stream.append(typeCode: 4, sequence: 2, payload: [9])
    var bytes = stream.bytes
    bytes[2] = 3  // The length: three of its six bytes.
    var decoder = observer(.native)
    #expect(decode([Array(bytes[..<14])], with: &decoder).isEmpty)
    let found = decode([Array(bytes[14...])], with: &decoder)
    #expect(found.map(\.unit) == [.lost, .frame])
    #expect(found.first?.byteCount == 17)
    #expect(found.first?.sequence == 1)
  }

  @Test("a classic frame with a bad checksum keeps its length if a header or nothing follows")
  func classicBad() {
    var stream = FrameStream(.classic, count: 0, lengths: 0...0, seed: 0)
    stream.append(typeCode: 4, sequence: 0, payload: Array("abc".utf8))
    stream.append(typeCode: 4, sequence: 1, payload: Array("def".utf8), flags: 1)
    var bytes = stream.bytes
    bytes[13] ^= 1
    var decoder = observer(.classic)
    #expect(decode([bytes], with: &decoder).map(\.unit) == [.corrupt, .frame])
    var alone = observer(.classic)
    #expect(
      decode([Array(bytes[..<15])], with: &alone).isEmpty
        && alone.settle(checksum: CRC32())?.kind == .corrupt)
    bytes.insert(contentsOf: [0xFF, 0xFF], at: 15)
    var lost = observer(.classic)
    let found = decode([bytes], with: &lost)
    #expect(found.map(\.unit) == [.lost, .frame])
    #expect(found.first?.byteCount == 17)
  }

  @Test func `a length above the limit loses framing at once`() {
    var stream = FrameStream(.native, count: 0, lengths: 0...0, seed: 0)
    stream.append(typeCode: 4, sequence: 7, payload: [UInt8](repeating: 65, count: 1_025))
    stream.append(typeCode: 2, sequence: 1, payload: [0, 1, 0, 4])
    var decoder = observer(.native, limit: 1_024)
    let found = decode([stream.bytes], with: &decoder)
    #expect(found.map(\.unit) == [.lost, .frame])
    #expect(found.first?.sequence == 7)
    var allowed = observer(.native, limit: 1_025)
    #expect(decode([stream.bytes], with: &allowed).map(\.unit) == [.frame, .frame])
  }

  @Test func `more than 64 candidates give up the oldest`() {
    // A frame whose payload never comes, full of headers that wait for 60,000 bytes each.
    let header: [UInt8] = [0, 0xEA, 0x60, 4, 0, 1, 9, 9, 9, 9, 0]
    var decoder = FrameDecoder(.native, discardLimit: nil)
    var bytes: [UInt8] = []
    for _ in 0..<100 { bytes += header }
    #expect(decode([bytes], with: &decoder).isEmpty)
    var stream = FrameStream(.native, count: 0, lengths: 0...0, seed: 0)
    stream.append(typeCode: 4, sequence: 5, payload: [7])
    let found = decode([stream.bytes], with: &decoder)
    #expect(found.map(\.unit) == [.lost, .frame])
    #expect(found.last?.sequence == 5)
  }

  // MARK: bounds

  @Test("memory stays bounded", arguments: dialects)
  func memory(_ dialect: Dialect) {
    var random = SeededGenerator(seed: 8)
    var decoder = observer(dialect)
    let checksum = CRC32()
    var largest = 0
    let chunks = (0..<20).map { _ in
      (0..<5_000).map { _ in UInt8.random(in: 0...2, using: &random) }
    }
    for round in 0..<100 * effort {
      let chunk = chunks[round % 20]
      var position = 0
      while let unit = decoder.next(in: chunk.span.bytes, position: &position, checksum: checksum) {
        #expect(unit.byteCount >= 0)
      }
      largest = max(largest, decoder.buffer.count)
    }
    #expect(largest <= 2 * FrameLimits.scanBufferMax + 4_096)
  }

  @Test("random bytes never trap, and every byte is in one unit", arguments: dialects)
  func random(_ dialect: Dialect) {
    var random = SeededGenerator(seed: 2)
    let checksum = CRC32()
    for round in 0..<4_000 * effort {
      var decoder =
        round % 3 == 0
        ? FrameDecoder(dialect, limit: round % 2 == 0 ? 40 : nil)
        : observer(dialect, limit: round % 2 == 0 ? 40 : nil, isAligned: round % 3 == 1)
      var position: UInt64 = 0
      var problems: [String] = []
      var gapStart: UInt64?
      var gapEnd: UInt64 = 0
      func check(_ unit: DecodedUnit) {
        if let start = gapStart, position == start { position = gapEnd }
        if unit.offset != position { problems.append("\(unit), not at \(position)") }
        position = unit.offset + UInt64(unit.byteCount)
      }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let highest = UInt8([1, 4, 14, 255][Int.random(in: 0..<4, using: &random)])
        var chunk = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
          UInt8.random(in: 0...highest, using: &random)
        }
        if Bool.random(using: &random) {
          chunk += FrameStream(dialect, count: 1, lengths: 0...9, seed: UInt64(round)).bytes
          if Bool.random(using: &random), let last = chunk.indices.last { chunk[last] ^= 1 }
        }
        var place = 0
        while let unit = decoder.next(
          in: chunk.span.bytes, position: &place, checksum: checksum)
        {
          check(unit)
        }
        guard round % 3 != 0, gapStart == nil, Bool.random(using: &random) else { continue }
        if let unit = decoder.settle(checksum: checksum) { check(unit) }
        while let unit = decoder.next(
          in: [UInt8]().span.bytes, position: &place, checksum: checksum)
        {
          check(unit)
        }
        let length = UInt64.random(in: 1..<50, using: &random)
        if let unit = decoder.gap(length, checksum: checksum) { check(unit) }
        gapStart = position
        gapEnd = position + length
      }
      while let unit = decoder.finish(checksum: checksum) { check(unit) }
      if let problem = problems.first {
        Issue.record("round \(round): \(problem)")
        return
      }
    }
  }
}
