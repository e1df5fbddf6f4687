import ChatWire

// From bytes in order to frames.

extension TraceEngine {
  /// Takes the next bytes of one direction.
  @inline(__always)
  mutating func deliver(
    _ chunk: RawSpan, at offset: UInt64, slot: Int32, side: Int, moreFollows: Bool,
    into sink: inout some TraceSink
  ) {
    if let tapped = options.tappedStream, tapped == streams[Int(slot)].number {
      tap(chunk, slot: slot, side: side, into: &sink)
    }
    guard sides[side].isRecognised, !moreFollows else {
      deliverUnusual(chunk, slot: slot, side: side, moreFollows: moreFollows, into: &sink)
      return
    }
    decode(chunk, slot: slot, side: side, into: &sink)
  }

  /// Cuts what is there into frames.
  @inline(__always)
  private mutating func decode(
    _ chunk: RawSpan, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    var position = 0
    // Whole frames are read where they lie; with the chunk used up by them there is nothing else to
    // do.
    while let unit = sides[side].decoder.nextWhole(
      in: chunk, position: &position, checksum: checksum)
    {
      let payload = unsafe chunk.extracting(
        unchecked: unit.payloadOffset..<(unit.payloadOffset &+ unit.payloadCount))
      take(unit, payload: payload, slot: slot, side: side, into: &sink)
      if position == chunk.byteCount { return }
    }
    decodeRest(chunk, from: position, slot: slot, side: side, into: &sink)
  }

  /// Goes on where no whole valid frame stands.
  @inline(never)
  private mutating func decodeRest(
    _ chunk: RawSpan, from start: Int, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    var position = start
    while let unit = sides[side].decoder.next(in: chunk, position: &position, checksum: checksum) {
      if unit.isBuffered {
        takeBuffered(unit, slot: slot, side: side, into: &sink)
      } else {
        let payload = chunk.extracting(
          unit.payloadOffset..<(unit.payloadOffset &+ unit.payloadCount))
        take(unit, payload: payload, slot: slot, side: side, into: &sink)
      }
    }
    if sides[side].decoder.isDeferring || sides[side].deferredPlace != nil {
      noteDeferral(slot: slot, side: side, into: &sink)
    }
  }

  /// The decoder waits with a verdict, or has stopped waiting because framing was lost.
  @inline(never)
  private mutating func noteDeferral(slot: Int32, side: Int, into sink: inout some TraceSink) {
    if sides[side].decoder.isDeferring {
      deferVerdict(slot: slot, side: side, into: &sink)
    } else {
      let nothing: [UInt8] = []
      _ = unsafe resolve(nil, payload: nothing.span.bytes, side: side, into: &sink)
    }
  }

  /// Has the decoder decide on the frame whose verdict waits.
  mutating func settle(slot: Int32, side: Int, into sink: inout some TraceSink) {
    if let unit = sides[side].decoder.settle(checksum: checksum) {
      takeBuffered(unit, slot: slot, side: side, into: &sink)
    }
    let nothing: [UInt8] = []
    unsafe decode(nothing.span.bytes, slot: slot, side: side, into: &sink)
  }

  @inline(never)
  private mutating func takeBuffered(
    _ unit: DecodedUnit, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    let buffer = sides[side].decoder.buffer
    let payload = unsafe buffer.span.bytes.extracting(
      unit.payloadOffset..<(unit.payloadOffset + unit.payloadCount))
    take(unit, payload: payload, slot: slot, side: side, into: &sink)
  }

  @inline(__always)
  private mutating func take(
    _ unit: DecodedUnit, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    if unit.kind == .frame {
      learn(from: unit, payload: payload, slot: slot, side: side, into: &sink)
    }
    if sides[side].deferredPlace != nil,
      resolve(unit, payload: payload, side: side, into: &sink)
    {
      return
    }
    if queueHead == queue.count, streams[Int(slot)].clientIsLower != nil {
      unitRecord(unit, payload: payload, slot: slot, side: side, into: &sink)
    } else {
      enqueue(unit, payload: payload, slot: slot, side: side, into: &sink)
    }
  }

  /// What a valid frame tells about its stream: limits, and which side is the client.
  @inline(__always)
  private mutating func learn(
    from unit: DecodedUnit, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    if unit.header.typeCode == FrameType.data.rawValue
      || unit.header.typeCode == FrameType.ack.rawValue && streams[Int(slot)].clientIsLower != nil
    {
      return
    }
    learnMore(from: unit, payload: payload, slot: slot, side: side, into: &sink)
  }

  @inline(never)
  private mutating func learnMore(
    from unit: DecodedUnit, payload: RawSpan, slot: Int32, side: Int,
    into sink: inout some TraceSink
  ) {
    let dialect = sides[side].decoder.dialect
    if dialect == .native {
      // "As an observer it uses the receiver's limit as learnt from the SYN and SYN_ACK" (section
      // 9.4): both tell what their sender will take.
      let type = FrameType(rawValue: unit.header.typeCode)
      let kind: HandshakeFrame? = type == .syn ? .syn : type == .synAck ? .synAck : nil
      if let kind, let fragment = HandshakeOptions.scan(payload, for: kind).options.fragment {
        sides[side ^ 1].decoder.limit = max(FrameLimits.controlPayloadMax, Int(fragment))
      }
    }
    guard streams[Int(slot)].clientIsLower == nil,
      let isFromClient = Evidence.isFromClient(unit.header.typeCode, dialect)
    else { return }
    orient(slot, clientIsLower: (side & 1 == 0) == isFromClient, into: &sink)
  }

  // MARK: recognition

  /// Bytes of a direction that is not decoded yet, or that more bytes follow at once.
  @inline(never)
  private mutating func deliverUnusual(
    _ chunk: RawSpan, slot: Int32, side: Int, moreFollows: Bool, into sink: inout some TraceSink
  ) {
    if sides[side].isRecognised {
      sides[side].decoder.append(chunk)
      return
    }
    guard !sides[side].isGivenUp else { return }
    if let dialect = streams[Int(slot)].dialect {
      adopt(dialect, slot: slot, side: side, into: &sink)
      if moreFollows {
        sides[side].decoder.append(chunk)
      } else {
        decode(chunk, slot: slot, side: side, into: &sink)
      }
      return
    }
    if sides[side].recogniser.isEmpty {
      sides[side].recogniser.append(Recogniser(isAligned: sides[side].isSynSeen))
    }
    let result = sides[side].recogniser[0].receive(chunk, checksum: checksum)
    recognise(result, slot: slot, side: side, into: &sink)
  }

  /// Deals with what the look for a first frame has come to.
  private mutating func recognise(
    _ result: Recogniser.Result, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    switch result {
    case .undecided: break
    case .found(let dialect):
      streams[Int(slot)].dialect = dialect
      if dialect == .classic { streams[Int(slot)].classicBox = [ClassicSession()] }
      output(.open, slot: slot, side: side, into: &sink)
      adopt(dialect, slot: slot, side: side, into: &sink)
      if !sides[side ^ 1].recogniser.isEmpty || sides[side ^ 1].isGivenUp {
        adopt(dialect, slot: slot, side: side ^ 1, into: &sink)
      }
    case .givenUp: giveUp(slot: slot, side: side)
    }
  }

  /// Decodes a direction from now on, beginning with what was kept of it.
  private mutating func adopt(
    _ dialect: Dialect, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    sides[side].isRecognised = true
    let limit = sides[side].decoder.limit
    let recogniser = sides[side].recogniser.first
    sides[side].recogniser = []
    if let recogniser {
      let (decoder, findings) = recogniser.decoder(dialect)
      sides[side].decoder = decoder
      for finding in findings {
        switch finding {
        case .unit(let unit, let payload):
          unsafe take(unit, payload: payload.span.bytes, slot: slot, side: side, into: &sink)
        case .gap(let offset, let length):
          gapRecord((offset, length), slot: slot, side: side, into: &sink)
        }
      }
    } else {
      // Nothing came yet, or it was given up.
      let isGivenUp = sides[side].isGivenUp
      let offset = isGivenUp ? sides[side].reassembler.nextOffset : 0
      sides[side].isGivenUp = false
      sides[side].decoder = FrameDecoder(
        dialect, discardLimit: nil, isAligned: sides[side].isSynSeen && !isGivenUp, at: offset)
      if offset > 0 {
        let unit = DecodedUnit(
          .skipped, header: FrameDecoder.noHeader, offset: 0, byteCount: Int(clamping: offset),
          payloadOffset: 0, payloadCount: 0, isBuffered: true, isResynchronised: false)
        let nothing: [UInt8] = []
        unsafe take(unit, payload: nothing.span.bytes, slot: slot, side: side, into: &sink)
      }
    }
    if dialect == .native, limit != FrameLimits.nativePayloadMax {
      sides[side].decoder.limit = limit
    }
    if let recogniser, recogniser.isAligned {
      let bytes = recogniser.bytes
      unsafe decode(bytes.span.bytes, slot: slot, side: side, into: &sink)
    } else if recogniser != nil {
      let nothing: [UInt8] = []
      unsafe decode(nothing.span.bytes, slot: slot, side: side, into: &sink)
    }
  }

  /// A direction carries something else than chat; with both, the stream is none of ours.
  private mutating func giveUp(slot: Int32, side: Int) {
    sides[side].isGivenUp = true
    sides[side].recogniser = []
    guard sides[side ^ 1].isGivenUp else { return }
    let number = streams[Int(slot)].number
    slots[number] = Gone.other
    release(slot, number: number)
  }

  // MARK: gaps and ends

  /// Bytes of a direction are missing.
  @inline(never)
  mutating func gap(
    offset: UInt64, length: UInt64, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    guard !sides[side].isGivenUp else { return }
    guard sides[side].isRecognised else {
      if let dialect = streams[Int(slot)].dialect {
        adopt(dialect, slot: slot, side: side, into: &sink)
        gap(offset: offset, length: length, slot: slot, side: side, into: &sink)
      } else {
        if sides[side].recogniser.isEmpty {
          sides[side].recogniser.append(Recogniser(isAligned: sides[side].isSynSeen))
        }
        let result = sides[side].recogniser[0].gap(
          offset: offset, length: length, checksum: checksum)
        recognise(result, slot: slot, side: side, into: &sink)
      }
      return
    }
    // What was kept for more bytes of the same segment comes first.
    let nothing: [UInt8] = []
    unsafe decode(nothing.span.bytes, slot: slot, side: side, into: &sink)
    settle(slot: slot, side: side, into: &sink)
    if let unit = sides[side].decoder.gap(length, checksum: checksum) {
      takeCut(unit, slot: slot, side: side, into: &sink)
    }
    gapRecord((offset, length), slot: slot, side: side, into: &sink)
  }

  /// A unit that a gap or the end has cut short; its bytes are still in the decoder unless it was
  /// emptied.
  private mutating func takeCut(
    _ unit: DecodedUnit, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    if sides[side].decoder.buffer.count >= unit.payloadOffset + unit.payloadCount {
      takeBuffered(unit, slot: slot, side: side, into: &sink)
    } else {
      let nothing: [UInt8] = []
      unsafe take(unit, payload: nothing.span.bytes, slot: slot, side: side, into: &sink)
    }
  }

  /// Nothing more will come in a direction.
  mutating func finishDecoding(
    slot: Int32, side: Int, end: ConnectionEnd, into sink: inout some TraceSink
  ) {
    guard sides[side].isRecognised else { return }
    let nothing: [UInt8] = []
    unsafe decode(nothing.span.bytes, slot: slot, side: side, into: &sink)
    settle(slot: slot, side: side, into: &sink)
    while true {
      let missing = sides[side].decoder.missingPayloadCount
      guard let unit = sides[side].decoder.finish(checksum: checksum) else { break }
      takeCut(unit, slot: slot, side: side, into: &sink)
      if unit.kind == .unverified, missing > 0, case .captureEnds = end {
        let offset = sides[side].decoder.offset
        gapRecord((offset, UInt64(missing)), slot: slot, side: side, into: &sink)
      }
    }
  }

  @inline(never)
  private mutating func tap(
    _ chunk: RawSpan, slot: Int32, side: Int, into sink: inout some TraceSink
  ) {
    if streams[Int(slot)].clientIsLower == nil { orientByPorts(slot, into: &sink) }
    sink.streamBytes(
      chunk, stream: streams[Int(slot)].number,
      direction: streams[Int(slot)].direction(fromLower: side & 1 == 0))
  }
}
