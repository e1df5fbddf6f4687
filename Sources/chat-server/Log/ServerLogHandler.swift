internal import ChatPosix
internal import Logging

/// The handler behind the server's `Logger`s: makes one line of each record and leaves it in the
/// channel.
struct ServerLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  private let channel: LogChannel

  init(_ channel: LogChannel, level: Logger.Level) {
    self.channel = channel
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
    channel.append(event.level, event.message.description, all)
  }
}
