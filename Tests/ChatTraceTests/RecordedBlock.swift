import TestSupport

// A reader of pcapng, IP and TCP that shares nothing with the one under test.

/// A block of a pcapng file.
struct RecordedBlock: CustomStringConvertible {
  var type: UInt32
  var body: [UInt8]

  static func all(in file: [UInt8]) throws -> [RecordedBlock] {
    var blocks: [RecordedBlock] = []
    var offset = 0
    while offset < file.count {
      guard offset + 12 <= file.count else { throw TestFailure("half a block at \(offset)") }
      let length = Int(number(file, offset + 4, 4))
      guard length >= 12, length % 4 == 0, offset + length <= file.count,
        number(file, offset + length - 4, 4) == UInt64(length)
      else { throw TestFailure("block of length \(length) at \(offset)") }
      blocks.append(
        RecordedBlock(
          type: UInt32(number(file, offset, 4)), body: Array(file[offset + 8..<offset + length - 4])
        ))
      offset += length
    }
    return blocks
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func number(_ offset: Int, _ count: Int) -> UInt64 { Self.number(body, offset, count) }

  var interface: Int { Int(number(0, 4)) }
  var time: UInt64 { number(4, 4) << 32 | number(8, 4) }
  var packet: [UInt8] { Array(body[20..<20 + Int(number(12, 4))]) }

  /// The options: number and value.
  var options: [(code: Int, value: [UInt8])] {
    var offset: Int
    switch type {
    case 0x0A0D_0D0A: offset = 16
    case 1: offset = 8
    case 5: offset = 12
    case 6: offset = 20 + (Int(number(12, 4)) + 3) / 4 * 4
    default: return []
    }
    var options: [(Int, [UInt8])] = []
    while offset + 4 <= body.count {
      let code = Int(number(offset, 2))
      let count = Int(number(offset + 2, 2))
      if code == 0 { break }
      options.append((code, Array(body[offset + 4..<offset + 4 + count])))
      offset += 4 + (count + 3) / 4 * 4
    }
    return options
  }

  var comments: [String] {
    options.filter { $0.code == 1 }.map { String(decoding: $0.value, as: UTF8.self) }
  }

  /// Inbound 1, outbound 2.
  var flags: UInt64 { options.first { $0.code == 2 }.map { Self.number($0.value, 0, 4) } ?? 0 }

  var description: String {
    let name: String
    switch type {
    case 0x0A0D_0D0A: name = "section header, version \(number(4, 2)).\(number(6, 2))"
    case 1: name = "interface, link type \(number(0, 2)), snap length \(number(4, 4))"
    case 5: name = "statistics of interface \(interface) at \(time)"
    case 6:
      let packet = RecordedPacket(packet)
      name = "packet on interface \(interface) at \(time)\n  \(packet?.description ?? "odd")"
    default: name = "type \(type)"
    }
    var text = name + "\n"
    for (code, value) in options {
      let isText = type == 6 ? code == 1 : type == 5 ? false : code != 9
      text += "  option \(code): "
      text += isText ? String(decoding: value, as: UTF8.self) : hexadecimal(value)
      text += "\n"
    }
    return text
  }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// An IP packet with TCP.
struct RecordedPacket: CustomStringConvertible {
  var source: String
  var destination: String
  var sequence: UInt32
  var acknowledgement: UInt32
  var flags: UInt8
  var payload: [UInt8]
  var isChecksumGood: Bool

  init?(_ packet: [UInt8]) {
    func big(_ offset: Int, _ count: Int) -> Int {
      packet[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let first = packet.first else { return nil }
    let start: Int
    let addresses: (ArraySlice<UInt8>, ArraySlice<UInt8>)
    var isGood = true
    switch first >> 4 {
    case 4:
      start = 20
      guard first == 0x45, big(2, 2) == packet.count, packet[9] == 6 else { return nil }
      addresses = (packet[12..<16], packet[16..<20])
      isGood = Self.sum(packet[..<20]) == 0xFFFF
    case 6:
      start = 40
      guard big(4, 2) == packet.count - 40, packet[6] == 6 else { return nil }
      addresses = (packet[8..<24], packet[24..<40])
    default: return nil
    }
    let length = packet.count - start
    let pseudo =
      Array(addresses.0 + addresses.1) + [0, 0, UInt8(length >> 8), UInt8(length & 255), 0, 6]
    isChecksumGood = isGood && Self.sum(pseudo + packet[start...]) == 0xFFFF
    let header = Int(packet[start + 12] >> 4) * 4
    source = "\(hexadecimal(Array(addresses.0))):\(big(start, 2))"
    destination = "\(hexadecimal(Array(addresses.1))):\(big(start + 2, 2))"
    sequence = UInt32(big(start + 4, 4))
    acknowledgement = UInt32(big(start + 8, 4))
    flags = packet[start + 13]
    payload = Array(packet[(start + header)...])
  }

  /// The sum of RFC 1071, one number after the other.
  private static func sum(_ bytes: some Sequence<UInt8>) -> Int {
    var sum = 0
    for (index, byte) in bytes.enumerated() {
      sum += index.isMultiple(of: 2) ? Int(byte) << 8 : Int(byte)
      if sum > 0xFFFF { sum -= 0xFFFF }
    }
    return sum
  }

  var description: String {
    let names = ["FIN", "SYN", "RST", "PSH", "ACK"].enumerated()
    let set = names.filter { flags >> $0.offset & 1 == 1 }.map(\.element).joined(separator: "+")
    return "\(source) -> \(destination) \(set) \(sequence) \(acknowledgement)"
      + (payload.isEmpty ? "" : " " + hexadecimal(payload))
  }
}
