public struct Session: Sendable {
  /// Which side of the connection a session is.
  public enum Role: UInt8, Sendable, Hashable {
    case client, server
  }

  public let role: Role
  public init(
    client configuration: ClientConfiguration, initialSequence: SequenceNumber, checksum: CRC32,
    at now: Instant
  ) { fatalError() }
  public init(server configuration: ServerConfiguration, checksum: CRC32, at now: Instant) { fatalError() }
  /// Takes bytes that the peer sent.
  public mutating func receive(_ bytes: RawSpan) {}
  /// The peer will send nothing more: TCP is closed in that direction.
  public mutating func endOfStream() {}
  /// Takes a message to be sent after those before it.
  public mutating func send(_ type: FrameType, _ bytes: [UInt8]) throws(SendRefusal) {}
  /// Says goodbye once everything before it is sent.
  public mutating func finish(reason: String = "") {}
  /// Ends the session with an ERROR.
  public mutating func fail(_ code: ErrorCode, _ text: String) {}
  /// Servers: answers a request.
  public mutating func accept(_ grant: SessionGrant) {}
  /// Advertises at most so many frames; 0 asks the peer to pause, nil lifts the limit.
  public mutating func limitReceiveWindow(to frameCount: Int?) {}
  /// What to do next; call until `.wait` or `.ended`.
  public mutating func nextOutput(at now: Instant, into bytes: inout [UInt8]) -> SessionOutput { fatalError() }

  public var parameters: SessionParameters? { nil }
  public var isEstablished: Bool { false }
  /// bytes of messages that wait to be sent for the first time
  public var queuedByteCount: Int { 0 }
  /// messages of which every frame was acknowledged
  public var acknowledgedMessageCount: Int { 0 }
  public var status: SessionStatus { SessionStatus() }
}
