/// What a client asks for, and its own limits (PROTOCOL.md sections 3.1 and 8).
public struct ClientConfiguration: Sendable, Hashable {
  /// How losses are to be repaired.
  public var mode = ARQMode.goBackN
  /// The window asked for, in frames; 1 to 16,384.
  public var windowSize = 16
  /// The fragment size asked for, in bytes; 1 to 65,535.
  public var fragmentSizeMax = 1_024
  /// The nickname wanted; nil leaves it to the server.
  public var nickname: String?
  /// The name of this program, told to the server.
  public var name: String?
  /// The most bytes of one message that are kept.
  public var messageSizeMax = 16 << 20
  /// Timers and limits.
  public var tuning = SessionTuning()

  /// The defaults of section 8.
  public init() {}
}

/// What a server allows (PROTOCOL.md sections 3.1 and 8).
public struct ServerConfiguration: Sendable, Hashable {
  /// The only mode of this server, or nil if the client may choose.
  public var mode: ARQMode?
  /// The largest window that it grants, in frames; 1 to 16,384.
  public var windowSizeMax = 1_024
  /// The largest fragment that it grants, in bytes; 1 to 65,535.
  public var fragmentSizeMax = 65_535
  /// The largest message that it accepts, in bytes.
  public var messageSizeMax = 1 << 20
  /// The name of the server, told to clients; at most 64 bytes of it.
  public var name = ""
  /// Timers and limits.
  public var tuning = SessionTuning()

  /// The caps of section 8.
  public init() {}
}

/// Timers and limits of a session; the defaults are those of PROTOCOL.md.
public struct SessionTuning: Sendable, Hashable {
  /// A retransmission timeout in place of the computed one; it does not double (section 4.4).
  public var fixedTimeout: Duration?
  /// How often a frame is retransmitted by its timer before ERROR 8 (section 4.4).
  public var timerRetriesMax = 10
  /// How often a frame is retransmitted for whatever reason, while nothing else gets through,
  /// before ERROR 8 (section 4.4).
  public var retransmissionsMax = 100
  /// What a Selective Repeat receiver holds of frames that came out of order, in bytes (section 4).
  public var receiveBufferSizeMax = 1 << 20
  /// SYN and SYN_ACK are repeated so often (section 3).
  public var handshakeRepeat = Duration.seconds(1)
  /// A client gives up after this time (section 3).
  public var clientHandshakeLimit = Duration.seconds(20)
  /// A server closes a connection that is not established by then (section 3).
  public var serverHandshakeLimit = Duration.seconds(10)
  /// PING is sent after so long without a valid frame (section 7).
  public var pingAfter = Duration.seconds(30)
  /// PING is repeated so often (section 7).
  public var pingRepeat = Duration.seconds(10)
  /// The session ends with ERROR 6 after so long without a valid frame (section 7).
  public var idleLimit = Duration.seconds(90)
  /// The session ends with ERROR 6 so long after the first FIN (section 7).
  public var closingLimit = Duration.seconds(60)
  /// A server that is done waits so long for the client to close (section 7).
  public var lingerLimit = Duration.seconds(2)

  /// The values of PROTOCOL.md.
  public init() {}
}

/// What a server decides about a client that asks for a session.
public struct SessionGrant: Sendable, Hashable {
  /// The nickname given.
  public var nickname: String
  /// The eight bytes that name the session.
  public var sessionID: [UInt8]
  /// The server's initial sequence number, which should be unpredictable.
  public var initialSequence: SequenceNumber

  /// Makes a grant; a session id is cut or filled with zeros to eight bytes.
  public init(nickname: String, sessionID: [UInt8], initialSequence: SequenceNumber) {
    self.nickname = nickname
    self.sessionID = Array((sessionID + [UInt8](repeating: 0, count: 8)).prefix(8))
    self.initialSequence = initialSequence
  }
}

/// What the handshake has settled (PROTOCOL.md section 3.1).
public struct SessionParameters: Sendable, Hashable {
  /// The mode in force.
  public var mode: ARQMode
  /// The window in force, in frames.
  public var windowSize: Int
  /// The fragment size in force, in bytes.
  public var fragmentSizeMax: Int
  /// The largest message that the server accepts, in bytes.
  public var messageSizeMax: Int
  /// The client's initial sequence number.
  public var clientInitialSequence: SequenceNumber
  /// The server's initial sequence number.
  public var serverInitialSequence: SequenceNumber
  /// The eight bytes that name the session.
  public var sessionID: [UInt8]
  /// The client's nickname at the beginning.
  public var nickname: String
  /// The name of the other program; empty if it gave none.
  public var peerName: String
}
