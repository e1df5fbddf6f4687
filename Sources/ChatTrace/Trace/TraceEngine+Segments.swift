import ChatWire

// From TCP segments to bytes in order.

extension TraceEngine {
  /// Takes one TCP segment, whose payload lies in `bytes`.
  @inline(__always)
  mutating func segment(
    _ segment: TCPSegment, in bytes: RawSpan, into sink: inout some TraceSink
  ) {
    let flow: Flow
    if let known = flows.find(source: segment.source, destination: segment.destination) {
      flow = known
    } else {
      flow = open(segment)
    }
    let slot = slots[flow.index]
    if segment.flags.rawValue & (TCPFlags.syn.rawValue | TCPFlags.reset.rawValue) == 0, slot >= 0 {
      take(segment, in: bytes, slot: slot, fromLower: flow.isFromLower, into: &sink)
    } else {
      special(segment, in: bytes, flow: flow, into: &sink)
    }
  }

  /// Segments with SYN or RST, and those of streams that are gone.
  @inline(never)
  private mutating func special(
    _ segment: TCPSegment, in bytes: RawSpan, flow: Flow, into sink: inout some TraceSink
  ) {
    var flow = flow
    if segment.flags.contains(.syn), !segment.flags.contains(.reset), isReuse(segment, flow) {
      if slots[flow.index] >= 0 {
        finishStream(slots[flow.index], end: .closed, into: &sink)
      }
      flow = reopen(segment)
    }
    let slot = slots[flow.index]
    guard slot >= 0 else { return }
    if segment.flags.contains(.syn) {
      let side = sideIndex(slot, fromLower: flow.isFromLower)
      sides[side].isSynSeen = true
      if streams[Int(slot)].clientIsLower == nil {
        // A SYN with ACK answers the client's.
        orient(
          slot, clientIsLower: flow.isFromLower != segment.flags.contains(.ack), into: &sink)
      }
    }
    if segment.flags.contains(.reset) {
      if !streams[Int(slot)].isReset {
        streams[Int(slot)].isReset = true
        streams[Int(slot)].endTime = time
        streams[Int(slot)].endsAt = packets &+ Self.packetsAfterReset
        wait(slot)
      }
      return
    }
    take(segment, in: bytes, slot: slot, fromLower: flow.isFromLower, into: &sink)
  }

  /// True if a SYN opens a new connection between endpoints that are known already.
  private func isReuse(_ segment: TCPSegment, _ flow: Flow) -> Bool {
    let slot = slots[flow.index]
    guard slot >= 0 else {
      // A copy of the SYN of what is over opens nothing.
      if segment.flags.contains(.ack) { return false }
      let known = closed[closedHead...].last { $0.number == flow.index }
      let initial = flow.isFromLower ? known?.lowerInitial : known?.upperInitial
      return initial != segment.sequenceNumber
    }
    let side = sideIndex(slot, fromLower: flow.isFromLower)
    guard let first = sides[side].reassembler.firstSequenceNumber else {
      return isForeignToOpening(segment, slot: slot, side: side)
    }
    if first == segment.sequenceNumber &+ 1 { return false }
    // Where the beginning was not seen, a SYN shortly before it comes late.
    let before = first &- segment.sequenceNumber
    return sides[side].isSynSeen || before > Self.lateSynDistance
  }

  @inline(__always)
  func sideIndex(_ slot: Int32, fromLower: Bool) -> Int {
    Int(slot) &* 2 &+ (fromLower ? 0 : 1)
  }

  @inline(never)
  private mutating func open(_ segment: TCPSegment) -> Flow {
    let flow = flows.insert(source: segment.source, destination: segment.destination)
    addStream(flow, segment)
    return flow
  }

  private mutating func reopen(_ segment: TCPSegment) -> Flow {
    let flow = flows.replace(source: segment.source, destination: segment.destination)
    addStream(flow, segment)
    return flow
  }

  private mutating func addStream(_ flow: Flow, _ segment: TCPSegment) {
    var stream = StreamState(
      number: flow.index, lower: flow.isFromLower ? segment.source : segment.destination,
      upper: flow.isFromLower ? segment.destination : segment.source)
    stream.firstTime = time
    stream.firstIsLower = flow.isFromLower
    addStream(stream)
  }

  /// Gives a stream its slot.
  mutating func addStream(_ stream: StreamState) {
    let slot: Int32
    if let free = freeSlots.popLast() {
      slot = free
      streams[Int(slot)] = stream
      sides[Int(slot) * 2] = StreamSide()
      sides[Int(slot) * 2 + 1] = StreamSide()
    } else {
      slot = Int32(truncatingIfNeeded: streams.count)
      streams.append(stream)
      sides.append(StreamSide())
      sides.append(StreamSide())
    }
    while slots.count < stream.number { slots.append(Gone.unseen) }
    if stream.number < slots.count {
      slots[stream.number] = slot
    } else {
      slots.append(slot)
    }
  }

  /// Takes a segment of an open stream.
  @inline(__always)
  private mutating func take(
    _ segment: TCPSegment, in bytes: RawSpan, slot: Int32, fromLower: Bool,
    into sink: inout some TraceSink
  ) {
    let side = sideIndex(slot, fromLower: fromLower)
    if segment.flags.contains(.ack) {
      sides[side ^ 1].reassembler.acknowledged(upTo: segment.acknowledgementNumber)
    }
    let payload = bytes.extracting(
      segment.payloadOffset..<(segment.payloadOffset &+ segment.payloadLength))
    let isPlain =
      segment.flags.rawValue & (TCPFlags.syn.rawValue | TCPFlags.fin.rawValue) == 0
      && segment.missingLength == 0
    if isPlain,
      let offset = sides[side].reassembler.receiveInOrder(
        sequenceNumber: segment.sequenceNumber, count: segment.payloadLength)
    {
      if segment.payloadLength > 0 {
        deliver(payload, at: offset, slot: slot, side: side, moreFollows: false, into: &sink)
      }
      return
    }
    takeUnusual(segment, payload: payload, slot: slot, side: side, into: &sink)
  }

  @inline(never)
  private mutating func takeUnusual(
    _ segment: TCPSegment, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    if holdOpening(segment, payload: payload, slot: slot, side: side) { return }
    reassemble(segment, payload: payload, slot: slot, side: side, into: &sink)
    if segment.flags.contains(.syn), !streams[Int(slot)].opening.isEmpty {
      takeOpening(slot: slot, side: side, into: &sink)
    }
  }

  mutating func reassemble(
    _ segment: TCPSegment, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    var recorder = SegmentRecorder()
    sides[side].reassembler.receive(
      sequenceNumber: segment.sequenceNumber, isSYN: segment.flags.contains(.syn),
      isFIN: segment.flags.contains(.fin), payload: payload, missing: segment.missingLength,
      time: time?.nanoseconds ?? 0, into: &recorder)
    play(recorder.outputs, slot: slot, side: side, into: &sink)
    if sides[side].reassembler.isWaiting { wait(slot) }
    if sides[side].reassembler.isFinished, sides[side ^ 1].reassembler.isFinished {
      finishStream(slot, end: .closed, into: &sink)
    }
  }

  /// Deals with what a reassembler gave out.
  mutating func play(
    _ outputs: [SegmentRecorder.Output], slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    for output in outputs {
      switch output {
      case .bytes(let bytes, let moreFollows):
        unsafe deliver(
          bytes.span.bytes, at: 0, slot: slot, side: side, moreFollows: moreFollows, into: &sink)
      case .gap(let offset, let length):
        gap(offset: offset, length: length, slot: slot, side: side, into: &sink)
      case .differs:
        sides[side].overlapDiffers = true
      }
    }
  }

  // MARK: waiting and ending

  mutating func wait(_ slot: Int32) {
    if !waiting.contains(slot) { waiting.append(slot) }
  }

  /// Looks after the streams that wait for a hole or an ending.
  @inline(never)
  mutating func checkWaiting(into sink: inout some TraceSink) {
    // Holes have their own patience; looking ten times a second, or at each packet without times,
    // will do.
    let now = latest == .min ? 0 : latest
    let isDue = now >= nextWaitingCheck || time == nil
    var index = 0
    while index < waiting.count {
      let slot = waiting[index]
      if streams[Int(slot)].isOver {
        waiting.remove(at: index)
        continue
      }
      if packets >= streams[Int(slot)].endsAt || isResetOld(slot, now: now) {
        waiting.remove(at: index)
        finishStream(slot, end: .reset, into: &sink)
        continue
      }
      if isOpeningOver(slot) {
        endOpening(slot: slot, into: &sink)
        if streams[Int(slot)].isOver { continue }
      }
      if isDue, let time {
        for side in [Int(slot) * 2, Int(slot) * 2 + 1] where sides[side].reassembler.isWaiting {
          var recorder = SegmentRecorder()
          sides[side].reassembler.advance(to: max(now, time.nanoseconds), into: &recorder)
          play(recorder.outputs, slot: slot, side: side, into: &sink)
        }
      }
      let isWaiting =
        streams[Int(slot)].isReset || !streams[Int(slot)].opening.isEmpty
        || sides[Int(slot) * 2].reassembler.isWaiting
        || sides[Int(slot) * 2 + 1].reassembler.isWaiting
      if isWaiting { index += 1 } else { waiting.remove(at: index) }
    }
    if isDue { nextWaitingCheck = now &+ 100_000_000 }
  }

  /// Nothing sent before a reset comes as late as this.
  private func isResetOld(_ slot: Int32, now: Int64) -> Bool {
    guard streams[Int(slot)].isReset, let end = streams[Int(slot)].endTime else { return false }
    return TraceTime.elapsed(from: end.nanoseconds, to: now) >= Self.openingAge
  }

  /// A connection is over, or the capture is: gives out what is left of it.
  @inline(never)
  mutating func finishStream(
    _ slot: Int32, end: ConnectionEnd, into sink: inout some TraceSink
  ) {
    guard !streams[Int(slot)].isOver else { return }
    endOpening(slot: slot, into: &sink)
    guard !streams[Int(slot)].isOver else { return }
    streams[Int(slot)].isOver = true
    var end = end
    if streams[Int(slot)].isReset { end = .reset }
    for side in [Int(slot) * 2, Int(slot) * 2 + 1] {
      var recorder = SegmentRecorder()
      sides[side].reassembler.finish(into: &recorder)
      play(recorder.outputs, slot: slot, side: side, into: &sink)
    }
    for side in [Int(slot) * 2, Int(slot) * 2 + 1] {
      finishDecoding(slot: slot, side: side, end: end, into: &sink)
    }
    let number = streams[Int(slot)].number
    if streams[Int(slot)].dialect == nil {
      slots[number] = Gone.other
      release(slot, number: number)
    } else {
      output(.end(end), slot: slot, side: Int(slot) * 2, into: &sink)
      slots[number] = Gone.closed
    }
  }

  /// Nothing of a stream is left but its number.
  mutating func release(_ slot: Int32, number: Int) {
    let lower = streams[Int(slot)].lower
    let upper = streams[Int(slot)].upper
    let isTapped = !streams[Int(slot)].tapBox.isEmpty
    let initials = [Int(slot) * 2, Int(slot) * 2 + 1].map { side -> UInt32? in
      sides[side].isSynSeen ? sides[side].reassembler.firstSequenceNumber.map { $0 &- 1 } : nil
    }
    streams[Int(slot)] = StreamState(number: -1, lower: lower, upper: upper)
    streams[Int(slot)].isOver = true
    sides[Int(slot) * 2] = StreamSide()
    sides[Int(slot) * 2 + 1] = StreamSide()
    waiting.removeAll { $0 == slot }
    freeSlots.append(slot)
    // No late segments come to what has no endpoints.
    guard !isTapped else { return }
    closed.append(
      ClosedStream(
        number: number, lower: lower, upper: upper, lowerInitial: initials[0],
        upperInitial: initials[1]))
    if closed.count - closedHead > Self.closedMax {
      let oldest = closed[closedHead]
      flows.remove(stream: oldest.number, source: oldest.lower, destination: oldest.upper)
      closedHead += 1
      if closedHead == Self.closedMax {
        closed.removeFirst(closedHead)
        closedHead = 0
      }
    }
  }
}
