import ChatWire

extension CauseCollector {
  /// A frame of the native dialect.
  mutating func native(_ event: TraceEvent, _ state: inout StreamCauses) {
    let type = FrameType(rawValue: event.typeCode)
    switch type {
    case .ack: acknowledgement(event, &state)
    case .nack: nack(event, &state)
    case .syn, .synAck, .handshakeAck: handshake(event, type, &state)
    case .ping: ping(event, &state)
    case .error:
      if event.checksum == .good { error(event, state) }
    case _ where type.isSequenced: sequenced(event, type, &state)
    default: break
    }
  }

  // MARK: sequenced frames

  private mutating func sequenced(
    _ event: TraceEvent, _ type: FrameType, _ state: inout StreamCauses
  ) {
    guard let attempt = event.attempt else { return }
    let frame = UInt32(truncatingIfNeeded: event.frame)
    var copy = StreamCauses.Copy(first: frame, last: frame)
    if attempt > 1, let known = state[event.direction].copies[event.sequence] {
      copy = known
      copy.last = frame
      copy.isAnswered = false
      copy.attempts = UInt16(clamping: attempt)
    }
    if event.isPassedOn {
      if copy.firstThrough == 0 { copy.firstThrough = frame }
      copy.lastThrough = frame
      state[event.direction].sequenced = frame
    }
    state[event.direction].copies[event.sequence] = copy
    let next = event.sequence &+ 1
    if state[event.direction].next.map({ Int16(bitPattern: next &- $0) > 0 }) ?? true {
      state[event.direction].next = next
    }
    if type == .fin {
      if attempt == 1 { link(state[event.direction.opposite].goodbye, .goodbye) }
      if attempt == 1, state[event.direction.opposite].goodbye == 0 {
        link(state[event.direction].announcement, .announcement)
      }
      if event.isPassedOn { state[event.direction].goodbye = frame }
    }
    message(event, type, &state)
  }

  // MARK: ACK and NACK

  /// How many frames that one ACK acknowledges are remembered.
  static var acknowledgedMax: Int16 { 4_096 }

  private mutating func acknowledgement(_ event: TraceEvent, _ state: inout StreamCauses) {
    guard event.checksum == .good else { return }
    let frame = UInt32(truncatingIfNeeded: event.frame)
    let data = event.direction.opposite
    acknowledgeAll(event, &state, data)
    let copy = state[data].copies[event.sequence]
    let named = copy.map { $0.lastThrough > 0 ? $0.lastThrough : $0.last } ?? 0
    let latest = max(state[data].sequenced, state[data].ping)
    if !frameHas(.followed) {
      if let copy, !copy.isAnswered {
        // Where it acknowledges only that frame, its note has said so.
        let isSaid = event.notes.contains {
          $0.id == .acknowledges && $0.first == 1 && $0.causes.count == 1
            && $0.causes[0] == UInt64(named)
        }
        link(named, isSaid ? .answer : .arrival)
      } else if latest > state[event.direction].answer {
        // It says again what is known, because something came that asks for it.
        link(latest, .arrival)
      } else if !event.has(.windowUpdate) {
        link(named, .arrival)
      }
    }
    state[data].copies[event.sequence]?.isAnswered = true
    if event.isPassedOn {
      state[event.direction].answer = frame
      state[event.direction].closedWindow = event.advertisedWindow == 0 ? frame : 0
    }
  }

  /// All frames that an ACK says have come, as far as none has said so before.
  private mutating func acknowledgeAll(
    _ event: TraceEvent, _ state: inout StreamCauses, _ data: Direction
  ) {
    guard let due = event.nextExpected else { return }
    let before = state[data].expected ?? event.sequence
    let count = Int16(bitPattern: due &- before)
    guard count > 0 || state[data].expected == nil else { return }
    state[data].expected = due
    guard count > 0 else { return }
    for offset in 0..<UInt16(min(count, Self.acknowledgedMax)) {
      link(state[data].copies[before &+ offset]?.last ?? 0, .acknowledged)
    }
  }

  private mutating func nack(_ event: TraceEvent, _ state: inout StreamCauses) {
    guard event.checksum == .good else { return }
    let data = event.direction.opposite
    acknowledgeAll(event, &state, data)
    if !frameHas(.followed) || event.has(.nackRepeated) {
      link(max(state[data].sequenced, state[data].ping), .evidence)
    }
    guard event.isPassedOn else { return }
    state[event.direction].answer = UInt32(truncatingIfNeeded: event.frame)
    state[event.direction].closedWindow =
      event.advertisedWindow == 0 ? UInt32(truncatingIfNeeded: event.frame) : 0
  }

  // MARK: control frames

  private mutating func handshake(
    _ event: TraceEvent, _ type: FrameType, _ state: inout StreamCauses
  ) {
    guard event.checksum == .good else { return }
    let frame = UInt32(truncatingIfNeeded: event.frame)
    let isRepeated = event.has(.handshakeRepeated)
    switch type {
    case .syn:
      if event.isPassedOn { state.syn = frame }
    case .synAck:
      answerAgain(state.syn, after: state.synAck, isRepeated)
      if event.isPassedOn { state.synAck = frame }
    default:
      answerAgain(state.synAck, after: state.handshakeAck, isRepeated)
      if event.isPassedOn { state.handshakeAck = frame }
    }
    if event.isPassedOn { state[event.direction].handshake = frame }
    if type != .handshakeAck, let nickname = event.nickname {
      room.name(event.stream, nickname)
    }
  }

  /// What is repeated because it was asked for again.
  private mutating func answerAgain(_ question: UInt32, after answer: UInt32, _ isRepeated: Bool) {
    guard isRepeated, question > answer else { return }
    demote(.copy)
    demote(.lostAnswer)
    link(question, .arrival)
  }

  private mutating func ping(_ event: TraceEvent, _ state: inout StreamCauses) {
    guard event.checksum == .good else { return }
    let other = state[event.direction.opposite]
    if other.closedWindow != 0 {
      link(other.closedWindow, .closedWindow)
    } else {
      link(other.frame, .silence)
    }
    if event.isPassedOn { state[event.direction].ping = UInt32(truncatingIfNeeded: event.frame) }
  }

  /// What an ERROR is about depends on its code (PROTOCOL.md section 7).
  private mutating func error(_ event: TraceEvent, _ state: StreamCauses) {
    let own = state[event.direction]
    let other = state[event.direction.opposite]
    switch ErrorCode(rawValue: event.code ?? 0) {
    case .unsupportedVersion, .serverFull: link(other.handshake, .offence)
    case .badHandshake: link(max(other.handshake, other.violation), .offence)
    case .protocolViolation:
      if other.violation != 0 {
        link(other.violation, .offence)
      } else {
        link(max(other.sequenced, other.handshake), .likelyOffence)
      }
    case .handshakeTimeout: link(own.handshake, .unanswered)
    case .idleTimeout:
      link(own.goodbye, .unanswered)
      if other.goodbye > own.goodbye { link(other.goodbye, .unanswered) }
      link(other.frame, .silence)
    case .recipientTooSlow:
      link(other.closedWindow, .closedWindow)
      link(other.answer, .silence)
    case .retriesExhausted: link(Self.mostTried(own), .lastCopy)
    case .shuttingDown: link(own.announcement, .announcement)
    default: link(other.frame, .silence)
    }
  }

  /// The latest copy of the frame in flight that was sent most often.
  private static func mostTried(_ side: StreamCauses.Side) -> UInt32 {
    guard let next = side.next else { return 0 }
    var best: StreamCauses.Copy?
    var sequence = side.expected ?? next &- 1
    for _ in 0..<acknowledgedMax where sequence != next {
      if let copy = side.copies[sequence], copy.attempts > best?.attempts ?? 0 { best = copy }
      sequence &+= 1
    }
    return best?.last ?? 0
  }
}
