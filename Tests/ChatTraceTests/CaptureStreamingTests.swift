import ChatTrace
import TestSupport
import Testing

@Suite struct CaptureStreamingTests {
  /// A file with every kind of block.
  static let mixedBlocks: [UInt8] = {
    var file = CaptureFileBuilder()
    for isBigEndian in [false, true] {
      file.section(isBigEndian: isBigEndian)
      file.interface(linkType: 101, snapLength: 64, resolution: 0x8A, offset: 100)
      file.enhancedPacket([1, 2, 3, 4, 5], ticks: 1 << 40)
      file.block(4) { $0.bytes = [UInt8](repeating: 9, count: 30) }
      file.simplePacket([1, 2, 3], originalLength: 3)
      file.enhancedPacket([])
      file.block(5) { _ in }
    }
    return file.bytes
  }()

  static func files() throws -> [[UInt8]] {
    var big = CaptureFileBuilder(pcapMagic: 0xA1B2_3C4D, isBigEndian: true)
    for count in 0..<20 {
      big.record(seconds: 1, fraction: UInt32(count), [UInt8](repeating: 1, count: count * 7))
    }
    return try CaptureFixture.all.map(CaptureFixture.bytes) + [mixedBlocks, big.bytes]
  }

  @Test func `blocks of any size give the same packets`() throws {
    for file in try Self.files() {
      let whole = readCapture(file)
      #expect(!whole.packets.isEmpty)
      for size in [1, 7, 4096] {
        let pieces = readCapture(file, inBlocksOf: size)
        #expect(pieces.packets == whole.packets)
        #expect(pieces.ending == whole.ending)
      }
    }
  }

  /// Where a file may end without being cut off: before each record or block, and after the last.
  static func boundaries(_ file: [UInt8]) -> [Int] {
    var offsets: [Int] = []
    let isPcapng = file[0] == 0x0A
    var isBigEndian = file[0] == 0xA1
    var offset = isPcapng ? 0 : 24
    func number(at offset: Int) -> Int {
      let bytes = file[offset..<offset + 4]
      return (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }
    while offset < file.count {
      if isPcapng, file[offset] == 0x0A { isBigEndian = file[offset + 8] == 0x1A }
      if offset > 0 { offsets.append(offset) }
      offset += isPcapng ? number(at: offset + 4) : 16 + number(at: offset + 8)
    }
    return offset == file.count ? offsets + [offset] : offsets
  }

  @Test func `a file cut at any byte gives all packets before the cut`() throws {
    for file in try Self.files() {
      let whole = readCapture(file).packets
      let boundaries = Self.boundaries(file)
      // How many packets end at or before each boundary, from reading the file that ends there.
      let counts = boundaries.map { readCapture(Array(file.prefix($0))).packets.count }
      for cut in 0..<min(file.count, 2000) {
        let reading = readCapture(Array(file.prefix(cut)))
        let passed = boundaries.prefix { $0 <= cut }.count
        #expect(reading.packets == Array(whole.prefix(passed == 0 ? 0 : counts[passed - 1])))
        switch reading.ending {
        case .failed: #expect(cut < boundaries[0])
        case .end: #expect(boundaries.contains(cut))
        case .cutOff: #expect(cut > boundaries[0] && !boundaries.contains(cut))
        }
      }
      #expect(counts.last == whole.count)
    }
  }

  @Test func `random damage never traps, and no packet lies outside the file`() throws {
    var generator = SeededGenerator(seed: 0xCAB1E)
    let files = try Self.files().map { Array($0.prefix(700)) }
    var endings = (end: 0, cutOff: 0, failed: 0)
    for round in 0..<20_000 {
      var file = files[round % files.count]
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<file.count, using: &generator)
        file[index] = Bool.random(using: &generator) ? .random(in: 0...255, using: &generator) : 255
      }
      // Slicing the buffer inside would trap for a packet that lies outside.
      let reading = readCapture(file)
      switch reading.ending {
      case .end: endings.end += 1
      case .cutOff: endings.cutOff += 1
      case .failed: endings.failed += 1
      }
      if round % 50 == 0 {
        let pieces = readCapture(file, inBlocksOf: 13)
        #expect(pieces.packets == reading.packets)
        #expect(pieces.ending == reading.ending)
      }
    }
    #expect(endings.end > 0 && endings.cutOff > 0 && endings.failed > 0)
  }
}
