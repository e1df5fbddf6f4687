internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

// The ends of directions and of connections, and what is waited for until then.

extension ProxyLoop {
  /// The sender of a direction sends no more.
  func end(_ connection: ProxyConnection, _ direction: Direction) {
    connection[direction].isSourceEnded = true
    releaseHeld(of: connection, direction)
    let framing = connection.relay.framing
    connection.relay.finish(direction, at: clock.now)
    drain(connection, direction)
    guard connection.phase == .open else { return }
    if connection.relay.framing != framing {
      drain(connection, direction.opposite)
      sayIfUnknown(connection)
    }
    let (delay, acts) = connection.relay.closing(direction, at: clock.now)
    connection[direction].endDue = clock.now.advanced(by: delay)
    for act in acts {
      ruleBook.count(act)
      ledgerFile?.record(act, endOf: direction, connection: connection.number)
    }
    trace.ended(
      connection, .halfClose(direction), acts: acts.map(TappedAct.init), at: clock.time)
  }

  /// The side from which a direction comes has broken the connection: the other one is told, after
  /// what was sent before.
  func fail(_ connection: ProxyConnection, by source: Direction) {
    // Writing the rest may fail as well.
    guard connection.phase == .open, !connection.isFailing else { return }
    connection.isFailing = true
    // The kernel still has what came before the end, and no more can come.
    while connection.phase == .open, !connection[source].isSourceEnded, read(connection, source) {}
    for direction in [Direction.clientToServer, .serverToClient]
    where connection.phase == .open && !connection[direction].isSourceEnded {
      connection[direction].isSourceEnded = true
      releaseHeld(of: connection, direction)
      connection.relay.finish(direction, at: clock.now)
      connection.relay.finishOutput(direction)
      drain(connection, direction)
    }
    reset(connection)
  }

  /// A rule, or somebody, breaks the connection on both sides.
  func reset(_ connection: ProxyConnection) {
    guard connection.phase == .open else { return }
    forgetHeld(of: connection)
    trace.ended(connection, .reset, at: clock.time)
    forget(connection, isReset: true)
  }

  /// Ends the connection on both sides at once, without breaking it.
  func close(_ connection: ProxyConnection) {
    guard connection.phase == .open else { return }
    forgetHeld(of: connection)
    trace.ended(connection, .close, at: clock.time)
    for direction in [Direction.clientToServer, .serverToClient] {
      connection.shutDownWriting(direction)
      if !connection[direction].isEndPassed {
        trace.passedEnd(connection, direction, at: clock.time)
      }
    }
    forget(connection)
  }

  /// After anything has happened to a connection: what follows from it, and what is waited for.
  func update(_ connection: ProxyConnection) {
    if connection.phase == .open {
      for direction in [Direction.clientToServer, .serverToClient] {
        passEnd(connection, direction)
        guard connection.phase == .open else { return }
        holdUp(connection, direction)
      }
      if connection.clientToServer.isEndPassed, connection.serverToClient.isEndPassed {
        forget(connection)
      }
    }
    guard connection.phase != .over else { return }
    wait(connection)
    let deadline = connection.deadline
    if deadline < connection.reminder {
      connection.reminder = deadline
      deadlines.insert(connection.token, at: deadline)
    }
  }

  /// Tells the receiver of a direction that nothing more comes, when that is so.
  private func passEnd(_ connection: ProxyConnection, _ direction: Direction) {
    guard let due = connection[direction].endDue, due <= clock.now,
      !connection[direction].isEndPassed
    else { return }
    if connection.relay.heldByteCount(direction) > 0 {
      connection.relay.finishOutput(direction)
      drain(connection, direction)
    }
    guard connection.phase == .open, connection[direction].pending.isEmpty else { return }
    connection[direction].isEndPassed = true
    connection.shutDownWriting(direction)
    trace.passedEnd(connection, direction, at: clock.time)
  }

  /// Waits for what is of interest on both sockets.
  private func wait(_ connection: ProxyConnection) {
    guard connection.phase == .open else {
      // The client is not read before there is somebody to read it for.
      let isWatched = wait(
        .writable, connection.server.rawValue, connection.token | 1, &connection.serverInterest)
      if !isWatched { forget(connection, isReset: true) }
      return
    }
    let isWatched =
      wait(
        interest(connection, source: .clientToServer), connection.client.rawValue,
        connection.token, &connection.clientInterest)
      && wait(
        interest(connection, source: .serverToClient), connection.server.rawValue,
        connection.token | 1, &connection.serverInterest)
    if !isWatched { reset(connection) }
  }

  /// Says false if the kernel refuses.
  private func wait(
    _ interest: EventSet.Interest?, _ descriptor: Int32, _ token: UInt64,
    _ current: inout EventSet.Interest?
  ) -> Bool {
    guard interest != current else { return true }
    switch (current, interest) {
    case (nil, let interest?):
      do throws(SystemError) {
        try events.add(descriptor, interest, token: token)
      } catch {
        messages.say("a connection cannot be watched, and is broken: \(error.message)")
        return false
      }
    case (_?, let interest?): events.change(descriptor, interest, token: token)
    default: events.remove(descriptor)
    }
    current = interest
    return true
  }

  /// What is waited for on the socket of the sender of a direction; nil if it is done with: a
  /// socket that has ended both ways would be reported for ever.
  private func interest(
    _ connection: ProxyConnection, source: Direction
  ) -> EventSet.Interest? {
    var interest: EventSet.Interest = []
    if !connection[source].isSourceEnded, !connection[source].isHeldUp {
      interest.insert(.readable)
    }
    if !connection[source.opposite].pending.isEmpty { interest.insert(.writable) }
    if connection[source].isSourceEnded, connection[source.opposite].isEndPassed { return nil }
    return interest
  }

  /// Says once that a connection is no chat.
  func sayIfUnknown(_ connection: ProxyConnection) {
    guard connection.relay.framing == .nothing, !connection.isNamedUnknown else { return }
    connection.isNamedUnknown = true
    // Nothing at all was said.
    guard connection.clientToServer.bytesIn + connection.serverToClient.bytesIn > 0 else { return }
    messages.say(
      "connection \(connection.number) from \(connection.clientAddress) is no chat that is "
        + "understood: its bytes pass untouched")
  }
}
