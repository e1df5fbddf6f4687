import ChatWire

/// One connection while its story is gathered.
struct StoryStream: Sendable {
  var session = StorySession()
  var fromClient = StoryFlow()
  var fromServer = StoryFlow()
  var classic = ClassicStory()
  var clientDoubts = StoryDoubts()
  var serverDoubts = StoryDoubts()
  private var isAsked = false
  private var isAnswered = false
  private var isHandshakeSeen = false
  private var clientSequence: UInt16?

  /// A connection of which this is the first record.
  init(_ event: TraceEvent) {
    session.stream = event.stream
    session.time = event.time
  }

  /// Takes a record, and says where a frame stands.
  mutating func take(
    _ event: TraceEvent, payload: RawSpan, order: UInt64, budget: inout StoryBudget
  ) -> StoryPlace {
    switch event.kind {
    case .tcp:
      if event.tcpEvent == .open {
        session.client = event.client
        session.server = event.server
        session.time = event.time
      } else if session.closingOrder == nil {
        session.closingOrder = order
        session.closingTime = event.time
      }
    case .session:
      if event.state == .established, session.establishedOrder == nil {
        session.establishedOrder = order
        session.establishedTime = event.time
      }
    case .gap: gap(event)
    case .junk:
      // Its header may be damaged; if it is not, this was the first try.
      guard event.code == 1, event.dialect == .native,
        FrameType(rawValue: event.typeCode).isSequenced
      else { break }
      mention(event, StorySight(order: order, frame: 0, time: event.time))
    case .frame:
      if session.openingOrder == 0 { session.openingOrder = order }
      session.dialect = event.dialect
      let sight = StorySight(order: order, frame: event.frame, time: event.time)
      return event.dialect == .native
        ? native(event, payload: payload, sight, budget: &budget)
        : classic(event, payload: payload, sight, budget: &budget)
    case .fault, .summary: break
    }
    return StoryPlace()
  }

  private mutating func gap(_ event: TraceEvent) {
    if event.direction == .clientToServer {
      fromClient.gap(byteCount: event.length)
      clientDoubts.missingBytes &+= event.length
      classic.gap()
    } else {
      fromServer.gap(byteCount: event.length)
      serverDoubts.missingBytes &+= event.length
    }
  }

  private mutating func mention(_ event: TraceEvent, _ sight: StorySight) {
    if event.direction == .clientToServer {
      fromClient.mention(event.sequence, sight)
    } else {
      fromServer.mention(event.sequence, sight)
    }
  }

  /// The handshake was seen, or a part of it; its client's SYN or the answer to that.
  mutating func sawHandshake(isAsked: Bool = false, isAnswered: Bool = false) {
    isHandshakeSeen = true
    self.isAsked = self.isAsked || isAsked
    self.isAnswered = self.isAnswered || isAnswered
  }

  /// The session, with nothing more to come.
  func finished(_ event: TraceEvent?, order: UInt64) -> StorySession {
    var stream = self
    var nothing = StoryBudget(bytes: .max / 2, messages: .max / 2)
    stream.fromClient.finish(budget: &nothing)
    stream.fromServer.finish(budget: &nothing)
    var session = stream.session
    if session.dialect == .native {
      session.fromClient = stream.fromClient.messages
      session.fromServer = stream.fromServer.messages
    }
    if isHandshakeSeen { session.end = event?.end ?? .open }
    if let end = event?.end, end != .open, session.closingOrder == nil {
      session.closingOrder = order
      session.closingTime = event?.time
    }
    if !isAsked, !isAnswered {
      session.doubts.append("the beginning of the connection was not captured")
    }
    let isNative = session.dialect == .native
    session.doubts += (isNative ? stream.fromClient.doubts : clientDoubts).sentences(of: "client")
    session.doubts += (isNative ? stream.fromServer.doubts : serverDoubts).sentences(of: "server")
    return session
  }
}

// MARK: native

extension StoryStream {
  private mutating func native(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    let type = FrameType(rawValue: event.typeCode)
    var place = StoryPlace()
    guard event.checksum != .bad else {
      // The analysis has found that it fits what was sent.
      if type.isSequenced, event.attempt != nil {
        mention(event, sight)
        let flow = event.direction == .clientToServer ? fromClient : fromServer
        place.own = StoryPlace.Fragment(position: flow.place(of: event.sequence))
      }
      return place
    }
    if type.isSequenced {
      let position =
        event.direction == .clientToServer
        ? fromClient.take(event, payload: payload, sight, budget: &budget)
        : fromServer.take(event, payload: payload, sight, budget: &budget)
      place.own = StoryPlace.Fragment(position: position)
    } else if type == .ack || type == .nack {
      guard let nextExpected = event.nextExpected, event.checksum == .good else { return place }
      return event.direction == .clientToServer
        ? Self.acknowledged(&fromServer, nextExpected, event, sight)
        : Self.acknowledged(&fromClient, nextExpected, event, sight)
    } else if event.checksum == .good {
      control(type, event, payload: payload)
    }
    return place
  }

  private static func acknowledged(
    _ flow: inout StoryFlow, _ nextExpected: UInt16, _ event: TraceEvent, _ sight: StorySight
  ) -> StoryPlace {
    flow.acknowledge(nextExpected, sight)
    return StoryPlace(
      answered: StoryPlace.Fragment(position: flow.place(of: event.sequence)),
      expected: StoryPlace.Fragment(position: flow.place(of: nextExpected)))
  }

  private mutating func control(_ type: FrameType, _ event: TraceEvent, payload: RawSpan) {
    switch type {
    case .syn where event.direction == .clientToServer:
      sawHandshake(isAsked: true)
      // A second one with another number is a mistake of the client (section 3).
      guard clientSequence == nil else { return }
      clientSequence = event.sequence
      session.asked = StoryTerms(HandshakeOptions.scan(payload, for: .syn).options)
      fromClient.start(initialSequence: event.sequence)
    case .synAck where event.direction == .serverToClient:
      let options = HandshakeOptions.scan(payload, for: .synAck).options
      if let acknowledges = options.acknowledges, let clientSequence,
        acknowledges != clientSequence
      {
        return
      }
      let isFirst = !isAnswered
      sawHandshake(isAnswered: true)
      guard isFirst else { return }
      session.granted = StoryTerms(options)
      fromServer.start(initialSequence: event.sequence)
      if let acknowledges = options.acknowledges {
        fromClient.start(initialSequence: acknowledges)
      }
    case .handshakeAck where event.direction == .clientToServer:
      sawHandshake()
      fromServer.start(initialSequence: event.sequence)
    case .error:
      guard session.error == nil, let code = event.code else { return }
      session.error = StoryError(
        side: event.direction == .clientToServer ? .client : .server, code: code,
        text: event.reason ?? "", frame: event.frame)
    default: break
    }
  }
}

extension StoryTerms {
  /// What a handshake frame says.
  fileprivate init(_ options: HandshakeOptions) {
    mode = options.arqMode
    window = options.window.map { UInt64($0) }
    fragmentSize = options.fragment.map { UInt64($0) }
    nickname = options.nicknameText
    name = options.nameText
  }

  /// What a classic SYN, or the answer to it, says.
  init(_ parameters: ClassicParameters) {
    mode = parameters.arqMode
    window = parameters.window.map { UInt64($0) }
    fragmentSize = parameters.fragmentCharacters.map { UInt64($0) }
  }
}
