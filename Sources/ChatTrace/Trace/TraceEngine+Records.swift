import ChatWire

// From frames to records: the event is filled in here and given to the sink.

extension TraceEngine {
  /// A unit of a stream whose client is known becomes a record.
  @inline(__always)
  mutating func unitRecord(
    _ unit: DecodedUnit, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    switch unit.kind {
    case .frame, .corrupt, .unverified:
      frameRecord(unit, payload: payload, slot: slot, side: side, into: &sink)
    case .lost, .skipped, .rest, .undecided, .overflow:
      otherRecord(unit, slot: slot, side: side, into: &sink)
    }
  }

  @inline(__always)
  private mutating func frameRecord(
    _ unit: DecodedUnit, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    let isNative = streams[Int(slot)].dialect == .native
    sides[side].ledger.frameBytes &+= UInt64(unit.byteCount)
    clearEvent()
    frames &+= 1
    event.kind = .frame
    event.time = time
    event.stream = streams[Int(slot)].number
    event.direction = streams[Int(slot)].direction(fromLower: side & 1 == 0)
    event.frame = frames
    event.dialect = isNative ? .native : .classic
    event.typeCode = unit.header.typeCode
    event.sequence = unit.header.sequence
    event.length = UInt64(unit.header.length)
    event.flags = unit.header.flags
    event.last = unit.header.endsMessage(event.dialect)
    event.retransmission = unit.header.isMarkedRetransmission(event.dialect)
    event.offset = unit.offset
    event.attempt = nil
    event.message = nil
    event.fragment = nil
    event.fragments = nil
    event.nextExpected = nil
    event.advertisedWindow = nil
    event.roundTripNanoseconds = nil
    event.sender = nil
    event.receiver = nil
    event.isRepair = false
    event.checksum = unit.kind == .frame ? .good : unit.kind == .corrupt ? .bad : .unverified
    if hasTaps { takeFate(of: unit, slot: slot) }
    if unit.kind != .frame || unit.isResynchronised || sides[side].overlapDiffers
      || streams[Int(slot)].directionReason != nil
    {
      frameNotes(unit, slot: slot, side: side)
    }
    let nanoseconds = time?.nanoseconds ?? 0
    if isNative {
      streams[Int(slot)].native.frame(
        &event, payload: payload, time: nanoseconds, options: options.analysis)
    } else {
      streams[Int(slot)].classicBox[0].frame(
        &event, payload: payload, time: nanoseconds, options: options.analysis)
    }
    if hasTaps { noteFate() }
    // Acknowledgements, and sequenced frames that are not read, leave nothing but notes to be
    // cleared.
    if !isNative || options.assemblesText && event.typeCode != FrameType.ack.rawValue
      || !FrameType(rawValue: event.typeCode).isSequenced
        && event.typeCode != FrameType.ack.rawValue
    {
      eventIsRich = true
    }
    sink.record(&event, payload: payload)
    if hasTaps { faultRecords(frame: frames, slot: slot, side: side, into: &sink) }
    if isNative, let change = streams[Int(slot)].native.change {
      streams[Int(slot)].native.change = nil
      sessionRecord(change, end: nil, slot: slot, into: &sink)
    } else if !isNative, let change = streams[Int(slot)].classicBox[0].change {
      streams[Int(slot)].classicBox[0].change = nil
      sessionRecord(change, end: nil, slot: slot, into: &sink)
    }
  }

  /// Remarks that come from the way of the bytes rather than from the protocol.
  @inline(never)
  private mutating func frameNotes(_ unit: DecodedUnit, slot: Int32, side: Int) {
    switch unit.kind {
    case .corrupt:
      event.notes.append(Note(.corrupt))
      streams[Int(slot)].hasDamage = true
    case .unverified:
      let missing = Int64(unit.header.length) - Int64(unit.payloadCount)
      event.notes.append(Note(.unverified, missing))
    case .frame, .lost, .skipped, .rest, .undecided, .overflow: break
    }
    if unit.isResynchronised, sides[side].wasInterrupted {
      event.notes.append(Note(.resynchronised, Int64(clamping: sides[side].skippedBytes)))
    }
    sides[side].wasInterrupted = false
    sides[side].skippedBytes = 0
    if sides[side].overlapDiffers {
      sides[side].overlapDiffers = false
      event.notes.append(Note(.tcpOverlapDiffers))
    }
    if let reason = streams[Int(slot)].directionReason {
      streams[Int(slot)].directionReason = nil
      event.notes.append(Note(.directionAssumed, detail: reason))
    }
  }

  /// Bytes that are no frame.
  @inline(never)
  private mutating func otherRecord(
    _ unit: DecodedUnit, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    let count = UInt64(unit.byteCount)
    switch unit.kind {
    case .rest: sides[side].ledger.frameBytes &+= count
    case .undecided: sides[side].ledger.undecidedBytes &+= count
    case .lost, .skipped:
      sides[side].ledger.junkBytes &+= count
      sides[side].wasInterrupted = true
      sides[side].skippedBytes &+= count
      clearEvent()
      clearFrame()
      event.kind = .junk
      event.time = time
      event.stream = streams[Int(slot)].number
      event.direction = streams[Int(slot)].direction(fromLower: side & 1 == 0)
      event.offset = unit.offset
      event.length = count
      event.dialect = streams[Int(slot)].dialect ?? .native
      if unit.kind == .lost {
        event.typeCode = unit.header.typeCode
        event.sequence = unit.header.sequence
        event.code = 1
        if event.dialect == .native {
          streams[Int(slot)].native.lostFraming(
            event.direction, typeCode: unit.header.typeCode, sequence: unit.header.sequence)
        }
      }
      eventIsRich = true
      let nothing: [UInt8] = []
      unsafe sink.record(&event, payload: nothing.span.bytes)
    case .frame, .corrupt, .unverified, .overflow: break
    }
    if hasTaps {
      takeFate(of: unit, direction: streams[Int(slot)].direction(fromLower: side & 1 == 0), slot)
      faultRecords(frame: 0, slot: slot, side: side, into: &sink)
    }
  }

  /// Bytes that were never captured.
  mutating func gapRecord(
    _ gap: (offset: UInt64, length: UInt64), slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    output(.gap(offset: gap.offset, length: gap.length), slot: slot, side: side, into: &sink)
  }

  mutating func plainGap(
    _ offset: UInt64, _ length: UInt64, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    sides[side].ledger.gapBytes &+= length
    sides[side].wasInterrupted = true
    sides[side].skippedBytes &+= length
    clearEvent()
    clearFrame()
    event.kind = .gap
    event.time = time
    event.stream = streams[Int(slot)].number
    event.direction = streams[Int(slot)].direction(fromLower: side & 1 == 0)
    event.offset = offset
    event.length = length
    if streams[Int(slot)].dialect == .native {
      streams[Int(slot)].native.gap(event.direction)
    } else {
      streams[Int(slot)].classicBox[0].gap(event.direction)
    }
    let nothing: [UInt8] = []
    unsafe sink.record(&event, payload: nothing.span.bytes)
  }

  /// A stream turned out to be chat.
  mutating func openRecord(slot: Int32, into sink: inout some TraceSink) {
    let stream = streams[Int(slot)]
    clearEvent()
    clearFrame()
    event.kind = .tcp
    event.time = stream.firstTime
    event.stream = stream.number
    event.tcpEvent = .open
    let clientIsLower = stream.clientIsLower ?? true
    // `address:port`, the port behind the last colon, for IPv6 as well: the contract of
    // docs/TRACE.md.
    let client = clientIsLower ? stream.lower : stream.upper
    let server = clientIsLower ? stream.upper : stream.lower
    event.client = "\(client.address):\(client.port)"
    event.server = "\(server.address):\(server.port)"
    if let tap = stream.tapBox.first {
      event.client = tap.client
      event.server = tap.server
    }
    eventIsRich = true
    let nothing: [UInt8] = []
    unsafe sink.record(&event, payload: nothing.span.bytes)
  }

  /// What there is to say about a session.
  mutating func sessionRecord(
    _ state: SessionState, end: SessionEnd?, slot: Int32, into sink: inout some TraceSink
  ) {
    clearEvent()
    clearFrame()
    let stream = streams[Int(slot)]
    event.kind = .session
    event.time = end == nil ? time : stream.endTime ?? time
    event.stream = stream.number
    event.state = state
    event.end = end
    if let classic = stream.classic {
      classic.describe(&event)
    } else {
      event.dialect = .native
      event.mode = stream.native.mode
      event.window = stream.native.window > 0 ? UInt64(stream.native.window) : nil
      event.fragmentSize =
        stream.native.fragmentSize > 0 ? UInt64(stream.native.fragmentSize) : nil
    }
    if let end { event.notes.append(Note(.sessionEnded, detail: end.explanation)) }
    eventIsRich = true
    let nothing: [UInt8] = []
    unsafe sink.record(&event, payload: nothing.span.bytes)
  }

  /// A stream is over: says how, and writes its line of the summary.
  mutating func endRecord(
    _ end: ConnectionEnd, slot: Int32, into sink: inout some TraceSink
  ) {
    if !streams[Int(slot)].tapBox.isEmpty { finishTap(slot: slot, into: &sink) }
    let stream = streams[Int(slot)]
    let isClosed: Bool
    switch end {
    case .captureEnds: isClosed = false
    case .closed, .reset:
      isClosed = true
      clearEvent()
      clearFrame()
      event.kind = .tcp
      event.time = stream.endTime ?? time
      event.stream = stream.number
      if case .reset = end { event.tcpEvent = .reset } else { event.tcpEvent = .close }
      eventIsRich = true
      let nothing: [UInt8] = []
      unsafe sink.record(&event, payload: nothing.span.bytes)
    }
    let sessionEnd = stream.classic?.end(end) ?? stream.native.end(end)
    let state = stream.classic?.state ?? stream.native.state
    sessionRecord(
      isClosed || sessionEnd != .open ? .closed : state ?? .established, end: sessionEnd,
      slot: slot, into: &sink)
    addToSummary(slot: slot)
    release(slot, number: stream.number)
  }

  private mutating func addToSummary(slot: Int32) {
    let stream = streams[Int(slot)]
    var line = TraceSummary.Stream()
    line.stream = stream.number
    line.isDisordered =
      sides[Int(slot) * 2].reassembler.isAcknowledgedEarly
      || sides[Int(slot) * 2 + 1].reassembler.isAcknowledgedEarly
    for side in [Int(slot) * 2, Int(slot) * 2 + 1] {
      var ledger = sides[side].ledger
      ledger.bytes =
        ledger.frameBytes + ledger.gapBytes + ledger.junkBytes + ledger.undecidedBytes
      if stream.direction(fromLower: side & 1 == 0) == .clientToServer {
        line.clientToServer = ledger
      } else {
        line.serverToClient = ledger
      }
    }
    let ledgers = [line.clientToServer, line.serverToClient]
    let isWhole = sides[Int(slot) * 2].isSynSeen || sides[Int(slot) * 2 + 1].isSynSeen
    if ledgers.contains(where: { $0.gapBytes > 0 || $0.undecidedBytes > 0 }) || !isWhole {
      line.verdict = .inconclusive
    } else if ledgers.contains(where: { $0.junkBytes > 0 }) || stream.hasDamage {
      line.verdict = .damaged
    }
    summary.streams.append(line)
  }

  // MARK: the event

  /// Empties what the last record left in the event beside the plain fields of a frame.
  @inline(__always)
  mutating func clearEvent() {
    if !event.notes.isEmpty { event.notes.removeAll(keepingCapacity: true) }
    if eventIsRich { clearRich() }
  }

  private mutating func clearRich() {
    eventIsRich = false
    event.text = nil
    event.code = nil
    event.reason = nil
    event.nickname = nil
    if !event.options.isEmpty { event.options = [] }
    event.tcpEvent = nil
    event.client = nil
    event.server = nil
    event.rule = nil
    event.action = nil
    event.state = nil
    event.mode = nil
    event.window = nil
    event.fragmentSize = nil
    event.end = nil
  }

  /// Empties the fields of a frame, for records of other kinds.
  mutating func clearFrame() {
    event.frame = 0
    event.typeCode = 0
    event.sequence = 0
    event.length = 0
    event.flags = 0
    event.last = false
    event.retransmission = false
    event.checksum = .good
    event.offset = 0
    event.message = nil
    event.fragment = nil
    event.fragments = nil
    event.attempt = nil
    event.nextExpected = nil
    event.advertisedWindow = nil
    event.roundTripNanoseconds = nil
    event.isRepair = false
    event.sender = nil
    event.receiver = nil
  }
}

extension SessionEnd {
  /// How the session ended, in words.
  var explanation: String {
    switch self {
    case .clean: "ended cleanly: goodbye said and answered, everything acknowledged"
    case .unconfirmed:
      "ended: goodbye said on both sides, but the last acknowledgement was not seen"
    case .abrupt: "ended abruptly: TCP was closed without a goodbye"
    case .reset: "ended abruptly: TCP was reset"
    case .error: "ended by an ERROR"
    case .refused: "the server refused the session"
    case .open: "still open where the capture ends"
    }
  }
}
