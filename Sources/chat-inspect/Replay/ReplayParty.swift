internal import ChatTrace
internal import ChatWire

/// What a session that plays a side of a recorded connection wants next.
enum ReplayStep {
  /// One whole frame was appended to the buffer.
  case transmit
  /// The handshake is complete.
  case established
  /// The peer has all of the message at this index of the recorded ones.
  case acknowledged(Int)
  /// The message at this index of the recorded ones cannot be sent after all.
  case unsendable(Int, reason: String)
  /// The peer has said something.
  case received(typeCode: UInt8, [UInt8])
  /// Nothing more until bytes, something to send, or this moment.
  case wait(until: Instant)
  /// The session is over.
  case ended(ReplayEnd)
}

/// How a session ended.
struct ReplayEnd {
  /// The peer has closed the connection, or broken it, or never answered.
  var isPeerGone: Bool
  /// What happened, as the rest of a sentence about the peer.
  var reason: String
}

/// One side of one recorded connection: a real session, which sends what was recorded.
protocol ReplayParty: AnyObject {
  /// False while reading more would only fill memory.
  var wantsInput: Bool { get }
  /// The longest payload that is taken from the peer.
  var receiveLimit: Int { get }

  /// Takes bytes that the peer sent.
  func receive(_ bytes: RawSpan)
  /// The peer sends nothing more.
  func endOfStream()
  /// Sends a recorded message, a goodbye as well; says why if it cannot be sent.
  func send(_ message: StoryMessage, index: Int) -> String?
  /// True for a recorded message that the session sends by itself, as the answer to something.
  func isAnswer(_ index: Int) -> Bool
  /// Says goodbye, for a reason of this program's.
  func finish(reason: String)
  /// Ends the session with an ERROR.
  func fail(_ code: UInt8, _ text: String)
  /// What is to be done next.
  func next(at now: Instant, into bytes: inout [UInt8]) -> ReplayStep
}

extension StorySession {
  /// What the client is known by: the nickname, or its address.
  var clientName: String {
    granted.nickname ?? asked.nickname ?? client ?? "client \(stream)"
  }
}
