/// What a `ClassicClientSession` has to say next.
public enum ClassicClientOutput: Sendable, Hashable {
  /// One whole frame was appended to the buffer: write it, with one call.
  case transmit
  /// The session is open, with these parameters.
  case established(ClassicParameterSet)
  /// Somebody has said something; without a nickname if the server sent none.
  case broadcast(nickname: String?, text: String)
  /// Every fragment of a message has been acknowledged.
  case delivered(message: UInt64)
  /// The message was not sent: it has more fragments than the dialect can number.
  case unsendable(message: UInt64)
  /// The server has given this nickname.
  case nickname(String)
  /// These are here.
  case names([String])
  /// The server has not answered within the silence limit; the session goes on.
  case unanswered(ClassicRequest)
  /// Nothing more until bytes arrive, a command is given, or this moment has come.
  case wait(until: Instant)
  /// The session is over: close the connection. Every further call says the same.
  case ended(ClassicClientEnd)
}

/// What a client asks for besides delivering text.
public enum ClassicRequest: Sendable, Hashable {
  case nickname
  case names
}

/// How a client deals with a classic server.
public struct ClassicClientConfiguration: Sendable, Hashable {
  /// What is asked for; what the server answers holds.
  public var parameters = ClassicParameterSet()
  /// How often a frame is sent again because of a NACK.
  public var retryCountMax = 5
  /// How long an answer is waited for.
  public var silenceLimit = Duration.seconds(5)
  /// How long the handshake may take.
  public var handshakeLimit = Duration.seconds(20)
  /// From HANDSHAKE_ACK to the first LIST_REQUEST: the original server throws away what arrives
  /// together with the former.
  public var listDelay = Duration.milliseconds(10)
  /// From one LIST_REQUEST to the next, until the first answer.
  public var listInterval = Duration.milliseconds(200)
  /// False opens the session when the delay is over, without a LIST_REQUEST that shows that the
  /// server reads; as the original clients do.
  public var confirmsWithNames = true
  /// The most bytes in a fragment, whatever the characters: a frame must reach the original server
  /// in one TCP segment.
  public var fragmentByteCountMax = 1_400

  /// The values of PROTOCOL.md.
  public init() {}
}

/// Why a classic session with a server is over.
public enum ClassicClientEnd: Error, Sendable, Hashable {
  /// This side has said goodbye.
  case disconnected(isAcknowledged: Bool)
  /// The server has refused the session, in its own words.
  case refused(String)
  /// The answer to SYN cannot be used.
  case badAnswer
  /// The handshake took too long.
  case handshakeTimeout
  /// A frame was sent again as often as allowed, and refused once more.
  case retriesExhausted
  /// A fragment was not answered.
  case silent
  /// The server has closed the connection.
  case closedByServer
  /// No frame was found in more than 1 MiB.
  case framingLost

  /// One sentence that says it.
  public var sentence: String {
    switch self {
    case .disconnected(true): "The session was ended."
    case .disconnected(false): "The session was ended, but the server did not confirm it."
    case .refused(let message): "The server has refused the session: " + message
    case .badAnswer: "The server did not answer the SYN as a chat server does."
    case .handshakeTimeout: "The handshake took too long."
    case .retriesExhausted: "The server refused a frame each time that it was sent."
    case .silent: "The server did not answer a fragment."
    case .closedByServer: "The server has closed the connection."
    case .framingLost: "No frame was found in more than 1 MiB."
    }
  }
}
