internal import ChatWire

/// What a server tells about itself over its control socket.
struct ServerStatus: Sendable, Equatable {
  var name: String
  var version: String
  /// The process.
  var processIdentifier: Int32
  /// Where it listens: `0.0.0.0:5000`.
  var address: String
  var uptimeSeconds: Double
  var clients: [ClientStatus]
  /// Connections whose handshake is not complete.
  var halfOpenCount: Int
  var totals: Totals
  /// The state of the logging process.
  var log: LogStatus

  /// Counts since the start.
  struct Totals: Sendable, Equatable {
    var connectionsAccepted = 0
    /// Refused because of a limit.
    var connectionsRefused = 0
    /// Messages that clients have sent whole and valid.
    var messagesReceived = 0
    /// Copies of them and of notices given to recipients.
    var messagesSent = 0
    var bytesReceived = 0
    var bytesSent = 0
    /// Messages refused because their sender was too fast.
    var messagesRefused = 0
    /// Clients ended because they did not keep up.
    var slowClientsEnded = 0
  }

  /// One client.
  struct ClientStatus: Sendable, Equatable {
    /// The session's name: 16 hexadecimal digits; classic: 8.
    var session: String
    var nickname: String
    var address: String
    var dialect: Dialect
    var mode: ARQMode
    var windowSize: Int
    /// Bytes; classic: characters.
    var fragmentSizeMax: Int
    var connectedSeconds: Double
    /// Frames sent to it and not acknowledged.
    var inFlightCount: Int
    var retransmissionCount: Int
    /// Corrupt frames received from it.
    var corruptCount: Int
    /// Bytes that wait to be sent to it.
    var queuedByteCount: Int
    var bytesReceived: Int
    var bytesSent: Int
    var messagesReceived: Int
    var messagesSent: Int
    /// Nil until one was measured.
    var roundTripMilliseconds: Double?
  }

  /// The logging process.
  struct LogStatus: Sendable, Equatable {
    /// Where it writes; nil: standard error.
    var directory: String?
    /// Nil while it is being started again.
    var processIdentifier: Int32?
    /// Records that it has confirmed.
    var acknowledgedCount: UInt64 = 0
    /// Records that it has not confirmed yet.
    var pendingCount: Int = 0
    /// Records that were dropped because too many were pending.
    var droppedCount: UInt64 = 0
    /// How often it was started again.
    var restartCount: Int = 0
  }
}
