internal import ChatWire

/// Everything that can be set about a server, after command line, environment and configuration
/// file have been put together.
struct ServerSettings: Sendable {
  var host = "0.0.0.0"
  var port: UInt16 = 5000
  /// The only mode, or nil if each client may choose.
  var mode: ARQMode?
  /// The largest window that is granted, in frames.
  var windowSizeMax = 1_024
  /// The largest fragment that is granted, in bytes.
  var fragmentSizeMax = 65_535
  /// The largest message that is accepted, in bytes.
  var messageSizeMax = 1 << 20
  var clientCountMax = 10_000
  /// Clients behind one address; 0: no limit.
  var clientsPerAddressMax = 1_000
  /// Messages a second that one client may send, over a longer time; 0: no limit.
  var messagesPerSecond = 100
  /// What may wait for one client, in bytes, before it is ended as too slow.
  var queueByteCountMax = 8 << 20
  var name = "ChatWire"
  /// What new clients are greeted with; empty: nothing.
  var messageOfTheDay = ""
  var faults = FaultRules()
  var faultSeed: UInt64 = 1
  /// Nobody has given the seed.
  var isSeedDrawn = false
  /// Where the control socket is; nil: the usual place for the port.
  var controlPath: String?
  var log = LogSettings()
}

/// What is logged, and where.
struct LogSettings: Sendable, Equatable {
  /// Nil: readable lines on standard error.
  var directory: String?
  /// As swift-log has it: trace, debug, info, notice, warning, error, critical.
  var level = "info"
  /// A file that has reached this size is rotated, in bytes.
  var fileSizeMax = 16 << 20
  /// How many files are kept, the current one included.
  var fileCount = 8
}
