internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// Where `chat-inspect ctl` asks a proxy: a local socket that only this user can open, one line of
/// JSON in, another out.
final class ControlSocket: Sendable {
  /// Proxies, and where they are found.
  static let program = ControlledProgram(
    noun: "proxy", plural: "proxies", command: "chat-inspect proxy", prefix: "chat-inspect-",
    answer: "reply of a chat-inspect proxy", answerByteCountMax: 64 << 20)

  private let server: LineServer

  /// Listens at a path; a socket there that nobody answers any more is replaced.
  init(
    path: String, ask port: any ControlPort, askerNanoseconds: Int64 = 5_000_000_000
  ) throws(SocketError) {
    server = try LineServer(
      path: path, lineByteCountMax: ControlRequest.byteCountMax,
      askerNanoseconds: askerNanoseconds
    ) { line in
      var bytes: [UInt8] = []
      Self.answer(line, port).encode(into: &bytes)
      return bytes
    }
  }

  /// Where it listens.
  var path: String { server.path }

  /// Waits until the thread has ended, and removes the path; may be called more than once.
  func stop() {
    server.stop()
  }

  private static func answer(_ line: [UInt8], _ port: any ControlPort) -> JSONValue {
    do {
      let json = try JSONValue(
        decoding: line.span.bytes, byteCountMax: ControlRequest.byteCountMax)
      let request = try ControlRequest(json: json)
      try request.check()
      return port.ask(request).json
    } catch let error as JSONError {
      return ControlReply.failed(error.sentence).json
    } catch let error as DocumentError {
      return ControlReply.failed(error.message).json
    } catch let failure as Failure {
      return failure.controlJSON
    } catch {
      return ControlReply.failed("the request is not understood").json
    }
  }
}

/// The asking side of a `ControlSocket`.
struct ControlClient {
  private let path: String

  /// Asks at a path.
  init(path: String) {
    self.path = path
  }

  /// Asks, and throws what was refused.
  func ask(_ request: ControlRequest) throws(Failure) -> ControlReply {
    try request.check()
    var line: [UInt8] = []
    request.json.encode(into: &line)
    guard line.count <= ControlRequest.byteCountMax else {
      throw Failure("the request has more than \(ByteCount.exact(ControlRequest.byteCountMax))")
    }
    let json = try ControlSocket.program.ask(line, at: path)
    let reply: ControlReply
    do {
      reply = try ControlReply(json: json)
    } catch {
      throw ControlSocket.program.unusable(path, error.message)
    }
    switch reply {
    case .failed(let sentence), .missing(let sentence): throw Failure(sentence)
    case .done, .statistics, .connections, .rules, .interception: return reply
    }
  }
}
