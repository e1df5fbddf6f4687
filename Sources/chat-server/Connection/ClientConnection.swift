internal import ChatPosix
internal import ChatWire
internal import Logging

/// A client's connection, with the thread that serves it.
///
/// Lock order: this connection's lock, then the hub's, then a mailbox's, then the log's. Nobody
/// waits for a second connection's lock: whom a session's messages concern is looked after once its
/// own lock is free (`lookAfter`), and somebody who is busy looks again before going to sleep.
final class ClientConnection: Sendable {
  let number: UInt64
  let peer: SocketAddress
  let socket: StreamSocket
  let server: ServerContext
  let mailbox: Mailbox
  private let state: Locked<ConnectionState>
  /// The thread that serves it, while it can be woken.
  private let thread = Locked<Thread?>(nil)

  var memberID: RoomMemberID { RoomMemberID(rawValue: number) }

  init(
    number: UInt64, peer: SocketAddress, socket: consuming StreamSocket, server: ServerContext
  ) {
    self.number = number
    self.peer = peer
    self.socket = socket
    self.server = server
    mailbox = Mailbox(byteCountMax: server.settings.queueByteCountMax)
    state = Locked(ConnectionState(server: server, at: server.now()))
  }

  /// Starts its thread.
  func start() throws(SystemError) {
    try Thread.detach("client \(number)") { self.run() }
  }

  /// Ends it without a thread, because none could be started.
  func abandon() {
    mailbox.close()
    finish()
  }

  // MARK: its own thread

  private func run() {
    thread.withLock { $0 = .current }
    var ready: WakeablePoll.Interest = []
    while true {
      let now = server.now()
      var workList: WorkList = []
      let isClosed = state.withLock { state in
        state.sleepingUntil = nil
        state.isWaitingToWrite = false
        read(ready, &state, at: now)
        state.drive(self, at: now)
        swap(&workList, &state.workList)
        return state.isClosed
      }
      Self.lookAfter(workList, server)
      if isClosed { break }
      guard let (interest, moment) = prepareToSleep() else {
        ready = []
        continue
      }
      ready = WakeablePoll.wait(
        for: socket.rawValue, interest,
        nanoseconds: moment == .distantFuture ? nil : server.now().nanoseconds(to: moment))
    }
    // From here on nobody may wake it.
    thread.withLock { $0 = nil }
    finish()
  }

  private func read(
    _ ready: WakeablePoll.Interest, _ state: inout ConnectionState, at now: Instant
  ) {
    guard !ready.isEmpty else { return }
    guard state.wantsInput else {
      // Nothing is read while nothing can be written, but a broken connection shows.
      if ready.contains(.closed) { state.breakOff() }
      return
    }
    guard ready.contains(.readable) || ready.contains(.closed) else { return }
    server.buffers.lend { buffer in
      switch socket.read(into: &buffer) {
      case .bytes(let count):
        let bytes = buffer.span.bytes.extracting(first: count)
        state.receive(bytes, self, at: now)
      case .wouldBlock: break
      case .endOfStream: state.endOfStream(self, at: now)
      case .failed:
        state.breakOff()
        state.endOfStream(self, at: now)
      }
    }
  }

  /// What to wait for and until when; nil if something was left in the mailbox meanwhile.
  private func prepareToSleep() -> (WakeablePoll.Interest, Instant)? {
    state.withLock { state in
      guard mailbox.isEmpty || state.isClosed else { return nil }
      var interest: WakeablePoll.Interest = []
      if state.wantsInput { interest.insert(.readable) }
      if state.isBlocked { interest.insert(.writable) }
      var moment = state.deadline
      // Whoever has just been busy will be again: until then timers that others' messages start
      // need not wake this thread each time.
      if state.isBusy {
        moment = min(moment, server.now().advanced(by: Self.lightSleep))
        state.isBusy = false
      }
      state.sleepingUntil = moment
      state.isWaitingToWrite = state.isBlocked
      return (interest, moment)
    }
  }

  /// The shortest retransmission timeout: nothing can be due earlier.
  private static let lightSleep = Duration.milliseconds(100)

  private func finish() {
    mailbox.close()
    let (reason, counts, session, age) = state.withLock { state in
      (
        state.leaveReason, state.counts, state.sessionName,
        state.acceptedAt.duration(to: server.now())
      )
    }
    server.log.debug(
      "connection.closed",
      metadata: [
        "connection": .stringConvertible(number), "address": "\(peer)", "session": "\(session)",
        "seconds": .stringConvertible(age.components.seconds),
        "bytes_received": .stringConvertible(counts.bytesReceived),
        "bytes_sent": .stringConvertible(counts.bytesSent),
        "messages_received": .stringConvertible(counts.messagesReceived),
        "messages_sent": .stringConvertible(counts.messagesSent),
        "notices_left_out": .stringConvertible(mailbox.leftOutCount),
      ])
    // The last thing: a server that ends waits for it, and writes its last record then.
    let workList = server.hub.close(self, reason: reason, counts: counts)
    Self.lookAfter(workList, server)
  }

  // MARK: other threads

  /// Serves everybody in whose mailbox something was left, and whom that concerns in turn.
  ///
  /// To be called without any lock.
  static func lookAfter(_ workList: WorkList, _ server: ServerContext) {
    var workList = workList
    var next = 0
    while next < workList.count {
      workList[next].serve(&workList)
      next += 1
    }
  }

  /// Lends this thread to the session: what is in the mailbox is sent at once, without waking the
  /// client's own thread, unless somebody has the session in hand, who then looks again.
  private func serve(_ workList: inout WorkList) {
    repeat {
      let now = server.now()
      let isServed: Void? = state.withLockIfFree { state in
        state.drive(self, at: now)
        workList += state.workList
        state.workList.removeAll()
        let needsThread =
          state.isClosing || (state.isBlocked && !state.isWaitingToWrite)
          || state.sleepingUntil.map { state.deadline < $0 } == true
        if state.sleepingUntil != nil, needsThread { wake() }
      }
      guard isServed != nil else { return }
    } while !mailbox.isEmpty
  }

  /// Interrupts the sleep of its thread.
  private func wake() {
    thread.withLock { $0?.wake() }
  }

  // MARK: status

  /// What it has done so far.
  var counts: ConnectionCounts { state.withLock { $0.counts } }

  /// What there is to tell about it; nil unless its handshake is complete.
  func status() -> ServerStatus.ClientStatus? {
    guard let nickname = server.hub.nickname(of: self) else { return nil }
    return state.withLock { state in
      state.status(of: self, nickname: nickname, at: server.now())
    }
  }
}
