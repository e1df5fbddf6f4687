import ChatWire

// The classic dialect has no windows and no timers: a fragment is sent, answered by ACK or NACK,
// and sent again only after a NACK. What a server does with a frame depends on its channel, which
// anybody may have configured before, so that a frame without an answer proves nothing
// (docs/PROTOCOL.md section 9).

/// Judges both peers of a classic session.
struct ClassicJudge: Sendable {
  /// A DATA frame of the client.
  private struct Fragment: Sendable {
    var sequence: UInt16
    var isLast: Bool
    var checksum: UInt32
    var byteCount: Int
    var reference: FrameReference
  }

  private var findings: [(side: Session.Role, finding: ProvisionalFinding)] = []
  private(set) var evidenceAtClient: HiddenSides = []
  private(set) var evidenceAtServer: HiddenSides = []
  private var doubts: [String] = []
  private var isBlind = false

  // What the client has sent, and what it has got.
  private var isSynSent = false
  private var isSynAckReceived = false
  private var isHandshakeAckSent = false
  private var previous: Fragment?
  private var isMessageOpen = false
  private var isRefused = false

  // What the server has got, and what it has sent.
  private var isSynReceived = false
  private var unanswered: [(sequence: UInt16, reference: FrameReference)] = []
  private var nicknameRequests = 0
  private var listRequests = 0
  private var goodbyes = 0

  private static let unansweredMax = 4_096

  /// Bytes are missing.
  mutating func lose(_ reason: String) {
    isBlind = true
    if doubts.count < 8, !doubts.contains(reason) { doubts.append(reason) }
  }

  /// What was found about a side, why not everything could be judged, and whether frames are
  /// disturbed unseen.
  func finish(_ side: Session.Role) -> ([ProvisionalFinding], [String], HiddenSides) {
    (
      findings.filter { $0.side == side }.map(\.finding), doubts,
      side == .client ? evidenceAtClient : evidenceAtServer
    )
  }

  private mutating func report(
    _ side: Session.Role, _ rule: ConformanceRule, _ frame: ObservedFrame,
    because: [FrameReference] = [], expected: String, found: String,
    explanations: HiddenSides = []
  ) {
    guard findings.count < 1_000 else { return }
    findings.append(
      (
        side,
        ProvisionalFinding(
          rule: rule, frame: frame.reference, because: because.filter { $0 != .none },
          expected: expected, found: found, explanations: explanations)
      ))
  }

  // MARK: what was sent

  /// A peer has sent a frame.
  mutating func sent(_ frame: ObservedFrame, _ direction: Direction, payload: RawSpan) {
    let type = ClassicType(rawValue: frame.type.rawValue)
    let side: Session.Role = direction == .clientToServer ? .client : .server
    guard frame.state == .good else {
      if side == .client {
        evidenceAtClient.insert(.outgoing)
      } else {
        evidenceAtServer.insert(.outgoing)
      }
      return
    }
    guard !isBlind else { return }
    guard Self.isSent(type, by: side) else {
      report(
        side, .classicTypeOfOtherRole, frame,
        expected: "a type that a \(side.conformanceName) sends", found: type.name)
      return
    }
    switch side {
    case .client: sentByClient(type, frame)
    case .server: sentByServer(type, frame, payload: payload)
    }
  }

  private static func isSent(_ type: ClassicType, by side: Session.Role) -> Bool {
    switch type {
    case .data: true
    case .syn, .handshakeAck, .disconnect, .setNick, .listRequest, .channelConfig: side == .client
    case .ack, .nack, .listResponse: side == .server
    default: true
    }
  }

  private mutating func sentByClient(_ type: ClassicType, _ frame: ObservedFrame) {
    guard isSynSent || type == .syn else {
      report(
        .client, .classicFirstFrame, frame, expected: "a SYN first", found: type.name,
        explanations: .outgoing)
      lose("the beginning of the session was not seen")
      return
    }
    switch type {
    case .syn: isSynSent = true
    case .handshakeAck:
      if !isSynAckReceived {
        report(
          .client, .classicHandshake, frame, expected: "the answer to the SYN first",
          found: "HANDSHAKE_ACK", explanations: .incoming)
      }
      isHandshakeAckSent = true
    case .data:
      if !isHandshakeAckSent {
        report(
          .client, .classicHandshake, frame, expected: "HANDSHAKE_ACK first", found: "DATA",
          explanations: .outgoing)
        isHandshakeAckSent = true
      }
      sentFragment(frame)
    default: break
    }
  }

  private mutating func sentFragment(_ frame: ObservedFrame) {
    let fragment = Fragment(
      sequence: frame.sequence, isLast: frame.isLastClassic, checksum: frame.payloadChecksum,
      byteCount: frame.byteCount, reference: frame.reference)
    defer {
      previous = fragment
      isMessageOpen = !fragment.isLast
      isRefused = false
    }
    guard let previous else {
      if frame.sequence != 0 { unexpectedSequence(frame, expected: 0, because: .none) }
      return
    }
    let isCopy =
      previous.sequence == fragment.sequence && previous.checksum == fragment.checksum
      && previous.byteCount == fragment.byteCount && (isMessageOpen || fragment.sequence != 0)
    if isRefused, previous.sequence == fragment.sequence { return }
    if isCopy {
      report(
        .client, .classicRepeated, frame, because: [previous.reference],
        expected: "a NACK first", found: "fragment \(frame.sequence) again",
        explanations: [.incoming, .outgoing])
    } else if frame.sequence != 0 {
      let due = isMessageOpen ? previous.sequence &+ 1 : 0
      if frame.sequence != due {
        unexpectedSequence(frame, expected: due, because: previous.reference)
      }
    } else if isMessageOpen {
      unexpectedSequence(frame, expected: previous.sequence &+ 1, because: previous.reference)
    }
  }

  private mutating func unexpectedSequence(
    _ frame: ObservedFrame, expected: UInt16, because: FrameReference
  ) {
    report(
      .client, .classicSequence, frame, because: [because], expected: "sequence \(expected)",
      found: "sequence \(frame.sequence)", explanations: .outgoing)
  }

  private mutating func sentByServer(
    _ type: ClassicType, _ frame: ObservedFrame, payload: RawSpan
  ) {
    switch type {
    case .ack:
      switch ClassicAcknowledgement(decoding: payload) {
      case .fragment(let sequence): answered(sequence, frame, isNack: false)
      case .handshake:
        guard !isSynReceived else { return }
        report(
          .server, .classicHandshake, frame, expected: "a SYN first", found: "an answer to it",
          explanations: .incoming)
      case .nickname:
        nicknameRequests -= 1
        checkAsked(nicknameRequests, "SET_NICK", frame)
        nicknameRequests = max(0, nicknameRequests)
      case .disconnect:
        goodbyes -= 1
        checkAsked(goodbyes, "DISCONNECT", frame)
        goodbyes = max(0, goodbyes)
      case .other: break
      }
    case .nack: answered(ClassicNack.sequence(of: payload) ?? frame.sequence, frame, isNack: true)
    case .listResponse:
      listRequests -= 1
      checkAsked(listRequests, "LIST_REQUEST", frame)
      listRequests = max(0, listRequests)
    default: break
    }
  }

  private mutating func answered(_ sequence: UInt16, _ frame: ObservedFrame, isNack: Bool) {
    if let place = unanswered.firstIndex(where: { $0.sequence == sequence }) {
      unanswered.removeFirst(place + 1)
      return
    }
    report(
      .server, isNack ? .classicNackUnasked : .classicAcknowledgementUnasked, frame,
      expected: "a frame with sequence \(sequence) first",
      found: "\(isNack ? "NACK" : "ACK") for seq \(sequence)", explanations: .incoming)
  }

  private mutating func checkAsked(_ left: Int, _ question: String, _ frame: ObservedFrame) {
    guard left < 0 else { return }
    report(
      .server, .classicAcknowledgementUnasked, frame, expected: "a \(question) first",
      found: "an answer to it", explanations: .incoming)
  }

  // MARK: what was received

  /// A frame was sent to a peer.
  mutating func received(_ frame: ObservedFrame, _ direction: Direction, payload: RawSpan) {
    guard !isBlind else { return }
    let type = ClassicType(rawValue: frame.type.rawValue)
    guard direction == .clientToServer else {
      guard frame.state == .good else { return }
      switch type {
      case .ack:
        if case .handshake = ClassicAcknowledgement(decoding: payload) { isSynAckReceived = true }
      case .nack: isRefused = true
      default: break
      }
      return
    }
    guard frame.state == .good else {
      // Whatever it was taken for, it may be refused.
      ask(frame)
      evidenceAtServer.insert(.incoming)
      return
    }
    switch type {
    case .syn: isSynReceived = true
    case .setNick: nicknameRequests += 1
    case .listRequest: listRequests += 1
    case .disconnect:
      goodbyes += 1
      ask(frame)
    default: ask(frame)
    }
  }

  private mutating func ask(_ frame: ObservedFrame) {
    if unanswered.count >= Self.unansweredMax { unanswered.removeFirst(Self.unansweredMax / 2) }
    unanswered.append((frame.sequence, frame.reference))
  }
}

extension ObservedFrame {
  /// The last flag of a classic frame: any byte but 0.
  fileprivate var isLastClassic: Bool { flags != 0 }
}
