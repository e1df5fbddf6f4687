import ChatTrace
import ChatWire

/// A capture as any tool makes it: the packets of TCP connections at one place.
struct PlainCapture {
  struct Packet {
    var bytes: [UInt8]
    var time: Int64
  }

  private(set) var packets: [Packet] = []
  private var positions: [Int: (client: UInt32, server: UInt32)] = [:]

  private static let segmentSizeMax = 1_400

  mutating func open(at time: Int64, connection: Int = 0) {
    guard positions[connection] == nil else { return }
    positions[connection] = (1_000, 9_000)
    append([], .clientToServer, 0x02, at: time, connection)
    positions[connection]?.client += 1
    append([], .serverToClient, 0x12, at: time, connection)
    positions[connection]?.server += 1
    append([], .clientToServer, 0x10, at: time, connection)
  }

  mutating func add(
    _ bytes: [UInt8], _ direction: Direction, at time: Int64, connection: Int = 0
  ) {
    open(at: time, connection: connection)
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Self.segmentSizeMax)
      append(Array(bytes[start..<end]), direction, 0x18, at: time, connection)
      start = end
    }
  }

  mutating func end(_ direction: Direction, at time: Int64, connection: Int = 0) {
    open(at: time, connection: connection)
    append([], direction, 0x11, at: time, connection)
    switch direction {
    case .clientToServer: positions[connection]?.client &+= 1
    case .serverToClient: positions[connection]?.server &+= 1
    }
  }

  mutating func reset(at time: Int64, connection: Int = 0) {
    open(at: time, connection: connection)
    append([], .serverToClient, 0x14, at: time, connection)
  }

  /// Keeps only some packets.
  mutating func keep(_ isKept: (Int) -> Bool) {
    packets = packets.enumerated().filter { isKept($0.offset) }.map(\.element)
  }

  /// Puts the packets into another order; times stay where they are.
  mutating func arrange(_ order: [Int]) {
    let times = packets.map(\.time)
    packets = zip(order, times).map { Packet(bytes: packets[$0].bytes, time: $1) }
  }

  private mutating func append(
    _ payload: [UInt8], _ direction: Direction, _ flags: UInt8, at time: Int64, _ connection: Int
  ) {
    let ends = Sight.ends(connection)
    let position = positions[connection] ?? (0, 0)
    let isUp = direction == .clientToServer
    let (source, target) = isUp ? (ends.client, ends.server) : (ends.server, ends.client)
    let sequence = isUp ? position.client : position.server
    let acknowledged = isUp ? position.server : position.client
    let count = 40 + payload.count
    var bytes: [UInt8] = [
      0x45, 0, UInt8(count >> 8), UInt8(count & 255), 0, 1, 0x40, 0, 64, 6, 0, 0,
    ]
    bytes += Self.four(UInt32(truncatingIfNeeded: source.address.low))
    bytes += Self.four(UInt32(truncatingIfNeeded: target.address.low))
    bytes += Self.two(source.port) + Self.two(target.port)
    bytes += Self.four(sequence) + Self.four(flags == 0x02 ? 0 : acknowledged)
    bytes += [0x50, flags] + Self.two(0xFFFF) + [0, 0, 0, 0] + payload
    packets.append(Packet(bytes: bytes, time: time))
    let length = UInt32(payload.count)
    switch direction {
    case .clientToServer: positions[connection]?.client &+= length
    case .serverToClient: positions[connection]?.server &+= length
    }
  }

  private static func two(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

  private static func four(_ value: UInt32) -> [UInt8] {
    two(UInt16(value >> 16)) + two(UInt16(truncatingIfNeeded: value))
  }
}
