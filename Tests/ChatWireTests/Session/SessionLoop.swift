import ChatWire
import TestSupport

/// Two sessions whose bytes a test carries from one to the other, frame by frame.
struct SessionLoop {
  var client: Session
  var server: Session
  var now = Instant.zero
  /// Frames on their way, oldest first.
  var toServer: [[UInt8]] = []
  var toClient: [[UInt8]] = []
  /// Everything but frames that each side has put out, in order.
  var fromClient: [SessionOutput] = []
  var fromServer: [SessionOutput] = []
  /// When each wants to be asked again.
  var clientDeadline = Instant.distantFuture
  var serverDeadline = Instant.distantFuture
  var refusal: (ErrorCode, String)?

  init(
    client: ClientConfiguration = ClientConfiguration(),
    server: ServerConfiguration = ServerConfiguration(), clientSequence: UInt16 = 1_000
  ) {
    let checksum = CRC32()
    self.client = Session(
      client: client, initialSequence: SequenceNumber(clientSequence), checksum: checksum, at: .zero
    )
    self.server = Session(server: server, checksum: checksum, at: .zero)
  }

  static let grant = SessionGrant(
    nickname: "ana", sessionID: [1, 2, 3, 4, 5, 6, 7, 8], initialSequence: SequenceNumber(65_530))

  /// Takes everything that the client wants to do now.
  mutating func drainClient() {
    while true {
      var frame: [UInt8] = []
      switch client.nextOutput(at: now, into: &frame) {
      case .transmit: toServer.append(frame)
      case .wait(let until):
        clientDeadline = until
        return
      case .ended(let end):
        clientDeadline = .distantFuture
        if fromClient.last != .ended(end) { fromClient.append(.ended(end)) }
        return
      case let output: fromClient.append(output)
      }
    }
  }

  /// Takes everything that the server wants to do now.
  mutating func drainServer() {
    while true {
      var frame: [UInt8] = []
      switch server.nextOutput(at: now, into: &frame) {
      case .transmit: toClient.append(frame)
      case .wait(let until):
        serverDeadline = until
        return
      case .ended(let end):
        serverDeadline = .distantFuture
        if fromServer.last != .ended(end) { fromServer.append(.ended(end)) }
        return
      case .request(let options):
        fromServer.append(.request(options))
        if let refusal {
          server.refuse(refusal.0, refusal.1)
        } else {
          server.accept(Self.grant)
        }
      case let output: fromServer.append(output)
      }
    }
  }

  /// Hands the oldest frame over; false if there is none.
  mutating func deliverToServer() -> Bool {
    guard !toServer.isEmpty else { return false }
    let frame = toServer.removeFirst()
    server.receive(frame.span.bytes)
    drainServer()
    return true
  }

  /// Hands the oldest frame over; false if there is none.
  mutating func deliverToClient() -> Bool {
    guard !toClient.isEmpty else { return false }
    let frame = toClient.removeFirst()
    client.receive(frame.span.bytes)
    drainClient()
    return true
  }

  /// Carries frames until both sides only wait.
  mutating func settle() {
    drainClient()
    drainServer()
    while deliverToServer() || deliverToClient() {}
  }

  /// Goes to the next deadline and settles.
  mutating func nextDeadline() {
    now = max(now, min(clientDeadline, serverDeadline))
    settle()
  }

  /// The messages that a side has delivered, as text.
  static func texts(_ outputs: [SessionOutput]) -> [String] {
    outputs.compactMap {
      if case .deliver(_, let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
  }
}

/// The type of an encoded frame.
func frameType(_ frame: [UInt8]) -> FrameType { FrameType(rawValue: frame[3]) }

/// An encoded native frame.
func frame(
  _ type: FrameType, _ sequence: UInt16, _ payload: [UInt8] = [], flags: UInt8 = 0
) -> [UInt8] {
  var bytes: [UInt8] = []
  encodeFrame(
    FrameHeader(
      length: 0, typeCode: type.rawValue, sequence: sequence, checksum: 0, flags: flags),
    payload: payload.span.bytes, into: &bytes, checksum: CRC32())
  return bytes
}
