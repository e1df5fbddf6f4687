import ChatTrace
import Testing

@Suite struct CapturePcapngTests {
  @Test func `sections have their own byte order and interfaces`() {
    var file = CaptureFileBuilder()
    file.section(isBigEndian: true)
    file.interface(linkType: 101)
    file.interface(linkType: 113, resolution: 9)
    file.enhancedPacket([1, 2, 3], ticks: 1_700_000_000_123_456_789, interface: 1)
    file.section(isBigEndian: false)
    file.interface(linkType: 276, resolution: 3)
    file.enhancedPacket([4], ticks: 5, originalLength: 99)
    file.section(isBigEndian: true)
    file.interface()
    file.enhancedPacket([5, 6, 7, 8], ticks: 1_700_000_000_123_456)
    let reading = readCapture(file.bytes)
    #expect(reading.ending == .end)
    #expect(reading.format?.description == "pcapng, big-endian")
    #expect(
      reading.packets == [
        CapturedPacket(
          nanoseconds: 1_700_000_000_123_456_789, linkType: .linuxSLL, bytes: [1, 2, 3],
          originalLength: 3, interface: 1),
        CapturedPacket(
          nanoseconds: 5_000_000, linkType: .linuxSLL2, bytes: [4], originalLength: 99,
          interface: 0),
        CapturedPacket(
          nanoseconds: 1_700_000_000_123_456_000, linkType: .ethernet, bytes: [5, 6, 7, 8],
          originalLength: 4, interface: 0),
      ])
  }

  @Test(arguments: [false, true])
  func `simple packets have no time and end at the snap length`(_ isBigEndian: Bool) {
    var file = CaptureFileBuilder()
    file.section(isBigEndian: isBigEndian)
    file.interface(linkType: 101, snapLength: 5)
    file.simplePacket([1, 2, 3], originalLength: 3)
    file.simplePacket([1, 2, 3, 4, 5, 0, 0, 0], originalLength: 900)
    // Fewer bytes than both say: the block decides.
    file.simplePacket([1, 2, 3, 4], originalLength: 900)
    file.section(isBigEndian: isBigEndian)
    file.interface(linkType: 101)
    file.simplePacket([1, 2, 3, 4, 5, 6, 7, 8], originalLength: 900)
    let packets = readCapture(file.bytes).packets
    #expect(packets.map(\.nanoseconds) == [nil, nil, nil, nil])
    #expect(
      packets.map(\.bytes) == [
        [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8],
      ])
    #expect(packets.map(\.originalLength) == [3, 900, 900, 900])
  }

  @Test(arguments: [false, true])
  func `obsolete packet blocks are read`(_ isBigEndian: Bool) {
    var file = CaptureFileBuilder()
    file.section(isBigEndian: isBigEndian)
    file.interface()
    file.interface(linkType: 228)
    file.block(2) { body in
      body.number(UInt16(1))
      body.number(UInt16(77))
      for value in [0, 3, 5, 60] as [UInt32] { body.number(value) }
      body.bytes += [1, 2, 3, 4, 5]
    }
    #expect(
      readCapture(file.bytes).packets == [
        CapturedPacket(
          nanoseconds: 3000, linkType: .ipv4, bytes: [1, 2, 3, 4, 5], originalLength: 60,
          interface: 1)
      ])
  }

  @Test func `blocks without packets are passed over, large ones in pieces`() {
    var file = CaptureFileBuilder()
    file.section()
    file.interface()
    for type in [4, 5, 10, 0xBAD, 0x4000_0BAD, 0x8000_0001] as [UInt32] {
      file.block(type) { $0.bytes = [UInt8](repeating: 6, count: 40) }
      file.block(type) { _ in }
    }
    file.enhancedPacket([1])
    file.block(5) { $0.bytes = [UInt8](repeating: 6, count: 17 << 20) }
    file.enhancedPacket([2])
    let reading = readCapture(file.bytes, inBlocksOf: 65_536)
    #expect(reading.packets.map(\.bytes) == [[1], [2]])
    #expect(reading.ending == .end)
    #expect(reading.minimumBytesMax < 100)
  }

  @Test func `a damaged option hides only the options after it`() {
    var file = CaptureFileBuilder()
    file.section()
    file.block(1) { body in
      body.number(UInt32(101))
      body.number(UInt32(0))
      body.number(UInt16(9))
      body.number(UInt16(1))
      body.number(UInt32(9))
      body.number(UInt16(14))
      body.number(UInt16(60_000))
      body.number(UInt64.max)
    }
    file.enhancedPacket([1], ticks: 17)
    #expect(readCapture(file.bytes).packets.map(\.nanoseconds) == [17])
  }

  @Test func `a section without packets is empty, not damaged`() {
    var file = CaptureFileBuilder()
    file.section()
    #expect(readCapture(file.bytes).ending == .end)
    file.interface()
    #expect(readCapture(file.bytes).ending == .end)
    #expect(readCapture(file.bytes).packets.isEmpty)
  }
}

@Suite struct CapturePcapngDamageTests {
  /// What reading says after one good packet and some damage, which begins at byte 140.
  static func sentence(_ damage: (inout CaptureFileBuilder) -> Void) -> String? {
    var file = CaptureFileBuilder()
    file.section()
    file.interface()
    file.enhancedPacket([1])
    damage(&file)
    file.enhancedPacket([2])
    let reading = readCapture(file.bytes)
    guard reading.packets.map(\.bytes) == [[1]], case .cutOff(let text) = reading.ending
    else { return nil }
    return text
  }

  @Test func `lengths that cannot be are damage`() {
    for (type, lengths) in [(6, [0, 8, 28, 33, 34, 35]), (1, [16, 21]), (5, [0, 11, 4, 13])]
      as [(UInt32, [UInt32])]
    {
      for length in lengths {
        #expect(
          Self.sentence {
            $0.number(type)
            $0.number(length)
          }?.contains("at byte 140 has an impossible length (\(length), or") == true)
      }
    }
    #expect(
      Self.sentence {
        $0.number(UInt32(6))
        $0.number(UInt32(17 << 20))
      }?.contains("impossible length") == true)
  }

  @Test func `a block whose two lengths differ is damage`() {
    for type in [1, 5, 6, 0x0A0D_0D0A] as [UInt32] {
      let text = Self.sentence { file in
        file.block(type) { body in
          body.number(UInt32(0x1A2B_3C4D))
          body.bytes += [UInt8](repeating: 0, count: 20)
        }
        file.bytes[file.bytes.count - 1] ^= 1
      }
      #expect(text?.contains("the block at byte 140 has an impossible length (36, or") == true)
    }
  }

  @Test func `a packet longer than its block is damage`() {
    let text = Self.sentence { file in
      file.block(6) { body in
        for value in [0, 0, 0, 5, 5, 0] as [UInt32] { body.number(value) }
      }
    }
    #expect(
      text
        == "the packet block at byte 140 claims 5 packet bytes, more than the block has,"
        + " so the file is damaged there; everything before it was read")
  }

  @Test func `a packet of an interface that is not described is damage`() {
    #expect(
      Self.sentence { $0.enhancedPacket([3], interface: 1) }?
        .contains("refers to interface 1, but only 1 are described") == true)
    #expect(Self.sentence { $0.enhancedPacket([3], interface: .max) } != nil)
    #expect(
      Self.sentence {
        $0.section()
        $0.simplePacket([1], originalLength: 1)
      }?.contains("refers to interface 0, but only 0 are described") == true)
  }

  @Test func `a section of another version or byte order is damage`() {
    #expect(
      Self.sentence { $0.section(majorVersion: 2) }?.contains("pcapng version 2") == true)
    #expect(
      Self.sentence { file in
        file.block(0x0A0D_0D0A) { $0.bytes = [UInt8](repeating: 0, count: 16) }
      }?.contains("at byte 140 has no byte-order mark") == true)
  }

  @Test func `more interfaces than memory allows are damage`() {
    var file = CaptureFileBuilder()
    file.section()
    var one = CaptureFileBuilder()
    one.block(1) { $0.number(UInt64(1)) }
    for _ in 0...65_536 { file.bytes += one.bytes }
    guard case .cutOff(let text) = readCapture(file.bytes).ending else {
      Issue.record("not refused")
      return
    }
    #expect(text.contains("more than 65536 interfaces"))
  }
}
