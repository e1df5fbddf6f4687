// What each frame from a classic server does, and what the passing of time does.

extension ClassicClientSession {
  /// Deals with one frame, or with the end of the stream; false if there is nothing to deal with
  /// now.
  mutating func advance() -> Bool {
    guard let item = input.next() else {
      guard input.isAtEnd else { return false }
      // "FIN or RST without it is equally fine."
      finish(state == .leaving ? .disconnected(isAcknowledged: false) : .closedByServer)
      return true
    }
    switch item {
    case .framingLost, .tooLong: finish(.framingLost)
    // Dropped: a server never sends a frame twice.
    case .damaged: break
    case .frame(let header):
      let payload = input.payload
      switch ClassicType(rawValue: header.typeCode) {
      case .data: broadcast(payload)
      case .ack:
        acknowledged(
          header, unsafe ClassicAcknowledgement(decoding: payload.span.bytes))
      case .nack:
        refused(unsafe ClassicNack.sequence(of: payload.span.bytes) ?? header.sequence)
      case .listResponse: listed(payload)
      // A client has no use for the others.
      default: break
      }
    }
    return true
  }

  /// DATA may come before the answer to SYN, and is never acknowledged.
  private mutating func broadcast(_ payload: [UInt8]) {
    if let said = unsafe ClassicBroadcast(decoding: payload.span.bytes) {
      announcements.append(.broadcast(nickname: said.name, text: said.text))
    } else {
      let text = String(decoding: payload, as: UTF8.self)
      announcements.append(.broadcast(nickname: nil, text: text))
    }
  }

  private mutating func acknowledged(
    _ header: FrameHeader, _ acknowledgement: ClassicAcknowledgement
  ) {
    switch acknowledgement {
    case .fragment(let sequence): fragmentAcknowledged(sequence)
    case .nickname(let nickname):
      if exchange == .nickname { close() }
      announcements.append(.nickname(nickname))
    case .disconnect:
      if exchange == .disconnect { finish(.disconnected(isAcknowledged: true)) }
    case .handshake(let answer):
      if exchange == .syn { answered(answer) }
    case .other:
      // The original client does not look at the text, so a server may say what it likes.
      if exchange == .syn { finish(.badAnswer) } else { fragmentAcknowledged(header.sequence) }
    }
  }

  private mutating func answered(_ answer: ClassicSYNACK) {
    guard answer.isAccepted else {
      finish(.refused(answer.message ?? "Unknown error"))
      return
    }
    let given = answer.parameters
    parameters.mode = given.arqMode ?? parameters.mode
    parameters.window = given.window ?? parameters.window
    parameters.fragmentCharacters = given.fragmentCharacters ?? parameters.fragmentCharacters
    sessionID = answer.sessionID
    makeFrame(.handshakeAck) { ClassicHandshakeAck.encode(sessionID: answer.sessionID, into: &$0) }
    exchange = .handshakeAck
    state = .awaitingNames
  }

  private mutating func fragmentAcknowledged(_ sequence: UInt16) {
    guard case .fragment(sequence)? = exchange, let sent = message else { return }
    close()
    guard sent.offset == sent.bytes.count else { return }
    message = nil
    queuedByteCount -= sent.bytes.count
    undeliveredMessageCount -= 1
    announcements.append(.delivered(message: sent.number))
  }

  private mutating func listed(_ payload: [UInt8]) {
    let roster = unsafe try? ClassicRoster(decoding: payload.span.bytes)
    switch exchange {
    case .handshakeAck, .firstNames:
      state = .established
      announcements.append(.established(parameters))
    case .names: break
    // Late answers to the repeated LIST_REQUEST of the handshake.
    default: return
    }
    close()
    if let roster { announcements.append(.names(roster.names)) }
  }

  /// NACK: the same frame is sent again, a limited number of times.
  private mutating func refused(_ sequence: UInt16) {
    switch exchange {
    case .fragment(let expected): guard sequence == expected else { return }
    case .syn, .nickname, .names, .disconnect: guard sequence == 0 else { return }
    // Time repeats these.
    case .handshakeAck, .firstNames, nil: return
    }
    guard retryCount < configuration.retryCountMax else {
      finish(exchange == .disconnect ? .disconnected(isAcknowledged: false) : .retriesExhausted)
      return
    }
    retryCount += 1
    isFrameDue = true
  }

  // MARK: time

  var isHandshaking: Bool { state == .awaitingAnswer || state == .awaitingNames }

  /// Deals with what is due; false if nothing is.
  mutating func timePassed(_ now: Instant) -> Bool {
    if isHandshaking, now >= handshakeDeadline {
      finish(.handshakeTimeout)
      return true
    }
    guard now >= deadline else { return false }
    switch exchange {
    case .handshakeAck where !configuration.confirmsWithNames:
      state = .established
      announcements.append(.established(parameters))
      close()
    case .handshakeAck, .firstNames:
      makeFrame(.listRequest) { $0 += "{}".utf8 }
      exchange = .firstNames
    case .fragment: finish(.silent)
    case .disconnect: finish(.disconnected(isAcknowledged: false))
    case .nickname: giveUp(.nickname)
    case .names: giveUp(.names)
    case .syn, nil: close()
    }
    return true
  }

  private mutating func giveUp(_ request: ClassicRequest) {
    close()
    announcements.append(.unanswered(request))
  }

  // MARK: ends

  /// The exchange is over.
  private mutating func close() {
    exchange = nil
    deadline = .distantFuture
    isFrameDue = false
  }

  /// The session is over.
  private mutating func finish(_ end: ClassicClientEnd) {
    close()
    state = .ended(end)
    message = nil
    frame = []
    input = ClassicInput(payloadMax: 0, refusesLongFrames: false)
  }
}
