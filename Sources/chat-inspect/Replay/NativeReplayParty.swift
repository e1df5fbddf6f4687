internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// Either side of a native connection that is played again.
final class NativeReplayParty: ReplayParty {
  /// What a server answers to whoever asks for a session.
  enum Answer {
    case accept(nickname: String)
    case refuse(ErrorCode, String)
  }

  private var session: Session
  private let answer: Answer?
  let receiveLimit: Int
  /// What was sent and is not acknowledged, in order: indices of recorded messages, nil for others.
  private var sent: [Int?] = []
  private var acknowledgedCount = 0
  /// A client's handshake is complete, and it is not known that the server knows.
  private var isConfirmationDue = false
  private var isServer: Bool { session.role == .server }
  /// The recorded goodbye of this side.
  private let goodbye: Int?
  /// Goodbye was said, perhaps by the session itself.
  private var isGoodbyeSaid = false

  /// A client that asks for what the recorded one asked for.
  init(client recorded: StorySession, at now: Instant) {
    let (asked, granted) = (recorded.asked, recorded.granted)
    var configuration = ClientConfiguration()
    configuration.mode = asked.mode ?? granted.mode ?? .goBackN
    if let window = asked.window ?? granted.window {
      configuration.windowSize = Int(clamping: min(max(1, window), 16_384))
    }
    if let size = asked.fragmentSize ?? granted.fragmentSize {
      configuration.fragmentSizeMax = Int(clamping: min(max(1, size), 65_535))
    }
    configuration.nickname = asked.nickname
    configuration.name = asked.name
    receiveLimit = max(FrameLimits.controlPayloadMax, configuration.fragmentSizeMax)
    answer = nil
    goodbye = Self.goodbye(in: recorded.fromClient)
    session = Session(
      client: configuration, initialSequence: SequenceNumber(.random(in: 0 ... .max)),
      checksum: .forProgram, at: now)
  }

  /// A server that grants what the recorded one granted.
  init(server recorded: StorySession, at now: Instant) {
    let granted = recorded.granted
    var configuration = ServerConfiguration()
    configuration.mode = granted.mode
    if let window = granted.window {
      configuration.windowSizeMax = Int(clamping: min(max(1, window), 16_384))
    }
    if let size = granted.fragmentSize {
      configuration.fragmentSizeMax = Int(clamping: min(max(1, size), 65_535))
    }
    // Whatever was sent was not refused for its size by this.
    configuration.messageSizeMax = 16 << 20
    configuration.name = granted.name ?? ""
    if recorded.establishedOrder == nil, let error = recorded.error, error.side == .server {
      let code = ErrorCode(rawValue: error.code)
      answer = .refuse(code, error.text)
    } else {
      answer = .accept(nickname: granted.nickname ?? recorded.asked.nickname ?? "guest")
    }
    goodbye = Self.goodbye(in: recorded.fromServer)
    receiveLimit = max(FrameLimits.controlPayloadMax, configuration.fragmentSizeMax)
    session = Session(server: configuration, checksum: .forProgram, at: now)
  }

  /// A server that refuses.
  init(refusing sentence: String, at now: Instant) {
    answer = .refuse(.serverFull, sentence)
    goodbye = nil
    receiveLimit = FrameLimits.nativePayloadMax
    session = Session(server: ServerConfiguration(), checksum: .forProgram, at: now)
  }

  private static func goodbye(in messages: [StoryMessage]) -> Int? {
    messages.firstIndex { $0.typeCode == FrameType.fin.rawValue }
  }

  var wantsInput: Bool { true }

  func receive(_ bytes: RawSpan) {
    session.receive(bytes)
  }

  func endOfStream() {
    session.endOfStream()
  }

  func send(_ message: StoryMessage, index: Int) -> String? {
    guard let bytes = message.bytes else { return "not all of it was recorded" }
    if message.typeCode == FrameType.fin.rawValue {
      guard !isGoodbyeSaid else { return nil }
      isGoodbyeSaid = true
      session.finish(reason: String(decoding: bytes, as: UTF8.self))
    } else {
      do throws(SendRefusal) {
        try session.send(FrameType(rawValue: message.typeCode), bytes)
      } catch {
        return error.sentence
      }
    }
    sent.append(index)
    return nil
  }

  func isAnswer(_ index: Int) -> Bool { index == goodbye }

  func finish(reason: String) {
    session.finish(reason: reason)
    if !isGoodbyeSaid { sent.append(nil) }
    isGoodbyeSaid = true
  }

  func fail(_ code: UInt8, _ text: String) {
    session.fail(ErrorCode(rawValue: code), text)
  }

  func next(at now: Instant, into bytes: inout [UInt8]) -> ReplayStep {
    while true {
      if let index = takeAcknowledged() { return .acknowledged(index) }
      switch session.nextOutput(at: now, into: &bytes) {
      case .transmit: return .transmit
      case .request: decide()
      case .established:
        if isServer { return .established }
        // The server learns of it a little later, and only then tells this client what others say.
        session.ping()
        isConfirmationDue = true
      case .deliver(let type, let message):
        return .received(typeCode: type.rawValue, message)
      case .oversized(let type, _): return .received(typeCode: type.rawValue, [])
      case .peerFinished(let reason):
        // "On the peer's FIN ... it sends its own FIN in the same way" (PROTOCOL.md 7).
        if !isGoodbyeSaid { sent.append(goodbye) }
        isGoodbyeSaid = true
        return .received(typeCode: FrameType.fin.rawValue, Array(reason.utf8))
      case .wait(let moment):
        if isConfirmationDue, session.pongCount > 0 {
          isConfirmationDue = false
          return .established
        }
        // What was just acknowledged comes before.
        if let index = takeAcknowledged() { return .acknowledged(index) }
        return .wait(until: moment)
      case .ended(let outcome):
        if let index = takeAcknowledged() { return .acknowledged(index) }
        return .ended(Self.end(outcome))
      }
    }
  }

  private func decide() {
    switch answer {
    case .accept(let nickname)?:
      session.accept(
        SessionGrant(
          nickname: nickname, sessionID: (0..<8).map { _ in .random(in: 0 ... .max) },
          initialSequence: SequenceNumber(.random(in: 0 ... .max))))
    case .refuse(let code, let text)?: session.refuse(code, text)
    case nil: break
    }
  }

  /// The next recorded message of which every frame was acknowledged.
  private func takeAcknowledged() -> Int? {
    while acknowledgedCount < session.acknowledgedMessageCount, acknowledgedCount < sent.count {
      defer { acknowledgedCount += 1 }
      if let index = sent[acknowledgedCount] { return index }
    }
    return nil
  }

  private static func end(_ outcome: SessionOutcome) -> ReplayEnd {
    switch outcome.ending {
    case .clean, .unconfirmed: ReplayEnd(isPeerGone: false, reason: "said goodbye")
    case .abrupt:
      ReplayEnd(isPeerGone: true, reason: "closed the connection without a goodbye")
    case .failed:
      switch outcome.code {
      case .retriesExhausted?, .handshakeTimeout?, .idleTimeout?:
        ReplayEnd(isPeerGone: true, reason: "fell silent: \(words(outcome))")
      default: ReplayEnd(isPeerGone: false, reason: "was sent \(words(outcome))")
      }
    case .failedByPeer:
      ReplayEnd(isPeerGone: false, reason: "ended the session: \(words(outcome))")
    }
  }

  /// The ERROR in words, such as "ERROR 4 (server full): The room is full."
  private static func words(_ outcome: SessionOutcome) -> String {
    guard let code = outcome.code else { return outcome.text }
    return "ERROR \(code.rawValue) (\(code.name)): \(outcome.text)"
  }
}
