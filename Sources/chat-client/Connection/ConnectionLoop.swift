// What the thread of a connection does. This file connects, again and again if need be; +Session
// runs one session from its SYN to its end, +Commands takes what somebody wants, +Closing closes.

internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// The work of a connection's thread.
///
/// Nothing of it is shared but `shared`.
final class ConnectionLoop {
  /// How one connection ended.
  enum Outcome {
    /// Everything is said and confirmed, and goodbye as well.
    case done
    /// Somebody wants it to end, or another session: commands say which.
    case interrupted
    /// No connection could be made.
    case unreachable(String)
    case broken(String)
    case hopeless(String)
  }

  static let connectTimeout = Duration.seconds(10)

  let settings: ClientSettings
  let shared: ConnectionShared
  let trace: ConnectionTrace
  let checksum: CRC32

  var wishes: ClientWishes
  var rules: FaultRules
  /// The rules in words.
  var rulesText: String
  var outbox = Outbox()
  /// Messages that were given.
  var messageCount: UInt64 = 0
  /// The nickname to ask for in the next session: the last one wished or accepted.
  var nickname: String?
  /// Somebody wants to end, with these words.
  var quitReason: String?
  var isAborted = false
  /// Somebody wants a new session.
  var isNewSessionWanted = false
  /// The session before it has until then to say goodbye.
  var farewellDeadline = Instant.distantFuture

  var conversation: Conversation?
  var session: ClientSessionInfo?
  var hasHadSession = false
  /// Attempts to connect since the last session.
  var attempt = 0
  var connectionCount = 0
  var backoff = Backoff()
  /// Frames on which faults acted, in earlier connections.
  var faultCount = 0
  var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(
    _ settings: ClientSettings, _ shared: ConnectionShared, _ trace: ConnectionTrace,
    _ checksum: CRC32
  ) {
    self.settings = settings
    self.shared = shared
    self.trace = trace
    self.checksum = checksum
    wishes = settings.wishes
    rules = settings.faults
    rulesText = settings.faults.description
    nickname = settings.wishes.nickname
  }

  /// Runs until it is over.
  func run() {
    let end = connectUntilEnd()
    trace.finish(at: now)
    tellExplanations()
    updateStatus()
    tell(.ended(end))
  }

  var now: Instant { Instant(nanoseconds: Clock.monotonicNanoseconds()) }

  func tell(_ event: ClientEvent) {
    shared.events.append(event)
  }

  func tellExplanations() {
    for event in trace.takeEvents(at: now) { tell(event) }
  }

  // MARK: one connection after the other

  private func connectUntilEnd() -> ClientEnd {
    while true {
      takeCommands()
      if let end = endIfWanted() { return end }
      isNewSessionWanted = false
      attempt += 1
      tell(.connecting(host: settings.host, port: settings.port, attempt: attempt))
      switch connectAndConverse() {
      case .done: return .done
      case .interrupted:
        attempt = 0
        backoff.reset()
      case .hopeless(let reason): return .failed(withUnconfirmed(reason))
      case .unreachable(let reason):
        // Whoever has never got through has the wrong address, or comes too early.
        guard hasHadSession else { return .failed(reason) }
        guard settings.reconnects else { return .failed(withUnconfirmed(reason)) }
        waitAfter(reason)
      case .broken(let reason):
        guard settings.reconnects else { return .failed(withUnconfirmed(reason)) }
        waitAfter(reason)
      }
    }
  }

  /// The end, if somebody wants it and nothing stands against it.
  private func endIfWanted() -> ClientEnd? {
    if isAborted { return outbox.isEmpty ? .done : .failed(withUnconfirmed("ended at once")) }
    return quitReason != nil && outbox.isEmpty ? .done : nil
  }

  /// The reason, and what was not delivered.
  private func withUnconfirmed(_ reason: String) -> String {
    switch outbox.count {
    case 0: reason
    case 1: reason + "; 1 message was not confirmed"
    default: reason + "; \(outbox.count) messages were not confirmed"
    }
  }

  /// Waits before the next attempt, unless somebody wants something else.
  private func waitAfter(_ reason: String) {
    var random = SystemRandomNumberGenerator()
    let delay = backoff.next(using: &random)
    tell(
      .disconnected(reason: reason, retryAfter: delay, unacknowledgedCount: outbox.count))
    updateStatus()
    let end = now.advanced(by: delay)
    while now < end {
      takeCommands()
      if isNewSessionWanted || endIfWanted() != nil { return }
      trace.advance(to: now)
      tellExplanations()
      var entries = [Poll.Entry(shared.wakeUp.pollDescriptor, .readable)]
      Poll.wait(
        for: &entries, nanoseconds: now.nanoseconds(to: min(end, trace.deadline)))
    }
  }

  // MARK: one connection

  private func connectAndConverse() -> Outcome {
    let socket: StreamSocket
    do {
      socket = try StreamSocket.connect(
        host: settings.host, port: settings.port,
        timeoutNanoseconds: Self.connectTimeout.nanoseconds,
        isCancelled: { [shared] in shared.isInterrupted })
    } catch {
      if shared.isInterrupted { return .interrupted }
      let address = SocketAddress(host: settings.host, port: settings.port)
      let hint = error.isRefusal ? "; is chat-server running there?" : ""
      return .unreachable("cannot connect to \(address): \(error.message)\(hint)")
    }
    begin(socket)
    defer { finishConversation() }
    return converse(socket)
  }

  private func begin(_ socket: borrowing StreamSocket) {
    var asked = wishes
    asked.nickname = nickname
    asked.declaresFaults = !rules.isEmpty
    conversation = Conversation(
      Dialogue(asked, checksum: checksum, at: now), rules: rules, seed: settings.faultSeed,
      connection: connectionCount, checksum: checksum, at: now)
    connectionCount += 1
    farewellDeadline = .distantFuture
    trace.opened(
      client: socket.localAddress().description, server: socket.peerAddress().description, at: now)
  }

  private func finishConversation() {
    let isReset = conversation?.failure != nil || conversation?.isReset == true
    trace.closed(isReset ? .reset : .close, at: now)
    trace.flush()
    faultCount += conversation?.line?.disturbedFrameCount ?? 0
    conversation = nil
    session = nil
    outbox.startAgain()
    updateStatus()
    tellExplanations()
  }

  func updateStatus() {
    let now = now
    let status = ClientStatus(
      host: settings.host, port: settings.port, session: session,
      native: conversation?.dialogue.status, unacknowledgedCount: outbox.count, faults: rulesText,
      faultCount: faultCount + (conversation?.line?.disturbedFrameCount ?? 0),
      timing: trace.isWatched ? conversation?.dialogue.timing(at: now) : nil, instant: now)
    shared.status.withLock { $0 = status }
  }
}

extension SocketError {
  /// Somebody is there, but nobody listens.
  fileprivate var isRefusal: Bool {
    switch self {
    case .system(let error): error.isRefused
    case .unknownHost, .timedOut: false
    }
  }
}
