internal import ChatPosix
internal import ChatTrace
internal import ChatWire

// One session, from its SYN to its end: what is due is done, then bytes, commands or the next
// deadline are waited for.

extension ConnectionLoop {
  /// How long the old session has to say goodbye when a new one is wanted.
  private static let farewellMax = Duration.seconds(2)
  /// Reads at a time, so that a fast server cannot keep commands waiting.
  private static let readsMax = 8

  /// Runs the session until it is over, and closes the connection.
  func converse(_ socket: borrowing StreamSocket) -> Outcome {
    while true {
      let now = now
      takeCommands()
      if isAborted { return .interrupted }
      if let outcome = leaveIfWanted(at: now) { return outcome }
      limitInput()
      let isStopped = shared.events.weight >= ClientEvents.stopWeight
      if !isStopped, conversation?.hasOutput == false { drain(at: now) }
      tellTrace(at: now)
      if conversation?.isReset == true {
        socket.resetOnClose()
        return isNewSessionWanted ? .interrupted : .broken("a fault rule has reset the connection")
      }
      conversation?.write(to: socket)
      updateStatus()
      if let end = conversation?.end {
        close(socket)
        return outcome(end)
      }
      wait(for: socket, isStopped: isStopped)
    }
  }

  /// Says goodbye if somebody wants to end or to begin anew; the outcome, if nothing has to be
  /// waited for.
  private func leaveIfWanted(at now: Instant) -> Outcome? {
    if isNewSessionWanted {
      guard conversation?.isEstablished == true, now < farewellDeadline else { return .interrupted }
      if farewellDeadline == .distantFuture {
        farewellDeadline = now.advanced(by: Self.farewellMax)
      }
      sayGoodbye("reconnecting")
    } else if let quitReason {
      if conversation?.isEstablished == true {
        sayGoodbye(quitReason)
      } else if outbox.isEmpty {
        return .interrupted
      }
    }
    return nil
  }

  private func sayGoodbye(_ reason: String) {
    guard conversation?.isGoodbyeSaid == false else { return }
    handOver()
    conversation?.isGoodbyeSaid = true
    conversation?.dialogue.finish(reason: reason)
  }

  /// Asks the server to pause while too much waits to be shown.
  private func limitInput() {
    let weight = shared.events.weight
    guard let isPausing = conversation?.isPausing else { return }
    let isTooMuch = weight >= ClientEvents.pauseWeight / (isPausing ? 2 : 1)
    guard isTooMuch != isPausing else { return }
    conversation?.isPausing = isTooMuch
    conversation?.dialogue.pause(isTooMuch)
  }

  // MARK: steps

  /// Takes the steps of the session until it has nothing more to do.
  private func drain(at now: Instant) {
    conversation?.release(at: now)
    while conversation?.end == nil, let step = conversation?.next(at: now) {
      switch step {
      case .transmit: break
      case .established(let info): established(info)
      case .happened(let event): happened(event)
      case .delivered(let number):
        outbox.confirm(upTo: number)
        tell(.delivered(upTo: number))
      case .unsendable(let number, let reason):
        outbox.remove(number)
        tell(.undeliverable(message: number, reason: reason))
      case .wait: return
      case .ended(let end):
        conversation?.end = end
        conversation?.finishOutput(at: now)
      }
    }
  }

  private func established(_ info: ClientSessionInfo) {
    var info = info
    info.isReconnection = hasHadSession
    info.resentCount = hasHadSession ? outbox.count : 0
    session = info
    hasHadSession = true
    attempt = 0
    backoff.reset()
    conversation?.isEstablished = true
    tell(.established(info))
    if info.mode != info.requestedMode {
      let (wanted, given) = (info.requestedMode.nameForPeople, info.mode.nameForPeople)
      tell(.information("the server does not offer \(wanted): it is \(given)"))
    }
    if info.dialect == .classic {
      if let nickname { conversation?.dialogue.askForNickname(nickname) }
      warnOfClassicFaults()
    }
    handOver()
  }

  private func happened(_ event: ClientEvent) {
    if case .notice(.nicknameAccepted(let given)) = event {
      nickname = given
      session?.nickname = given
    }
    tell(event)
  }

  private func tellTrace(at now: Instant) {
    if trace.isWatched { trace.timing = conversation?.dialogue.timing(at: now) }
    for observation in conversation?.observations ?? [] {
      trace.passed(observation.bytes, observation.direction, observation.fate, at: now)
    }
    conversation?.clearObservations()
    trace.advance(to: now)
    tellExplanations()
  }

  // MARK: waiting

  private func wait(for socket: borrowing StreamSocket, isStopped: Bool) {
    guard let conversation else { return }
    var interest: WakeablePoll.Interest = []
    if conversation.hasOutput { interest.insert(.writable) }
    if !isStopped, conversation.wantsInput { interest.insert(.readable) }
    // A broken connection would wake at once and for ever, whatever is waited for.
    let descriptor = interest.isEmpty ? -1 : socket.rawValue
    var entries = [
      Poll.Entry(descriptor, interest), Poll.Entry(shared.wakeUp.pollDescriptor, .readable),
    ]
    var deadline = min(trace.deadline, farewellDeadline)
    if !isStopped, !conversation.hasOutput { deadline = min(deadline, conversation.nextDeadline) }
    let wait = max(0, now.nanoseconds(to: deadline))
    if wait > 0 { trace.flushIfIdle(for: wait) }
    Poll.wait(for: &entries, nanoseconds: deadline == .distantFuture ? nil : wait)
    if interest.contains(.readable), !entries[0].result.isDisjoint(with: [.readable, .closed]) {
      read(from: socket)
    }
  }

  private func read(from socket: borrowing StreamSocket) {
    for _ in 0..<Self.readsMax {
      guard conversation?.wantsInput == true else { return }
      switch socket.read(into: &buffer) {
      case .bytes(let count):
        conversation?.receive(buffer.span.bytes.extracting(first: count), at: now)
        if count < buffer.count { return }
      case .wouldBlock: return
      case .endOfStream:
        conversation?.endInput(nil, at: now)
        // What came before goes into the trace first.
        tellTrace(at: now)
        trace.closed(.halfClose(.serverToClient), at: now)
      case .failed(let error): conversation?.endInput(error, at: now)
      }
    }
  }

  // MARK: ends

  private func outcome(_ end: DialogueEnd) -> Outcome {
    if isNewSessionWanted { return .interrupted }
    if quitReason != nil, outbox.isEmpty { return .done }
    switch end {
    case .done: return .broken("the session ended before everything was confirmed")
    case .broken(let reason):
      guard let failure = conversation?.failure else { return .broken(reason) }
      return .broken("the connection broke: \(failure.message)")
    case .hopeless(let reason): return .hopeless(reason)
    }
  }
}
