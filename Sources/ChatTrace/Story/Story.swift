public import ChatWire

/// What was said in a capture, connection by connection: the messages, without how they travelled.
public struct Story: Sendable {
  /// The connections, in the order of their numbers.
  public var sessions: [StorySession] = []

  /// Makes an empty one.
  public init() {}
}

/// What the two ends of a connection agreed on, or what the client asked for.
public struct StoryTerms: Sendable, Hashable {
  /// How losses are repaired; nil if it is not known.
  public var mode: ARQMode?
  /// The window in frames.
  public var window: UInt64?
  /// The fragment size in bytes (classic: characters).
  public var fragmentSize: UInt64?
  /// The nickname wanted, or given.
  public var nickname: String?
  /// The name of the software.
  public var name: String?

  /// Terms of which nothing is known.
  public init() {}
}

/// One connection.
public struct StorySession: Sendable {
  /// Its number in the trace.
  public var stream = 0
  /// The client's end, `address:port`.
  public var client: String?
  /// The server's, likewise.
  public var server: String?
  /// The framing.
  public var dialect = Dialect.native
  /// What the client asked for.
  public var asked = StoryTerms()
  /// What the server gave.
  public var granted = StoryTerms()
  /// When the connection was first seen.
  public var time: TraceTime?
  /// When the first frame was seen, as a count of the records of the whole trace.
  public var openingOrder: UInt64 = 0
  /// When the handshake was complete, likewise; nil if it never was.
  public var establishedOrder: UInt64?
  /// When the handshake was complete, if that is known.
  public var establishedTime: TraceTime?
  /// When the connection was over, likewise; nil if the trace ends before.
  public var closingOrder: UInt64?
  /// When the connection was over, if that is known.
  public var closingTime: TraceTime?
  /// What the client sent, in the order of its sequence numbers.
  public var fromClient: [StoryMessage] = []
  /// What the server sent, likewise.
  public var fromServer: [StoryMessage] = []
  /// How it ended; nil if the handshake was never seen.
  public var end: SessionEnd?
  /// The ERROR that ended it, and who sent it.
  public var error: StoryError?
  /// Why it is not whole, as sentences without a full stop; empty if it is.
  public var doubts: [String] = []

  /// Makes an empty one.
  public init() {}
}

/// An ERROR frame.
public struct StoryError: Sendable, Hashable {
  /// Who sent it.
  public var side: Session.Role
  /// Its code.
  public var code: UInt8
  /// Its text.
  public var text: String
  /// Its frame.
  public var frame: UInt64

  /// Makes one.
  public init(side: Session.Role, code: UInt8, text: String, frame: UInt64) {
    self.side = side
    self.code = code
    self.text = text
    self.frame = frame
  }
}

/// One message of one side: native of any sequenced type, FIN included; classic DATA, broadcasts,
/// nicknames, lists, goodbyes and channel configurations.
public struct StoryMessage: Sendable, Hashable {
  /// The type byte of its frames.
  public var typeCode: UInt8 = 0
  /// Which message of its direction it is, from 1.
  public var number = 0
  /// Which of the sequenced frames of its direction is its first one, from 1 behind the initial
  /// sequence number (mid-stream: from the first one seen); 0 in the classic dialect.
  public var place: Int64 = 0
  /// Its bytes, put together; nil if some of them were never seen.
  public var bytes: [UInt8]?
  /// How many fragments it has; nil while that is not known.
  public var fragmentCount: Int?
  /// The frame that first showed a part of it.
  public var firstFrame: UInt64 = 0
  /// The frame with which all of it had been seen.
  public var completingFrame: UInt64?
  /// The frame that acknowledged the last of it; nil if none did.
  public var acknowledgingFrame: UInt64?
  /// When it began, as a count of the records of the trace.
  public var beginOrder: UInt64 = 0
  /// When all of it had been seen, likewise.
  public var completeOrder: UInt64?
  /// When all of it was acknowledged, likewise.
  public var acknowledgedOrder: UInt64?
  /// When it began.
  public var time: TraceTime?
  /// When all of it had been seen.
  public var completeTime: TraceTime?
  /// When all of it was acknowledged.
  public var acknowledgedTime: TraceTime?

  /// Makes an empty one.
  public init() {}
}
