internal import ChatPosix
internal import ChatTrace
internal import ChatWire

extension ConnectionLoop {
  /// How long is written at the end, and then read.
  private static let closingMax = Duration.seconds(2)

  /// Closes the connection as PROTOCOL.md 7 says, so that no reset destroys what the server has not
  /// read: "write what is due, for at most 2 s; shut down sending; read and discard until end of
  /// file, for at most 2 s".
  func close(_ socket: borrowing StreamSocket) {
    var deadline = now.advanced(by: Self.closingMax)
    while conversation?.hasOutput == true, waitWhileClosing(socket, .writable, until: deadline) {
      conversation?.write(to: socket)
    }
    socket.shutDownWriting()
    trace.closed(.halfClose(.clientToServer), at: now)
    deadline = now.advanced(by: Self.closingMax)
    while conversation?.isInputEnded == false,
      waitWhileClosing(socket, .readable, until: deadline)
    {
      discard(from: socket)
    }
    tellExplanations()
  }

  /// Waits for the socket; false if it has taken long enough, or somebody is in a hurry.
  private func waitWhileClosing(
    _ socket: borrowing StreamSocket, _ interest: WakeablePoll.Interest, until deadline: Instant
  ) -> Bool {
    takeCommands()
    let left = now.nanoseconds(to: deadline)
    guard left > 0, !isAborted else { return false }
    var entries = [
      Poll.Entry(socket.rawValue, interest),
      Poll.Entry(shared.wakeUp.pollDescriptor, .readable),
    ]
    Poll.wait(for: &entries, nanoseconds: left)
    return true
  }

  /// Reads what nobody listens to any more; the trace shows it all the same.
  private func discard(from socket: borrowing StreamSocket) {
    switch socket.read(into: &buffer) {
    case .bytes(let count):
      trace.passed(Array(buffer[..<count]), .serverToClient, nil, at: now)
    case .wouldBlock: break
    case .endOfStream:
      conversation?.endInput(nil, at: now)
      trace.closed(.halfClose(.serverToClient), at: now)
    case .failed: conversation?.endInput(nil, at: now)
    }
  }
}
