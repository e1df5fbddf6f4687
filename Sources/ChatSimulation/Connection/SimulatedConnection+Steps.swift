public import ChatWire

// What happens on the way, and what the sessions do about it.

extension SimulatedConnection {
  /// The things that can be due, in the order in which they are done if they are due together.
  enum Event {
    case arrival(Direction)
    case release(Direction)
    case read(Session.Role)
    case deadline(Session.Role)
    case nothing
  }

  /// What is due first; mutating, because a build for debugging copies all of a value otherwise.
  mutating func findNext() -> (time: Instant, event: Event) {
    var time = Instant.distantFuture
    var event = Event.nothing
    func consider(_ candidate: Instant?, _ kind: @autoclosure () -> Event) {
      if let candidate, candidate < time {
        time = candidate
        event = kind()
      }
    }
    consider(links.clientToServer.nextArrival, .arrival(.clientToServer))
    consider(links.serverToClient.nextArrival, .arrival(.serverToClient))
    consider(faults.release.clientToServer, .release(.clientToServer))
    consider(faults.release.serverToClient, .release(.serverToClient))
    consider(endpoints.server.inboxDue, .read(.server))
    consider(endpoints.client.inboxDue, .read(.client))
    consider(endpoints.client.deadline, .deadline(.client))
    consider(endpoints.server.deadline, .deadline(.server))
    return (time, event)
  }

  /// Does the one thing that is due first, at its time or at `now` if that is later.
  public mutating func step(at now: Instant, _ observer: inout some SimulationObserver) {
    stepCount += 1
    switch findNext().event {
    case .arrival(let direction): arrive(direction, at: now, &observer)
    case .release(let direction): release(direction, at: now, &observer)
    case .read(let side):
      endpoints[side].inboxDue = nil
      read(side, endpoints[side].inbox.count, at: now, &observer)
    case .deadline(let side): drain(side, at: now, &observer)
    case .nothing: break
    }
  }

  // MARK: on the way

  private mutating func arrive(
    _ direction: Direction, at now: Instant, _ observer: inout some SimulationObserver
  ) {
    if links[direction].isAtEnd {
      links[direction].takeEnd()
      let acts = faults.finish(direction, at: now)
      observer.heldEnd(acts, direction: direction, connection: number, at: now)
    } else {
      var arrived: [UInt8] = []
      swap(&arrived, &frame)
      arrived.removeAll(keepingCapacity: true)
      links[direction].takeFrame(into: &arrived)
      let fate = unsafe faults.receive(arrived.span.bytes, direction, at: now)
      unsafe observer.arrived(
        arrived.span.bytes, fate, direction: direction, connection: number, at: now)
      swap(&arrived, &frame)
      if fate.resetsConnection {
        reset(at: now, &observer)
        return
      }
    }
    release(direction, at: now, &observer)
  }

  /// The connection is broken: what is on its way, or was not read yet, is gone.
  private mutating func reset(at now: Instant, _ observer: inout some SimulationObserver) {
    isDisturbed = true
    faults.reset()
    links.clientToServer.abandon()
    links.serverToClient.abandon()
    observer.reset(connection: number, at: now)
    for side in [Session.Role.client, .server] where !endpoints[side].isClosed {
      endpoints[side].isStreamOver = true
      endpoints[side].inbox.removeAll()
      endpoints[side].inboxDue = nil
      read(side, 0, at: now, &observer)
    }
  }

  /// Passes on what the faults let go by now.
  private mutating func release(
    _ direction: Direction, at now: Instant, _ observer: inout some SimulationObserver
  ) {
    let side = direction.receiver
    frame.removeAll(keepingCapacity: true)
    while let number = faults.next(direction, at: now, into: &frame) {
      unsafe observer.forwarded(
        frame.span.bytes, number, direction: direction, connection: self.number, at: now)
      if !endpoints[side].isClosed {
        endpoints[side].inbox += frame
        segment(side, at: now, &observer)
      }
      frame.removeAll(keepingCapacity: true)
    }
    if faults.takeEnd(direction), !endpoints[side].isClosed {
      endpoints[side].isStreamOver = true
      observer.ended(streamTo: side, connection: number, at: now)
      endpoints[side].inboxDue = nil
      read(side, endpoints[side].inbox.count, at: now, &observer)
    }
  }

  /// Decides how much of what has arrived is read now.
  private mutating func segment(
    _ side: Session.Role, at now: Instant, _ observer: inout some SimulationObserver
  ) {
    let count = endpoints[side].inbox.count
    switch segmentation {
    case .frames: read(side, count, at: now, &observer)
    case .arbitrary(let hold):
      let direction = side.opposite.outgoing
      let chosen =
        switch segmenters[direction].below(3) {
        case 0: count
        case 1: segmenters[direction].below(count)
        default: 0
        }
      if chosen > 0 { read(side, chosen, at: now, &observer) }
      if endpoints[side].inbox.isEmpty {
        endpoints[side].inboxDue = nil
      } else if endpoints[side].inboxDue == nil, !endpoints[side].isClosed {
        let nanoseconds = max(1, Int(hold.nanoseconds))
        let wait = Int64(segmenters[direction].below(nanoseconds))
        endpoints[side].inboxDue = now.advanced(byNanoseconds: wait)
      }
    }
  }

  // MARK: at the session

  private mutating func read(
    _ side: Session.Role, _ byteCount: Int, at now: Instant,
    _ observer: inout some SimulationObserver
  ) {
    var inbox: [UInt8] = []
    swap(&inbox, &endpoints[side].inbox)
    if byteCount > 0 {
      let chunk = unsafe inbox.span.bytes.extracting(first: byteCount)
      checks.received(chunk, by: side)
      endpoints[side].session.receive(chunk)
    }
    inbox.removeSubrange(0..<byteCount)
    swap(&inbox, &endpoints[side].inbox)
    if endpoints[side].isStreamOver, endpoints[side].inbox.isEmpty {
      endpoints[side].session.endOfStream()
    }
    drain(side, at: now, &observer)
  }

  /// Takes outputs until the session waits.
  private mutating func drain(
    _ side: Session.Role, at now: Instant, _ observer: inout some SimulationObserver
  ) {
    var outputCount = 0
    while !endpoints[side].isClosed {
      frame.removeAll(keepingCapacity: true)
      let output = endpoints[side].session.nextOutput(at: now, into: &frame)
      outputCount += 1
      switch output {
      case .transmit(let transmission):
        transmit(transmission, from: side, at: now, &observer)
      case .wait(let deadline):
        if deadline <= now {
          checks.report(.progress, side, at: now, "waits until a moment that is not later.")
        }
        endpoints[side].deadline = max(deadline, now.advanced(byNanoseconds: 1))
        let status = endpoints[side].session.status
        endpoints[side].counts.note(status, at: now)
        checks.quiet(side, status, at: now)
        return
      case .request, .established, .deliver, .oversized, .peerFinished, .ended:
        note(output, by: side, at: now)
        observer.put(output, by: side, connection: number, at: now)
        outputs.append(Output(side: side, output: output))
        if case .request = output {
          // Whoever runs the connection has to answer first.
          endpoints[side].deadline = .distantFuture
          return
        }
      }
      if outputCount > Self.outputsMax {
        checks.report(.progress, side, at: now, "does not come to rest.")
        endpoints[side].deadline = .distantFuture
        return
      }
    }
  }

  private mutating func transmit(
    _ transmission: Transmission, from side: Session.Role, at now: Instant,
    _ observer: inout some SimulationObserver
  ) {
    let frame = frame
    unsafe checks.sent(transmission, frame.span.bytes, by: side, at: now)
    endpoints[side].counts.count(transmission)
    unsafe observer.sent(transmission, frame.span.bytes, by: side, connection: number, at: now)
    if case .overflowed = links[side.outgoing].send(frame, at: now) {
      unsafe observer.overflowed(
        frame.span.bytes, direction: side.outgoing, connection: number, at: now)
    }
  }

  private mutating func note(_ output: SessionOutput, by side: Session.Role, at now: Instant) {
    switch output {
    case .established: endpoints[side].counts.establishedTime = now
    case .deliver(let type, let bytes):
      endpoints[side].counts.deliveryTimes.append(now)
      endpoints[side].counts.bytesDelivered &+= bytes.count
      checks.delivered(type, bytes, by: side, at: now)
    case .oversized(_, let byteCount): checks.oversized(byteCount, by: side, at: now)
    case .ended(let end):
      endpoints[side].counts.note(endpoints[side].session.status, at: now)
      endpoints[side].counts.end = end
      endpoints[side].counts.endTime = now
      checks.ended(side, end, at: now)
      close(side, at: now)
    case .transmit, .request, .peerFinished, .wait: break
    }
  }
}
