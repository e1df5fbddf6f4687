internal import ChatProgram
internal import Logging
final class ServerLog: Sendable {
  let logger = Logger(label: "chat-server")
  static func start(_ settings: LogSettings) throws(Failure) -> ServerLog { ServerLog() }
  func status() -> ServerStatus.LogStatus { ServerStatus.LogStatus() }
  func finish(deadlineNanoseconds: Int64) {}
}
