internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// Answers `chat-server status`, over a local socket that only this user can open.
///
/// Whoever connects sends one line, `status`, and gets one JSON object on one line. It has five
/// seconds and 64 bytes.
final class ControlServer: Sendable {
  private let server: LineServer

  /// Listens at a path; a socket there that nobody answers any more is replaced.
  ///
  /// - Parameters:
  ///   - askerNanoseconds: how long one may take to ask, and then to read.
  ///   - status: called on the thread of this object for each who asks.
  init(
    path: String, askerNanoseconds: Int64 = 5_000_000_000,
    status: @escaping @Sendable () -> ServerStatus
  ) throws(SocketError) {
    server = try LineServer(
      path: path, lineByteCountMax: 64, askerNanoseconds: askerNanoseconds
    ) { line in
      let answer =
        line == Array("status".utf8)
        ? status().json : .object([JSONMember("error", "the one command is: status")])
      var bytes: [UInt8] = []
      answer.encode(into: &bytes)
      return bytes
    }
  }

  /// Where it listens.
  var path: String { server.path }

  /// Waits until the thread has ended, and removes the path; may be called more than once.
  func stop() {
    server.stop()
  }
}
