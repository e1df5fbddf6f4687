import ChatPosix
import ChatWire

@testable import chat_server

extension ServerStatus {
  /// A server with nobody there.
  static let quiet = ServerStatus(
    name: "ChatWire", version: "0.1.0", processIdentifier: 4_242, address: "0.0.0.0:5000",
    uptimeSeconds: 59.9, clients: [], halfOpenCount: 0, totals: Totals(),
    log: LogStatus())

  /// A server with three clients, one of each kind.
  static let busy = ServerStatus(
    name: "Wörld \"one\"", version: "0.1.0", processIdentifier: 4_242, address: "[::]:5000",
    uptimeSeconds: 93_784.25,
    clients: [
      ClientStatus(
        session: "0123456789abcdef", nickname: "zoe", address: "192.0.2.17:40001",
        dialect: .native, mode: .selectiveRepeat, windowSize: 1_024, fragmentSizeMax: 65_535,
        connectedSeconds: 7_265, inFlightCount: 12, retransmissionCount: 345, corruptCount: 2,
        queuedByteCount: 1_572_864, bytesReceived: 123_456_789, bytesSent: 2_345_678_901,
        messagesReceived: 12_345, messagesSent: 678_901, roundTripMilliseconds: 149.6),
      ClientStatus(
        session: "fedcba9876543210", nickname: "alice", address: "127.0.0.1:40002",
        dialect: .native, mode: .goBackN, windowSize: 16, fragmentSizeMax: 1_024,
        connectedSeconds: 42.125, inFlightCount: 0, retransmissionCount: 0, corruptCount: 0,
        queuedByteCount: 0, bytesReceived: 999, bytesSent: 10_240, messagesReceived: 7,
        messagesSent: 31, roundTripMilliseconds: 0.05),
      ClientStatus(
        session: "00c0ffee", nickname: "玛丽", address: "[2001:db8::1]:40003",
        dialect: .classic, mode: .goBackN, windowSize: 4, fragmentSizeMax: 3,
        connectedSeconds: 307, inFlightCount: 1, retransmissionCount: 1, corruptCount: 0,
        queuedByteCount: 0, bytesReceived: 0, bytesSent: 1_024, messagesReceived: 0,
        messagesSent: 2, roundTripMilliseconds: nil),
    ],
    halfOpenCount: 1,
    totals: Totals(
      connectionsAccepted: 120, connectionsRefused: 2, messagesReceived: 12_352,
      messagesSent: 678_934, bytesReceived: 123_457_788, bytesSent: 2_345_690_165,
      messagesRefused: 5, slowClientsEnded: 1),
    log: LogStatus(
      directory: "/var/log/chat", processIdentifier: 4_243, acknowledgedCount: 25_000,
      pendingCount: 3, droppedCount: 0, restartCount: 1))
}

/// What somebody gets who sends some bytes to a control socket; nil if the socket says nothing
/// within 30 seconds.
func answer(
  to bytes: [UInt8], at path: String, shutsDown: Bool = false
) throws -> [UInt8]? {
  let socket = try LocalSocket.connect(to: path)
  _ = socket.write(bytes)
  if shutsDown { socket.shutDownWriting() }
  return readToEnd(socket)
}

/// Everything until the end of the stream, however that comes; nil after 30 seconds of silence.
func readToEnd(_ socket: borrowing StreamSocket) -> [UInt8]? {
  var answer: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    switch socket.read(into: &block) {
    case .bytes(let count): answer += block[..<count]
    case .endOfStream, .failed: return answer
    case .wouldBlock:
      var entries = [Poll.Entry(socket.rawValue, .readable)]
      Poll.wait(for: &entries, nanoseconds: 30_000_000_000)
      if entries[0].result.isEmpty { return nil }
    }
  }
}
