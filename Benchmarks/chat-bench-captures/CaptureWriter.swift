/// A pcap file (microseconds, Ethernet) of IPv4/TCP packets, written through one buffer.
///
/// Packets carry TCP's timestamps option, and the checksums of IP and TCP are right.
struct CaptureWriter {
  /// One end of a TCP connection.
  struct Endpoint {
    var address: UInt32
    var port: UInt16
    var sequence: UInt32
  }

  struct TCPFlags: OptionSet {
    let rawValue: UInt8
    static let fin = TCPFlags(rawValue: 0x01)
    static let syn = TCPFlags(rawValue: 0x02)
    static let push = TCPFlags(rawValue: 0x08)
    static let ack = TCPFlags(rawValue: 0x10)
  }

  private static let bufferSize = 1 << 20
  private static let ethernetSize = 14
  private static let ipv4Size = 20

  /// The frame that is being written, here because sessions are many and need it one at a time.
  var frame = FrameBuilder()
  private let file: OutputFile
  private var buffer: [UInt8] = []
  /// Since the first packet; every packet comes one tick after the one before.
  private var microseconds = 0
  private let tick: Int

  init(file: OutputFile, tick: Int) {
    self.file = file
    self.tick = tick
    buffer.reserveCapacity(Self.bufferSize + 65_536)
    for value in [0xA1B2_C3D4, 0x0004_0002, 0, 0, 65_535, 1] as [UInt32] {
      buffer.append(littleEndian: value)
    }
  }

  /// Writes one segment, advances the sender's sequence, and returns the bytes that it takes in the
  /// file.
  mutating func write(
    from sender: inout Endpoint, to receiver: Endpoint, _ flags: TCPFlags, payload: [UInt8] = []
  ) throws -> Int {
    let opening = flags.contains(.syn)
    let tcpSize = (opening ? 40 : 32) + payload.count
    let size = Self.ethernetSize + Self.ipv4Size + tcpSize
    microseconds += tick
    buffer.append(littleEndian: UInt32(1_700_000_000 + microseconds / 1_000_000))
    buffer.append(littleEndian: UInt32(microseconds % 1_000_000))
    buffer.append(littleEndian: UInt32(size))
    buffer.append(littleEndian: UInt32(size))
    appendEthernet(from: sender, to: receiver)
    appendIPv4(from: sender, to: receiver, payloadSize: tcpSize)
    appendTCP(from: sender, to: receiver, flags, payload: payload)
    sender.sequence &+= UInt32(payload.count) &+ (opening || flags.contains(.fin) ? 1 : 0)
    if buffer.count >= Self.bufferSize { try flush() }
    return 16 + size
  }

  /// Writes what is left and gives the file its name.
  mutating func finish() throws {
    try flush()
    try file.commit()
  }

  private mutating func flush() throws {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func appendEthernet(from sender: Endpoint, to receiver: Endpoint) {
    for endpoint in [receiver, sender] {
      buffer.append(bigEndian: UInt16(0x0200))
      buffer.append(bigEndian: endpoint.address)
    }
    buffer.append(bigEndian: UInt16(0x0800))
  }

  private mutating func appendIPv4(from sender: Endpoint, to receiver: Endpoint, payloadSize: Int) {
    let start = buffer.count
    buffer.append(bigEndian: UInt16(0x4500))
    buffer.append(bigEndian: UInt16(Self.ipv4Size + payloadSize))
    buffer.append(bigEndian: UInt32(0x0000_4000))
    buffer.append(bigEndian: UInt16(0x4006))
    buffer.append(bigEndian: UInt16(0))
    buffer.append(bigEndian: sender.address)
    buffer.append(bigEndian: receiver.address)
    patchChecksum(at: start + 10, from: start, initial: 0)
  }

  private mutating func appendTCP(
    from sender: Endpoint, to receiver: Endpoint, _ flags: TCPFlags, payload: [UInt8]
  ) {
    let start = buffer.count
    let opening = flags.contains(.syn)
    buffer.append(bigEndian: sender.port)
    buffer.append(bigEndian: receiver.port)
    buffer.append(bigEndian: sender.sequence)
    buffer.append(bigEndian: flags.contains(.ack) ? receiver.sequence : 0)
    buffer.append(opening ? 0xA0 : 0x80)
    buffer.append(flags.rawValue)
    buffer.append(bigEndian: UInt16(65_535))
    buffer.append(bigEndian: UInt32(0))
    if opening {
      buffer.append(bigEndian: UInt32(0x0204_2300))  // maximum segment size 8960
      buffer.append(bigEndian: UInt32(0x0402_080A))  // SACK permitted, timestamps
    } else {
      buffer.append(bigEndian: UInt32(0x0101_080A))  // timestamps
    }
    buffer.append(bigEndian: UInt32(microseconds / 1000 + 1))
    buffer.append(bigEndian: UInt32(flags.contains(.ack) ? microseconds / 1000 + 1 : 0))
    if opening { buffer.append(bigEndian: UInt32(0x0103_0307)) }  // window scale 7
    buffer.append(contentsOf: payload)
    let pseudoHeader =
      [sender.address, receiver.address].reduce(6 + buffer.count - start) { sum, address in
        sum + Int(address >> 16) + Int(address & 0xFFFF)
      }
    patchChecksum(at: start + 16, from: start, initial: pseudoHeader)
  }

  /// The ones' complement sum of everything from `start` on.
  private mutating func patchChecksum(at offset: Int, from start: Int, initial: Int) {
    let end = buffer.count
    var sum = initial
    var index = start
    while index + 1 < end {
      sum += Int(buffer[index]) << 8 | Int(buffer[index + 1])
      index += 2
    }
    if index < end { sum += Int(buffer[index]) << 8 }
    while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
    buffer[offset] = UInt8(truncatingIfNeeded: ~sum >> 8)
    buffer[offset + 1] = UInt8(truncatingIfNeeded: ~sum)
  }
}
