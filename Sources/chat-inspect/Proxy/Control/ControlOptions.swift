internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram

/// Where `chat-inspect ctl` asks a proxy.
struct ControlOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "Where `chat-inspect ctl` asks (a socket for the port of --listen, private to you).",
      valueName: "path"), completion: .file())
  var control: String?

  /// The path of the control socket of a proxy that listens on a port.
  func path(port: UInt16) throws(Failure) -> String {
    if let control { return try Self.path(control) }
    do {
      return try ControlSocket.program.usualPath(port: port)
    } catch {
      throw Failure(
        "the directory of the control sockets cannot be used: \(error.message); name another "
          + "place with --control")
    }
  }

  /// A path for which there is room in an address (unix(7)).
  static func path(_ text: String) throws(Failure) -> String {
    try SettingText(text, from: .option("--control"))
      .path(byteCountMax: LocalSocket.pathByteCountMax)
  }
}

/// The HTTP API of a proxy.
struct APIOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "Answer HTTP requests here as well (docs/CONTROL.md); 127.0.0.1 without a host, any free "
        + "port with 0.", valueName: "[host:]port"))
  var api: String?

  @Option(
    help: ArgumentHelp(
      """
      What requests must know; without it that of CHAT_INSPECT_API_TOKEN, or one that is drawn \
      and printed.
      """, valueName: "text"))
  var apiToken: String?

  /// Where the API listens, if it is wanted.
  func address() throws(Failure) -> SocketAddress? {
    guard let api else {
      if apiToken != nil { throw Failure("--api-token is for --api, which is missing") }
      return nil
    }
    let text = SettingText(api, from: .option("--api"))
    let complaint = "expected a port, or a host and a port, such as 8474 or 127.0.0.1:8474"
    var host = "127.0.0.1"
    var digits = api[...]
    if let colon = api.lastIndex(of: ":") {
      host = String(api[..<colon])
      digits = api[api.index(after: colon)...]
      let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
      if isBracketed { host = String(host.dropFirst().dropLast()) }
      let isName = host.utf8.allSatisfy { 0x21..<0x7F ~= $0 && $0 != 0x5B && $0 != 0x5D }
      guard isName, isBracketed == host.contains(":"), 1...255 ~= host.utf8.count else {
        throw text.failure(complaint)
      }
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      let port = UInt16(digits)
    else { throw text.failure(complaint) }
    return SocketAddress(host: host, port: port)
  }

  /// The token that somebody has chosen; nil if one is to be drawn.
  func chosenToken(environment: (String) -> String? = environmentVariable) throws(Failure)
    -> String?
  {
    let name = "CHAT_INSPECT_API_TOKEN"
    let token = apiToken ?? environment(name)
    guard let token else { return nil }
    guard !token.isEmpty, token.utf8.allSatisfy({ 0x21..<0x7F ~= $0 }),
      token.utf8.count <= 1_024
    else {
      // It is a secret: it is not shown.
      throw Failure(
        "\(apiToken == nil ? name : "--api-token"): expected 1 to 1024 characters of ASCII "
          + "without spaces")
    }
    return token
  }
}

extension ControlOptions {
  /// The options of a command line, outside of a command.
  init(parsing arguments: [String]) throws {
    self = try Self.parse(arguments)
  }
}

extension APIOptions {
  /// The options of a command line, outside of a command.
  init(parsing arguments: [String]) throws {
    self = try Self.parse(arguments)
  }
}
