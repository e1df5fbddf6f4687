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
  private let listener: StreamListener
  private let signals: SignalPipe
  let mailbox: ControlMailbox
  var clock = ProxyClock()
  let trace: ProxyTrace<Sink>
  var deadlines = DeadlineQueue()
  var ruleBook: RuleBook
  /// The rules of the book.
  var rules: FaultRules
  var interception = Interception()
  var ledgerFile: LedgerFile?

  /// Connections by their place.
  var table: [ProxyConnection?] = []
  private var freePlaces: [Int] = []
  private var generation: UInt64 = 0
  private var isAccepting = false
  private var saidNoDescriptors = false
  var counts = ProxyCounts()
  let startedAt: Instant

  /// What is read, and what of it arrives.
  private var readBuffer = [UInt8](repeating: 0, count: 256 << 10)
  var arrivalBuffer: [UInt8] = []

  init(
    _ settings: Settings, events: consuming EventSet, listener: consuming StreamListener,
    signals: consuming SignalPipe, mailbox: ControlMailbox, rules: FaultRules,
    ledgerFile: consuming LedgerFile?, trace: ProxyTrace<Sink>
  ) throws(Failure) {
    self.settings = settings
    self.listener = listener
    self.signals = signals
    self.mailbox = mailbox
    self.trace = trace
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
    isAccepting = true
  }

  // MARK: the loop

  /// Runs until a signal comes; then the trace and the recording are ended.
  func run() -> TerminationSignal? {
    while true {
      trace.flush()
      ledgerFile?.flush()
      let count = events.wait(nanoseconds: waitNanoseconds)
      clock.read()
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
    let first = deadlines.first
    guard first != .distantFuture || idle != .max else { return nil }
    return min(idle, max(0, clock.now.nanoseconds(to: first)))
  }

  private func finish() {
    mailbox.close()
    trace.finish(at: clock.time)
    ledgerFile?.flush()
  }

  // MARK: connections

  private func accept() {
    for _ in 0..<64 {
      guard counts.open + counts.connecting < settings.connectionsMax else {
        stopAccepting()
        return
      }
      switch listener.accept() {
      case .connection(let client, let address): begin(client, address)
      case .nothing: return
      case .noDescriptors(let error):
        if !saidNoDescriptors {
          Diagnostics.say(
            "no more connections can be made for now (\(error.message)): raise the limit of open "
              + "files (ulimit -n)")
          saidNoDescriptors = true
        }
        // Goes on when a connection has ended.
        stopAccepting()
        return
      case .failed(let error):
        Diagnostics.say("a connection could not be accepted: \(error.message)")
        return
      }
    }
  }

  private func stopAccepting() {
    guard isAccepting, counts.open + counts.connecting > 0 else { return }
    isAccepting = false
    events.remove(listener.pollDescriptor)
  }

  private func begin(_ client: consuming StreamSocket, _ address: SocketAddress) {
    counts.accepted += 1
    let server: StreamSocket
    do throws(SystemError) {
      server = try settings.upstream.beginConnecting(to: 0)
    } catch {
      refuse(address, error.message)
      return
    }
    generation &+= 1
    let place = freePlaces.popLast() ?? table.count
    if place == table.count { table.append(nil) }
    // Which side it is stands in the lowest bit.
    let token = (generation & 0x7FFF_FFFF) << 32 | UInt64(place) << 1
    let connection = ProxyConnection(
      token: token, client: client, address: address, server: server,
      relay: FrameRelay(
        rules: FaultRules(), seed: 0, connection: 0, checksum: .forProgram, at: clock.now),
      at: clock.now)
    table[place] = connection
    counts.connecting += 1
    if connection.server.isConnected() {
      open(connection)
    } else {
      connection.connectDeadline = clock.now.advanced(by: .seconds(10))
      update(connection)
    }
  }

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
    if !isAccepting {
      isAccepting = true
      // It was in there before.
      try? events.add(listener.pollDescriptor, .readable, token: Token.listener)
    }
  }

  /// There is no server for a client.
  func refuse(_ address: SocketAddress, _ reason: String) {
    counts.refused += 1
    Diagnostics.say(
      "\(address): no connection to the upstream \(settings.upstreamText): \(reason)")
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
    if !result.isDisjoint(with: [.readable, .broken, .ended]) {
      let isBroken = result.contains(.broken)
      if !connection[outgoing].isSourceEnded, isBroken || !connection[outgoing].isHeldUp {
        read(connection, outgoing)
      } else if isBroken {
        fail(connection)
      }
    }
    update(connection)
  }

  /// Reads once what the sender of a direction has sent.
  private func read(_ connection: ProxyConnection, _ direction: Direction) {
    switch connection.read(direction, into: &readBuffer) {
    case .bytes(let count):
      let buffer = readBuffer
      take(count, of: buffer, connection, direction)
    case .endOfStream: end(connection, direction)
    case .wouldBlock: break
    case .failed: fail(connection)
    }
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
