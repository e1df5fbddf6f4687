internal import ChatPosix
internal import ChatWire

/// What a connection's own lock protects: its session, and what waits to be written.
///
/// Whoever holds the lock may drive the session: its own thread, when bytes, time or the socket's
/// readiness call for it, or another connection's thread that has left something in the mailbox.
/// Only its own thread reads, waits, and ends it.
struct ConnectionState {
  /// How far the connection has come.
  enum Phase {
    /// Which dialect the client speaks is not known yet.
    case recognising
    case native
    case classic
    /// The session is over: what is due is written, at most until the moment.
    case flushing(until: Instant)
    /// Nothing more is written: what comes is thrown away until the client closes, at most until
    /// the moment.
    case draining(until: Instant)
    /// Over.
    case closed
  }

  var phase = Phase.recognising
  var recogniser: DialectRecogniser
  var native: Session?
  var classic: ClassicServerSession?
  /// Where faults act, if any are wanted.
  var line: FaultyLine?
  /// The frame that is on its way to it.
  var frame: [UInt8] = []
  /// Frames that are due, from `written` on.
  var output: [UInt8] = []
  var written = 0
  /// The kernel takes no more, since this moment.
  var blockedSince: Instant?
  /// The connection is broken: nothing can be written, and nothing more comes.
  var isBroken = false
  /// The session is being ended at once, and does not wait for the socket.
  var isFailing = false
  /// Why the member has left, once known.
  var leaveReason: String?
  var deadline = Instant.distantFuture
  /// Until when its own thread sleeps; nil while it is awake.
  var sleepingUntil: Instant?
  /// Its own thread waits until the socket can be written.
  var isWaitingToWrite = false
  /// Something has happened since its thread slept last.
  var isBusy = false
  var flood: FloodGuard
  var counts = ConnectionCounts()
  /// Storage for what the mailbox had.
  var deliveries: [Delivery] = []
  /// The name of the session in logs; empty before the handshake.
  var sessionName = ""
  /// What the member was called when something was logged last.
  var nickname: String?
  let acceptedAt: Instant
  /// Whom to look after when no lock is held.
  var workList: WorkList = []

  /// What is written at once at most; then the kernel has to take it before more is made.
  static let outputByteCountMax = 64 << 10
  /// Nobody has to wait for a client whose TCP takes nothing for so long.
  static let blockedLimit = Duration.seconds(60)
  /// "At most 2 s" (PROTOCOL.md section 7).
  static let closingLimit = Duration.seconds(2)

  init(server: ServerContext, at now: Instant) {
    recogniser = DialectRecogniser(checksum: server.checksum)
    flood = FloodGuard(messagesPerSecond: server.settings.messagesPerSecond, at: now)
    acceptedAt = now
    deadline = now.advanced(by: server.native.tuning.serverHandshakeLimit)
  }

  /// The kernel takes no more at the moment.
  var isBlocked: Bool { blockedSince != nil }

  var isClosed: Bool {
    if case .closed = phase { return true }
    return false
  }

  /// True if bytes from the socket can be used now.
  var wantsInput: Bool {
    switch phase {
    case .recognising: true
    // "A driver whose peer does not read stops receiving."
    case .native: !isBlocked && !isBroken
    case .classic: !isBlocked && !isBroken && classic?.wantsInput == true
    case .flushing: false
    case .draining: true
    case .closed: false
    }
  }

  // MARK: output

  /// Writes what is due, as far as the kernel takes it.
  mutating func flush(_ connection: ClientConnection, at now: Instant) {
    while written < output.count, !isBroken {
      switch connection.socket.write(output, from: written) {
      case .bytes(let count):
        written += count
        counts.bytesSent += count
        blockedSince = nil
      case .wouldBlock:
        blockedSince = blockedSince ?? now
        return
      case .endOfStream, .failed:
        breakOff()
      }
    }
    blockedSince = nil
    written = 0
    output.removeAll(keepingCapacity: output.capacity <= 8 << 10)
  }

  /// The connection is gone.
  mutating func breakOff() {
    guard !isBroken else { return }
    isBroken = true
    blockedSince = nil
    native?.endOfStream()
    classic?.endOfStream()
  }

  // MARK: the end

  /// The session is over: from now on only what is due is written.
  mutating func close(reason: String?, _ connection: ClientConnection, at now: Instant) {
    leaveReason = leaveReason ?? reason
    _ = breakIfReset(connection)
    finishFaults(at: now)
    phase = .flushing(until: now.advanced(by: Self.closingLimit))
    // The others are told at once, not when the last byte is written.
    workList += connection.server.hub.leave(connection, reason: leaveReason)
    native = native.flatMap { $0.phase == .ended ? nil : $0 }
    connection.mailbox.close()
  }

  /// Goes on with closing: true if something has changed.
  mutating func advanceClosing(_ connection: ClientConnection, at now: Instant) {
    if case .flushing(let moment) = phase {
      flush(connection, at: now)
      if isBroken {
        phase = .closed
      } else if output.isEmpty {
        connection.socket.shutDownWriting()
        phase = .draining(until: now.advanced(by: Self.closingLimit))
      } else if now >= moment {
        connection.socket.resetOnClose()
        phase = .closed
      } else {
        deadline = moment
      }
    }
    if case .draining(let moment) = phase {
      deadline = moment
      if isBroken || now >= moment { phase = .closed }
    }
  }
}
