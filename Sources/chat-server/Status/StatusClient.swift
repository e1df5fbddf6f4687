internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// Asks a server for its status.
enum StatusClient {
  /// Ten thousand clients are about 5 MB.
  private static let byteCountMax = 64 << 20
  private static let nanoseconds: Int64 = 10_000_000_000

  /// The status of the server whose control socket is at a path, and the document that says it.
  static func ask(_ path: String) throws(Failure) -> (json: JSONValue, status: ServerStatus) {
    let deadline = Clock.monotonicNanoseconds() + nanoseconds
    let server = try connect(path, until: deadline)
    // So few bytes always fit.
    _ = server.write(Array("status\n".utf8))
    let bytes = try readAll(server, at: path, until: deadline)
    do {
      let json = try JSONValue(decoding: bytes.span.bytes, byteCountMax: byteCountMax)
      return (json, try ServerStatus(json: json))
    } catch let error as JSONError {
      throw unusable(path, error.sentence)
    } catch let error as StatusError {
      throw unusable(path, error.message)
    } catch {
      throw unusable(path, "it is not understood")
    }
  }

  private static func connect(
    _ path: String, until deadline: Int64
  ) throws(Failure) -> StreamSocket {
    while true {
      do throws(SocketError) {
        return try LocalSocket.connect(to: path)
      } catch {
        guard error == .wouldBlock, Clock.monotonicNanoseconds() < deadline else {
          throw Failure(
            "no server answers at \(TerminalText.safe(path)) (\(error.message)): start one with "
              + "chat-server, or name the port of yours with --port or its socket with --control",
            status: .peerFailed)
        }
        // Others are waiting to be answered; there is nothing that could be polled.
        var nothing: [Poll.Entry] = []
        Poll.wait(for: &nothing, nanoseconds: 50_000_000)
      }
    }
  }

  private static func readAll(
    _ server: borrowing StreamSocket, at path: String, until deadline: Int64
  ) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= byteCountMax {
      switch server.read(into: &block) {
      case .bytes(let count): bytes += block[..<count]
      case .endOfStream where !bytes.isEmpty: return bytes
      case .endOfStream, .failed:
        throw Failure(
          "the server at \(TerminalText.safe(path)) closed the connection without an answer",
          status: .peerFailed)
      case .wouldBlock:
        let rest = deadline - Clock.monotonicNanoseconds()
        guard rest > 0 else {
          throw Failure(
            "the server at \(TerminalText.safe(path)) does not answer in time",
            status: .peerFailed)
        }
        var entries = [Poll.Entry(server.rawValue, .readable)]
        Poll.wait(for: &entries, nanoseconds: rest)
      }
    }
    throw unusable(path, "it has more than \(ByteCount.exact(byteCountMax))")
  }

  private static func unusable(_ path: String, _ reason: String) -> Failure {
    Failure(
      "what answers at \(TerminalText.safe(path)) is no status of a chat-server: \(reason)",
      status: .peerFailed)
  }
}
