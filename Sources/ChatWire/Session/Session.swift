// The main type of the acting half. What it does, by file: this one has the contract, the state and
// the inputs; +Output decides what happens next; +Receiving deals with the peer's frames;
// +Handshake opens a session, +Closing ends it. The windows are in Window/, the fragmenter and its
// counterpart in Message/.

/// One end of a native session (PROTOCOL.md sections 2 to 7), without input or output.
///
/// Bytes, commands and `now` go in; what to do comes out. There is no clock, no socket and no
/// randomness inside, so a server's thread, a client, a simulation and a replay run the same code.
///
/// **The contract.** There are three kinds of calls: bytes that arrived (`receive`, `endOfStream`),
/// commands (`send`, `finish`, `fail`, `accept`, `refuse`, `limitReceiveWindow`), and `nextOutput`.
/// After any of the former, and when a deadline has come, take outputs until `.wait` or `.ended`:
///
///     var session = Session(client: configuration, initialSequence: isn, checksum: crc, at: now)
///     var buffer: [UInt8] = []
///     while true {
///       draining: while true {
///         switch session.nextOutput(at: now, into: &buffer) {
///         case .transmit: break                          // one more frame is in `buffer`
///         case .request(let wanted): session.accept(...) // servers only
///         case .established(let parameters): ...
///         case .deliver(let type, let message): ...
///         case .oversized, .peerFinished: ...
///         case .wait(let moment): deadline = moment; break draining
///         case .ended(let end): write(buffer); return close(end)
///         }
///       }
///       write(buffer)                                    // one write for all that is due
///       // Wait for bytes, a command, or the deadline; then:
///       session.receive(bytes)
///     }
///
/// Frames are made when they are asked for. A driver whose peer does not read stops asking, and
/// stops receiving: then nothing is decoded, acknowledged or taken from the queue meanwhile, and
/// memory stays bounded by what was received and what was sent to `queue`. Of the latter
/// `queuedByteCount` tells, and whoever sends has to mind it.
///
/// `now` never goes back. Bytes are looked at, and round trips measured, at the `now` of the output
/// that follows them.
public struct Session: Sendable {
  /// Which side of the connection a session is.
  public enum Role: UInt8, Sendable, Hashable {
    case client, server
  }

  /// Where the session stands.
  public enum Phase: UInt8, Sendable, Hashable, CaseIterable {
    /// Server: waits for a SYN.
    case listening
    /// Server: has a SYN and waits for `accept` or `refuse`.
    case deciding
    /// Client: has sent SYN.
    case synSent
    /// Server: has sent SYN_ACK.
    case synReceived
    /// Messages flow.
    case established
    /// Server: everything is done; waits for the client to close.
    case lingering
    /// Over.
    case ended
  }

  /// Which side it is.
  public let role: Role
  /// Where it stands.
  public internal(set) var phase: Phase
  /// What the handshake has settled, once it has.
  public internal(set) var parameters: SessionParameters?
  /// How it ended, once it has.
  public internal(set) var end: SessionOutcome?

  let checksum: CRC32
  let tuning: SessionTuning
  /// `tuning.pingAfter`, which is needed for each frame.
  let pingAfterNanoseconds: Int64
  var decoder: FrameDecoder
  var receiver: ARQReceiver
  var sender: ARQSender
  var assembler: MessageAssembler
  var handshake: Handshake
  var closing = Closing()

  /// The payload of the PING that has to be answered.
  var pongDue: UInt64?
  /// A PING has to be sent.
  var isPingDue = false
  /// Which PING it is.
  var pingCount: UInt64 = 0
  /// PONGs that have come.
  public internal(set) var pongCount = 0
  /// When a valid frame came last.
  var heardAt: Instant
  /// When a PING is due because nothing came.
  var pingDeadline = Instant.distantFuture
  /// When a closed window is probed again.
  var probeDeadline = Instant.distantFuture
  /// The handshake is complete, which has not been said.
  var isEstablishmentDue = false
  /// What the frame that was looked at last has brought; goes before everything else.
  var announcement: SessionOutput?
  /// There is something to be said of the two above.
  var hasAnnouncement = false
  /// Nothing more comes from the peer.
  var isStreamEnded = false
  /// Counts.
  var framesReceived = 0
  var corruptFramesReceived = 0
  var messagesDelivered = 0

  /// A client's end, which opens the session.
  ///
  /// - Parameter initialSequence: should be unpredictable.
  public init(
    client configuration: ClientConfiguration, initialSequence: SequenceNumber, checksum: CRC32,
    at now: Instant
  ) {
    let limit = min(
      max(FrameLimits.controlPayloadMax, configuration.fragmentSizeMax),
      FrameLimits.nativePayloadMax)
    self.init(
      role: .client, phase: .synSent, tuning: configuration.tuning, checksum: checksum,
      limit: limit, messageSizeMax: configuration.messageSizeMax,
      handshake: Handshake(client: configuration, initialSequence: initialSequence, at: now),
      at: now)
    prepare(mode: configuration.mode, windowSize: 1, fragmentSizeMax: 1)
  }

  /// A server's end, which waits for the client to open the session.
  public init(server configuration: ServerConfiguration, checksum: CRC32, at now: Instant) {
    self.init(
      role: .server, phase: .listening, tuning: configuration.tuning, checksum: checksum,
      limit: FrameLimits.controlPayloadMax, messageSizeMax: configuration.messageSizeMax,
      handshake: Handshake(server: configuration, at: now), at: now)
  }

  private init(
    role: Role, phase: Phase, tuning: SessionTuning, checksum: CRC32, limit: Int,
    messageSizeMax: Int, handshake: Handshake, at now: Instant
  ) {
    self.role = role
    self.phase = phase
    self.tuning = tuning
    pingAfterNanoseconds = tuning.pingAfter.nanoseconds
    self.checksum = checksum
    self.handshake = handshake
    decoder = FrameDecoder(.native, limit: limit)
    assembler = MessageAssembler(byteCountMax: messageSizeMax)
    heardAt = now
    // Of no use before the handshake has settled what they need.
    receiver = ARQReceiver(
      mode: .goBackN, windowSize: 1, capacity: 1, nextExpected: SequenceNumber(0))
    sender = ARQSender(
      mode: .goBackN, windowSize: 1, fragmentSizeMax: 1, firstSequence: SequenceNumber(0),
      timeout: RetransmissionTimeout(fixed: tuning.fixedTimeout),
      timerRetriesMax: tuning.timerRetriesMax, retransmissionsMax: tuning.retransmissionsMax)
  }

  // MARK: bytes

  /// Takes bytes that the peer sent.
  public mutating func receive(_ bytes: RawSpan) {
    guard phase != .ended else { return }
    decoder.append(bytes)
  }

  /// The peer sends nothing more: TCP is closed in its direction, or altogether.
  public mutating func endOfStream() {
    isStreamEnded = true
  }

  // MARK: commands

  /// Takes a message, which is sent after those before it, once the session is established.
  ///
  /// The bytes are shared, not copied.
  public mutating func send(_ type: FrameType, _ bytes: [UInt8]) throws(SendRefusal) {
    guard isSent(type, by: role), type != .fin else { throw .wrongType(type) }
    guard phase != .ended, phase != .lingering, !closing.isFinQueued else { throw .finishing }
    if role == .client, let limit = parameters?.messageSizeMax, bytes.count > limit {
      throw .tooLarge(byteCount: bytes.count, limit: limit)
    }
    sender.queue.append(type, bytes)
  }

  /// Says goodbye once everything before it was sent.
  ///
  /// A reason that section 7 does not allow is left out.
  public mutating func finish(reason: String = "") {
    guard phase != .ended, !closing.isFinQueued else { return }
    let bytes = Array(reason.utf8)
    let isLegal = unsafe FinReason.violation(in: bytes.span.bytes) == nil
    queueFin(isLegal ? bytes : [])
  }

  /// Ends the session at once with an ERROR.
  public mutating func fail(_ code: ErrorCode, _ text: String) {
    guard phase != .ended, closing.error == nil else { return }
    closing.error = CodedText(code: code.rawValue, text: text)
  }

  /// Servers: refuses what was requested (codes 1, 2 and 4), as `fail`; without a request that
  /// waits for its answer nothing happens, as with `accept`.
  public mutating func refuse(_ code: ErrorCode, _ text: String) {
    guard phase == .deciding else { return }
    fail(code, text)
  }

  /// Sends a PING: when a PONG has come (`pongCount`), the peer has dealt with what was before it.
  public mutating func ping() {
    isPingDue = true
  }

  /// Advertises at most so many frames: 0 asks the peer to pause, nil lifts the limit.
  ///
  /// What is on its way is still taken.
  public mutating func limitReceiveWindow(to frameCount: Int?) {
    let wasClosed = receiver.advertisedWindow == 0
    receiver.windowLimit = frameCount.map { max(0, $0) }
    // "A receiver whose window was 0 and opens again sends an unsolicited ACK" (section 4).
    if wasClosed, receiver.advertisedWindow > 0, phase == .established { receiver.announce() }
  }

  // MARK: state

  /// True once the handshake is complete and until the session is over.
  public var isEstablished: Bool { phase == .established || phase == .lingering }

  /// Bytes of messages that wait to be sent for the first time.
  public var queuedByteCount: Int { sender.queue.byteCount }

  /// Messages of which every frame was acknowledged; a FIN counts as one.
  public var acknowledgedMessageCount: Int { sender.acknowledgedMessageCount }

  /// True if everything that was sent was acknowledged and nothing waits.
  public var isAllAcknowledged: Bool { sender.isIdle }

  /// Says something before everything else.
  mutating func announce(_ output: SessionOutput) {
    announcement = output
    hasAnnouncement = true
  }

  /// True if the types of section 2.2 let this role send messages of a type.
  func isSent(_ type: FrameType, by role: Role) -> Bool {
    switch type {
    case .data, .fin: true
    case .nick, .who: role == .client
    case .roster, .notice: role == .server
    default: type.isExtension
    }
  }
}
