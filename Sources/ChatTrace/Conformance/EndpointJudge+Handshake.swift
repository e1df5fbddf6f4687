import ChatWire

/// What was seen of a handshake (PROTOCOL.md sections 3 and 3.1).
struct SeenHandshake: Sendable {
  var isSynSeen = false
  var clientInitial: UInt16 = 0
  var syn = HandshakeOptions()
  var synPayload: [UInt8] = []
  var synReference = FrameReference.none

  /// A SYN_ACK that settles the session was seen.
  var isAgreed = false
  var serverInitial: UInt16 = 0
  var synAck = HandshakeOptions()
  var synAckPayload: [UInt8] = []
  var synAckReference = FrameReference.none
  /// Which input of the server came behind the SYN.
  var inputAfterSyn = Int.max
  /// When SYN and SYN_ACK were seen, or passed on, first; how often; and if they were answered.
  var synTime: Int64 = 0
  var synCount = 0
  var synAckTime: Int64 = 0
  var synAckCount = 0
  var isTimed = false
  /// How long the peer took to answer there.
  var answerDelay: Int64 = 0
  /// What completes the handshake has reached the server.
  var isCompletionPossible = false

  /// A peer whose name ends like this says that it disturbs frames itself (PROTOCOL.md 3.1).
  func declaresFaults(_ role: Session.Role) -> Bool {
    let name = role == .client ? syn.nameText : synAck.nameText
    return name.map(DisturbedName.isDeclared) ?? false
  }

  var mode: ARQMode { synAck.arqMode ?? .goBackN }
  var window: Int { Int(synAck.window ?? 1) }
  var fragmentSize: Int { Int(synAck.fragment ?? 1) }
}

extension EndpointJudge {
  /// A frame of the handshake has reached this peer.
  mutating func receivedHandshake(_ frame: ObservedFrame, payload: RawSpan) {
    time(frame)
    switch (role, frame.type) {
    case (.server, .syn): keepSyn(frame, payload: payload)
    case (.client, .synAck): keepSynAck(frame, payload: payload)
    case (.server, .handshakeAck):
      let options = HandshakeOptions.scan(payload, for: .handshakeAck).options
      if handshake.isAgreed, options.session == handshake.synAck.session {
        handshake.isCompletionPossible = true
      }
    default: break
    }
  }

  /// The first round trips are those of the handshake.
  private mutating func time(_ frame: ObservedFrame) {
    switch frame.type {
    case .syn:
      handshake.synTime = frame.time
      handshake.synCount += 1
    case .synAck:
      handshake.synAckTime = frame.time
      handshake.synAckCount += 1
      guard handshake.synCount == 1, handshake.synAckCount == 1 else { return }
      noteRoundTrip(from: handshake.synTime, to: frame.time, isAnswer: role == .server)
    case .handshakeAck:
      guard handshake.synAckCount == 1, !handshake.isTimed else { return }
      handshake.isTimed = true
      noteRoundTrip(from: handshake.synAckTime, to: frame.time, isAnswer: role == .client)
    default: break
    }
  }

  private mutating func noteRoundTrip(from start: Int64, to end: Int64, isAnswer: Bool) {
    let elapsed = TraceTime.elapsed(from: start, to: end)
    if isAnswer {
      handshake.answerDelay = elapsed
    } else {
      sent.roundTripMax = max(sent.roundTripMax, elapsed)
    }
  }

  private mutating func keepSyn(_ frame: ObservedFrame, payload: RawSpan) {
    guard !handshake.isSynSeen else { return }
    handshake.isSynSeen = true
    handshake.inputAfterSyn = inputBase + inputs.count + 1
    handshake.clientInitial = frame.sequence
    handshake.syn = HandshakeOptions.scan(payload, for: .syn).options
    handshake.synPayload = payload.bytes
    handshake.synReference = frame.reference
  }

  private mutating func keepSynAck(_ frame: ObservedFrame, payload: RawSpan) {
    guard handshake.isSynSeen, !handshake.isAgreed else { return }
    let (options, error) = HandshakeOptions.scan(payload, for: .synAck)
    guard error == nil, options.acknowledges == handshake.clientInitial else { return }
    handshake.isAgreed = true
    handshake.serverInitial = frame.sequence
    handshake.synAck = options
    handshake.synAckPayload = payload.bytes
    handshake.synAckReference = frame.reference
    messages.fragmentSize = handshake.fragmentSize
    if role == .server { admitEarlyInputs() }
    if let nickname = options.nicknameText { messages.room.name(nickname) }
  }

  /// What reached the server behind the SYN is looked at once it has sent SYN_ACK, and a sequenced
  /// frame stands for HANDSHAKE_ACK then.
  private mutating func admitEarlyInputs() {
    var isAdmitted = false
    for index in inputs.indices where inputBase + index >= handshake.inputAfterSyn {
      if inputs[index].kind == .sequenced {
        isAdmitted = true
        arrived.insert(inputs[index].sequence, first: firstReceived)
      }
      inputs[index].isInSession = isAdmitted
    }
  }

  /// This peer has sent a frame of the handshake.
  mutating func sentHandshake(_ frame: ObservedFrame, payload: RawSpan) {
    time(frame)
    let kind: HandshakeFrame =
      switch frame.type {
      case .syn: .syn
      case .synAck: .synAck
      default: .handshakeAck
      }
    let (options, error) = HandshakeOptions.scan(payload, for: kind)
    if let error {
      report(
        .optionsMalformed, frame, expected: "options that the table of 3.1 allows",
        found: String(error.sentence.dropLast()))
    }
    switch (role, frame.type) {
    case (.client, .syn): sentSyn(frame, payload: payload)
    case (.server, .synAck): sentSynAck(frame, options, payload: payload)
    case (.client, .handshakeAck): sentHandshakeAck(frame, options)
    default: break
    }
  }

  private mutating func sentSyn(_ frame: ObservedFrame, payload: RawSpan) {
    guard handshake.isSynSeen else {
      keepSyn(frame, payload: payload)
      return
    }
    guard frame.sequence != handshake.clientInitial || payload.bytes != handshake.synPayload else {
      return
    }
    report(
      .synChanged, frame, because: [handshake.synReference],
      expected: "the SYN with sequence \(handshake.clientInitial) again, or none",
      found: "a SYN with sequence \(frame.sequence)"
        + (frame.sequence == handshake.clientInitial ? " and other options" : ""))
  }

  private mutating func sentSynAck(
    _ frame: ObservedFrame, _ options: HandshakeOptions, payload: RawSpan
  ) {
    guard handshake.isSynSeen else {
      report(
        .synAckUnasked, frame, expected: "nothing before a SYN", found: "a SYN_ACK",
        explanations: .incoming)
      return
    }
    if let acknowledges = options.acknowledges, acknowledges != handshake.clientInitial {
      report(
        .synAckForeign, frame, because: [handshake.synReference],
        expected: "acknowledges \(handshake.clientInitial)", found: "acknowledges \(acknowledges)")
      return
    }
    if handshake.isAgreed {
      if frame.sequence != handshake.serverInitial || payload.bytes != handshake.synAckPayload {
        report(
          .synAckChanged, frame, because: [handshake.synAckReference],
          expected: "the SYN_ACK with sequence \(handshake.serverInitial) again, or none",
          found: "another SYN_ACK")
      }
      return
    }
    for (name, asked, granted) in [
      ("window", handshake.syn.window, options.window),
      ("fragment", handshake.syn.fragment, options.fragment),
    ] {
      guard let asked, let granted, granted > asked else { continue }
      report(
        .synAckGrant, frame, because: [handshake.synReference],
        expected: "a \(name) of at most \(asked)", found: "a \(name) of \(granted)")
    }
    keepSynAck(frame, payload: payload)
  }

  private mutating func sentHandshakeAck(_ frame: ObservedFrame, _ options: HandshakeOptions) {
    guard handshake.isAgreed else {
      report(
        .handshakeAckEarly, frame, expected: "nothing before a SYN_ACK",
        found: "a HANDSHAKE_ACK", explanations: .incoming)
      return
    }
    if options.session != nil, options.session != handshake.synAck.session {
      report(
        .handshakeAckSession, frame, because: [handshake.synAckReference],
        expected: "the session of the SYN_ACK", found: "another session")
    }
    if frame.sequence != handshake.serverInitial {
      report(
        .handshakeAckSequence, frame, because: [handshake.synAckReference],
        expected: "sequence \(handshake.serverInitial)", found: "sequence \(frame.sequence)")
    }
  }

  /// True if it may send messages, ACKs and NACKs; says so if not.
  mutating func maySend(_ frame: ObservedFrame) -> Bool {
    if role == .client, !handshake.isSynSeen {
      report(
        .firstFrame, frame, expected: "a SYN first", found: "\(frame.type.name)",
        explanations: .outgoing)
      lose("its handshake was not seen")
      return false
    }
    let isEstablished = handshake.isAgreed && (role == .client || handshake.isCompletionPossible)
    if !isEstablished {
      report(
        .early, frame,
        because: [handshake.isAgreed ? handshake.synAckReference : handshake.synReference],
        expected: role == .client ? "a SYN_ACK first" : "a HANDSHAKE_ACK or a message first",
        found: "\(frame.type.name)", explanations: [.incoming, .outgoing])
      if !handshake.isAgreed { lose("its handshake was not seen") }
    }
    return handshake.isAgreed
  }
}

extension RawSpan {
  /// A copy of everything.
  var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}
