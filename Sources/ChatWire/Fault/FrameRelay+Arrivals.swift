// How bytes that were handed in become arrivals: frames, and runs of other bytes.

extension FrameRelay {
  /// The longest of what may come before the client has said anything that is understood.
  static var waitingMax: Int { 16 << 10 }
  /// A buffer that is larger is given back.
  private static var keptCapacityMax: Int { 128 << 10 }

  /// Puts the bytes of the next arrival into the buffer, in place of what is there; nil if there is
  /// none now.
  ///
  /// - Parameter isHeld: Asked for each frame that goes on: whether it waits for a decision.
  public mutating func nextArrival(
    _ direction: Direction, at now: Instant, into buffer: inout [UInt8],
    isHeld: (RawSpan, FrameHeader, IdentifiedFrame, _ isGood: Bool) -> Bool = { _, _, _, _ in
      false
    }
  ) -> Arrival? {
    buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacityMax)
    if now >= self[direction].waitingDeadline || self[direction].isFinished && framing == .undecided
    {
      letGo(direction)
    }
    if let loose = nextLoose(direction, at: now, into: &buffer) { return loose }
    guard case .found(let dialect) = framing else { return nil }
    while let piece = self[direction].cutter.next(at: now, into: &buffer) {
      let arrival = take(piece, dialect, direction, at: now, in: &buffer, isHeld)
      if let arrival { return arrival }
    }
    if self[direction].isPassing, self[direction].cutter.isDeferring {
      // A damaged frame that its receiver has in hand already.
      letGo(direction)
    } else if self[direction].isFinished {
      if let piece = self[direction].cutter.takeRest(into: &buffer) {
        let arrival = take(piece, dialect, direction, at: now, in: &buffer, isHeld)
        if let arrival { return arrival }
      }
      letGo(direction)
    }
    self[direction].cutterDeadline = self[direction].cutter.deadline
    return nextLoose(direction, at: now, into: &buffer)
  }

  /// Who passes bytes on has changed: of what has gone out in part, only the rest can still be
  /// treated.
  mutating func setPassing(_ isPassing: Bool, _ direction: Direction) {
    guard self[direction].isPassing != isPassing else { return }
    if self[direction].isPassing { letGo(direction) }
    self[direction].isPassing = isPassing
  }

  mutating func settle(_ recognition: DialectRecogniser.Recognition, at now: Instant) {
    switch recognition {
    case .undecided: return
    case .nothing: framing = .nothing
    case .found(let dialect, _): framing = .found(dialect)
    }
    recogniser = nil
    for direction in [Direction.clientToServer, .serverToClient] {
      if case .found(let dialect) = framing {
        let waiting = self[direction].waiting
        let goneCount = self[direction].goneCount
        var cutter = FrameCutter(dialect, checksum: checksum)
        var gone: [UInt8] = []
        unsafe cutter.append(waiting.span.bytes.extracting(first: goneCount), at: now)
        cutter.takeHeld(into: &gone)
        unsafe cutter.append(waiting.span.bytes.extracting(droppingFirst: goneCount), at: now)
        self[direction].cutter = cutter
      } else {
        letGo(direction)
      }
      self[direction].waiting = []
      self[direction].goneCount = 0
      self[direction].waitingDeadline = .distantFuture
    }
  }

  /// Bytes that have gone out, or must, although it is not known what they are.
  private mutating func letGo(_ direction: Direction) {
    var bytes = Array(self[direction].waiting[self[direction].goneCount...])
    self[direction].goneCount = self[direction].waiting.count
    self[direction].waitingDeadline = .distantFuture
    if case .found = framing { self[direction].cutter.takeHeld(into: &bytes) }
    guard !bytes.isEmpty else { return }
    self[direction].loose.append(Run(bytes: bytes, isPassed: self[direction].isPassing))
  }

  private mutating func nextLoose(
    _ direction: Direction, at now: Instant, into buffer: inout [UInt8]
  ) -> Arrival? {
    guard !self[direction].loose.isEmpty else { return nil }
    let run = self[direction].loose.removeFirst()
    buffer = run.bytes
    return unsafe pass(run.bytes.span.bytes, direction, isPassed: run.isPassed, at: now)
  }

  private mutating func pass(
    _ bytes: RawSpan, _ direction: Direction, isPassed: Bool, at now: Instant
  ) -> Arrival {
    Arrival(
      number: isPassed
        ? injector.skip() : injector.pass(bytes, direction: direction, at: now),
      isPassed: isPassed)
  }

  /// A piece becomes an arrival of the bytes that are new; nil if none are.
  private mutating func take(
    _ piece: FrameCutter.Piece, _ dialect: Dialect, _ direction: Direction, at now: Instant,
    in buffer: inout [UInt8], _ isHeld: (RawSpan, FrameHeader, IdentifiedFrame, Bool) -> Bool
  ) -> Arrival? {
    let isPassing = self[direction].isPassing
    if let header = piece.header {
      guard piece.passedByteCount > 0 || isPassing else {
        return unsafe receive(
          buffer.span.bytes, header, piece, dialect, direction, at: now, isHeld)
      }
      unsafe injector.observe(
        buffer.span.bytes, header: header, dialect: dialect, isGood: piece.isGood,
        direction: direction)
    }
    if piece.passedByteCount > 0 { buffer.removeFirst(piece.passedByteCount) }
    guard !buffer.isEmpty else { return nil }
    var arrival = unsafe pass(buffer.span.bytes, direction, isPassed: isPassing, at: now)
    if piece.passedByteCount == 0 { arrival.header = piece.header }
    return arrival
  }

  private mutating func receive(
    _ frame: RawSpan, _ header: FrameHeader, _ piece: FrameCutter.Piece, _ dialect: Dialect,
    _ direction: Direction, at now: Instant,
    _ isHeld: (RawSpan, FrameHeader, IdentifiedFrame, Bool) -> Bool
  ) -> Arrival {
    let fate = injector.receive(
      frame, header: header, dialect: dialect, isGood: piece.isGood, direction: direction,
      at: now, isHeld: { isHeld(frame, header, $0, piece.isGood) })
    return Arrival(number: fate.number, header: header, fate: fate, isHeld: fate.isHeld)
  }
}
