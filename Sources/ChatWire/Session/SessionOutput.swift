/// What a session wants from whoever drives it; see `Session`.
public enum SessionOutput: Sendable, Hashable {
  /// One whole frame was appended to the buffer: write it.
  case transmit(Transmission)
  /// Servers: a client asks for a session. Answer with `accept` or `refuse`; until then nothing
  /// else that it sent is looked at.
  case request(HandshakeOptions)
  /// The handshake is complete.
  case established(SessionParameters)
  /// A message of the peer is whole: in order, exactly once.
  case deliver(FrameType, [UInt8])
  /// A message of so many bytes was above the limit and is lost; a server has answered NOTICE 5.
  case oversized(FrameType, byteCount: Int)
  /// The peer sends no more messages; its FIN gave this reason.
  case peerFinished(reason: String)
  /// Nothing more until bytes, a command, or this moment.
  case wait(until: Instant)
  /// The session is over and stays so: write what is due and close the connection (PROTOCOL.md
  /// section 7, "Closing means").
  case ended(SessionOutcome)
}

/// A frame that a session sends.
public struct Transmission: Sendable, Hashable {
  /// Why it is sent.
  public enum Cause: UInt8, Sendable, Hashable, CaseIterable {
    /// A control frame.
    case control
    /// A sequenced frame for the first time.
    case first
    /// Again, because its timer ran out.
    case timeout
    /// Again, because a NACK asked for it.
    case nack
    /// Again, because frames sent after it were acknowledged (Selective Repeat).
    case fast
    /// Again, because a frame before it is (Go-Back-N).
    case goBack
  }

  /// The type.
  public var type: FrameType
  /// The sequence field.
  public var sequence: SequenceNumber
  /// Bytes of the frame, header included.
  public var byteCount: Int
  /// Ends a message.
  public var isLast: Bool
  /// Why it is sent.
  public var cause: Cause

  /// Describes a frame.
  public init(
    type: FrameType, sequence: SequenceNumber, byteCount: Int, isLast: Bool, cause: Cause
  ) {
    self.type = type
    self.sequence = sequence
    self.byteCount = byteCount
    self.isLast = isLast
    self.cause = cause
  }

  /// True for every copy of a sequenced frame after the first.
  public var isRetransmission: Bool {
    switch cause {
    case .control, .first: false
    case .timeout, .nack, .fast, .goBack: true
    }
  }
}

/// How a session ended (PROTOCOL.md section 7).
public enum SessionEnding: UInt8, Sendable, Hashable, CaseIterable {
  /// Both sides said goodbye and everything was acknowledged.
  case clean
  /// Both sides said goodbye; whether the last frames arrived is not known.
  case unconfirmed
  /// TCP was closed without a goodbye.
  case abrupt
  /// This side has ended it with an ERROR.
  case failed
  /// The peer has ended it with an ERROR.
  case failedByPeer
}

/// How a session ended, and the words for it.
public struct SessionOutcome: Sendable, Hashable {
  /// How.
  public var ending: SessionEnding
  /// The code of the ERROR, if one ended it.
  public var code: ErrorCode?
  /// The text of the ERROR, or the reason of the peer's FIN.
  public var text: String

  /// Makes an end.
  public init(_ ending: SessionEnding, code: ErrorCode? = nil, text: String = "") {
    self.ending = ending
    self.code = code
    self.text = text
  }
}

/// Why a message cannot be sent.
public enum SendRefusal: Error, Sendable, Hashable {
  /// This side has said that it sends no more, or the session is over.
  case finishing
  /// It is larger than the server accepts.
  case tooLarge(byteCount: Int, limit: Int)
  /// This side does not send messages of this type (PROTOCOL.md section 2.2).
  case wrongType(FrameType)

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .finishing: "The session is ending and takes no more messages."
    case .tooLarge(let byteCount, let limit):
      "The message has \(byteCount) bytes; the server accepts at most \(limit)."
    case .wrongType(let type): "This side does not send messages of type \(type.name)."
    }
  }
}
