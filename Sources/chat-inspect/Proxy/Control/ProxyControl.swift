internal import ChatPosix
internal import ChatProgram

/// Everything at which a proxy is asked: its control socket, and the HTTP API if it is wanted.
final class ProxyControl: Sendable {
  private let socket: ControlSocket
  private let api: ControlAPI?
  /// The file with the token that was drawn.
  private let tokenPath: String?

  /// Where the control socket is.
  var socketPath: String { socket.path }

  /// Where the API listens, in figures.
  var apiAddress: SocketAddress? { api?.address }

  /// Opens them, and says on standard error where the API is; not to be called in a task.
  ///
  /// - Parameter port: the one at which the proxy listens.
  init(
    _ control: ControlOptions, _ apiOptions: APIOptions, port: UInt16, ask: any ControlPort
  ) throws(Failure) {
    let path = try control.path(port: port)
    let listen = try apiOptions.address()
    let chosen = try apiOptions.chosenToken()
    do throws(SocketError) {
      socket = try ControlSocket(path: path, ask: ask)
    } catch {
      throw Failure("the control socket \(TerminalText.safe(path)): \(error.message)")
    }
    guard let listen else {
      api = nil
      tokenPath = nil
      return
    }
    let token = chosen ?? Self.drawToken()
    let api = try ControlAPI(listen: listen, token: token, ask: ask)
    try api.start()
    self.api = api
    guard chosen == nil else {
      tokenPath = nil
      Diagnostics.say("the API answers at http://\(api.address)/")
      return
    }
    let file = Self.tokenPath(beside: path)
    tokenPath = file
    do throws(SystemError) {
      // A new file: whoever has put one there could read what is written to it.
      WholeFile.remove(file)
      try WholeFile.write(token + "\n", to: file, replacing: false, permissions: 0o600)
    } catch {
      throw Failure("the token cannot be kept in \(TerminalText.safe(file)): \(error.message)")
    }
    Diagnostics.say(
      "the API answers at http://\(api.address)/; its token, also in \(file): \(token)")
  }

  deinit {
    stop()
  }

  /// Closes them, and removes the socket and the token; may be called more than once.
  ///
  /// Waits for those who are being answered: by then the proxy has to answer all who ask at once.
  func stop() {
    socket.stop()
    api?.stop()
    if let tokenPath { WholeFile.remove(tokenPath) }
  }

  /// `chat-inspect-5001.token` for `chat-inspect-5001.sock`.
  static func tokenPath(beside socketPath: String) -> String {
    let suffix = ".sock"
    let stem = socketPath.hasSuffix(suffix) ? socketPath.dropLast(suffix.count) : socketPath[...]
    return stem + ".token"
  }

  /// 256 bits of the kernel's randomness, in hexadecimal digits.
  private static func drawToken() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return HexText.string(bytes)
  }
}
