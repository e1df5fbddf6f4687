import ChatTrace
import Testing

@Suite struct CapturePcapTests {
  struct Variant: Sendable {
    var magic: UInt32
    var isBigEndian: Bool
    var container = CaptureFileFormat.Container.pcap
    var nanosecondsPerTick: Int64 = 1000
  }

  static let variants = [false, true].flatMap { isBigEndian in
    [
      Variant(magic: 0xA1B2_C3D4, isBigEndian: isBigEndian),
      Variant(magic: 0xA1B2_3C4D, isBigEndian: isBigEndian, nanosecondsPerTick: 1),
      Variant(magic: 0xA1B2_CD34, isBigEndian: isBigEndian, container: .modifiedPcap),
    ]
  }

  @Test(arguments: variants)
  func `every variant gives the same packets with exact times`(_ variant: Variant) {
    var file = CaptureFileBuilder(pcapMagic: variant.magic, isBigEndian: variant.isBigEndian)
    let extra: [UInt8] = variant.container == .modifiedPcap ? [1, 2, 3, 4, 5, 6, 7, 8] : []
    file.record(seconds: 1_700_000_000, fraction: 999_999, [1, 2, 3], headerExtension: extra)
    file.record(seconds: 0, fraction: 1, [], headerExtension: extra)
    file.record(
      seconds: .max, fraction: 7, [9], originalLength: 1500, headerExtension: extra)
    let reading = readCapture(file.bytes)
    #expect(reading.ending == .end)
    #expect(reading.format?.container == variant.container)
    #expect(reading.format?.isBigEndian == variant.isBigEndian)
    #expect(
      reading.format?.precision == (variant.nanosecondsPerTick == 1 ? .nanoseconds : .microseconds))
    let scale = variant.nanosecondsPerTick
    #expect(
      reading.packets == [
        CapturedPacket(
          nanoseconds: 1_700_000_000_000_000_000 + 999_999 * scale, linkType: .ethernet,
          bytes: [1, 2, 3], originalLength: 3, interface: 0),
        CapturedPacket(
          nanoseconds: scale, linkType: .ethernet, bytes: [], originalLength: 0, interface: 0),
        CapturedPacket(
          nanoseconds: 4_294_967_295_000_000_000 + 7 * scale, linkType: .ethernet, bytes: [9],
          originalLength: 1500, interface: 0),
      ])
  }

  @Test func `the length of the frame check sequence is no part of the link type`() {
    var file = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4, network: 0x2400_0071)
    file.record(seconds: 1, fraction: 0, [1])
    #expect(readCapture(file.bytes).packets.map(\.linkType) == [.linuxSLL])
  }

  @Test func `old versions state the lengths in the other order`() {
    for (minor, first, second) in [(2, 60, 2), (3, 60, 2), (3, 2, 60)] as [(UInt16, UInt32, UInt32)]
    {
      var file = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4, minorVersion: minor)
      for value in [1, 0, first, second] { file.number(value) }
      file.bytes += [7, 8]
      let packets = readCapture(file.bytes).packets
      #expect(packets.map(\.bytes) == [[7, 8]])
      #expect(packets.map(\.originalLength) == [60])
    }
  }

  @Test func `a file with only a header has no packets`() {
    let reading = readCapture(CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4).bytes)
    #expect(reading.packets.isEmpty)
    #expect(reading.ending == .end)
    #expect(reading.format?.description == "pcap, little-endian, microseconds")
  }

  @Test func `an absurd length is damage, and what comes before it is kept`() {
    for length in [.max, 1 << 31, 16 << 20 + 1] as [UInt32] {
      var file = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4)
      file.record(seconds: 1, fraction: 0, [1, 2])
      for value in [2, 0, length, length] { file.number(value) }
      file.record(seconds: 3, fraction: 0, [3])
      let reading = readCapture(file.bytes)
      #expect(reading.packets.map(\.bytes) == [[1, 2]])
      #expect(
        reading.ending
          == .cutOff(
            "the packet record at byte 42 claims \(length) bytes, so the file is damaged there;"
              + " everything before it was read"))
    }
  }

  @Test func `the largest record is read`() {
    let packet = [UInt8](repeating: 7, count: CaptureFileReader.recordSizeMax)
    var file = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4)
    file.record(seconds: 1, fraction: 0, packet)
    let reading = readCapture(file.bytes, inBlocksOf: 1 << 20)
    #expect(reading.packets.map(\.bytes.count) == [packet.count])
    #expect(reading.minimumBytesMax <= CaptureFileReader.recordSizeMax + 32)
  }

  @Test func `nothing follows a cut or the end`() throws {
    var file = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4)
    file.number(UInt32(0))
    var reader = CaptureFileReader()
    var position = 0
    let first = try reader.next(
      in: file.bytes.span.bytes, position: &position, isLastBlock: true)
    #expect(
      first
        == .cutOff(
          "the file ends inside the header of a packet record at byte 24"
            + " (4 of 16 bytes are there); everything before it was read"))
    #expect(
      try reader.next(in: file.bytes.span.bytes, position: &position, isLastBlock: true) == .end)
  }

  @Test func `a growing file is read as far as it goes`() throws {
    var file = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4)
    file.record(seconds: 1, fraction: 0, [1, 2, 3, 4])
    var reader = CaptureFileReader()
    var position = 0
    let part = Array(file.bytes.dropLast(2))
    #expect(
      try reader.next(in: part.span.bytes, position: &position, isLastBlock: false)
        == .needMore(minimumBytes: 20))
    guard
      case .record(let record) = try reader.next(
        in: file.bytes.span.bytes, position: &position, isLastBlock: false)
    else {
      Issue.record("no record")
      return
    }
    #expect(record.offset == 40 && record.capturedLength == 4)
    #expect(
      try reader.next(in: file.bytes.span.bytes, position: &position, isLastBlock: false)
        == .needMore(minimumBytes: 16))
  }
}

@Suite struct CaptureFileRefusalTests {
  static func message(_ bytes: [UInt8]) -> String? {
    guard case .failed(let message) = readCapture(bytes).ending else { return nil }
    return message
  }

  @Test func `an empty file is said to be empty`() {
    #expect(
      Self.message([]) == "the file is empty (0 bytes); a capture has at least a header")
  }

  @Test func `a file of something else is refused with what it begins with`() {
    #expect(
      Self.message(Array("{\"kind\"".utf8))
        == "the file is not a pcap or pcapng capture: it begins with 7b 22 6b 69;"
        + " record one with tcpdump -w or dumpcap -w")
    #expect(Self.message([5, 0xD4])?.contains("it begins with 05 d4;") == true)
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], "gzip", "gzip -dc"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstd -dc"),
      ([0xFD, 0x37, 0x7A, 0x58], "xz", "xz -dc"), ([0x42, 0x5A, 0x68, 0x39], "bzip2", "bzip2 -dc"),
      ([4, 0x22, 0x4D, 0x18], "lz4", "lz4 -dc"), ([0x50, 0x4B, 3, 4], "zip", "unzip -p"),
    ] as [([UInt8], String, String)])
  func `a compressed file is refused with the command that unpacks it`(
    _ bytes: [UInt8], _ name: String, _ command: String
  ) {
    #expect(
      Self.message(bytes + [0, 0, 0, 0])
        == "the file is compressed with \(name); unpack it first,"
        + " or read the output of `\(command) FILE` from standard input")
  }

  @Test func `a header that is cut off or of an unknown version is refused`() {
    let header = CaptureFileBuilder(pcapMagic: 0xA1B2_C3D4).bytes
    for count in 4..<24 {
      #expect(
        Self.message(Array(header.prefix(count)))
          == "the file ends inside its pcap header (\(count) of 24 bytes are there);"
          + " nothing of it can be read")
    }
    var later = header
    later[4] = 3
    #expect(Self.message(later)?.contains("pcap version 3.4") == true)

    var section = CaptureFileBuilder()
    section.section()
    for count in 4..<section.bytes.count {
      #expect(Self.message(Array(section.bytes.prefix(count)))?.contains("ends inside") == true)
    }
    section = CaptureFileBuilder()
    section.section(majorVersion: 9)
    #expect(
      Self.message(section.bytes)
        == "the section header at byte 0 is of pcapng version 9, but only version 1 is known;"
        + " nothing of it can be read")
    section.bytes[8] = 0
    #expect(Self.message(section.bytes)?.contains("has no byte-order mark") == true)
  }
}
