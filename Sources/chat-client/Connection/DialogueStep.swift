internal import ChatWire

/// What a session of either dialect wants next.
enum DialogueStep {
  /// One whole frame was appended to the buffer.
  case transmit
  /// The handshake is complete.
  case established(ClientSessionInfo)
  /// Something to show.
  case happened(ClientEvent)
  /// Every message up to this one is acknowledged.
  case delivered(upTo: UInt64)
  /// This message cannot be sent in this session, nor in another like it.
  case unsendable(message: UInt64, reason: String)
  /// Nothing more until bytes, a command, or this moment.
  case wait(until: Instant)
  /// The session is over.
  case ended(DialogueEnd)
}

/// How a session ended.
enum DialogueEnd: Equatable {
  /// As this side wished: goodbye was said, and everything was acknowledged.
  case done
  /// Otherwise, for a reason that may not come again.
  case broken(String)
  /// For a reason that would come again at once.
  case hopeless(String)
}

/// What became of a message that was handed to a session.
enum Handing {
  case taken
  /// The session takes no more; another one may.
  case later
  /// No session takes it, because of this.
  case never(String)
}
