internal import ChatWire

/// A session of the native dialect, in the words of a chat.
struct NativeDialogue {
  var session: Session
  let receiveLimit: Int
  private let requestedMode: ARQMode
  /// What was sent and is not known to be acknowledged, in order: the numbers of messages, nil for
  /// the rest.
  private var sent: [UInt64?] = []
  private var sentHead = 0
  /// How many acknowledgements were counted.
  private var acknowledgedCount = 0
  /// This side has said goodbye first.
  private var isLeaving = false

  init(_ wishes: ClientWishes, checksum: CRC32, at now: Instant) {
    var configuration = ClientConfiguration()
    configuration.mode = wishes.mode
    if let size = wishes.windowSize { configuration.windowSize = min(max(1, size), 16_384) }
    if let size = wishes.fragmentSizeMax {
      configuration.fragmentSizeMax = min(max(1, size), FrameLimits.nativePayloadMax)
    }
    configuration.tuning.fixedTimeout = wishes.timeout
    if let nickname = wishes.nickname, 1...Nickname.byteCountMax ~= nickname.utf8.count {
      configuration.nickname = nickname
    }
    let name = "chat-client " + ChatClient.version
    configuration.name = wishes.declaresFaults ? DisturbedName.name(name) : name
    requestedMode = wishes.mode
    receiveLimit = max(FrameLimits.controlPayloadMax, configuration.fragmentSizeMax)
    session = Session(
      client: configuration, initialSequence: SequenceNumber(.random(in: 0...UInt16.max)),
      checksum: checksum, at: now)
  }

  // MARK: in

  mutating func say(_ number: UInt64, _ bytes: [UInt8]) -> Handing {
    do {
      try session.send(.data, bytes)
    } catch {
      switch error {
      case .finishing: return .later
      case .tooLarge, .wrongType: return .never(error.sentence)
      }
    }
    noteSent(number)
    return .taken
  }

  /// Asks for a nickname, or who is here.
  mutating func ask(_ type: FrameType, _ bytes: [UInt8]) {
    // Refused only when the session is ending, and with it the question.
    if (try? session.send(type, bytes)) != nil { noteSent(nil) }
  }

  mutating func finish(reason: String) {
    isLeaving = true
    session.finish(reason: reason)
  }

  private mutating func noteSent(_ number: UInt64?) {
    if sentHead >= 64, sentHead >= sent.count / 2 {
      sent.removeSubrange(..<sentHead)
      sentHead = 0
    }
    sent.append(number)
  }

  // MARK: out

  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> DialogueStep {
    while true {
      if let number = takeDelivered() { return .delivered(upTo: number) }
      switch session.nextOutput(at: now, into: &bytes) {
      case .transmit: return .transmit
      case .established(let parameters): return .established(info(parameters))
      case .deliver(let type, let message):
        if let event = unsafe Self.event(type, message.span.bytes) { return .happened(event) }
      case .oversized(let type, let byteCount):
        return .happened(
          .information(
            "a \(type.name) message of \(byteCount) bytes was thrown away: it is above the limit"))
      case .peerFinished, .request: break
      case .wait(let moment):
        // What was just acknowledged comes before.
        if let number = takeDelivered() { return .delivered(upTo: number) }
        return .wait(until: moment)
      case .ended(let outcome):
        if let number = takeDelivered() { return .delivered(upTo: number) }
        return .ended(end(outcome))
      }
    }
  }

  /// The last message that was acknowledged since the last call.
  ///
  /// A session counts acknowledged messages of all types, in the order in which they were sent.
  private mutating func takeDelivered() -> UInt64? {
    var last: UInt64?
    while acknowledgedCount < session.acknowledgedMessageCount {
      acknowledgedCount += 1
      // A FIN is not in the list.
      guard sentHead < sent.count else { continue }
      last = sent[sentHead] ?? last
      sentHead += 1
    }
    return last
  }

  private func info(_ parameters: SessionParameters) -> ClientSessionInfo {
    ClientSessionInfo(
      dialect: .native, mode: parameters.mode, requestedMode: requestedMode,
      windowSize: parameters.windowSize, fragmentSizeMax: parameters.fragmentSizeMax,
      nickname: parameters.nickname, serverName: parameters.peerName,
      sessionID: parameters.sessionID.map { Self.hexadecimal($0) }.joined(),
      isReconnection: false, resentCount: 0)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// What a message of the server says.
  private static func event(_ type: FrameType, _ bytes: RawSpan) -> ClientEvent? {
    do {
      switch type {
      case .data:
        let broadcast = try Broadcast(decoding: bytes)
        return .message(
          ChatLine(
            from: broadcast.nickname, text: broadcast.text,
            sentAtMilliseconds: broadcast.sentAtMilliseconds))
      case .notice: return .notice(Notice(try CodedText(decoding: bytes)))
      case .roster: return .roster(try Roster(decoding: bytes).entries.map { RosterLine($0) })
      default: return nil
      }
    } catch {
      return .information("a \(type.name) message of the server cannot be read")
    }
  }
}

extension RosterLine {
  fileprivate init(_ entry: Roster.Entry) {
    self.init(
      nickname: entry.nickname, mode: entry.arqMode, windowSize: Int(entry.window),
      fragmentSizeMax: Int(entry.fragment), connectedSeconds: Int(entry.connectedSeconds),
      isSelf: entry.isYou, isClassic: entry.isClassic)
  }
}

// MARK: ends

extension NativeDialogue {
  /// How it ended, in words that go on from "disconnected: ".
  private func end(_ outcome: SessionOutcome) -> DialogueEnd {
    switch outcome.ending {
    case .clean:
      if isLeaving { return .done }
      let reason = outcome.text.isEmpty ? "" : ": \(outcome.text)"
      return .broken("the server said goodbye" + reason)
    case .unconfirmed: return .broken("the server closed the connection before all was confirmed")
    case .abrupt:
      return .broken(
        session.parameters == nil
          ? "the server closed the connection without opening a session"
          : "the server closed the connection without a goodbye")
    case .failed: return failed(outcome)
    case .failedByPeer:
      let reason = "the server ended the session: \(Self.words(outcome))"
      switch outcome.code {
      // They would come again: the next SYN is like the last.
      case .unsupportedVersion?, .badHandshake?: return .hopeless(reason)
      default: return .broken(reason)
      }
    }
  }

  private func failed(_ outcome: SessionOutcome) -> DialogueEnd {
    switch outcome.code {
    case .handshakeTimeout?: .broken("the server did not answer within 20 s")
    case .idleTimeout?: .broken("nothing was heard from the server for too long")
    case .retriesExhausted?:
      .broken("the server does not acknowledge what is sent, however often it is repeated")
    case .badHandshake?:
      .hopeless("the server's answer cannot be used: \(Self.words(outcome))")
    default: .broken("the session was ended: \(Self.words(outcome))")
    }
  }

  /// `The room is full. (ERROR 4, server full)`.
  private static func words(_ outcome: SessionOutcome) -> String {
    guard let code = outcome.code else { return outcome.text }
    let name = "ERROR \(code.rawValue), \(code.name)"
    return outcome.text.isEmpty ? name : "\(outcome.text) (\(name))"
  }
}
