// One thread does everything between a client and a server, as haproxy does: no lock, no switch of
// threads on the way of a frame, and one order of all events, which is that of the trace. What is
// read goes out before it is looked at wherever nothing is to be done to it. Files and terminals
// are written by threads of their own, requests come through a mailbox.

internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// Accepts, forwards, disturbs, and tells the trace, until a signal comes.
final class ProxyLoop<Sink: TraceSink> {
  /// What a proxy is told once.
  struct Settings {
    var upstream: StreamTarget
    var seed: UInt64
    /// Acts to do again in the place of rules.
    var ledger: FaultLedger?
    /// No more connections at a time; the others wait.
    var connectionsMax: Int
    /// What clients and servers are told apart by in messages.
    var listenText: String
    var upstreamText: String
  }

  /// Tokens of what is no connection.
  enum Token {
    static var listener: UInt64 { .max }
    static var signals: UInt64 { .max - 1 }
    static var mailbox: UInt64 { .max - 2 }
  }

  let settings: Settings
  var events: EventSet
  let listener: StreamListener
  private let signals: SignalPipe
  let mailbox: ControlMailbox
  var clock = ProxyClock()
  let trace: ProxyTrace<Sink>
  let messages: ProxyMessages
  var deadlines = DeadlineQueue()
  var ruleBook: RuleBook
  /// The rules of the book.
  var rules: FaultRules
  var interception = Interception()
  var ledgerFile: LedgerFile?

  /// Connections by their place.
  var table: [ProxyConnection?] = []
  var freePlaces: [Int] = []
  var generation: UInt64 = 0
  var admission = Admission()
  var counts = ProxyCounts()
  let startedAt: Instant

  /// What is read, and what of it arrives.
  private var readBuffer = [UInt8](repeating: 0, count: 256 << 10)
  var arrivalBuffer: [UInt8] = []

  init(
    _ settings: Settings, events: consuming EventSet, listener: consuming StreamListener,
    signals: consuming SignalPipe, mailbox: ControlMailbox, rules: FaultRules,
    ledgerFile: consuming LedgerFile?, trace: ProxyTrace<Sink>, messages: ProxyMessages
  ) throws(Failure) {
    self.settings = settings
    self.listener = listener
    self.signals = signals
    self.mailbox = mailbox
    self.trace = trace
    self.messages = messages
    self.ledgerFile = ledgerFile
    self.rules = rules
    ruleBook = RuleBook(rules)
    startedAt = clock.now
    self.events = events
    do throws(SystemError) {
      try self.events.add(self.signals.pollDescriptor, .readable, token: Token.signals)
      try self.events.add(mailbox.pollDescriptor, .readable, token: Token.mailbox)
      try self.events.add(self.listener.pollDescriptor, .readable, token: Token.listener)
    } catch {
      throw Failure("the proxy cannot be started: \(error.message)")
    }
  }

  // MARK: the loop

  /// Runs until a signal comes; then the trace and the recording are ended.
  func run() -> TerminationSignal? {
    while true {
      trace.flush()
      ledgerFile?.flush()
      let count = events.wait(nanoseconds: waitNanoseconds)
      clock.read()
      if clock.now >= admission.nextAttempt { resumeAccepting() }
      for index in 0..<count {
        let (token, result) = events[index]
        switch token {
        case Token.listener: accept()
        case Token.mailbox: for asker in mailbox.take() { asker.answer(answer(asker.request)) }
        case Token.signals:
          if let signal = signals.take() {
            finish()
            return signal
          }
        default: handle(token, result)
        }
      }
      while let token = deadlines.next(at: clock.now) { remind(token) }
      if count == 0 { trace.advance(to: clock.time) }
    }
  }

  /// How long nothing has to be done: while there are connections the trace hears that time passes.
  private var waitNanoseconds: Int64? {
    let idle: Int64 = counts.open > 0 ? 100_000_000 : .max
    let first = min(deadlines.first, admission.nextAttempt)
    guard first != .distantFuture || idle != .max else { return nil }
    return min(idle, max(0, clock.now.nanoseconds(to: first)))
  }

  private func finish() {
    mailbox.close()
    trace.finish(at: clock.time)
    ledgerFile?.flush()
  }

  // MARK: connections

  /// The connection that a token stands for, if it is still there.
  func connection(_ token: UInt64) -> ProxyConnection? {
    let place = Int(token >> 1 & 0x7FFF_FFFF)
    guard table.indices.contains(place), let connection = table[place],
      connection.token == token & ~1
    else { return nil }
    return connection
  }

  /// It is over, and forgotten with this: closed, or reset.
  func forget(_ connection: ProxyConnection, isReset: Bool = false) {
    guard connection.phase != .over else { return }
    if connection.phase == .open { counts.open -= 1 } else { counts.connecting -= 1 }
    connection.phase = .over
    if isReset {
      connection.client.resetOnClose()
      connection.server.resetOnClose()
    }
    if connection.clientInterest != nil { events.remove(connection.client.rawValue) }
    if connection.serverInterest != nil { events.remove(connection.server.rawValue) }
    connection.clientInterest = nil
    connection.serverInterest = nil
    let place = Int(connection.token >> 1 & 0x7FFF_FFFF)
    table[place] = nil
    freePlaces.append(place)
    // Not now: its sockets are closed when nobody looks at it any more.
    if !admission.isOpen { admission.nextAttempt = clock.now }
  }

  // MARK: events

  private func handle(_ token: UInt64, _ result: EventSet.Interest) {
    guard let connection = connection(token) else { return }
    guard connection.phase == .open else {
      if token & 1 == 1 { finishConnecting(connection) }
      return
    }
    let outgoing: Direction = token & 1 == 0 ? .clientToServer : .serverToClient
    if result.contains(.writable) {
      write(connection, outgoing.opposite)
      guard connection.phase == .open else { return }
    }
    if result.contains(.broken) {
      fail(connection, by: outgoing)
    } else if !result.isDisjoint(with: [.readable, .ended]), !connection[outgoing].isSourceEnded,
      !connection[outgoing].isHeldUp
    {
      _ = read(connection, outgoing)
    }
    update(connection)
  }

  /// Reads once what the sender of a direction has sent; says whether there was anything.
  func read(_ connection: ProxyConnection, _ direction: Direction) -> Bool {
    switch connection.read(direction, into: &readBuffer) {
    case .bytes(let count):
      let buffer = readBuffer
      take(count, of: buffer, connection, direction)
      return true
    case .endOfStream: end(connection, direction)
    case .wouldBlock: break
    case .failed: fail(connection, by: direction)
    }
    return false
  }

  /// Something is due.
  private func remind(_ token: UInt64) {
    guard let connection = connection(token) else { return }
    connection.reminder = .distantFuture
    if connection.phase == .connecting {
      if clock.now >= connection.connectDeadline { tryNextAddress(connection, "no answer in time") }
    } else {
      for direction in [Direction.clientToServer, .serverToClient] {
        drain(connection, direction)
        guard connection.phase == .open else { return }
      }
    }
    update(connection)
  }
}

/// What has been counted over all connections.
struct ProxyCounts {
  var accepted = 0
  var connecting = 0
  var open = 0
  var refused = 0
  var bytes: UInt64 = 0
  var disturbed: UInt64 = 0
}
