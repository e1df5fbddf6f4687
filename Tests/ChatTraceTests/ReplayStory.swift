import ChatTrace
import ChatWire

/// A story made by hand, in the order in which things happen.
struct ReplayStory {
  private(set) var story = Story()
  private var order: UInt64 = 0

  /// The next place in the recording, a millisecond after the one before.
  private mutating func next() -> (order: UInt64, time: TraceTime) {
    order += 1
    return (order, TraceTime(nanoseconds: Int64(order) * 1_000_000))
  }

  mutating func open(_ dialect: Dialect = .native) -> Int {
    let place = next()
    var session = StorySession()
    session.stream = story.sessions.count
    session.dialect = dialect
    session.openingOrder = place.order
    session.time = place.time
    story.sessions.append(session)
    return session.stream
  }

  mutating func establish(_ stream: Int) {
    let place = next()
    story.sessions[stream].establishedOrder = place.order
    story.sessions[stream].establishedTime = place.time
  }

  /// A side sends the first frame of a message.
  mutating func begin(
    _ stream: Int, _ text: String?, from role: Session.Role = .client,
    _ type: FrameType = .data
  ) {
    let place = next()
    var message = StoryMessage()
    message.typeCode = type.rawValue
    message.bytes = text.map { Array($0.utf8) }
    message.number = story.sessions[stream].messages(from: role).count + 1
    message.beginOrder = place.order
    message.time = place.time
    message.firstFrame = place.order
    change(stream, role) { $0.append(message) }
  }

  /// All of a message has been seen.
  mutating func complete(_ stream: Int, _ number: Int, from role: Session.Role = .client) {
    let place = next()
    change(stream, role) {
      $0[number - 1].completeOrder = place.order
      $0[number - 1].completeTime = place.time
      $0[number - 1].completingFrame = place.order
    }
  }

  /// All of a message is acknowledged.
  mutating func acknowledge(_ stream: Int, _ number: Int, from role: Session.Role = .client) {
    let place = next()
    change(stream, role) {
      $0[number - 1].acknowledgedOrder = place.order
      $0[number - 1].acknowledgedTime = place.time
    }
  }

  /// A message that is begun, complete and acknowledged before anything else happens.
  mutating func say(
    _ stream: Int, _ text: String, from role: Session.Role = .client, _ type: FrameType = .data
  ) {
    begin(stream, text, from: role, type)
    let number = story.sessions[stream].messages(from: role).count
    complete(stream, number, from: role)
    acknowledge(stream, number, from: role)
  }

  mutating func close(_ stream: Int, _ end: SessionEnd) {
    let place = next()
    story.sessions[stream].closingOrder = place.order
    story.sessions[stream].closingTime = place.time
    story.sessions[stream].end = end
  }

  mutating func edit(_ stream: Int, _ body: (inout StorySession) -> Void) {
    body(&story.sessions[stream])
  }

  private mutating func change(
    _ stream: Int, _ role: Session.Role, _ body: (inout [StoryMessage]) -> Void
  ) {
    switch role {
    case .client: body(&story.sessions[stream].fromClient)
    case .server: body(&story.sessions[stream].fromServer)
    }
  }
}

extension ReplayPlan {
  /// An action in a few words: `0 send 2`.
  func text(_ action: Action) -> String {
    let what =
      switch action.kind {
      case .open: "open"
      case .establish: "establish"
      case .send(let index): "send \(index + 1)"
      case .fail: "fail"
      case .breakOff(let isReset): isReset ? "reset" : "break off"
      }
    return "\(action.connection) \(what)"
  }

  /// A cause in a few words: `1 received 1`.
  func text(_ cause: Cause) -> String {
    let what =
      switch cause.kind {
      case .opened: "opened"
      case .established: "established"
      case .acknowledged(let index): "acknowledged \(index + 1)"
      case .received(let index): "received \(index + 1)"
      case .closed: "closed"
      }
    return "\(cause.connection) \(what)"
  }

  /// The actions, each behind what it waits for since the one before.
  var lines: [String] {
    var lines: [String] = []
    var count = 0
    for action in actions {
      for cause in causes[count..<action.causeCount] { lines.append("  " + text(cause)) }
      count = action.causeCount
      lines.append(text(action))
    }
    for cause in causes[count...] { lines.append("  " + text(cause)) }
    return lines
  }
}
