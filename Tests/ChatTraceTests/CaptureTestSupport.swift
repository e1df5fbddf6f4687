import ChatTrace
import Foundation
import Testing

/// Builds capture files, number by number.
struct CaptureFileBuilder {
  var bytes: [UInt8] = []
  var isBigEndian = false

  mutating func number(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) {
      bytes.append(contentsOf: $0)
    }
  }

  // MARK: pcap

  init() {}

  init(
    pcapMagic magic: UInt32, isBigEndian: Bool = false, minorVersion: UInt16 = 4,
    network: UInt32 = 1
  ) {
    self.isBigEndian = isBigEndian
    number(magic)
    number(UInt16(2))
    number(minorVersion)
    number(UInt64(0))
    number(UInt32(262_144))
    number(network)
  }

  mutating func record(
    seconds: UInt32, fraction: UInt32, _ packet: [UInt8], originalLength: Int? = nil,
    headerExtension: [UInt8] = []
  ) {
    number(seconds)
    number(fraction)
    number(UInt32(packet.count))
    number(UInt32(originalLength ?? packet.count))
    bytes += headerExtension + packet
  }

  // MARK: pcapng

  mutating func block(_ type: UInt32, _ fill: (inout CaptureFileBuilder) -> Void) {
    var body = CaptureFileBuilder()
    body.isBigEndian = isBigEndian
    fill(&body)
    body.pad()
    number(type)
    number(UInt32(body.bytes.count + 12))
    bytes += body.bytes
    number(UInt32(body.bytes.count + 12))
  }

  mutating func pad() {
    while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
  }

  mutating func options(_ options: [(code: UInt16, value: [UInt8])]) {
    for (code, value) in options {
      number(code)
      number(UInt16(value.count))
      bytes += value
      pad()
    }
    if !options.isEmpty { number(UInt32(0)) }
  }

  mutating func section(isBigEndian: Bool = false, majorVersion: UInt16 = 1) {
    self.isBigEndian = isBigEndian
    block(0x0A0D_0D0A) { body in
      body.number(UInt32(0x1A2B_3C4D))
      body.number(majorVersion)
      body.number(UInt16(0))
      body.number(Int64(-1))
      body.options([(4, Array("a test".utf8))])
    }
  }

  mutating func interface(
    linkType: UInt16 = 1, snapLength: UInt32 = 0, resolution: UInt8? = nil, offset: Int64? = nil
  ) {
    var options: [(UInt16, [UInt8])] = [(2, Array("lo".utf8)), (0x8BAD, [1, 2, 3])]
    if let resolution { options.append((9, [resolution])) }
    if let offset {
      var value = CaptureFileBuilder()
      value.isBigEndian = isBigEndian
      value.number(offset)
      options.append((14, value.bytes))
    }
    block(1) { body in
      body.number(linkType)
      body.number(UInt16(0))
      body.number(snapLength)
      body.options(options)
    }
  }

  mutating func enhancedPacket(
    _ packet: [UInt8], ticks: UInt64 = 0, interface: UInt32 = 0, originalLength: Int? = nil
  ) {
    block(6) { body in
      body.number(interface)
      body.number(UInt32(ticks >> 32))
      body.number(UInt32(truncatingIfNeeded: ticks))
      body.number(UInt32(packet.count))
      body.number(UInt32(originalLength ?? packet.count))
      body.bytes += packet
      body.pad()
      body.options([(1, Array("a comment".utf8))])
    }
  }

  mutating func simplePacket(_ data: [UInt8], originalLength: Int) {
    block(3) { body in
      body.number(UInt32(originalLength))
      body.bytes += data
    }
  }
}

/// A packet as a program that reads a capture gets to see it.
struct CapturedPacket: Equatable {
  var nanoseconds: Int64?
  var linkType: LinkType
  var bytes: [UInt8]
  var originalLength: Int
  var interface: UInt32
}

/// What reading a whole capture gave.
struct CaptureReading: Equatable {
  enum Ending: Equatable {
    case end, cutOff(String), failed(String)
  }

  var packets: [CapturedPacket] = []
  var ending = Ending.end
  var format: CaptureFileFormat?
  /// The most that the reader asked to have in memory at once.
  var minimumBytesMax = 0
}

/// Reads a capture as a program does: from a buffer that is refilled with blocks of a size.
func readCapture(_ file: [UInt8], inBlocksOf blockSize: Int = .max) -> CaptureReading {
  var reader = CaptureFileReader()
  var reading = CaptureReading()
  var buffer: [UInt8] = []
  var fileOffset = 0
  var position = 0
  func refill(_ minimum: Int) {
    buffer.removeFirst(position)
    position = 0
    repeat {
      let end = fileOffset + min(blockSize, file.count - fileOffset)
      buffer += file[fileOffset..<end]
      fileOffset = end
    } while buffer.count < minimum && fileOffset < file.count
  }
  refill(0)
  while true {
    do {
      let step = try reader.next(
        in: buffer.span.bytes, position: &position, isLastBlock: fileOffset == file.count)
      reading.format = reader.format
      switch step {
      case .record(let record):
        let range = record.offset..<record.offset + record.capturedLength
        reading.packets.append(
          CapturedPacket(
            nanoseconds: record.time?.nanoseconds, linkType: record.linkType,
            bytes: Array(buffer[range]), originalLength: record.originalLength,
            interface: record.interface))
      case .needMore(let minimumBytes):
        reading.minimumBytesMax = max(reading.minimumBytesMax, minimumBytes)
        guard minimumBytes > buffer.count - position, fileOffset < file.count else {
          Issue.record("asked for \(minimumBytes) bytes, has \(buffer.count - position)")
          return reading
        }
        refill(minimumBytes)
      case .end:
        return reading
      case .cutOff(let sentence):
        reading.ending = .cutOff(sentence)
        return reading
      }
    } catch {
      reading.ending = .failed(error.message)
      return reading
    }
  }
}

/// The recorded sessions of the repository.
enum CaptureFixture {
  static let all = [
    "a_handshake_one_message.pcap", "h_clean_disconnect.pcap", "h_clean_disconnect.nano.pcap",
    "h_clean_disconnect.vlan.pcap", "h_clean_disconnect.ipv6.pcap", "h_clean_disconnect.ng.pcapng",
    "h_clean_disconnect.cutfile.pcap", "l_pcapng_dumpcap.pcapng",
  ]

  static func bytes(_ name: String) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appending(path: "captures").appending(path: name)))
  }
}
