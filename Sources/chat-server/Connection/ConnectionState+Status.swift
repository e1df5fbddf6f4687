internal import ChatPosix
internal import ChatWire
internal import Logging

extension ConnectionState {
  /// The session is over, or about to be: only its own thread can end it.
  var isClosing: Bool {
    switch phase {
    case .recognising, .native, .classic: false
    case .flushing, .draining, .closed: true
    }
  }

  /// What there is to tell about a member.
  func status(
    of connection: ClientConnection, nickname: String, at now: Instant
  ) -> ServerStatus.ClientStatus {
    let session = native?.status
    return ServerStatus.ClientStatus(
      session: sessionName, nickname: nickname, address: connection.peer.description,
      dialect: classic == nil ? .native : .classic,
      mode: native?.parameters?.mode ?? classic?.parameters?.mode ?? .goBackN,
      windowSize: native?.parameters?.windowSize ?? classic?.parameters?.window ?? 0,
      fragmentSizeMax: native?.parameters?.fragmentSizeMax
        ?? classic?.parameters?.fragmentCharacters ?? 0,
      connectedSeconds: Double(acceptedAt.nanoseconds(to: now)) / 1e9,
      inFlightCount: session?.inFlightCount ?? 0,
      retransmissionCount: session?.framesRetransmitted ?? 0,
      corruptCount: session?.corruptFramesReceived ?? 0,
      queuedByteCount: connection.mailbox.byteCount + output.count - written,
      bytesReceived: counts.bytesReceived, bytesSent: counts.bytesSent,
      messagesReceived: counts.messagesReceived, messagesSent: counts.messagesSent,
      roundTripMilliseconds: session?.smoothedRoundTrip.map { Double($0.nanoseconds) / 1e6 })
  }

  /// Writes a record about this connection.
  mutating func log(
    _ connection: ClientConnection, _ level: Logger.Level, _ event: Logger.Message,
    _ metadata: Logger.Metadata = [:]
  ) {
    let log = connection.server.log
    guard log.logLevel <= level else { return }
    var metadata = metadata
    metadata["session"] = "\(sessionName)"
    metadata["address"] = "\(connection.peer)"
    nickname = connection.server.hub.nickname(of: connection) ?? nickname
    if let nickname { metadata["nickname"] = "\(nickname)" }
    log.log(level: level, event, metadata: metadata)
  }
}
