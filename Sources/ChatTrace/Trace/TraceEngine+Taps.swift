public import ChatWire

// The other way in: for sources in the middle of a connection, as a simulated link or a proxy. They
// have the bytes of each direction in order, know who is the client, and know what becomes of each
// frame, because they are those who decide it. From the decoder on everything is as for packets, so
// with every frame forwarded the records are those of a capture of the same bytes.

extension TraceEngine {
  /// A connection is open that is tapped; returns the number of its stream.
  ///
  /// The ends are texts as the source calls them, by custom `address:port`; nil leaves out the key.
  /// The record of it comes with the first frame, as for every connection: until then it might not
  /// be chat.
  public mutating func openConnection(
    client: String?, server: String?, at time: TraceTime, into sink: inout some TraceSink
  ) -> Int {
    if packets == 0, slots.isEmpty { sink.begin(at: time) }
    pass(to: time, into: &sink)
    let number = flows.insertUnlisted()
    addTapped(number, TapState(client: client, server: server), isFromBeginning: true, at: time)
    return number
  }

  /// Adds a connection that is tapped; one that is not seen from its beginning may begin within a
  /// frame.
  mutating func addTapped(
    _ number: Int, _ tap: TapState, isFromBeginning: Bool, at time: TraceTime
  ) {
    hasTaps = true
    // Endpoints serve only to find a stream and to guess its client; here neither is to be done.
    let nowhere = Endpoint(address: IPAddress(ipv4: 0), port: 0)
    var stream = StreamState(number: number, lower: nowhere, upper: nowhere)
    stream.firstTime = time
    stream.clientIsLower = true
    stream.tapBox = [tap]
    addStream(stream)
    let slot = slots[stream.number]
    for side in [Int(slot) * 2, Int(slot) * 2 + 1] {
      var nothing = SegmentRecorder()
      sides[side].reassembler.begin(at: 0, into: &nothing)
      sides[side].isSynSeen = isFromBeginning
    }
  }

  /// Takes the next bytes of one direction of a connection that is tapped: a whole frame, or junk,
  /// as they arrived, before any fault acted on them.
  ///
  /// Bytes of a stream that is closed, or is not known, are ignored. A run of several frames gives
  /// them all one disposition. The records of a frame with a bad checksum, and of what comes behind
  /// it, may wait for the next bytes of its direction, as those of a capture do.
  public mutating func frame(
    _ bytes: RawSpan, stream: Int, direction: Direction, at time: TraceTime, fate: TappedFate,
    into sink: inout some TraceSink
  ) {
    packets &+= 1
    pass(to: time, into: &sink)
    guard bytes.byteCount > 0, let slot = tappedSlot(stream) else { return }
    let side = sideIndex(slot, fromLower: direction == .clientToServer)
    guard
      let offset = sides[side].reassembler.receiveInOrder(
        sequenceNumber: UInt32(truncatingIfNeeded: sides[side].reassembler.nextOffset),
        count: bytes.byteCount)
    else { return }
    let end = offset &+ UInt64(bytes.byteCount)
    // In what is no chat there are no frames that anything could have happened to.
    let known = sides[side].isGivenUp ? .forwarded : fate
    if direction == .clientToServer {
      streams[Int(slot)].tapBox[0].clientToServer.append(known, start: offset, end: end)
    } else {
      streams[Int(slot)].tapBox[0].serverToClient.append(known, start: offset, end: end)
    }
    deliver(bytes, at: offset, slot: slot, side: side, moreFollows: false, into: &sink)
  }

  /// A connection that is tapped comes to its end, or one direction of it.
  public mutating func closeConnection(
    stream: Int, _ closing: TappedClosing, at time: TraceTime, into sink: inout some TraceSink
  ) {
    pass(to: time, into: &sink)
    guard let slot = tappedSlot(stream) else { return }
    switch closing {
    case .halfClose(.clientToServer): streams[Int(slot)].tapBox[0].isClientDone = true
    case .halfClose(.serverToClient): streams[Int(slot)].tapBox[0].isServerDone = true
    case .close:
      streams[Int(slot)].tapBox[0].isClientDone = true
      streams[Int(slot)].tapBox[0].isServerDone = true
    case .reset:
      streams[Int(slot)].endTime = time
      finishStream(slot, end: .reset, into: &sink)
      return
    }
    let tap = streams[Int(slot)].tapBox[0]
    guard tap.isClientDone, tap.isServerDone else { return }
    finishStream(slot, end: .closed, into: &sink)
  }

  /// Something was done that no bytes tell of which arrive just now: to the end of a direction, or
  /// by hand to a frame that has been held.
  ///
  /// It has a record of kind `fault`. Of a connection that is closed, not known, or not chat as far
  /// as is known, it is ignored.
  ///
  /// - Parameters:
  ///   - frame: The number of the frame in the trace; nil if it is about no frame.
  ///   - direction: Which way goes what it was done to.
  public mutating func fault(
    _ act: TappedAct, frame: UInt64?, stream: Int, direction: Direction, at time: TraceTime,
    into sink: inout some TraceSink
  ) {
    pass(to: time, into: &sink)
    guard let slot = tappedSlot(stream), streams[Int(slot)].dialect != nil else { return }
    let side = sideIndex(slot, fromLower: direction == .clientToServer)
    // Behind records that wait.
    output(.fault(act, frame: frame ?? 0), slot: slot, side: side, into: &sink)
  }

  /// Time passes up to the next thing that happens.
  mutating func pass(to time: TraceTime, into sink: inout some TraceSink) {
    self.time = time
    if time.nanoseconds > latest { latest = time.nanoseconds }
    if deferredCount > 0 { expireDeferred(into: &sink) }
    if !waiting.isEmpty { checkWaiting(into: &sink) }
  }

  /// The slot of a stream, if it is tapped and open.
  func tappedSlot(_ stream: Int) -> Int32? {
    guard slots.indices.contains(stream), slots[stream] >= 0,
      !streams[Int(slots[stream])].tapBox.isEmpty, !streams[Int(slots[stream])].isOver
    else { return nil }
    return slots[stream]
  }
}

// MARK: records

extension TraceEngine {
  /// Finds the fate of the frame that the event is about, and tells the analysis.
  @inline(never)
  mutating func takeFate(of unit: DecodedUnit, slot: Int32) {
    takeFate(of: unit, direction: event.direction, slot)
    guard !streams[Int(slot)].tapBox.isEmpty else { return }
    event.leg = event.direction == .clientToServer ? .client : .server
    event.disposition = fate.disposition
    let effects = fate.effects
    if streams[Int(slot)].dialect == .native {
      let delay = effects.isLate ? delay(of: unit, slot) : 0
      streams[Int(slot)].native.befall(
        FrameFate(effects: effects, delay: delay), frame: event.frame, direction: event.direction)
    } else {
      streams[Int(slot)].classicBox[0].fate = effects
    }
  }

  /// For how long the frame that the event is about is held, as far as that is known.
  private mutating func delay(of unit: DecodedUnit, _ slot: Int32) -> Int64 {
    let now = time?.nanoseconds ?? 0
    switch event.direction {
    case .clientToServer:
      return fate.delayNanoseconds(
        &streams[Int(slot)].tapBox[0].linesToServer, byteCount: unit.byteCount, at: now)
    case .serverToClient:
      return fate.delayNanoseconds(
        &streams[Int(slot)].tapBox[0].linesToClient, byteCount: unit.byteCount, at: now)
    }
  }

  /// Finds the fate of a unit; of a connection that is not tapped it is nothing special.
  @inline(never)
  mutating func takeFate(of unit: DecodedUnit, direction: Direction, _ slot: Int32) {
    fate = .forwarded
    event.leg = .wire
    event.disposition = .seen
    guard !streams[Int(slot)].tapBox.isEmpty else { return }
    let end = unit.offset &+ UInt64(max(0, unit.byteCount))
    switch direction {
    case .clientToServer:
      fate = streams[Int(slot)].tapBox[0].clientToServer.take(from: unit.offset, to: end)
    case .serverToClient:
      fate = streams[Int(slot)].tapBox[0].serverToClient.take(from: unit.offset, to: end)
    }
  }

  /// Says on a frame what faults do to it.
  @inline(never)
  mutating func noteFate() {
    // 0 the server, 1 the client is the one that gets the frame.
    let receiver: Int64 = event.direction == .clientToServer ? 0 : 1
    var explained = FaultEffects()
    for act in fate.acts {
      explained.formUnion(act.action.effects)
      if let note = Note(fault: act.action, rule: act.rule, receiver: receiver) {
        event.notes.append(note)
      }
    }
    let effect = FaultEffects(fate.disposition)
    guard explained.isDisjoint(with: effect), let action = TappedAction(effect),
      let note = Note(fault: action, rule: nil, receiver: receiver)
    else { return }
    event.notes.append(note)
  }

  /// What the rules did, a record each.
  @inline(never)
  mutating func faultRecords(
    frame: UInt64, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    guard !fate.acts.isEmpty else { return }
    for act in fate.acts { faultRecord(act, frame: frame, slot: slot, side: side, into: &sink) }
    fate = .forwarded
  }

  /// What was done apart from bytes that arrive: a record with a note.
  mutating func lateFaultRecord(
    _ act: TappedAct, frame: UInt64, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    let direction = streams[Int(slot)].direction(fromLower: side & 1 == 0)
    if frame != 0 {
      if streams[Int(slot)].dialect == .native {
        streams[Int(slot)].native.befallLater(act.action, frame: frame)
      } else {
        streams[Int(slot)].classicBox[0].befallLater(act.action, frame: frame)
      }
    }
    let receiver: Int64 = direction == .clientToServer ? 0 : 1
    var note = Note(fault: act.action, rule: act.rule, receiver: receiver)
    note?.causes.append(frame)
    faultRecord(act, frame: frame, note: note, slot: slot, side: side, into: &sink)
  }

  /// What was done, by one rule or by hand.
  @inline(never)
  mutating func faultRecord(
    _ act: TappedAct, frame: UInt64, note: Note? = nil, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    clearEvent()
    clearFrame()
    event.kind = .fault
    event.time = time
    event.stream = streams[Int(slot)].number
    event.direction = streams[Int(slot)].direction(fromLower: side & 1 == 0)
    event.frame = frame
    event.rule = act.rule
    event.action = act.action.description
    if let note { event.notes.append(note) }
    eventIsRich = true
    let nothing: [UInt8] = []
    unsafe sink.record(&event, payload: nothing.span.bytes)
  }

  /// A connection is over: what was on its way has arrived, and acts on bytes without a record are
  /// told.
  mutating func finishTap(slot: Int32, into sink: inout some TraceSink) {
    streams[Int(slot)].native.hearEverything()
    for side in [Int(slot) * 2, Int(slot) * 2 + 1] {
      let end = sides[side].reassembler.nextOffset
      fate =
        side & 1 == 0
        ? streams[Int(slot)].tapBox[0].clientToServer.take(from: end, to: end)
        : streams[Int(slot)].tapBox[0].serverToClient.take(from: end, to: end)
      faultRecords(frame: 0, slot: slot, side: side, into: &sink)
    }
  }
}

extension TappedAction {
  /// The action that has one effect; nil for none.
  fileprivate init?(_ effect: FaultEffects) {
    switch effect {
    case .dropped: self = .drop
    case .corrupted: self = .corrupt(nil)
    case .delayed: self = .delay(nanoseconds: 0)
    case .duplicated: self = .duplicate
    case .reordered: self = .reorder(gap: 0)
    case .altered: self = .alter
    default: return nil
    }
  }
}
