import ChatWire
import Foundation
import TestSupport
import Testing

/// A whole frame on its way.
struct TrafficFrame {
  var direction: Direction
  var dialect = Dialect.native
  var header: FrameHeader
  var bytes: [UInt8]
  var isGood = true

  /// A native frame.
  init(
    _ direction: Direction, _ type: FrameType, _ sequence: UInt16, _ payload: [UInt8] = [],
    isLast: Bool = true
  ) {
    self.direction = direction
    bytes = []
    encodeFrame(
      FrameHeader(
        length: 0, typeCode: type.rawValue, sequence: sequence, checksum: 0,
        flags: type.isSequenced && isLast ? FrameHeader.lastFlag : 0),
      payload: payload.span.bytes, into: &bytes, checksum: CRC32())
    header = Self.header(.native, of: bytes)
  }

  /// A classic frame.
  init(
    classic direction: Direction, _ type: ClassicType, _ sequence: UInt16, _ payload: String = "",
    isLast: Bool = false
  ) {
    self.direction = direction
    dialect = .classic
    bytes = []
    encodeClassicFrame(
      type, sequence: sequence, payload: Array(payload.utf8), isLast: isLast, into: &bytes)
    header = Self.header(.classic, of: bytes)
  }

  private static func header(_ dialect: Dialect, of bytes: [UInt8]) -> FrameHeader {
    FrameHeader(dialect, in: bytes.span.bytes, at: 0)
      ?? FrameHeader(length: 0, typeCode: 0, sequence: 0, checksum: 0, flags: 0)
  }

  /// An ACK or NACK.
  static func acknowledgement(
    _ direction: Direction, _ type: FrameType, _ sequence: UInt16, nextExpected: UInt16,
    window: UInt16 = 16
  ) -> TrafficFrame {
    var payload: [UInt8] = []
    AcknowledgementPayload(nextExpected: SequenceNumber(nextExpected), window: window)
      .encode(into: &payload)
    return TrafficFrame(direction, type, sequence, payload)
  }

  /// The same frame with a checksum that is found to be wrong.
  var damaged: TrafficFrame {
    var frame = self
    frame.isGood = false
    return frame
  }
}

extension FaultInjector {
  /// Takes a frame.
  mutating func receive(_ frame: TrafficFrame, at now: Instant = .zero) -> Fate {
    receive(
      frame.bytes.span.bytes, header: frame.header, dialect: frame.dialect, isGood: frame.isGood,
      direction: frame.direction, at: now)
  }

  /// Everything that goes out in a direction until there is nothing to do, and the deadline.
  mutating func drain(
    _ direction: Direction, at now: Instant = .zero
  ) -> (outputs: [(number: UInt64, bytes: [UInt8])], deadline: Instant) {
    var outputs: [(number: UInt64, bytes: [UInt8])] = []
    while true {
      var bytes: [UInt8] = []
      switch nextOutput(direction, at: now, into: &bytes) {
      case .forward(let number): outputs.append((number, bytes))
      case .wait(let deadline): return (outputs, deadline)
      }
    }
  }
}

extension FrameIdentifier {
  /// Tells which frame this is.
  mutating func identify(_ frame: TrafficFrame) -> IdentifiedFrame {
    let size = frame.dialect.headerSize
    return identify(
      frame.header, payload: frame.bytes.span.bytes.extracting(size..<frame.bytes.count),
      dialect: frame.dialect, isGood: frame.isGood, direction: frame.direction)
  }
}

/// A moment so many milliseconds after the beginning.
func moment(_ milliseconds: Int) -> Instant {
  Instant(nanoseconds: Int64(milliseconds) * 1_000_000)
}

/// A native handshake with these initial sequence numbers and this window.
func handshake(client: UInt16, server: UInt16, window: UInt16 = 16) throws -> [TrafficFrame] {
  var options = HandshakeOptions()
  options.version = 1
  options.mode = 1
  options.window = window
  options.fragment = 8
  options.maxMessage = 1 << 20
  options.acknowledges = client
  options.session = Array(0..<8)
  options.nickname = Array("ana".utf8)
  var syn: [UInt8] = []
  try options.encode(for: .syn, into: &syn)
  var synAck: [UInt8] = []
  try options.encode(for: .synAck, into: &synAck)
  var handshakeAck: [UInt8] = []
  try options.encode(for: .handshakeAck, into: &handshakeAck)
  return [
    TrafficFrame(.clientToServer, .syn, client, syn),
    TrafficFrame(.serverToClient, .synAck, server, synAck),
    TrafficFrame(.clientToServer, .handshakeAck, server, handshakeAck),
  ]
}

/// Random traffic of a native session: each direction in its order, and ways to interleave them.
struct RandomTraffic {
  var opening: [TrafficFrame]
  var clientToServer: [TrafficFrame] = []
  var serverToClient: [TrafficFrame] = []

  init(count: Int, using random: inout SeededGenerator) throws {
    // Near the wrap as often as not.
    let isn = (0..<2).map { _ in
      Bool.random(using: &random) ? UInt16.max - 20 : UInt16.random(in: 0...65_535, using: &random)
    }
    opening = try handshake(client: isn[0], server: isn[1])
    clientToServer = Self.frames(
      .clientToServer, own: isn[0], other: isn[1], count: count, using: &random)
    serverToClient = Self.frames(
      .serverToClient, own: isn[1], other: isn[0], count: count, using: &random)
  }

  private static func frames(
    _ direction: Direction, own: UInt16, other: UInt16, count: Int,
    using random: inout SeededGenerator
  ) -> [TrafficFrame] {
    var next = own &+ 1
    var frames: [TrafficFrame] = []
    for _ in 0..<count {
      let back = UInt16.random(in: 1...16, using: &random)
      let payload = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let isLast = Bool.random(using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: frames.append(TrafficFrame(direction, .ping, 0, Array(0..<8)))
      case 1...3:
        let type: FrameType = Bool.random(using: &random) ? .ack : .nack
        let sequence = other &+ UInt16.random(in: 0...20, using: &random)
        frames.append(.acknowledgement(direction, type, sequence, nextExpected: sequence &+ 1))
      case 4...5 where next &- back != own && next &- own > back:
        frames.append(TrafficFrame(direction, .data, next &- back, payload, isLast: isLast))
      case 6:
        frames.append(TrafficFrame(direction, .data, next, payload, isLast: isLast).damaged)
      default:
        frames.append(TrafficFrame(direction, .data, next, payload, isLast: isLast))
        next &+= 1
      }
    }
    return frames
  }

  /// All of it, the directions mixed at random.
  func interleaved(using random: inout SeededGenerator) -> [TrafficFrame] {
    var result = opening
    var (client, server) = (clientToServer[...], serverToClient[...])
    while !client.isEmpty || !server.isEmpty {
      let isClient = server.isEmpty || (!client.isEmpty && Bool.random(using: &random))
      if isClient {
        result += client.prefix(1)
        client = client.dropFirst()
      } else {
        result += server.prefix(1)
        server = server.dropFirst()
      }
    }
    return result
  }
}

/// Expects text to be what a golden file says; those of this target are one folder up.
func expectFaultGolden(
  _ actual: String, named name: String, file: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectGolden(
    actual, named: name, file: URL(filePath: file).deletingLastPathComponent().path,
    sourceLocation: sourceLocation)
}
