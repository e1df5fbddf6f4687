/// What an end of a session knows of the handshake (PROTOCOL.md section 3).
struct Handshake: Sendable {
  /// What the other side has been told, or will be.
  enum Plan: Sendable {
    case client(ClientConfiguration)
    case server(ServerConfiguration)
  }

  /// The configuration.
  let plan: Plan
  /// The options of our SYN or SYN_ACK.
  var options = HandshakeOptions()
  /// The payload of the client's SYN, by which another one is told from a copy.
  var synPayload: [UInt8] = []
  /// Our initial sequence number.
  var ownSequence = SequenceNumber(0)
  /// The peer's.
  var peerSequence = SequenceNumber(0)
  /// SYN or SYN_ACK has to be sent.
  var isOpeningDue = false
  /// Client: HANDSHAKE_ACK has to be sent.
  var isCompletionDue = false
  /// How often SYN or SYN_ACK was sent.
  var openingCount = 0
  /// When it was sent last.
  var openedAt = Instant.zero
  /// When it is repeated.
  var repeatDeadline = Instant.distantFuture
  /// When the handshake has taken too long.
  var limitDeadline: Instant

  /// A frame of the handshake has to be sent.
  var isFrameDue: Bool { isOpeningDue || isCompletionDue }

  /// A client's, which begins with a SYN.
  init(client configuration: ClientConfiguration, initialSequence: SequenceNumber, at now: Instant)
  {
    plan = .client(configuration)
    ownSequence = initialSequence
    isOpeningDue = true
    limitDeadline = now.advanced(by: configuration.tuning.clientHandshakeLimit)
    options.version = 1
    options.mode = configuration.mode.rawValue
    options.window = UInt16(clamping: min(max(1, configuration.windowSize), 16_384))
    options.fragment = UInt16(clamping: max(1, configuration.fragmentSizeMax))
    options.nickname = configuration.nickname.map { optionBytes($0) }
    if options.nickname?.isEmpty == true { options.nickname = nil }
    options.name = configuration.name.map { optionBytes($0) }
  }

  /// A server's, which waits for a SYN.
  init(server configuration: ServerConfiguration, at now: Instant) {
    plan = .server(configuration)
    limitDeadline = now.advanced(by: configuration.tuning.serverHandshakeLimit)
  }
}

/// The first 64 bytes of a text, cut at a character.
private func optionBytes(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  for scalar in text.unicodeScalars {
    let encoded = UTF8.encode(scalar)
    guard bytes.count + (encoded?.count ?? 0) <= 64 else { break }
    bytes += encoded.map { Array($0) } ?? []
  }
  return bytes
}

extension Session {
  /// Makes the windows for what was negotiated.
  mutating func prepare(mode: ARQMode, windowSize: Int, fragmentSizeMax: Int) {
    let windowLimit = receiver.windowLimit
    receiver = ARQReceiver(
      mode: mode, windowSize: windowSize,
      capacity: mode == .goBackN
        ? windowSize : tuning.receiveBufferSizeMax / max(1, fragmentSizeMax),
      byteCountMax: max(tuning.receiveBufferSizeMax, fragmentSizeMax),
      nextExpected: handshake.peerSequence.next)
    receiver.windowLimit = windowLimit
    let waiting = sender.queue
    sender = ARQSender(
      mode: mode, windowSize: windowSize, fragmentSizeMax: fragmentSizeMax,
      firstSequence: handshake.ownSequence.next,
      timeout: RetransmissionTimeout(fixed: tuning.fixedTimeout),
      timerRetriesMax: tuning.timerRetriesMax, retransmissionsMax: tuning.retransmissionsMax)
    sender.queue = waiting
  }

  // MARK: server

  /// Servers: accepts what was requested.
  ///
  /// Window and fragment are the smaller of what the client wants and the configuration allows.
  public mutating func accept(_ grant: SessionGrant) {
    guard phase == .deciding, case .server(let configuration) = handshake.plan else { return }
    let wanted = handshake.options
    let mode = configuration.mode ?? wanted.arqMode ?? .goBackN
    let window = min(Int(wanted.window ?? 1), max(1, configuration.windowSizeMax))
    let fragment = min(Int(wanted.fragment ?? 1), max(1, configuration.fragmentSizeMax))
    handshake.ownSequence = grant.initialSequence
    var answer = HandshakeOptions()
    answer.version = 1
    answer.mode = mode.rawValue
    answer.window = UInt16(clamping: window)
    answer.fragment = UInt16(clamping: fragment)
    answer.maxMessage = UInt32(clamping: configuration.messageSizeMax)
    answer.acknowledges = handshake.peerSequence.rawValue
    answer.session = grant.sessionID
    answer.nickname = optionBytes(grant.nickname)
    answer.name = optionBytes(configuration.name)
    parameters = SessionParameters(
      mode: mode, windowSize: window, fragmentSizeMax: fragment,
      messageSizeMax: configuration.messageSizeMax,
      clientInitialSequence: handshake.peerSequence, serverInitialSequence: grant.initialSequence,
      sessionID: grant.sessionID, nickname: grant.nickname, peerName: wanted.nameText ?? "")
    handshake.options = answer
    handshake.isOpeningDue = true
    phase = .synReceived
    prepare(mode: mode, windowSize: window, fragmentSizeMax: fragment)
    // "the larger of 1,024 and the negotiated fragment size" (section 2.3)
    decoder.limit = max(FrameLimits.controlPayloadMax, fragment)
  }

  mutating func receiveSyn(_ sequence: SequenceNumber, _ payload: RawSpan) {
    guard role == .server else { return }
    switch phase {
    case .listening:
      do throws(HandshakeError) {
        let options = try HandshakeOptions.decode(payload, for: .syn)
        handshake.options = options
        handshake.peerSequence = sequence
        handshake.synPayload = unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }
        phase = .deciding
        announce(.request(options))
      } catch {
        fail(error.code, error.sentence)
      }
    case .synReceived, .established, .lingering:
      if sequence == handshake.peerSequence, isSamePayload(payload) {
        // "A server that gets the same SYN again answers SYN_ACK again."
        handshake.isOpeningDue = true
      } else {
        fail(.protocolViolation, "A different SYN came within the session.")
      }
    case .deciding, .synSent, .ended: break
    }
  }

  private func isSamePayload(_ payload: RawSpan) -> Bool {
    guard payload.byteCount == handshake.synPayload.count else { return false }
    for offset in 0..<payload.byteCount
    where payload.byte(offset) != handshake.synPayload[offset] {
      return false
    }
    return true
  }

  mutating func receiveHandshakeAck(_ payload: RawSpan, at now: Instant) {
    // "a HANDSHAKE_ACK before any SYN [is] ignored"
    guard role == .server, phase == .synReceived || isEstablished else { return }
    do throws(HandshakeError) {
      let options = try HandshakeOptions.decode(payload, for: .handshakeAck)
      if options.session == parameters?.sessionID {
        establish(at: now)
      } else {
        fail(.badHandshake, "The HANDSHAKE_ACK names another session.")
      }
    } catch {
      fail(error.code, error.sentence)
    }
  }

  // MARK: client

  mutating func receiveSynAck(_ sequence: SequenceNumber, _ payload: RawSpan, at now: Instant) {
    guard role == .client, case .client(let configuration) = handshake.plan else { return }
    let options: HandshakeOptions
    do throws(HandshakeError) {
      options = try HandshakeOptions.decode(payload, for: .synAck)
    } catch {
      if phase == .synSent { fail(error.code, error.sentence) }
      return
    }
    // "A SYN_ACK that acknowledges another ISN [is] ignored"
    guard options.acknowledges == handshake.ownSequence.rawValue, let mode = options.arqMode,
      let window = options.window, let fragment = options.fragment, let id = options.session
    else { return }
    guard phase == .synSent else {
      // "A client that gets SYN_ACK again answers HANDSHAKE_ACK again."
      if isEstablished, id == parameters?.sessionID { handshake.isCompletionDue = true }
      return
    }
    guard window <= handshake.options.window ?? 0, fragment <= handshake.options.fragment ?? 0
    else {
      fail(.badHandshake, "The SYN_ACK grants more than was asked for.")
      return
    }
    handshake.peerSequence = sequence
    parameters = SessionParameters(
      mode: mode, windowSize: Int(window), fragmentSizeMax: Int(fragment),
      messageSizeMax: Int(options.maxMessage ?? 0),
      clientInitialSequence: handshake.ownSequence, serverInitialSequence: sequence, sessionID: id,
      nickname: options.nicknameText ?? configuration.nickname ?? "",
      peerName: options.nameText ?? "")
    prepare(mode: mode, windowSize: Int(window), fragmentSizeMax: Int(fragment))
    handshake.isCompletionDue = true
    establish(at: now)
  }

  // MARK: both

  /// The handshake is complete, if it was not before.
  mutating func establish(at now: Instant) {
    guard phase == .synSent || phase == .synReceived else { return }
    phase = .established
    // "The first sample is the handshake's ... if each was sent once" (section 4.4).
    if handshake.openingCount == 1 {
      sender.timeout.sample(nanoseconds: handshake.openedAt.nanoseconds(to: now))
    }
    handshake.isOpeningDue = false
    handshake.repeatDeadline = .distantFuture
    handshake.limitDeadline = .distantFuture
    pingDeadline = heardAt.advanced(byNanoseconds: pingAfterNanoseconds)
    isEstablishmentDue = true
    hasAnnouncement = true
  }

  /// Appends the frame of the handshake that is due; nil if none is.
  mutating func nextHandshakeFrame(at now: Instant, into bytes: inout [UInt8]) -> Transmission? {
    if handshake.isOpeningDue {
      handshake.isOpeningDue = false
      handshake.openingCount += 1
      handshake.openedAt = now
      if !isEstablished { handshake.repeatDeadline = later(tuning.handshakeRepeat, than: now) }
      return handshakeFrame(
        role == .client ? .syn : .synAck, sequence: handshake.ownSequence, handshake.options,
        for: role == .client ? .syn : .synAck, into: &bytes)
    }
    if handshake.isCompletionDue {
      handshake.isCompletionDue = false
      var options = HandshakeOptions()
      options.session = parameters?.sessionID
      return handshakeFrame(
        .handshakeAck, sequence: handshake.peerSequence, options, for: .handshakeAck, into: &bytes)
    }
    return nil
  }

  private mutating func handshakeFrame(
    _ type: FrameType, sequence: SequenceNumber, _ options: HandshakeOptions,
    for frame: HandshakeFrame, into bytes: inout [UInt8]
  ) -> Transmission? {
    var payload: [UInt8] = []
    do throws(HandshakeError) {
      try options.encode(for: frame, into: &payload)
    } catch {
      // Options are clamped where they are made, so this is the program's fault, not the peer's.
      fail(.internalError, error.sentence)
      return nil
    }
    return transmit(type, sequence: sequence, payload, into: &bytes)
  }
}
