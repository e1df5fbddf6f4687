internal import ChatWire

/// What a running proxy can be asked to do.
enum ControlRequest: Sendable, Hashable {
  /// How the proxy is doing.
  case statistics
  /// All connections that are open, or one.
  case connections
  /// End a connection on both sides, at once or with a reset.
  case close(connection: Int, isReset: Bool)

  /// The rules in force.
  case rules
  /// Add rules behind those there are.
  case addRules(String)
  /// Replace one rule; numbers are those of `RuleReport`.
  case changeRule(number: Int, to: String)
  case removeRule(number: Int)
  case removeAllRules

  /// The filter by which frames are held, and the frames that are.
  case interception
  /// Hold frames that match a display filter from now on; nil: no more, and let go of those held.
  case intercept(filter: String?)
  /// Forward a frame that is held; nil: all.
  case release(held: Int?)
  /// Drop a frame that is held.
  case drop(held: Int)
  /// Change a frame that is held, and forward it.
  case alter(held: Int, FrameAlteration)
}

/// How a held frame is changed before it goes on.
struct FrameAlteration: Sendable, Hashable {
  /// These bytes instead of the whole frame, header included.
  var bytes: [UInt8]?
  var payload: [UInt8]?
  var typeCode: UInt8?
  var sequence: UInt16?
  var flags: UInt8?
  /// The checksum stays as it is, so that the frame arrives damaged.
  var keepsChecksum = false
}

/// What a proxy answers.
enum ControlReply: Sendable {
  case done
  case statistics(ProxyReport)
  case connections([ConnectionReport])
  case rules([RuleReport])
  case interception(InterceptionReport)
  /// One sentence: what, where, what to do.
  case failed(String)
  /// There is no connection, rule or held frame of that number: one sentence.
  case missing(String)
}

/// How a proxy is doing.
struct ProxyReport: Sendable, Hashable {
  var listen = ""
  var upstream = ""
  var seed: UInt64 = 0
  var uptimeNanoseconds: Int64 = 0
  /// Connections that were made, are open now, and could not be made because the server refused.
  var accepted = 0
  var open = 0
  var refused = 0
  var frames: UInt64 = 0
  var bytes: UInt64 = 0
  /// Frames to which something was done.
  var disturbed: UInt64 = 0
  /// Lines of the trace that were left out because their reader was too slow.
  var droppedLines: UInt64 = 0
  /// The file that is written, if any, how much of it is, and what went wrong with it.
  var recording: String?
  var recordedBytes: UInt64 = 0
  var recordingFailure: String?
}

/// One connection.
struct ConnectionReport: Sendable, Hashable {
  /// One direction of it.
  struct Flow: Sendable, Hashable {
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    var frames: UInt64 = 0
    var disturbed: UInt64 = 0
    /// Bytes that are held by faults, or wait for the receiver to read.
    var waitingBytes = 0
    /// The sender sends no more.
    var isEnded = false
  }

  var number = 0
  var client = ""
  var server = ""
  /// `native`, `classic`, `none` (not chat, passed through), or nil while it is not known.
  var dialect: String?
  var ageNanoseconds: Int64 = 0
  var clientToServer = Flow()
  var serverToClient = Flow()
}

/// One rule in force.
struct RuleReport: Sendable, Hashable {
  /// Stays the same as long as the rule is there; from 1.
  var number = 0
  var rule = ""
  /// Frames that it has acted on.
  var actedCount: UInt64 = 0
}

/// What is held for a decision.
struct InterceptionReport: Sendable, Hashable {
  /// A frame.
  struct Held: Sendable, Hashable {
    var number = 0
    var connection = 0
    var direction = Direction.clientToServer
    /// The number of the frame in the trace, if it has one.
    var frame: UInt64?
    var dialect = Dialect.native
    var type = ""
    var sequence: UInt16 = 0
    var heldNanoseconds: Int64 = 0
    /// The frame; in a long list only its beginning.
    var bytes: [UInt8] = []
    /// Bytes that were left out at its end.
    var omittedByteCount = 0

    /// How long the frame is.
    var byteCount: Int { bytes.count + omittedByteCount }
  }

  /// The filter, if frames are being held.
  var filter: String?
  var held: [Held] = []

  /// Bytes of all frames together that a list shows.
  static let shownByteCountMax = 8 << 20
}

/// Where requests go; the proxy answers each between two things that it does.
protocol ControlPort: Sendable {
  /// Waits for the answer; to be called on any thread but the proxy's.
  ///
  /// When the proxy ends, all who wait and all who still ask are answered at once.
  func ask(_ request: ControlRequest) -> ControlReply
}
