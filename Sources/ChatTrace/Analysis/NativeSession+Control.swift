import ChatWire

// Handshake, PING, PONG and ERROR (PROTOCOL.md sections 3 and 7).

extension NativeSession {
  /// A control frame other than ACK and NACK, or one of unknown type.
  @inline(never)
  mutating func control(
    _ event: inout TraceEvent, type: FrameType, payload: RawSpan, time: Int64,
    _ options: AnalysisOptions
  ) {
    if event.last || event.retransmission, type.isPlausible, event.checksum == .good {
      event.notes.append(
        Note(.malformed, detail: "LAST and RETRANSMISSION must be clear on a control frame"))
    }
    switch type {
    case .syn, .synAck, .handshakeAck:
      NativeReading.options(&event, payload: payload)
      guard event.checksum == .good, let kind = HandshakeFrame(type) else { return }
      let (values, problem) = HandshakeOptions.scan(payload, for: kind)
      if let problem { event.notes.append(Note(.handshakeMalformed, detail: problem.sentence)) }
      event.nickname = values.nicknameText
      switch kind {
      case .syn: syn(&event, values, time: time)
      case .synAck: synAck(&event, values, time: time)
      case .handshakeAck: handshakeAck(&event, time: time)
      }
    case .ping:
      guard event.checksum == .good else { return }
      if pings.count >= Self.pingCountMax { pings.removeFirst() }
      pings.append(
        Ping(frame: event.frame, direction: event.direction, token: Self.token(payload)))
      event.notes.append(Note(.ping))
    case .pong:
      guard event.checksum == .good else { return }
      event.notes.append(Note(.pong, because: FrameList(answeredPing(event, payload))))
    case .error:
      guard let coded = NativeReading.error(&event, payload: payload) else { return }
      guard event.checksum == .good else { return }
      errorCode = coded.code
      event.notes.append(Note(.sessionError, Int64(coded.code), detail: coded.text))
    default:
      if event.checksum == .good { event.notes.append(Note(.unknownType)) }
    }
  }

  /// The PING of the other side that a PONG answers; 0 if it was not seen.
  private func answeredPing(_ event: TraceEvent, _ payload: RawSpan) -> UInt64 {
    let token = Self.token(payload)
    return pings.last { $0.direction != event.direction && $0.token == token }?.frame ?? 0
  }

  /// The bytes by which PING and PONG belong together.
  private static func token(_ payload: RawSpan) -> UInt64 {
    guard payload.byteCount == 8 else { return 0 }
    return unsafe payload.unsafeLoadUnaligned(as: UInt64.self)
  }

  private mutating func syn(_ event: inout TraceEvent, _ values: HandshakeOptions, time: Int64) {
    if synFrame != 0, event.sequence == synSequence {
      // A round trip is only measured on what was sent once.
      isSynRepeated = true
      noteRepeated(&event, .syn, first: synFrame)
      return
    }
    keepFate(event, .syn)
    synFrame = event.frame
    synSequence = event.sequence
    synTime = time
    askedFragmentSize = UInt32(values.fragment ?? 0)
    askedWindow = UInt32(values.window ?? 0)
    askedMode = values.arqMode
    clientToServer.start(initialSequence: event.sequence)
    if state == nil { state = .opening }
    event.notes.append(
      Note(
        .handshakeAsks, Int64(askedWindow), Int64(askedFragmentSize),
        detail: Self.name(of: askedMode)))
  }

  private mutating func synAck(
    _ event: inout TraceEvent, _ values: HandshakeOptions, time: Int64
  ) {
    if let acknowledges = values.acknowledges, synFrame != 0, acknowledges != synSequence {
      event.notes.append(Note(.handshakeForeign, Int64(acknowledges), Int64(synSequence)))
      return
    }
    if synAckFrame != 0 {
      noteRepeated(&event, .synAck, first: synAckFrame)
      return
    }
    keepFate(event, .synAck)
    synAckFrame = event.frame
    mode = values.arqMode
    window = UInt32(values.window ?? 0)
    fragmentSize = UInt32(values.fragment ?? 0)
    serverToClient.start(initialSequence: event.sequence)
    if let acknowledges = values.acknowledges {
      clientToServer.start(initialSequence: acknowledges)
    }
    if state == nil { state = .opening }
    if synFrame != 0, !isSynRepeated {
      event.roundTripNanoseconds = TraceTime.elapsed(from: synTime, to: time)
    }
    event.notes.append(
      Note(
        .handshakeAnswers, because: FrameList(synFrame), Int64(window), Int64(fragmentSize),
        detail: Self.name(of: mode)))
    noteChanges(&event)
  }

  /// Says what the server did not take as asked.
  private func noteChanges(_ event: inout TraceEvent) {
    guard synFrame != 0 else { return }
    var changes: [String] = []
    if mode != askedMode { changes.append("mode \(Self.name(of: mode))") }
    if window != askedWindow { changes.append("window \(window) instead of \(askedWindow)") }
    if fragmentSize != askedFragmentSize {
      changes.append("fragments of \(fragmentSize) instead of \(askedFragmentSize) bytes")
    }
    guard !changes.isEmpty else { return }
    event.notes.append(Note(.handshakeChanged, detail: changes.joined(separator: ", ")))
  }

  private mutating func handshakeAck(_ event: inout TraceEvent, time: Int64) {
    if handshakeAckFrame != 0 {
      noteRepeated(&event, .handshakeAck, first: handshakeAckFrame)
      // The first one may not have come through.
      guard state == .opening else { return }
    } else {
      keepFate(event, .handshakeAck)
      handshakeAckFrame = event.frame
      serverToClient.start(initialSequence: event.sequence)
    }
    guard !isLostHere else { return }
    event.notes.append(Note(.handshakeCompletes, because: FrameList(synAckFrame)))
    if state == nil || state == .opening {
      state = .established
      change = .established
    }
  }

  /// A sequenced frame of the client stands for a HANDSHAKE_ACK that was not seen (section 3).
  ///
  /// "A server in SYN_RECEIVED that gets a valid sequenced frame from the client treats it as the
  /// missing HANDSHAKE_ACK as well."
  mutating func establishImplicitly(_ event: inout TraceEvent) {
    guard synAckFrame != 0 else { return }
    event.notes.append(impliedNote)
    state = .established
    change = .established
  }

  private static func name(of mode: Mode?) -> String {
    switch mode {
    case .goBackN: "Go-Back-N"
    case .selectiveRepeat: "Selective Repeat"
    case nil: "unknown mode"
    }
  }
}
