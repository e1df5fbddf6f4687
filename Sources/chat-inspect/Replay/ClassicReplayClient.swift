internal import ChatTrace
internal import ChatWire

/// The client of a classic connection that is played again.
final class ClassicReplayClient: ReplayParty {
  private var session: ClassicClientSession
  /// What was handed to the session and is not answered, in order: indices of recorded messages.
  private var unanswered: [(type: ClassicType, index: Int)] = []
  private var waiting: [ReplayStep] = []

  /// A client that asks for what the recorded one asked for.
  init(_ recorded: StorySession) {
    let (asked, granted) = (recorded.asked, recorded.granted)
    var configuration = ClassicClientConfiguration()
    configuration.parameters.mode = asked.mode ?? granted.mode ?? .goBackN
    if let window = asked.window ?? granted.window {
      configuration.parameters.window = Int(clamping: min(max(1, window), 16_384))
    }
    if let size = asked.fragmentSize ?? granted.fragmentSize {
      configuration.parameters.fragmentCharacters = Int(clamping: min(max(1, size), 65_535))
    }
    // Every list that was asked for is among the messages.
    configuration.confirmsWithNames = false
    let longest = recorded.fromClient.map(Self.fragmentByteCount).max() ?? 0
    configuration.fragmentByteCountMax = max(configuration.fragmentByteCountMax, longest)
    session = ClassicClientSession(configuration)
  }

  /// How many bytes the fragments of a message have, about.
  private static func fragmentByteCount(_ message: StoryMessage) -> Int {
    let count = message.fragmentCount ?? 1
    return count > 0 ? ((message.bytes?.count ?? 0) + count - 1) / count : 0
  }

  let receiveLimit = FrameLimits.classicPayloadMax

  var wantsInput: Bool { session.wantsInput }

  func receive(_ bytes: RawSpan) {
    session.receive(bytes)
  }

  func endOfStream() {
    session.endOfStream()
  }

  func send(_ message: StoryMessage, index: Int) -> String? {
    guard let bytes = message.bytes else { return "not all of it was recorded" }
    let type = ClassicType(rawValue: message.typeCode)
    switch type {
    case .data:
      guard let text = String(validating: bytes, as: UTF8.self) else { return "it is not UTF-8" }
      guard session.send(text) != nil else { return "it is empty, or the session is ending" }
    case .setNick: session.setNickname(String(decoding: bytes, as: UTF8.self))
    case .listRequest: session.requestNames()
    case .channelConfig:
      guard let config = try? ClassicChannelConfig(decoding: bytes.span.bytes) else {
        return "its payload cannot be read"
      }
      session.configureChannel(config)
    case .disconnect: session.disconnect()
    default: return "clients send no \(type.name)"
    }
    unanswered.append((type, index))
    return nil
  }

  func isAnswer(_ index: Int) -> Bool { false }

  func finish(reason: String) {
    session.disconnect()
  }

  func fail(_ code: UInt8, _ text: String) {
    // The dialect has no ERROR.
    session.disconnect()
  }

  func next(at now: Instant, into bytes: inout [UInt8]) -> ReplayStep {
    while true {
      if !waiting.isEmpty { return waiting.removeFirst() }
      switch session.nextOutput(at: now, into: &bytes) {
      case .transmit:
        // Nobody answers it.
        if unanswered.first?.type == .channelConfig { answered(.channelConfig) }
        return .transmit
      case .established: return .established
      case .broadcast(let nickname, let text):
        return received(.data, nickname.map { "[\($0)] \(text)" } ?? text)
      case .delivered: answered(.data)
      case .unsendable:
        if let index = take(.data) {
          return .unsendable(index, reason: "it has more fragments than can be numbered")
        }
      case .nickname(let nickname):
        answered(.setNick)
        return received(.ack, "NICK OK: \(nickname)")
      case .names:
        answered(.listRequest)
        return received(.listResponse, "")
      case .unanswered(.nickname): _ = take(.setNick)
      case .unanswered(.names): _ = take(.listRequest)
      case .wait(let moment): return .wait(until: moment)
      case .ended(let end):
        guard case .disconnected(isAcknowledged: true) = end, let index = take(.disconnect) else {
          return .ended(Self.end(end))
        }
        waiting.append(.acknowledged(index))
        return received(.ack, "Disconnect ACK")
      }
    }
  }

  private func received(_ type: ClassicType, _ text: String) -> ReplayStep {
    .received(typeCode: type.rawValue, Array(text.utf8))
  }

  private func answered(_ type: ClassicType) {
    if let index = take(type) { waiting.append(.acknowledged(index)) }
  }

  private func take(_ type: ClassicType) -> Int? {
    guard let place = unanswered.firstIndex(where: { $0.type == type }) else { return nil }
    return unanswered.remove(at: place).index
  }

  private static func end(_ end: ClassicClientEnd) -> ReplayEnd {
    switch end {
    case .disconnected: ReplayEnd(isPeerGone: false, reason: "said goodbye")
    case .refused(let text):
      ReplayEnd(isPeerGone: false, reason: "refused the session: \(text)")
    case .badAnswer:
      ReplayEnd(isPeerGone: false, reason: "did not answer the SYN as a chat server does")
    case .handshakeTimeout: ReplayEnd(isPeerGone: true, reason: "did not answer within 20 s")
    case .retriesExhausted:
      ReplayEnd(isPeerGone: false, reason: "refused a fragment each time that it was sent")
    case .silent: ReplayEnd(isPeerGone: true, reason: "did not answer a fragment")
    case .closedByServer:
      ReplayEnd(isPeerGone: true, reason: "closed the connection without a goodbye")
    case .framingLost: ReplayEnd(isPeerGone: false, reason: "sends nothing that is a frame")
    }
  }
}
