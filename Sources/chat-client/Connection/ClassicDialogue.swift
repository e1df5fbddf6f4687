internal import ChatPosix
internal import ChatWire

/// A session of the classic dialect, in the words of a chat.
struct ClassicDialogue {
  var session: ClassicClientSession
  private let requestedMode: ARQMode
  /// Messages that the session has and has not reported, in order: its own numbers, and ours.
  private var sent: [(own: UInt64, number: UInt64)] = []
  /// Lists that somebody has asked for; the first one comes with the handshake.
  private var askedListCount = 0

  init(_ wishes: ClientWishes) {
    var configuration = ClassicClientConfiguration()
    configuration.parameters.mode = wishes.mode
    if let size = wishes.windowSize { configuration.parameters.window = max(1, size) }
    if let size = wishes.fragmentSizeMax {
      configuration.parameters.fragmentCharacters = min(max(1, size), 65_535)
    }
    if let timeout = wishes.timeout { configuration.silenceLimit = timeout }
    requestedMode = wishes.mode
    session = ClassicClientSession(configuration)
  }

  // MARK: in

  mutating func say(_ number: UInt64, _ bytes: [UInt8]) -> Handing {
    guard let own = session.send(String(decoding: bytes, as: UTF8.self)) else { return .later }
    sent.append((own, number))
    return .taken
  }

  mutating func askWhoIsHere() {
    askedListCount += 1
    session.requestNames()
  }

  // MARK: out

  mutating func next(at now: Instant, into bytes: inout [UInt8]) -> DialogueStep {
    while true {
      switch session.nextOutput(at: now, into: &bytes) {
      case .transmit: return .transmit
      case .established(let parameters): return .established(info(parameters))
      case .broadcast(let nickname, let text):
        let milliseconds = UInt64(max(0, Clock.realNanoseconds()) / 1_000_000)
        return .happened(
          .message(ChatLine(from: nickname, text: text, sentAtMilliseconds: milliseconds)))
      case .delivered(let own): if let number = take(own) { return .delivered(upTo: number) }
      case .unsendable(let own):
        if let number = take(own) {
          return .unsendable(
            message: number, reason: "it has more fragments than the classic dialect can number")
        }
      case .nickname(let nickname): return .happened(.notice(.nicknameAccepted(nickname)))
      case .names(let names):
        guard askedListCount > 0 else { continue }
        askedListCount -= 1
        return .happened(.roster(names.map { RosterLine(nickname: $0) }))
      case .unanswered(.nickname):
        return .happened(.information("the server did not answer the request for a nickname"))
      case .unanswered(.names):
        askedListCount = max(0, askedListCount - 1)
        return .happened(.information("the server did not answer who is here"))
      case .wait(let moment): return .wait(until: moment)
      case .ended(let end): return .ended(Self.end(end, session))
      }
    }
  }

  private mutating func take(_ own: UInt64) -> UInt64? {
    guard let index = sent.firstIndex(where: { $0.own == own }) else { return nil }
    return sent.remove(at: index).number
  }

  private func info(_ parameters: ClassicParameterSet) -> ClientSessionInfo {
    ClientSessionInfo(
      dialect: .classic, mode: parameters.mode, requestedMode: requestedMode,
      windowSize: parameters.window, fragmentSizeMax: parameters.fragmentCharacters, nickname: "",
      serverName: "", sessionID: session.sessionID ?? "", isReconnection: false, resentCount: 0)
  }

  /// How it ended, in words that go on from "disconnected: ".
  private static func end(
    _ end: ClassicClientEnd, _ session: ClassicClientSession
  ) -> DialogueEnd {
    switch end {
    // It is said last: what was before it has been answered.
    case .disconnected: .done
    case .refused(let message): .broken("the server refuses the session: \(message)")
    case .badAnswer: .hopeless("the server does not answer as a classic chat server does")
    case .handshakeTimeout: .broken("the server did not answer within 20 s")
    // A classic server may have what it did not answer, and would have it twice.
    case .retriesExhausted: .hopeless("the server refused a fragment each time it was sent")
    case .silent:
      .hopeless(
        "the server did not answer a fragment within "
          + session.silenceLimit.unitText)
    case .closedByServer: .broken("the server closed the connection")
    case .framingLost: .broken("the server sends nothing that is a frame")
    }
  }
}
