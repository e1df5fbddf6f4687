internal import ChatPosix
internal import ChatWire

// The hub is what all connections share: who is here, and who is told what in which order.
//
// Lock order: a connection's own lock, then the hub's, then a mailbox's. No I/O, no log record and
// no other connection's lock under the hub's lock: its methods leave messages in mailboxes and
// return the connections whose mailbox was empty, and the caller looks after those when it holds no
// lock.

/// Connections that somebody has to look after, because something was left in their mailbox.
typealias WorkList = [ClientConnection]

/// Everybody who is connected, behind one lock.
final class Hub: Sendable {
  /// Why somebody is not let in.
  enum Refusal: Error {
    case serverFull(clientCountMax: Int)
    case addressFull(clientCountMax: Int)
    case shuttingDown

    /// One sentence for the client.
    var sentence: String {
      switch self {
      case .serverFull(let count): "The server is full: \(count) clients are connected."
      case .addressFull(let count):
        "\(count) clients are connected from your address, and no more are allowed."
      case .shuttingDown: "The server is shutting down."
      }
    }
  }

  private struct State {
    var room: Room
    /// Everybody who has joined the room, by number.
    var members: [UInt64: ClientConnection] = [:]
    /// Those of them whose handshake is complete: who gets what is said.
    var audience = Audience()
    /// Every connection that has not ended, by number.
    var connections: [UInt64: ClientConnection] = [:]
    var memberCountByAddress: [String: Int] = [:]
    var connectionCount: UInt64 = 0
    var totals = ServerStatus.Totals()
    var isShuttingDown = false
  }

  private let state: Locked<State>
  private let settings: ServerSettings
  /// Looks after those for whom what was left can wait a little.
  let herald = Herald()

  init(settings: ServerSettings) {
    self.settings = settings
    let greeting = settings.messageOfTheDay
    state = Locked(State(room: Room(welcome: greeting.isEmpty ? nil : greeting)))
  }

  // MARK: connections

  /// Connections that may be open without a complete handshake: enough for a class that comes at
  /// once, too few to fill the server.
  static let halfOpenCountMax = 4_096

  /// Registers a connection that was accepted; nil if too many wait for their handshake.
  func open(_ make: (UInt64) -> ClientConnection) -> ClientConnection? {
    state.change { state in
      guard !state.isShuttingDown,
        state.connections.count - state.members.count < Self.halfOpenCountMax
      else {
        state.totals.connectionsRefused += 1
        return nil
      }
      state.totals.connectionsAccepted += 1
      state.connectionCount += 1
      let connection = make(state.connectionCount)
      state.connections[connection.number] = connection
      return connection
    }
  }

  /// A connection has ended: tells those who are left, and keeps its counts.
  func close(
    _ connection: ClientConnection, reason: String?, counts: ConnectionCounts
  ) -> WorkList {
    state.change { state in
      state.connections[connection.number] = nil
      counts.add(to: &state.totals)
      return leave(connection, reason: reason, &state)
    }
  }

  /// Waits until every connection has ended, or the deadline has come; true if all have.
  func waitUntilEmpty(deadline: Instant) -> Bool {
    state.wait(untilNanoseconds: deadline.nanoseconds) { $0.connections.isEmpty ? true : nil }
      ?? false
  }

  var connectionCount: Int { state.withLock { $0.connections.count } }

  /// Every connection, in order of its number, and the counts of those that have ended.
  func snapshot() -> (connections: [ClientConnection], totals: ServerStatus.Totals) {
    state.withLock { state in
      (state.connections.values.sorted { $0.number < $1.number }, state.totals)
    }
  }

  // MARK: members

  /// Lets somebody in who asks for a session; returns the nickname that they get.
  func join(
    _ connection: ClientConnection, _ profile: RoomProfile, wanted: [UInt8]?, at now: Instant
  ) throws(Refusal) -> String {
    try state.withLock { state throws(Refusal) in
      do throws(Refusal) {
        try admit(connection, state)
      } catch {
        state.totals.connectionsRefused += 1
        throw error
      }
      state.members[connection.number] = connection
      state.memberCountByAddress[connection.peer.host, default: 0] += 1
      return state.room.join(connection.memberID, profile, wanted: wanted, at: now).nickname.value
    }
  }

  private func admit(_ connection: ClientConnection, _ state: State) throws(Refusal) {
    if state.isShuttingDown { throw .shuttingDown }
    if state.members.count >= settings.clientCountMax {
      throw .serverFull(clientCountMax: settings.clientCountMax)
    }
    let limit = settings.clientsPerAddressMax
    if limit > 0, state.memberCountByAddress[connection.peer.host, default: 0] >= limit {
      throw .addressFull(clientCountMax: limit)
    }
  }

  /// The handshake of a member is complete.
  func established(_ connection: ClientConnection) -> WorkList {
    state.withLock { state in
      guard let member = state.room.member(connection.memberID) else { return [] }
      state.audience.add(connection, member.profile.dialect)
      return expand(state.room.established(connection.memberID), state)
    }
  }

  /// A member has said goodbye, or is gone; the others are told once.
  func leave(_ connection: ClientConnection, reason: String?) -> WorkList {
    state.withLock { leave(connection, reason: reason, &$0) }
  }

  private func leave(
    _ connection: ClientConnection, reason: String?, _ state: inout State
  ) -> WorkList {
    guard state.members.removeValue(forKey: connection.number) != nil else { return [] }
    let count = state.memberCountByAddress[connection.peer.host, default: 1] - 1
    state.memberCountByAddress[connection.peer.host] = count > 0 ? count : nil
    let deliveries = state.room.leave(connection.memberID, reason: reason)
    state.audience.remove(connection)
    return expand(deliveries, state)
  }

  /// What a member is called now.
  func nickname(of connection: ClientConnection) -> String? {
    state.withLock { $0.room.member(connection.memberID)?.nickname.value }
  }

  /// Asks the room, and leaves what it answers in the mailboxes.
  func deliver(_ ask: (inout Room) -> [RoomDelivery]) -> WorkList {
    state.withLock { state in
      let deliveries = ask(&state.room)
      return expand(deliveries, state)
    }
  }

  private func expand(_ deliveries: [RoomDelivery], _ state: State) -> WorkList {
    var workList: WorkList = []
    var postponed: WorkList = []
    for delivery in deliveries {
      // Each form is made once, when the first recipient needs it.
      var native: Delivery?
      var classic: Delivery?
      let canWait = state.audience.count > Self.intimateCount && delivery.message.isAboutOthers
      state.audience.forEach(of: delivery.recipients) { connection, dialect in
        let form: Delivery
        switch dialect {
        case .native:
          form = native ?? Self.nativeForm(delivery.message)
          native = form
        case .classic:
          form = classic ?? .classic(delivery.message.classicForm())
          classic = form
        }
        switch connection.mailbox.append(form, canWait: canWait) {
        case .now: workList.append(connection)
        case .soon: postponed.append(connection)
        case .none: break
        }
      }
    }
    if !postponed.isEmpty { herald.postpone(postponed) }
    return workList
  }

  /// In a larger room notices of who comes and goes may gather for a moment.
  private static let intimateCount = 64

  private static func nativeForm(_ message: RoomMessage) -> Delivery {
    let (type, payload) = message.encoded()
    return .native(type, payload)
  }

  // MARK: the end

  /// Lets nobody in any more, and tells everybody why; then they are to be finished.
  func shutDown(_ sentence: String) -> WorkList {
    state.withLock { state in
      state.isShuttingDown = true
      return expand(state.room.shutDown(sentence), state)
        + Self.tellAll(.finish(reason: sentence), state)
    }
  }

  /// Ends whoever has not gone.
  func cutOff(_ sentence: String) -> WorkList {
    state.withLock { Self.tellAll(.fail(.shuttingDown, sentence), $0) }
  }

  private static func tellAll(_ delivery: Delivery, _ state: State) -> WorkList {
    state.connections.values.sorted { $0.number < $1.number }
      .filter { $0.mailbox.append(delivery) == .now }
  }
}
