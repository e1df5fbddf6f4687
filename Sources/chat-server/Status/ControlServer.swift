internal import ChatProgram
final class ControlServer: Sendable {
  init(settings: ServerSettings, port: UInt16, status: @escaping @Sendable () -> ServerStatus)
    throws(Failure)
  {}
  func stop() {}
}
