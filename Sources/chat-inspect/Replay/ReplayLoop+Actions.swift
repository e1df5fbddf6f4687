internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// What is done when, and what is given up.

extension ReplayLoop {
  // MARK: when

  /// Notes since when actions wait for nothing but their time.
  private func noteReady() {
    while readyAt.count < plan.actions.count,
      plan.actions[readyAt.count].causeCount <= progress.settledCount
    {
      let isReady = progress.isReady(plan.actions[readyAt.count])
      readyAt.append(isReady ? wire.clock.now : nil)
    }
    for place in plan.connections.indices {
      guard let action = currentAction(place), action < readyAt.count, readyAt[action] == nil,
        progress.isReady(plan.actions[action])
      else { continue }
      readyAt[action] = wire.clock.now
    }
  }

  /// When an action is due; nil if it waits for something else than time.
  private func due(_ action: Int) -> Instant? {
    guard action < readyAt.count, let readyAt = readyAt[action] else { return nil }
    let place = plan.actions[action].connection
    switch plan.actions[action].kind {
    case .open: break
    case .establish, .send, .fail, .breakOff:
      // What is over is passed at once.
      guard let connection = byPlace[place], !connection.isBeginning else { return nil }
      if !connection.isOpen { return wire.clock.now }
    }
    if settings.pace == .step, isSending(action), approvedAction != action { return nil }
    return readyAt.advanced(by: settings.pace.delay(plan.actions[action].distance))
  }

  private func isSending(_ action: Int) -> Bool {
    if case .send = plan.actions[action].kind { true } else { false }
  }

  /// When the next action is due that waits for nothing but its time.
  var nextDue: Instant? {
    var next: Instant?
    for place in plan.connections.indices {
      guard let action = currentAction(place), let due = due(action) else { continue }
      next = min(next ?? due, due)
    }
    return next
  }

  /// The first message in the order of the recording, if it could be sent now.
  var firstReadySending: Int? {
    let actions = plan.connections.indices.compactMap { currentAction($0) }
    guard let first = actions.min(), isSending(first), first < readyAt.count,
      readyAt[first] != nil, byPlace[plan.actions[first].connection]?.isOpen == true
    else { return nil }
    return first
  }

  // MARK: doing

  /// Does what is due; says whether anything was.
  func performDue() -> Bool {
    noteReady()
    var isMoving = false
    while true {
      let actions = plan.connections.indices.compactMap { currentAction($0) }.filter { action in
        due(action).map { $0 <= wire.clock.now } ?? false
      }
      guard !actions.isEmpty else { return isMoving }
      isMoving = true
      for action in actions.sorted() {
        nextAction[plan.actions[action].connection] += 1
        if approvedAction == action { approvedAction = nil }
        perform(plan.actions[action])
      }
      progressAt = wire.clock.now
      heardAt = progressAt
      noteReady()
    }
  }

  private func perform(_ action: ReplayPlan.Action) {
    if action.kind == .open {
      connect(action.connection)
      return
    }
    guard let connection = byPlace[action.connection] else { return }
    if case .send(let index) = action.kind, connection.party?.isAnswer(index) == true,
      !connection.isOpen
    {
      run.messageCount += 1
    }
    // If it is over, why is known.
    guard connection.isOpen else { return }
    let session = plan.connections[action.connection].session
    switch action.kind {
    case .open: break
    case .establish: connection.isAnswerHeld = false
    case .send(let index):
      guard let message = plan.message(action) else { return }
      if let reason = connection.party?.send(message, index: index) {
        unsent(message, index, action.connection, reason)
      } else {
        run.messageCount += 1
      }
    case .fail: connection.party?.fail(session.error?.code ?? 0, session.error?.text ?? "")
    case .breakOff(let isReset):
      connection.isResetDue = isReset
      connection.startClosing()
    }
    connection.deadline = .zero
  }

  /// A message cannot be sent.
  func unsent(_ message: StoryMessage, _ index: Int, _ place: Int, _ reason: String) {
    trouble(
      .unplayable, place, frame: message.firstFrame,
      "message \(message.number) of the \(plan.role.name) could not be sent: \(reason)")
    progress.giveUp(.acknowledged(index), connection: place)
  }

  // MARK: giving up

  /// What is awaited first is not awaited any more.
  func giveUp() {
    let waiting = plan.connections.indices.compactMap { currentAction($0) }
      .filter { !progress.isReady(plan.actions[$0]) }.min()
    var given =
      if let waiting { progress.giveUp(awaitedBy: plan.actions[waiting]) } else {
        progress.giveUp(first: plan.causes.count)
      }
    // Whoever has not come will not come.
    for place in Set(given.map { plan.causes[$0].connection }) where byPlace[place] == nil {
      given = given.filter { plan.causes[$0].connection != place }
      skip(place)
      trouble(
        .difference, place, "\(name(place)) has not come within \(patience.forPeople)")
    }
    for cause in given { missed(plan.causes[cause], "not within \(patience.forPeople)") }
  }

  /// Nothing more of a planned connection is played.
  func skip(_ place: Int) {
    _ = progress.giveUp(connection: place)
    nextAction[place] = plan.connections[place].actions.count
  }

  /// Something that happened in the recording has not happened.
  func missed(_ cause: ReplayPlan.Cause, _ reason: String) {
    let own = plan.role.name
    let peer = plan.role == .client ? Session.Role.server : .client
    let what: String
    switch cause.kind {
    case .opened: what = "the client did not ask for a session"
    case .established: what = "the handshake was not completed"
    case .acknowledged(let index):
      what = "the \(peer.name) did not acknowledge message \(index + 1) of the \(own)"
    case .received(let index):
      let messages = plan.connections[cause.connection].session.messages(from: peer)
      what = "message \(index + 1) of the \(peer.name) did not come: \(messages[index].summary)"
    case .closed: what = "the \(peer.name) did not end the connection"
    }
    // Whether a message is missing is for the comparison to say; perhaps it comes later.
    if case .received = cause.kind {
      trouble(.note, cause.connection, frame: cause.frame, "\(what) (\(reason))")
    } else {
      trouble(.difference, cause.connection, frame: cause.frame, "\(what) (\(reason))")
    }
  }

  func trouble(
    _ kind: ReplayRun.Trouble.Kind, _ place: Int, frame: UInt64 = 0, _ text: String
  ) {
    run.troubles.append(
      ReplayRun.Trouble(
        kind: kind, stream: plan.connections[place].session.stream, frame: frame, text: text))
  }

  // MARK: words

  /// Whose connection it is.
  func name(_ place: Int) -> String { plan.connections[place].session.clientName }

  /// What an action does, for whoever decides when.
  func describe(_ action: ReplayPlan.Action) -> String {
    guard let message = plan.message(action) else { return "" }
    let who = plan.role == .client ? name(action.connection) : "to \(name(action.connection))"
    let frame = action.frame > 0 ? " (frame \(action.frame))" : ""
    let type = FrameTypeName(
      message.typeCode, plan.connections[action.connection].session.dialect)
    return "\(who): \(type.name) \(message.summary)\(frame)"
  }
}

extension Session.Role {
  /// The side in words.
  var name: String { self == .client ? "client" : "server" }
}

extension StoryMessage {
  /// The beginning of what it says, for people.
  var summary: String {
    guard let bytes else { return "bytes that were not recorded" }
    let string = String(decoding: bytes, as: UTF8.self)
    return "\"\(TerminalText.cut(string, scalarCountMax: 60))\""
  }
}

extension Duration {
  /// About how long it is: `5 s`, `2.5 s`, `620 ms`.
  var forPeople: String {
    let milliseconds = (nanoseconds + 500_000) / 1_000_000
    guard milliseconds >= 1_000 else { return "\(milliseconds) ms" }
    let tenths = (milliseconds + 50) / 100
    return tenths.isMultiple(of: 10) ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
