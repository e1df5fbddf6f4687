import ChatWire

/// What the story of a classic connection has to remember between its frames.
///
/// Classic frames have no sequence numbers beyond those of the fragments of one message: which
/// message a fragment belongs to, and whether it is a copy, is what `ClassicSession` has found.
struct ClassicStory: Sendable {
  /// The analysis' number of the message in hand, its place in the story, and what there is of it.
  fileprivate var message: UInt64 = 0
  fileprivate var index: Int?
  fileprivate var fragmentCount = 0
  fileprivate var isWhole = true
  fileprivate var isComplete = false
  fileprivate var bytes: [UInt8] = []
  /// Fragments without an answer: the latest ones.
  fileprivate var waiting: [(sequence: UInt16, fragment: StoryPlace.Fragment, isLast: Bool)] = []
  /// Requests without an answer: by type, their places in the story.
  fileprivate var requests: [UInt8: Int] = [:]
  /// A list was sent that answers a repeated request.
  fileprivate var lastListIndex: Int?

  fileprivate static let waitingMax = 64

  /// Bytes of the client are missing.
  mutating func gap() {
    if !isComplete { isWhole = false }
    waiting = []
  }
}

extension StoryStream {
  /// A classic frame.
  mutating func classic(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    let type = ClassicType(rawValue: event.typeCode)
    if type == .data {
      return event.direction == .clientToServer
        ? classicFragment(event, payload: payload, sight, budget: &budget)
        : classicBroadcast(event, payload: payload, sight, budget: &budget)
    }
    guard event.checksum == .good else { return StoryPlace() }
    switch (type, event.direction) {
    case (.syn, .clientToServer):
      sawHandshake(isAsked: true)
      if let syn = try? ClassicSYN(decoding: payload) {
        let nickname = session.asked.nickname
        session.asked = StoryTerms(syn.parameters)
        session.asked.nickname = nickname
      }
    case (.handshakeAck, .clientToServer): sawHandshake()
    case (.setNick, .clientToServer), (.listRequest, .clientToServer),
      (.disconnect, .clientToServer):
      return classicRequest(event, payload: payload, sight, budget: &budget)
    case (.channelConfig, .clientToServer):
      return say(event, payload: payload, sight, budget: &budget)
    case (.ack, .serverToClient):
      return classicAcknowledgement(event, payload: payload, sight, budget: &budget)
    case (.nack, .serverToClient):
      return StoryPlace(answered: classic.waiting.last { $0.sequence == event.sequence }?.fragment)
    case (.listResponse, .serverToClient):
      return classicList(event, payload: payload, sight, budget: &budget)
    default: break
    }
    return StoryPlace()
  }

  /// A message in one frame.
  private mutating func say(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    guard let index = begin(event, sight, budget: &budget) else { return StoryPlace() }
    var bytes: [UInt8]?
    if event.checksum == .good {
      if budget.take(bytes: payload.byteCount) {
        bytes = unsafe payload.withUnsafeBytes { unsafe Array($0) }
      } else {
        doubt(event.direction) { $0.isTooLarge = true }
      }
    }
    change(event.direction, index) { message in
      message.bytes = bytes
      message.fragmentCount = 1
      message.completingFrame = sight.frame
      message.completeOrder = sight.order
      message.completeTime = sight.time
    }
    return StoryPlace(own: StoryPlace.Fragment(message: index + 1, fragment: 1))
  }

  private mutating func begin(
    _ event: TraceEvent, _ sight: StorySight, budget: inout StoryBudget
  ) -> Int? {
    guard budget.takeMessage() else {
      doubt(event.direction) { $0.isTooLarge = true }
      return nil
    }
    var message = StoryMessage()
    message.typeCode = event.typeCode
    message.firstFrame = sight.frame
    message.beginOrder = sight.order
    message.time = sight.time
    if event.direction == .clientToServer {
      message.number = session.fromClient.count + 1
      session.fromClient.append(message)
      return session.fromClient.count - 1
    }
    message.number = session.fromServer.count + 1
    session.fromServer.append(message)
    return session.fromServer.count - 1
  }

  private mutating func change(
    _ direction: Direction, _ index: Int, _ body: (inout StoryMessage) -> Void
  ) {
    if direction == .clientToServer {
      body(&session.fromClient[index])
    } else {
      body(&session.fromServer[index])
    }
  }

  private mutating func doubt(_ direction: Direction, _ body: (inout StoryDoubts) -> Void) {
    if direction == .clientToServer { body(&clientDoubts) } else { body(&serverDoubts) }
  }

  private mutating func acknowledged(_ index: Int, _ sight: StorySight) {
    guard session.fromClient[index].acknowledgedOrder == nil else { return }
    session.fromClient[index].acknowledgingFrame = sight.frame
    session.fromClient[index].acknowledgedOrder = sight.order
    session.fromClient[index].acknowledgedTime = sight.time
  }
}

// MARK: messages

extension StoryStream {
  private mutating func classicFragment(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    guard let number = event.message, let fragment = event.fragment else { return StoryPlace() }
    if number != classic.message || classic.index == nil {
      endFragments(budget: &budget)
      classic.message = number
      classic.index = begin(event, sight, budget: &budget)
      classic.fragmentCount = 0
      classic.isWhole = classic.index != nil
      classic.isComplete = false
    }
    guard let index = classic.index else { return StoryPlace() }
    let place = StoryPlace.Fragment(
      message: index + 1, fragment: Int(truncatingIfNeeded: fragment))
    if event.checksum != .bad, !classic.isComplete,
      fragment > UInt64(classic.fragmentCount)
    {
      takeFragment(event, fragment, payload: payload, sight, budget: &budget)
    }
    classic.waiting.removeAll { $0.sequence == event.sequence }
    if classic.waiting.count >= ClassicStory.waitingMax { classic.waiting.removeFirst() }
    classic.waiting.append((event.sequence, place, event.last))
    return StoryPlace(own: place)
  }

  /// The first undamaged copy of a fragment.
  private mutating func takeFragment(
    _ event: TraceEvent, _ fragment: UInt64, payload: RawSpan, _ sight: StorySight,
    budget: inout StoryBudget
  ) {
    guard let index = classic.index else { return }
    if fragment != UInt64(classic.fragmentCount) + 1, classic.isWhole {
      classic.isWhole = false
      clientDoubts.headlessCount += 1
    }
    classic.fragmentCount = Int(truncatingIfNeeded: fragment)
    if event.checksum != .good {
      if classic.isWhole { clientDoubts.partCount += 1 }
      classic.isWhole = false
    } else if classic.isWhole, !budget.take(bytes: payload.byteCount) {
      classic.isWhole = false
      clientDoubts.isTooLarge = true
    }
    if classic.isWhole {
      unsafe payload.withUnsafeBytes { unsafe classic.bytes.append(contentsOf: $0) }
    }
    guard event.last else { return }
    classic.isComplete = true
    session.fromClient[index].bytes = classic.isWhole ? classic.bytes : nil
    session.fromClient[index].fragmentCount = classic.fragmentCount
    session.fromClient[index].completingFrame = sight.frame
    session.fromClient[index].completeOrder = sight.order
    session.fromClient[index].completeTime = sight.time
    if !classic.isWhole { budget.giveBack(bytes: classic.bytes.count) }
    classic.bytes = []
  }

  /// The message in hand is left as it is.
  private mutating func endFragments(budget: inout StoryBudget) {
    budget.giveBack(bytes: classic.bytes.count)
    classic.bytes = []
  }

  /// A message of the server, all in one frame, which is never repeated.
  private mutating func classicBroadcast(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    switch event.checksum {
    case .good: break
    case .bad: serverDoubts.damagedCount += 1
    case .unverified: serverDoubts.partCount += 1
    }
    return say(event, payload: payload, sight, budget: &budget)
  }
}

// MARK: requests and answers

extension StoryStream {
  /// A nickname, a wish for the list, a goodbye: said once, however often it is repeated before it
  /// is answered.
  private mutating func classicRequest(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    if let index = classic.requests[event.typeCode],
      unsafe payload.withUnsafeBytes({ bytes in
        unsafe session.fromClient[index].bytes?.elementsEqual(bytes) ?? false
      })
    {
      return StoryPlace(own: StoryPlace.Fragment(message: index + 1, fragment: 1))
    }
    let place = say(event, payload: payload, sight, budget: &budget)
    if let own = place.own { classic.requests[event.typeCode] = own.message - 1 }
    if event.typeCode == ClassicType.setNick.rawValue, session.asked.nickname == nil {
      session.asked.nickname = event.nickname
    }
    return place
  }

  /// The request of a type is answered.
  private mutating func answer(
    _ type: ClassicType, _ sight: StorySight
  ) -> StoryPlace.Fragment? {
    guard let index = classic.requests.removeValue(forKey: type.rawValue) else { return nil }
    acknowledged(index, sight)
    return StoryPlace.Fragment(message: index + 1, fragment: 1)
  }

  private mutating func classicAcknowledgement(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    switch ClassicAcknowledgement(decoding: payload) {
    case .handshake(let answer):
      let nickname = session.granted.nickname
      sawHandshake(isAnswered: true)
      session.granted = StoryTerms(answer.parameters)
      session.granted.nickname = nickname
      return StoryPlace()
    case .nickname(let name):
      if session.granted.nickname == nil { session.granted.nickname = name }
      let answered = answer(.setNick, sight)
      var place = say(event, payload: payload, sight, budget: &budget)
      place.answered = answered
      return place
    case .disconnect: return StoryPlace(answered: answer(.disconnect, sight))
    case .fragment(let sequence):
      guard let index = classic.waiting.lastIndex(where: { $0.sequence == sequence }) else {
        return StoryPlace()
      }
      let answered = classic.waiting[index]
      let message = answered.fragment.message - 1
      if answered.isLast, session.fromClient[message].completeOrder != nil {
        acknowledged(message, sight)
      }
      return StoryPlace(answered: answered.fragment)
    case .other: return StoryPlace()
    }
  }

  private mutating func classicList(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> StoryPlace {
    let answered = answer(.listRequest, sight)
    // A request that was repeated may be answered twice.
    if answered == nil, let index = classic.lastListIndex,
      unsafe payload.withUnsafeBytes({ bytes in
        unsafe session.fromServer[index].bytes?.elementsEqual(bytes) ?? false
      })
    {
      return StoryPlace(own: StoryPlace.Fragment(message: index + 1, fragment: 1))
    }
    var place = say(event, payload: payload, sight, budget: &budget)
    if let own = place.own { classic.lastListIndex = own.message - 1 }
    place.answered = answered
    return place
  }
}
