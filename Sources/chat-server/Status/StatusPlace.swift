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

  /// The usual control socket of the server on a port.
  static func usualPath(port: UInt16) throws(SocketError) -> String {
    try StatusClient.program.usualPath(port: port)
  }

  /// The path of the socket to ask at.
  func findServer() throws(Failure) -> String {
    if let controlPath { return controlPath }
    return try StatusClient.program.findSocket(port: port, usualPort: 5_000)
  }
}
