internal import ChatPosix
internal import ChatTrace
internal import ChatWire

/// The server of a classic connection that is played again.
///
/// A classic client sends nothing while it waits for a nickname or a list, so these are answered at
/// once, with the recorded answers in order; the last one is given again.
final class ClassicReplayServer: ReplayParty {
  private var session: ClassicServerSession
  private let recorded: StorySession?
  private let sessionID: String
  /// Recorded answers, those not given yet first.
  private var nicknames: [String] = []
  private var lists: [[String]] = []
  /// The indices of recorded messages that are answers.
  private var answers: Set<Int> = []
  /// A goodbye was answered, which has not been said.
  private var isGoodbyeDue = true

  let receiveLimit = FrameLimits.classicPayloadMax

  /// A server that grants what the recorded one granted; without one, it refuses.
  init(_ recorded: StorySession?, peer: SocketAddress, at now: Instant) {
    var configuration = ClassicServerConfiguration()
    if let granted = recorded?.granted {
      if let mode = granted.mode { configuration.parameters.mode = mode }
      if let window = granted.window { configuration.parameters.window = Int(clamping: window) }
      if let size = granted.fragmentSize {
        configuration.parameters.fragmentCharacters = Int(clamping: min(max(1, size), 65_535))
      }
    }
    self.recorded = recorded
    sessionID = ClassicServerSession.sessionID(peer: peer.description, host: "replay")
    session = ClassicServerSession(configuration, seed: 0, at: now)
    for (index, message) in (recorded?.fromServer ?? []).enumerated() {
      guard let bytes = message.bytes else { continue }
      note(ClassicType(rawValue: message.typeCode), bytes, index)
    }
  }

  private func note(_ type: ClassicType, _ bytes: [UInt8], _ index: Int) {
    switch type {
    case .listResponse:
      guard let roster = try? ClassicRoster(decoding: bytes.span.bytes) else { return }
      lists.append(roster.names)
      answers.insert(index)
    case .ack:
      switch ClassicAcknowledgement(decoding: bytes.span.bytes) {
      case .nickname(let name):
        nicknames.append(name)
        answers.insert(index)
      case .disconnect: answers.insert(index)
      case .fragment, .handshake, .other: break
      }
    default: break
    }
  }

  var wantsInput: Bool { session.wantsInput }

  func receive(_ bytes: RawSpan) {
    session.receive(bytes)
  }

  func endOfStream() {
    session.endOfStream()
  }

  func send(_ message: StoryMessage, index: Int) -> String? {
    // Answers are given when they are asked for.
    if answers.contains(index) { return nil }
    guard let bytes = message.bytes else { return "not all of it was recorded" }
    guard message.typeCode == ClassicType.data.rawValue else { return "it answers nothing" }
    session.broadcast(ClassicBroadcastFrames(payload: bytes))
    return nil
  }

  func isAnswer(_ index: Int) -> Bool { answers.contains(index) }

  func finish(reason: String) {
    session.close()
  }

  func fail(_ code: UInt8, _ text: String) {
    session.close()
  }

  func next(at now: Instant, into bytes: inout [UInt8]) -> ReplayStep {
    while true {
      switch session.nextOutput(at: now, into: &bytes) {
      case .transmit: return .transmit
      case .opening: decide()
      case .established: return .established
      case .text(let text): return .received(typeCode: ClassicType.data.rawValue, text)
      case .discarded: return .received(typeCode: ClassicType.data.rawValue, [])
      case .nicknameWanted(let name):
        session.giveNickname(Self.take(&nicknames) ?? name)
        return .received(typeCode: ClassicType.setNick.rawValue, Array(name.utf8))
      case .namesWanted:
        session.list(Self.take(&lists) ?? [])
        return .received(typeCode: ClassicType.listRequest.rawValue, [])
      case .channelConfigured:
        return .received(typeCode: ClassicType.channelConfig.rawValue, [])
      case .wait(let moment): return .wait(until: moment)
      case .ended(let end):
        guard end == .disconnected, isGoodbyeDue else { return .ended(Self.end(end)) }
        isGoodbyeDue = false
        return .received(typeCode: ClassicType.disconnect.rawValue, [])
      }
    }
  }

  private func decide() {
    if recorded == nil {
      session.refuse("Every connection of the recording has been played.")
    } else if recorded?.end == .refused {
      session.refuse(recorded?.error?.text ?? "The recorded server has refused the session.")
    } else {
      session.accept(sessionID: sessionID)
    }
  }

  /// The next answer, or the last one again.
  private static func take<Answer>(_ answers: inout [Answer]) -> Answer? {
    answers.count > 1 ? answers.removeFirst() : answers.first
  }

  private static func end(_ end: ClassicServerEnd) -> ReplayEnd {
    switch end {
    case .disconnected, .closed: ReplayEnd(isPeerGone: false, reason: "said goodbye")
    case .closedByClient:
      ReplayEnd(isPeerGone: true, reason: "closed the connection without a goodbye")
    case .handshakeTimeout: ReplayEnd(isPeerGone: true, reason: "did not finish the handshake")
    default:
      ReplayEnd(isPeerGone: false, reason: "cannot be answered: \(end.sentence)")
    }
  }
}
