// One thread plays all connections: the plan says what may be done when, this waits for it. The
// parts: this file has the state and the waiting; +Actions does what is due, and gives up what does
// not happen; +Connections opens, drives and closes connections; +Clients lets live clients in.

internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// Plays one side of a recording against live peers, once.
final class ReplayLoop {
  /// How it is to be played.
  struct Settings {
    var pace = ReplayPace.recorded(times: 1)
    /// How long nothing may happen before what is awaited is given up.
    var patience = Duration.seconds(5)
    var faults: FaultLedger?
    /// The server, for clients.
    var target: StreamTarget?
    var targetText = ""
  }

  /// Patience gets less with everything that was waited for in vain, but not less than this.
  private static let patienceMin = Duration.milliseconds(50)
  /// How many times the patience something that goes on, but comes to nothing, is watched.
  private static let patienceFactor: Int64 = 12
  /// How long goodbyes may take that are not in the recording.
  private static let farewellMax = Duration.seconds(2)

  let plan: ReplayPlan
  let settings: Settings
  let wire: ReplayWire
  var progress: ReplayProgress
  var run = ReplayRun()

  /// Live connections.
  var connections: [ReplayConnection] = []
  /// The live connection of each planned one, if there is or was one.
  var byPlace: [ReplayConnection?]
  /// The next action of each planned connection, as an index in its list.
  var nextAction: [Int]
  /// The messages that its peer is to send.
  var matchings: [ReplayMatching]
  /// When the causes of each action had happened; those behind wait.
  var readyAt: [Instant?] = []
  /// The action that somebody has let through, one at a time.
  var approvedAction: Int?

  /// Something of the plan has happened or was done.
  var progressAt: Instant
  /// Anything has come from a peer.
  var heardAt: Instant
  var patience: Duration
  let listener: ReplayListener?
  private let signals: SignalPipe
  private var prompt: ReplayPrompt?
  private var meter: ReplayMeter?
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  init(
    _ plan: ReplayPlan, _ settings: Settings, listener: ReplayListener?, recorder: Recorder?,
    showsProgress: Bool
  ) throws(Failure) {
    self.plan = plan
    self.settings = settings
    self.listener = listener
    wire = ReplayWire(recorder: recorder)
    progress = ReplayProgress(plan)
    byPlace = plan.connections.map { _ in nil }
    nextAction = plan.connections.map { _ in 0 }
    let peer: Session.Role = plan.role == .client ? .server : .client
    matchings = plan.connections.map { ReplayMatching($0.session, from: peer) }
    patience = settings.patience
    progressAt = wire.clock.now
    heardAt = wire.clock.now
    if settings.pace == .step {
      prompt = ReplayPrompt()
    } else if showsProgress {
      meter = ReplayMeter(messageCount: plan.messageCount)
    }
    do throws(SystemError) {
      signals = try SignalPipe()
    } catch {
      throw Failure("the replay cannot be started: \(error.message)")
    }
  }

  // MARK: the loop

  /// Plays until everything has been played, or a signal comes.
  func play() -> ReplayRun {
    let start = wire.clock.now
    while true {
      wire.clock.read()
      settleAll()
      if isFinished { break }
      loseHeart()
      meter?.show(run.messageCount)
      wire.trace.flush()
      wait(until: nextMoment)
      wire.clock.read()
      if let signal = signals.take() {
        run.signal = signal
        break
      }
    }
    meter?.erase()
    run.duration = start.duration(to: wire.clock.now)
    wire.finish()
    run.played = wire.played
    sayGoodbye()
    return run
  }

  /// Does everything that can be done now.
  private func settleAll() {
    var isMoving = true
    while isMoving {
      isMoving = performDue()
      for connection in connections where drive(connection) { isMoving = true }
    }
    connections.removeAll { $0.isOver }
    if progressAt == wire.clock.now { wire.trace.advance(to: wire.clock.time) }
  }

  /// Everything was done, has happened, or was given up.
  private var isFinished: Bool {
    guard progress.isComplete else { return false }
    for place in plan.connections.indices where currentAction(place) != nil { return false }
    return connections.allSatisfy { connection in
      switch connection.phase {
      case .open, .unknown, .over: true
      case .connecting, .closing: false
      }
    }
  }

  /// The next action of a planned connection.
  func currentAction(_ place: Int) -> Int? {
    let actions = plan.connections[place].actions
    return nextAction[place] < actions.count ? actions[nextAction[place]] : nil
  }

  // MARK: waiting

  private var nextMoment: Instant {
    var moment = patienceEnd ?? .distantFuture
    if let due = nextDue { moment = min(moment, due) }
    for connection in connections { moment = min(moment, connection.nextDeadline) }
    // Now and then the trace hears that time passes.
    return min(moment, wire.clock.now.advanced(by: .milliseconds(100)))
  }

  /// When what is awaited is given up; nil while something else is waited for.
  private var patienceEnd: Instant? {
    guard nextDue == nil, !isAskingSomebody, !isWaitingForClients else { return nil }
    guard !connections.contains(where: \.isBeginning) else { return nil }
    return min(
      heardAt.advanced(by: patience),
      progressAt.advanced(byNanoseconds: settings.patience.nanoseconds * Self.patienceFactor))
  }

  /// No client has come yet: a server waits as long as it takes.
  private var isWaitingForClients: Bool {
    plan.role == .server && byPlace.allSatisfy { $0 == nil }
  }

  private var isAskingSomebody: Bool { prompt?.isAsking ?? false }

  /// Gives up what is awaited, if it has been for too long.
  private func loseHeart() {
    guard let end = patienceEnd else {
      progressAt = wire.clock.now
      heardAt = progressAt
      return
    }
    guard wire.clock.now >= end else { return }
    giveUp()
    patience = max(Self.patienceMin, .nanoseconds(patience.nanoseconds / 2))
    progressAt = wire.clock.now
    heardAt = progressAt
  }

  private func wait(until moment: Instant) {
    askSomebody()
    var entries = [Poll.Entry(signals.pollDescriptor, .readable)]
    entries.append(Poll.Entry(listener?.pollDescriptor ?? -1, .readable))
    entries.append(Poll.Entry(isAskingSomebody ? 0 : -1, .readable))
    for connection in connections { entries.append(connection.pollEntry) }
    let waiting = connections
    Poll.wait(for: &entries, nanoseconds: max(0, wire.clock.now.nanoseconds(to: moment)))
    wire.clock.read()
    if !entries[1].result.isEmpty { letIn() }
    if !entries[2].result.isEmpty, let action = prompt?.answer() { approvedAction = action }
    for (connection, entry) in zip(waiting, entries.dropFirst(3)) where !entry.result.isEmpty {
      if entry.interest.contains(.readable) {
        if connection.read(into: &buffer) { heardAt = wire.clock.now }
      } else if case .connecting = connection.phase {
        finishConnecting(connection)
      }
    }
  }

  /// Shows what comes next, if it waits for nothing but somebody.
  private func askSomebody() {
    guard prompt != nil, !isAskingSomebody, approvedAction == nil,
      let action = firstReadySending
    else { return }
    prompt?.ask(action, describe(plan.actions[action]))
  }

  // MARK: the end

  /// Says goodbye where the recording does not.
  private func sayGoodbye() {
    for connection in connections {
      if connection.isOpen, connection.end == nil {
        connection.party?.finish(reason: "the recording ends here")
        connection.deadline = .zero
      } else {
        connection.abandonUnlessClosing()
      }
    }
    let end = wire.clock.now.advanced(by: Self.farewellMax)
    while !connections.isEmpty {
      wire.clock.read()
      for connection in connections { _ = drive(connection) }
      connections.removeAll { $0.isOver }
      guard wire.clock.now < end, signals.take() == nil else { break }
      var entries = connections.map(\.pollEntry)
      entries.append(Poll.Entry(signals.pollDescriptor, .readable))
      let next = connections.map(\.nextDeadline).min() ?? end
      Poll.wait(
        for: &entries, nanoseconds: max(0, wire.clock.now.nanoseconds(to: min(next, end))))
      wire.clock.read()
      for (connection, entry) in zip(connections, entries)
      where !entry.result.isEmpty && entry.interest.contains(.readable) {
        _ = connection.read(into: &buffer)
      }
    }
    for connection in connections { connection.abandon() }
    connections = []
  }
}
