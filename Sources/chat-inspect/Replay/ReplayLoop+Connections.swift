internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// From a connection that is opened to one that is closed.

extension ReplayLoop {
  /// How long a server may take to accept a connection.
  private static let connectMax = Duration.seconds(10)
  /// Of what the recorded peer sent so much may come, and so much more.
  private static let floodFactor = 16
  private static let floodAllowance = 64 << 20

  // MARK: opening

  /// Connects to the server.
  func connect(_ place: Int) {
    guard let target = settings.target else { return }
    var reason = ""
    for index in 0..<target.addressCount {
      do throws(SystemError) {
        let socket = try target.beginConnecting(to: index)
        let connection = ReplayConnection(
          role: .client, socket: socket, phase: .connecting, wire: wire, place: place)
        connection.patienceEnd = wire.clock.now.advanced(by: Self.connectMax)
        connection.addressIndex = index
        replace(place, by: connection)
        return
      } catch {
        reason = error.message
      }
    }
    unreachable(place, reason)
  }

  private func replace(_ place: Int, by connection: ReplayConnection) {
    byPlace[place] = connection
    connections.append(connection)
  }

  /// The server has answered, or cannot be reached.
  func finishConnecting(_ connection: ReplayConnection) {
    guard case .connecting = connection.phase, let place = connection.place else { return }
    if let error = connection.socket.connectionError() {
      connection.phase = .over
      tryNextAddress(connection, place, error.message)
    } else if connection.socket.isConnected() {
      let session = plan.connections[place].session
      let party: any ReplayParty =
        session.dialect == .native
        ? NativeReplayParty(client: session, at: wire.clock.now) : ClassicReplayClient(session)
      begin(connection, place, party)
    }
  }

  /// A server may have several addresses, of which only one is listened to.
  private func tryNextAddress(_ connection: ReplayConnection, _ place: Int, _ reason: String) {
    guard let target = settings.target else { return }
    var reason = reason
    for index
      in (connection.addressIndex + 1)..<max(
        connection.addressIndex + 1, target.addressCount)
    {
      do throws(SystemError) {
        let next = ReplayConnection(
          role: .client, socket: try target.beginConnecting(to: index), phase: .connecting,
          wire: wire, place: place)
        next.patienceEnd = wire.clock.now.advanced(by: Self.connectMax)
        next.addressIndex = index
        replace(place, by: next)
        return
      } catch {
        reason = error.message
      }
    }
    unreachable(place, reason)
  }

  private func unreachable(_ place: Int, _ reason: String) {
    trouble(.peerGone, place, "no connection to \(settings.targetText): \(reason)")
    skip(place)
  }

  /// A recorded connection has its live one.
  func begin(_ connection: ReplayConnection, _ place: Int, _ party: any ReplayParty) {
    let session = plan.connections[place].session
    connection.place = place
    byPlace[place] = connection
    connection.begin(party, session.dialect, stream: session.stream, faults: settings.faults)
    run.recordedStreams[connection.number] = session.stream
    run.connectionCount += 1
    connection.isAnswerHeld = plan.connections[place].actions.contains { action in
      plan.actions[action].kind == .establish
    }
    happened(.opened, place)
  }

  // MARK: driving

  /// Does what a connection has to do now; says whether anything of the plan has happened.
  func drive(_ connection: ReplayConnection) -> Bool {
    let settled = progress.settledCount
    switch connection.phase {
    case .over: return false
    case .connecting:
      guard wire.clock.now >= connection.patienceEnd, let place = connection.place else {
        return false
      }
      connection.phase = .over
      tryNextAddress(connection, place, "no answer in time")
      return true
    case .unknown: recognise(connection)
    case .open:
      connection.release()
      while let step = connection.nextStep(), take(step, connection) {}
      connection.write()
      watchFlood(connection)
      if connection.isResetDue { connection.startClosing() }
    case .closing: connection.continueClosing()
    }
    if case .closing = connection.phase { connection.continueClosing() }
    if connection.isOver { finished(connection) }
    return progress.settledCount != settled
  }

  /// Takes a step of a session; says whether there may be another one.
  private func take(_ step: ReplayStep, _ connection: ReplayConnection) -> Bool {
    switch step {
    case .transmit: return true
    case .established: happened(.established, connection.place)
    case .acknowledged(let index): happened(.acknowledged(index), connection.place)
    case .unsendable(let index, let reason):
      if let place = connection.place {
        let messages = plan.connections[place].session.messages(from: plan.role)
        if messages.indices.contains(index) { unsent(messages[index], index, place, reason) }
      }
    case .received(let typeCode, let bytes): received(typeCode, bytes, connection)
    case .wait: return false
    case .ended(let end):
      connection.end = end
      connection.startClosing()
      return false
    }
    return true
  }

  private func received(_ typeCode: UInt8, _ bytes: [UInt8], _ connection: ReplayConnection) {
    guard let place = connection.place else { return }
    guard let match = matchings[place].take(typeCode: typeCode, bytes) else {
      answerAgain(typeCode, bytes, connection, place)
      return
    }
    // Whoever says something in another order than recorded is not waited for.
    if plan.role == .server, match.isSame {
      for cause in progress.giveUp(connection: place, before: match.index) {
        missed(plan.causes[cause], "the next one came instead")
      }
    }
    happened(.received(match.index), place)
  }

  func happened(_ kind: ReplayPlan.Cause.Kind, _ place: Int?) {
    guard let place else { return }
    guard progress.happened(kind, connection: place) else {
      if let index = progress.place(kind, connection: place), progress.state(index) == .givenUp {
        cameLate(plan.causes[index])
      }
      return
    }
    progressAt = wire.clock.now
    heardAt = progressAt
  }

  /// What was waited for in vain has come after all.
  private func cameLate(_ cause: ReplayPlan.Cause) {
    guard case .received(let index) = cause.kind else { return }
    let peer: Session.Role = plan.role == .client ? .server : .client
    trouble(
      .difference, cause.connection, frame: cause.frame,
      "message \(index + 1) of the \(peer.name) came, but too late")
  }

  /// A peer that sends without end is left.
  private func watchFlood(_ connection: ReplayConnection) {
    guard let place = connection.place, connection.isOpen else { return }
    let peer: Session.Role = plan.role == .client ? .server : .client
    let messages = plan.connections[place].session.messages(from: peer)
    let expected = messages.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
    guard connection.receivedByteCount > expected * Self.floodFactor + Self.floodAllowance else {
      return
    }
    connection.end = ReplayEnd(
      isPeerGone: false, reason: "sent far more than was recorded, and was left")
    connection.isResetDue = true
    connection.startClosing()
  }

  // MARK: closing

  /// A connection is over, as it was recorded or before its time.
  private func finished(_ connection: ReplayConnection) {
    guard let place = connection.place, byPlace[place] === connection, !wire.isSilent else {
      return
    }
    happened(.closed, place)
    var isEarly = false
    for action in plan.connections[place].actions.dropFirst(nextAction[place]) {
      switch plan.actions[action].kind {
      case .establish, .breakOff: break
      case .send(let index) where connection.party?.isAnswer(index) == true:
        run.messageCount += 1
      case .open, .send, .fail: isEarly = true
      }
    }
    if !progress.giveUp(connection: place).isEmpty { isEarly = true }
    nextAction[place] = plan.connections[place].actions.count
    guard isEarly else { return }
    let peer = plan.role == .client ? "the server" : name(place)
    if let failure = connection.failure {
      trouble(.peerGone, place, "\(peer) broke the connection: \(failure.message)")
    } else if let end = connection.end {
      trouble(end.isPeerGone ? .peerGone : .difference, place, "\(peer) \(end.reason)")
    }
  }
}
