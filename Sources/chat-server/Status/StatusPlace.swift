internal import ChatPosix
internal import ChatProgram

/// Where a server on this machine is asked how it is doing.
struct StatusPlace {
  /// The port, if somebody has named one.
  var port: UInt16?
  /// The control socket, if somebody has named it.
  var controlPath: String?

  static let table = SettingsTable<StatusOptions, StatusPlace>(
    section: "server",
    [
      Setting("port", .number, option: \.port) { place, text throws(Failure) in
        place.port = try text.port()
      },
      Setting("control", option: \.control) { place, text throws(Failure) in
        place.controlPath = try text.socketPath()
      },
    ], ownNames: SettingNames.server, otherNames: SettingNames.client)

  private static let prefix = "chat-server-"
  private static let suffix = ".sock"

  /// The usual control socket of the server on a port.
  static func usualPath(port: UInt16) throws(SocketError) -> String {
    "\(try LocalSocket.directory())/\(prefix)\(port)\(suffix)"
  }

  /// The path of the socket to ask at.
  func findServer() throws(Failure) -> String {
    if let controlPath { return controlPath }
    let path: String
    do {
      path = try Self.usualPath(port: port ?? 5_000)
    } catch {
      throw Failure(
        "the directory of the control sockets cannot be used: \(error.message); "
          + "it is chatwire in $XDG_RUNTIME_DIR, else chatwire-UID in $TMPDIR or /tmp, and must be "
          + "yours alone")
    }
    if port != nil || LocalSocket.answers(at: path) { return path }
    let others = LocalSocket.paths(prefix: Self.prefix, suffix: Self.suffix)
      .filter { LocalSocket.answers(at: $0) }
    switch others.count {
    // Asking will say that nobody answers.
    case 0: return path
    case 1: return others[0]
    default:
      let ports = others.map { path in
        let name = path.split(separator: "/").last ?? ""
        return String(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
      }
      let list = ports.sorted { ($0.count, $0) < ($1.count, $1) }.joined(separator: ", ")
      throw Failure("several servers run, on the ports \(list): name one with --port")
    }
  }
}
