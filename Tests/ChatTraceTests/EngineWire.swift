import ChatTrace
import ChatWire
import TestSupport

// TCP connections made in memory: what was said becomes segments, segments become packets.

/// Application bytes in the order in which they were sent.
struct Dialogue {
  struct Chunk {
    var connection: Int
    var fromClient: Bool
    var bytes: [UInt8]
  }

  var chunks: [Chunk] = []

  mutating func client(_ bytes: [UInt8], connection: Int = 0) {
    chunks.append(Chunk(connection: connection, fromClient: true, bytes: bytes))
  }

  mutating func server(_ bytes: [UInt8], connection: Int = 0) {
    chunks.append(Chunk(connection: connection, fromClient: false, bytes: bytes))
  }

  /// The bytes of one direction.
  func bytes(_ connection: Int, fromClient: Bool) -> [UInt8] {
    chunks.filter { $0.connection == connection && $0.fromClient == fromClient }.flatMap(\.bytes)
  }

  /// What a capture without disorder and holes says: one chunk for each packet with new bytes.
  init(of packets: [RawPacket]) {
    var decoder = PacketDecoder()
    var connections: [Set<Endpoint>] = []
    var clients: [Endpoint] = []
    var expected: [Endpoint: [Endpoint: UInt32]] = [:]
    for packet in packets {
      let record = CaptureRecord(
        time: nil, linkType: packet.linkType, offset: 0, capturedLength: packet.bytes.count,
        originalLength: packet.bytes.count)
      guard case .segment(let segment) = decoder.decode(packet.bytes.span.bytes, record: record)
      else { continue }
      let ends: Set = [segment.source, segment.destination]
      let index: Int
      if let known = connections.firstIndex(of: ends) {
        index = known
      } else {
        index = connections.count
        connections.append(ends)
        clients.append(segment.source)
      }
      var start = segment.sequenceNumber
      if segment.flags.contains(.syn) {
        start &+= 1
        expected[segment.source, default: [:]][segment.destination] = start
      }
      guard segment.payloadLength > 0,
        let due = expected[segment.source]?[segment.destination]
      else { continue }
      let known = Int(Int32(bitPattern: due &- start))
      guard known >= 0, known < segment.payloadLength else { continue }
      let payload = packet.bytes[
        segment.payloadOffset..<segment.payloadOffset + segment.payloadLength]
      expected[segment.source]?[segment.destination] =
        start &+ UInt32(truncatingIfNeeded: segment.payloadLength)
      chunks.append(
        Chunk(
          connection: index, fromClient: segment.source == clients[index],
          bytes: Array(payload.dropFirst(known))))
    }
  }

  init() {}
}

/// A TCP segment of a made connection.
struct MadeSegment {
  var connection = 0
  var fromClient = true
  var sequence: UInt32 = 0
  var acknowledgement: UInt32 = 0
  var flags: UInt8 = 0x10
  var payload: [UInt8] = []

  var isSYN: Bool { flags & 2 != 0 }
}

/// How connections are made.
struct WirePlan {
  var clientISN: UInt32 = 1_000
  var serverISN: UInt32 = 77_000
  /// The most bytes in a segment; drawn anew for each.
  var sizes = 1...1_460
  /// 0 none, 1 FIN both ways, 2 reset.
  var ending = 1
  var acknowledges = true
  /// Chunks of one side may share a segment.
  var coalesces = true

  func segments(_ dialogue: Dialogue, using random: inout SeededGenerator) -> [MadeSegment] {
    var result: [MadeSegment] = []
    var sent: [Int: (client: UInt32, server: UInt32)] = [:]
    var last: [Int: Int] = [:]
    for (index, chunk) in dialogue.chunks.enumerated() { last[chunk.connection] = index }
    var pending: [UInt8] = []
    for (index, chunk) in dialogue.chunks.enumerated() {
      let connection = chunk.connection
      if sent[connection] == nil {
        let client = clientISN &+ UInt32(connection) &* 7_919
        let server = serverISN &+ UInt32(connection) &* 104_729
        result.append(
          MadeSegment(connection: connection, sequence: client, flags: 2))
        result.append(
          MadeSegment(
            connection: connection, fromClient: false, sequence: server,
            acknowledgement: client &+ 1, flags: 0x12))
        result.append(
          MadeSegment(
            connection: connection, sequence: client &+ 1, acknowledgement: server &+ 1))
        sent[connection] = (client &+ 1, server &+ 1)
      }
      guard var position = sent[connection] else { continue }
      pending += chunk.bytes
      // What one side says without a word of anybody between may share segments.
      if coalesces, index + 1 < dialogue.chunks.count,
        dialogue.chunks[index + 1].connection == connection,
        dialogue.chunks[index + 1].fromClient == chunk.fromClient, Bool.random(using: &random)
      {
        continue
      }
      var start = 0
      while start < pending.count {
        let size = min(pending.count - start, Int.random(in: sizes, using: &random))
        var segment = MadeSegment(connection: connection, fromClient: chunk.fromClient)
        segment.sequence = chunk.fromClient ? position.client : position.server
        segment.acknowledgement = chunk.fromClient ? position.server : position.client
        segment.flags = 0x18
        segment.payload = Array(pending[start..<start + size])
        result.append(segment)
        start += size
        if chunk.fromClient {
          position.client &+= UInt32(size)
        } else {
          position.server &+= UInt32(size)
        }
        if acknowledges, Int.random(in: 0..<3, using: &random) == 0 {
          result.append(
            MadeSegment(
              connection: connection, fromClient: !chunk.fromClient,
              sequence: chunk.fromClient ? position.server : position.client,
              acknowledgement: chunk.fromClient ? position.client : position.server))
        }
      }
      pending = []
      sent[connection] = position
      if last[connection] == index {
        result += end(connection, position)
      }
    }
    return result
  }

  private func end(_ connection: Int, _ position: (client: UInt32, server: UInt32))
    -> [MadeSegment]
  {
    switch ending {
    case 1:
      [
        MadeSegment(
          connection: connection, sequence: position.client, acknowledgement: position.server,
          flags: 0x11),
        MadeSegment(
          connection: connection, fromClient: false, sequence: position.server,
          acknowledgement: position.client &+ 1, flags: 0x11),
        MadeSegment(
          connection: connection, sequence: position.client &+ 1,
          acknowledgement: position.server &+ 1),
      ]
    case 2:
      [
        MadeSegment(
          connection: connection, fromClient: false, sequence: position.server,
          acknowledgement: position.client, flags: 0x14)
      ]
    default: []
    }
  }
}

/// How segments are wrapped.
struct Wrapping {
  enum Link: CaseIterable {
    case ethernet, vlan, qinq, linuxSLL, linuxSLL2, null, nullBig, loop, rawIP
  }

  var link = Link.rawIP
  var isIPv6 = false
  /// IPv4 only: cuts packets into fragments of so many bytes.
  var ipFragment: Int?
  var clientPort: UInt16 = 40_000
  var serverPort: UInt16 = 5_000

  /// The packets of one segment.
  func packets(_ segment: MadeSegment, identification: UInt16 = 1) -> [[UInt8]] {
    let port = clientPort &+ UInt16(segment.connection)
    let ports = segment.fromClient ? [port, serverPort] : [serverPort, port]
    let tcp =
      PacketBuilder.network(ports) + Self.four(segment.sequence)
      + Self.four(segment.acknowledgement)
      + [0x50, segment.flags] + PacketBuilder.network([512, 0, 0]) + segment.payload
    let ip: [[UInt8]]
    if isIPv6 {
      let low: [UInt8] = [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11)
      let ends = segment.fromClient ? (low + [1], low + [2]) : (low + [2], low + [1])
      ip = [
        [0x60, 0, 0, 0] + PacketBuilder.network([UInt16(tcp.count)]) + [6, 64] + ends.0 + ends.1
          + tcp
      ]
    } else {
      ip = pieces(of: tcp).map { piece in
        let ends: [UInt8] =
          segment.fromClient ? [10, 0, 0, 1, 10, 0, 0, 2] : [10, 0, 0, 2, 10, 0, 0, 1]
        return [0x45, 0]
          + PacketBuilder.network([UInt16(20 + piece.bytes.count), identification, piece.field])
          + [64, 6, 0, 0] + ends + piece.bytes
      }
    }
    return ip.map(linked)
  }

  private func pieces(of tcp: [UInt8]) -> [(bytes: [UInt8], field: UInt16)] {
    guard let ipFragment, tcp.count > ipFragment else { return [(tcp, 0x4000)] }
    let size = max(24, ipFragment & ~7)
    return stride(from: 0, to: tcp.count, by: size).map { start in
      let end = min(tcp.count, start + size)
      return (Array(tcp[start..<end]), UInt16(start / 8) | (end < tcp.count ? 0x2000 : 0))
    }
  }

  private func linked(_ ip: [UInt8]) -> [UInt8] {
    let type: UInt16 = isIPv6 ? 0x86DD : 0x0800
    switch link {
    case .ethernet:
      // Padded to the least Ethernet frame, as on the wire.
      let frame = PacketBuilder.ethernet(ip, type: type)
      return frame + [UInt8](repeating: 0, count: max(0, 60 - frame.count))
    case .vlan: return PacketBuilder.ethernet(ip, type: type, tags: [0x8100])
    case .qinq: return PacketBuilder.ethernet(ip, type: type, tags: [0x88A8, 0x8100])
    case .linuxSLL:
      return PacketBuilder.network([0, 1, 6]) + [UInt8](repeating: 1, count: 8)
        + PacketBuilder.network([type]) + ip
    case .linuxSLL2:
      return PacketBuilder.network([type, 0, 0, 1, 1]) + [0, 6] + [UInt8](repeating: 1, count: 8)
        + ip
    case .null: return [isIPv6 ? 30 : 2, 0, 0, 0] + ip
    case .nullBig, .loop: return [0, 0, 0, isIPv6 ? 30 : 2] + ip
    case .rawIP: return ip
    }
  }

  var linkType: LinkType {
    switch link {
    case .ethernet, .vlan, .qinq: .ethernet
    case .linuxSLL: .linuxSLL
    case .linuxSLL2: .linuxSLL2
    case .null, .nullBig: .null
    case .loop: .loop
    case .rawIP: .rawIP
    }
  }

  static func four(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  /// The packets of all segments, a millisecond apart.
  func packets(_ segments: [MadeSegment]) -> [RawPacket] {
    var result: [RawPacket] = []
    for (index, segment) in segments.enumerated() {
      for bytes in packets(segment, identification: UInt16(truncatingIfNeeded: index)) {
        result.append(
          RawPacket(
            bytes: bytes, linkType: linkType,
            nanoseconds: 1_700_000_000_000_000_000 + Int64(result.count) * 1_000_000))
      }
    }
    return result
  }
}

/// A capture file of packets.
func captureFile(_ packets: [RawPacket], isPcapng: Bool = false, isBigEndian: Bool = false)
  -> [UInt8]
{
  let linkType = packets.first?.linkType.rawValue ?? 1
  if isPcapng {
    var file = CaptureFileBuilder()
    file.section(isBigEndian: isBigEndian)
    file.interface(linkType: UInt16(linkType), resolution: 9)
    for packet in packets {
      file.enhancedPacket(
        packet.bytes, ticks: UInt64(packet.nanoseconds ?? 0), originalLength: packet.originalLength)
    }
    return file.bytes
  }
  var file = CaptureFileBuilder(
    pcapMagic: 0xA1B2_3C4D, isBigEndian: isBigEndian, network: linkType)
  for packet in packets {
    let time = packet.nanoseconds ?? 0
    file.record(
      seconds: UInt32(time / 1_000_000_000), fraction: UInt32(time % 1_000_000_000), packet.bytes,
      originalLength: packet.originalLength)
  }
  return file.bytes
}

extension Array {
  /// Shuffled within windows of random sizes; elements for which `keeps` is true stay where they
  /// are.
  func shuffledInWindows(
    of sizes: ClosedRange<Int>, using random: inout SeededGenerator,
    keeping keeps: (Element) -> Bool
  ) -> [Element] {
    var result = self
    var start = 0
    while start < count {
      let end = Swift.min(count, start + Int.random(in: sizes, using: &random))
      let places = (start..<end).filter { !keeps(self[$0]) }
      for (place, source) in zip(places, places.shuffled(using: &random)) {
        result[place] = self[source]
      }
      start = end
    }
    return result
  }
}
