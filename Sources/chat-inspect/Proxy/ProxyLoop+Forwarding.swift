internal import ChatPosix
internal import ChatTrace
internal import ChatWire

// From bytes that were read to bytes that are written, and what is told about them.

extension ProxyLoop {
  /// What may wait for a receiver before its sender is not read any more.
  private static var pendingMax: Int { 256 << 10 }
  /// What faults may hold of a direction before its sender is not read any more.
  private static var heldMax: Int { 2 << 20 }

  /// Takes what one side has sent.
  func take(
    _ count: Int, of buffer: [UInt8], _ connection: ProxyConnection, _ direction: Direction
  ) {
    connection[direction].bytesIn &+= UInt64(count)
    counts.bytes &+= UInt64(count)
    let isPassed = connection.relay.isTransparent(direction)
    if isPassed { pass(count, of: buffer, connection, direction) }
    let framing = connection.relay.framing
    if isPassed {
      look(at: buffer, count, connection, direction)
    } else {
      connection.relay.receive(
        buffer.span.bytes.extracting(first: count), direction, isPassed: false, at: clock.now)
    }
    drain(connection, direction)
    if connection.relay.framing != framing {
      drain(connection, direction.opposite)
      sayIfUnknown(connection)
    }
  }

  /// Looks at bytes that have been passed on: whole frames where they lie, the rest in the relay.
  private func look(
    at buffer: [UInt8], _ count: Int, _ connection: ProxyConnection, _ direction: Direction
  ) {
    let bytes = buffer.span.bytes
    var position = 0
    while position < count {
      let start = position
      if let arrival = connection.relay.nextPassed(
        in: bytes.extracting(first: count), position: &position, direction)
      {
        connection[direction].frames &+= 1
        tell(
          bytes.extracting(start..<position), arrival.number, connection, direction)
        continue
      }
      let missing = connection.relay.missingByteCount(direction) ?? 0
      let end = missing > 0 ? min(count, position + missing) : count
      connection.relay.receive(
        bytes.extracting(position..<end), direction, isPassed: true, at: clock.now)
      position = end
      while position < count, let arrival = nextArrival(connection, direction) {
        arrived(arrival, connection, direction)
      }
    }
  }

  /// Something has passed that nothing could be done to.
  private func tell(
    _ bytes: RawSpan, _ number: UInt64, _ connection: ProxyConnection, _ direction: Direction
  ) {
    _ = trace.arrived(
      bytes, connection, direction, number: number, fate: .forwarded, at: clock.time)
    trace.sent(bytes, connection, direction, number: number, acts: [], at: clock.time)
  }

  /// Sends bytes on as they are, before anything else is done.
  private func pass(
    _ count: Int, of buffer: [UInt8], _ connection: ProxyConnection, _ direction: Direction
  ) {
    var done = 0
    if connection[direction].pending.isEmpty {
      // What is wrong is found when the rest is written.
      if case .bytes(let written) = connection.write(buffer, 0..<count, direction) {
        done = written
        connection[direction].bytesOut &+= UInt64(written)
      }
    }
    if done < count { connection[direction].pending.bytes += buffer[done..<count] }
  }

  /// Takes from the relay what has arrived and what goes out in a direction, and writes it.
  func drain(_ connection: ProxyConnection, _ direction: Direction) {
    guard connection.phase == .open else { return }
    while let arrival = nextArrival(connection, direction) {
      arrived(arrival, connection, direction)
      if arrival.fate?.resetsConnection == true {
        reset(connection)
        return
      }
    }
    var start = connection[direction].pending.bytes.count
    while case .forward(let number) = connection.relay.nextOutput(
      direction, at: clock.now, into: &connection[direction].pending.bytes)
    {
      tellSent(connection, direction, from: start, number: number)
      start = connection[direction].pending.bytes.count
    }
    write(connection, direction)
  }

  private func nextArrival(
    _ connection: ProxyConnection, _ direction: Direction
  ) -> FrameRelay.Arrival? {
    guard interception.isOn, case .found(let dialect) = connection.relay.framing else {
      return connection.relay.nextArrival(direction, at: clock.now, into: &arrivalBuffer)
    }
    let interception = interception
    return connection.relay.nextArrival(
      direction, at: clock.now, into: &arrivalBuffer
    ) { frame, header, identified, _ in
      interception.wants(frame, header, dialect, identified)
    }
  }

  /// Something has arrived, and it is known what becomes of it.
  private func arrived(
    _ arrival: FrameRelay.Arrival, _ connection: ProxyConnection, _ direction: Direction
  ) {
    if arrival.header != nil { connection[direction].frames &+= 1 }
    var fate = TappedFate.forwarded
    if let known = arrival.fate, !known.acts.isEmpty || known.isHeld {
      connection[direction].disturbed &+= 1
      counts.disturbed &+= 1
      for act in known.acts { ruleBook.count(act) }
      ledgerFile?.record(known)
      fate = TappedFate(known)
      remember(known.number, fate.acts, connection, direction)
      if known.isHeld { fate = Interception.fateOfHeld(fate) }
    }
    let bytes = arrivalBuffer
    if arrival.isPassed {
      tell(bytes.span.bytes, arrival.number, connection, direction)
      return
    }
    let frame = trace.arrived(
      bytes.span.bytes, connection, direction, number: arrival.number, fate: fate, at: clock.time)
    if arrival.isHeld, let known = arrival.fate {
      hold(connection, direction, known, arrivalBuffer, frame)
    }
  }

  /// Keeps what was done to a frame until it has gone out for the last time, for the recording.
  private func remember(
    _ number: UInt64, _ acts: [TappedAct], _ connection: ProxyConnection, _ direction: Direction
  ) {
    guard trace.isRecording else { return }
    connection[direction].acts.append((number, acts))
    // More cannot be held; a frame that was dropped never goes out.
    if connection[direction].acts.count > FaultLimits.heldFramesMax * 2 {
      connection[direction].acts.removeFirst(FaultLimits.heldFramesMax)
    }
  }

  private func tellSent(
    _ connection: ProxyConnection, _ direction: Direction, from start: Int, number: UInt64
  ) {
    guard trace.isRecording else { return }
    let acts = connection[direction].acts.first { $0.number == number }?.acts ?? []
    let bytes = connection[direction].pending.bytes
    trace.sent(
      bytes.span.bytes.extracting(droppingFirst: start), connection, direction, number: number,
      acts: acts, at: clock.time)
  }

  /// Writes what waits for the receiver of a direction.
  func write(_ connection: ProxyConnection, _ direction: Direction) {
    guard !connection[direction].pending.isEmpty else { return }
    switch connection.writePending(direction) {
    case .bytes(let count): connection[direction].bytesOut &+= UInt64(count)
    case .wouldBlock, .endOfStream: break
    case .failed: fail(connection, by: direction.opposite)
    }
  }

  /// Whoever sends more than is taken has to wait.
  func holdUp(_ connection: ProxyConnection, _ direction: Direction) {
    connection[direction].isHeldUp =
      connection[direction].pending.count > Self.pendingMax
      || connection.relay.heldByteCount(direction) > Self.heldMax
      || connection.relay.isCongested(direction)
  }
}
