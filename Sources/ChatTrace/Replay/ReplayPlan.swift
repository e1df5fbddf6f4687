// How a recorded story is played again. A recording has one order of all that was seen, and what
// was complete before a side did something may be why it did so. So everything is put into that
// order once: the *actions* of the side that is played, and the *causes*, which only the live peer
// can bring about, or the network. An action waits for all causes before it, of every connection;
// two actions with the same causes before them wait for each other only within a connection. Since
// both stand in one order, nothing ever waits for itself. A client's action also waits for the
// acknowledgement of messages of other clients that were complete before it: only the server can
// acknowledge them, so that makes no circle either.

public import ChatWire

/// What to do, connection by connection, to play one side of a story again, and what each step
/// waits for.
public struct ReplayPlan: Sendable {
  /// A connection of the recording.
  public struct Connection: Sendable {
    /// What was recorded.
    public var session: StorySession
    /// Indices in `actions`, in the order in which they are to be done.
    public var actions: [Int] = []
  }

  /// Something that the side that is played does.
  public struct Action: Sendable, Hashable {
    /// What can be done.
    public enum Kind: Sendable, Hashable {
      /// Connects and asks for a session; clients only.
      case open
      /// Takes the answer, which completes the handshake; clients only.
      case establish
      /// Sends the message at this index of its direction; FIN is one of them.
      case send(Int)
      /// Ends the session with the ERROR that it was ended with.
      case fail
      /// Closes the connection without a goodbye, or resets it.
      case breakOff(isReset: Bool)
    }

    /// Which connection, as an index in `connections`.
    public var connection: Int
    /// What.
    public var kind: Kind
    /// How many of `causes`, from the first on, have to have happened before.
    public var causeCount = 0
    /// Indices of `causes`, beyond these, that have to have happened: that messages of other
    /// connections are acknowledged that were complete before.
    public var furtherCauses: [Int] = []
    /// When it was done, in the order of the recording.
    public var order: UInt64
    /// When it was done.
    public var time: TraceTime?
    /// The frame with which it began; 0 if there is none.
    public var frame: UInt64 = 0
    /// How long after the last of its causes it was done, or, without any, after the beginning; nil
    /// if the recording has no times.
    public var distance: Duration?
  }

  /// Something that has to happen again before what was done after it is done again.
  public struct Cause: Sendable, Hashable {
    /// What can happen.
    public enum Kind: Sendable, Hashable {
      /// The client asks for a session; for servers.
      case opened
      /// The handshake is complete.
      case established
      /// All of the message at this index of the own direction was acknowledged.
      case acknowledged(Int)
      /// All of the message at this index of the peer's direction has come.
      case received(Int)
      /// The connection is over.
      case closed
    }

    /// Which connection, as an index in `connections`.
    public var connection: Int
    /// What.
    public var kind: Kind
    /// When it happened, in the order of the recording.
    public var order: UInt64
    /// When it happened.
    public var time: TraceTime?
    /// The frame with which it happened; 0 if that is not known.
    public var frame: UInt64 = 0
  }

  /// Why a part of a recording cannot be played.
  public struct Omission: Sendable, Hashable {
    /// The number of the connection in the recording.
    public var stream: Int
    /// The message of the side that is played, if it is about one.
    public var message: Int?
    /// A sentence without a full stop.
    public var reason: String
  }

  /// Which side is played.
  public let role: Session.Role
  /// The connections that are played, in the order in which they were opened.
  public private(set) var connections: [Connection] = []
  /// What is done, in the order of the recording.
  public private(set) var actions: [Action] = []
  /// What has to happen, in the order of the recording.
  public private(set) var causes: [Cause] = []
  /// What cannot be played, or not be relied on.
  public private(set) var omissions: [Omission] = []

  /// Plans the playing of one side.
  ///
  /// - Parameter streams: Only these connections; nil: all of them.
  public init(_ story: Story, playing role: Session.Role, streams: Set<Int>? = nil) {
    self.role = role
    var chosen = story.sessions.filter { streams?.contains($0.stream) ?? true }
    chosen.sort { ($0.openingOrder, $0.stream) < ($1.openingOrder, $1.stream) }
    for session in chosen { add(session) }
    arrange()
    if role == .client { awaitCompleteMessages() }
  }

  /// How many messages are sent, goodbyes included.
  public var messageCount: Int {
    actions.count { action in
      if case .send = action.kind { true } else { false }
    }
  }

  /// The message that an action sends.
  public func message(_ action: Action) -> StoryMessage? {
    guard case .send(let index) = action.kind else { return nil }
    let own = connections[action.connection].session.messages(from: role)
    return own.indices.contains(index) ? own[index] : nil
  }

  // MARK: making it

  private mutating func add(_ session: StorySession) {
    let place = connections.count
    connections.append(Connection(session: session))
    for doubt in session.doubts {
      omissions.append(Omission(stream: session.stream, message: nil, reason: doubt))
    }
    switch role {
    case .client: add(.open, place, session.openingOrder, session.time)
    case .server: add(.opened, place, session.openingOrder, session.time)
    }
    if let order = session.establishedOrder, order > session.openingOrder || role == .server {
      if role == .client {
        let answered = min(order, session.firstSequel(after: session.openingOrder))
        add(.establish, place, answered, session.establishedTime)
      }
      add(.established, place, order, session.establishedTime)
    }
    addOwnMessages(of: session, place)
    addPeerMessages(of: session, place)
    addEnd(of: session, place)
  }

  private mutating func addOwnMessages(of session: StorySession, _ place: Int) {
    var begin = session.openingOrder
    var acknowledged: UInt64 = 0
    for (index, message) in session.messages(from: role).enumerated() {
      guard message.bytes != nil else {
        omissions.append(
          Omission(
            stream: session.stream, message: message.number,
            reason: "not all of the message was recorded"))
        continue
      }
      // They are sent in the order of their numbers, whatever was seen first.
      begin = max(begin, message.beginOrder)
      add(.send(index), place, begin, message.time, frame: message.firstFrame)
      guard let order = message.acknowledgedOrder else { continue }
      // A message is acknowledged only with all that were sent before it.
      acknowledged = max(acknowledged, order)
      if acknowledged > begin {
        add(
          .acknowledged(index), place, acknowledged, message.acknowledgedTime,
          frame: message.acknowledgingFrame)
      }
    }
  }

  private mutating func addPeerMessages(of session: StorySession, _ place: Int) {
    let peer: Session.Role = role == .client ? .server : .client
    var received: UInt64 = 0
    for (index, message) in session.messages(from: peer).enumerated() {
      guard let order = message.completeOrder else { continue }
      // It is delivered only behind those before it.
      received = max(received, order)
      if received > session.openingOrder {
        add(
          .received(index), place, received, message.completeTime, frame: message.completingFrame)
      }
    }
  }

  private mutating func addEnd(of session: StorySession, _ place: Int) {
    guard let order = session.closingOrder else { return }
    // Nothing of the connection comes behind its end.
    let end = max(order, session.openingOrder)
    if let error = session.error {
      if error.side == role { add(.fail, place, end, session.closingTime, frame: error.frame) }
    } else if role == .client, let isReset = session.isBrokenOff {
      add(.breakOff(isReset: isReset), place, end, session.closingTime)
    }
    if end > session.openingOrder { add(.closed, place, end, session.closingTime) }
  }

  private mutating func add(
    _ kind: Action.Kind, _ place: Int, _ order: UInt64, _ time: TraceTime?, frame: UInt64 = 0
  ) {
    actions.append(
      Action(connection: place, kind: kind, order: order, time: time, frame: frame))
  }

  private mutating func add(
    _ kind: Cause.Kind, _ place: Int, _ order: UInt64, _ time: TraceTime?, frame: UInt64? = nil
  ) {
    causes.append(
      Cause(connection: place, kind: kind, order: order, time: time, frame: frame ?? 0))
  }

  /// Puts everything into the order of the recording; what happened at once stays in the order of
  /// the connections and of their messages.
  private mutating func arrange() {
    actions = Self.sorted(actions) { $0.order }
    causes = Self.sorted(causes) { $0.order }
    let beginning = (actions.compactMap(\.time) + causes.compactMap(\.time)).min()
    var count = 0
    var latest = beginning
    for index in actions.indices {
      while count < causes.count, causes[count].order < actions[index].order {
        if let time = causes[count].time { latest = max(latest ?? time, time) }
        count += 1
      }
      actions[index].causeCount = count
      if let latest, let time = actions[index].time {
        actions[index].distance = .nanoseconds(
          TraceTime.elapsed(from: latest.nanoseconds, to: time.nanoseconds))
      }
      connections[actions[index].connection].actions.append(index)
    }
  }

  /// Has actions wait for the acknowledgement of what other clients had said completely: the server
  /// has dealt with it in that order.
  ///
  /// Within a connection it does so anyhow.
  private mutating func awaitCompleteMessages() {
    var complete: [(order: UInt64, cause: Int)] = []
    for (index, cause) in causes.enumerated() {
      guard case .acknowledged(let message) = cause.kind,
        let sending = connections[cause.connection].actions.first(where: {
          actions[$0].kind == .send(message)
        })
      else { continue }
      let order = connections[cause.connection].session.fromClient[message].completeOrder
      complete.append((max(order ?? cause.order, actions[sending].order), index))
    }
    complete.sort { ($0.order, $0.cause) < ($1.order, $1.cause) }
    // Those that are complete and not acknowledged yet, at most so many for each action.
    var open: [Int] = []
    var next = 0
    for index in actions.indices {
      let action = actions[index]
      while next < complete.count, complete[next].order < action.order {
        open.append(complete[next].cause)
        next += 1
      }
      open.removeAll { $0 < action.causeCount }
      actions[index].furtherCauses = Array(
        open.filter { causes[$0].connection != action.connection }.suffix(Self.furtherCausesMax))
    }
  }

  private static let furtherCausesMax = 64

  private static func sorted<Element>(
    _ elements: [Element], by order: (Element) -> UInt64
  ) -> [Element] {
    let places = elements.indices.sorted {
      (order(elements[$0]), $0) < (order(elements[$1]), $1)
    }
    return places.map { elements[$0] }
  }
}

extension StorySession {
  /// What one side sent, in the order of its sequence numbers.
  public func messages(from role: Session.Role) -> [StoryMessage] {
    role == .client ? fromClient : fromServer
  }

  /// When the first thing happened that can only happen once the answer was taken.
  func firstSequel(after opening: UInt64) -> UInt64 {
    var first = closingOrder ?? .max
    for message in fromClient {
      first = min(first, message.beginOrder, message.acknowledgedOrder ?? .max)
    }
    for message in fromServer { first = min(first, message.completeOrder ?? .max) }
    return max(opening, first)
  }

  /// Whether the connection was reset, if it ended so or was closed without a goodbye of the
  /// client; nil if it ended otherwise.
  ///
  /// A recording does not tell which side has closed first.
  var isBrokenOff: Bool? {
    switch end {
    case .reset?: true
    case .abrupt?, nil: isGoodbyeSaid ? nil : false
    case .clean?, .unconfirmed?, .error?, .refused?, .open?: nil
    }
  }

  private var isGoodbyeSaid: Bool {
    let goodbye = dialect == .native ? FrameType.fin.rawValue : ClassicType.disconnect.rawValue
    return fromClient.contains { $0.typeCode == goodbye }
  }
}
