internal import ChatPosix
internal import ChatWire

// Faults on the server's side of a connection (`--faults`): between the session and the socket, in
// both directions. Without rules there is no line, and nothing here happens.

extension ConnectionState {
  /// Puts a faulty line in front of a session, if faults are wanted.
  mutating func beginFaults(_ dialect: Dialect, _ connection: ClientConnection) {
    let server = connection.server
    guard !server.settings.faults.isEmpty else { return }
    line = FaultyLine(
      rules: server.settings.faults, seed: server.settings.faultSeed,
      connection: Int(clamping: connection.number), role: .server, dialect: dialect,
      checksum: server.checksum)
    line?.begin(at: acceptedAt)
  }

  /// Breaks the connection if a rule has reset it; true if it has just done so.
  mutating func breakIfReset(_ connection: ClientConnection) -> Bool {
    guard !isBroken, line?.isReset == true else { return false }
    leaveReason = leaveReason ?? "A fault rule has reset the connection."
    connection.socket.resetOnClose()
    breakOff()
    return true
  }

  /// Hands bytes of the client to the session, past the faults.
  mutating func receiveInSession(_ bytes: RawSpan, at now: Instant) {
    if line == nil {
      native?.receive(bytes)
      classic?.receive(bytes)
    } else {
      line?.receive(bytes, at: now)
      passIncoming(at: now)
    }
  }

  /// The client sends no more: what faults hold of it goes before the end.
  mutating func endStreamOfSession(at now: Instant) {
    line?.finishIncoming(at: now)
    passIncoming(at: now)
    native?.endOfStream()
    classic?.endOfStream()
  }

  /// Lets through what is due on the line, in both directions.
  mutating func passDue(at now: Instant) {
    guard line != nil else { return }
    passIncoming(at: now)
    passOutgoing(at: now)
  }

  /// Everything has been said: what faults hold goes out before the connection is closed.
  mutating func finishFaults(at now: Instant) {
    line?.finishOutgoing()
    passOutgoing(at: now)
    line = nil
  }

  /// The session has appended a frame to `frame`.
  mutating func sendThroughFaults(at now: Instant) {
    var whole: [UInt8] = []
    swap(&whole, &frame)
    line?.send(whole.span.bytes, at: now)
    whole.removeAll(keepingCapacity: true)
    swap(&whole, &frame)
    passOutgoing(at: now)
  }

  private mutating func passIncoming(at now: Instant) {
    var bytes: [UInt8] = []
    while case .forward = line?.nextIncoming(at: now, into: &bytes) {}
    guard !bytes.isEmpty else { return }
    native?.receive(bytes.span.bytes)
    classic?.receive(bytes.span.bytes)
  }

  private mutating func passOutgoing(at now: Instant) {
    while case .forward = line?.nextOutgoing(at: now, into: &output) {}
  }

  /// When faults have something to do.
  var faultDeadline: Instant { line?.deadline ?? .distantFuture }
}
