import ChatWire

// Messages that follow from messages: what a server answers, and what it passes on.

extension CauseCollector {
  /// A native message, if the frame in hand completes one.
  mutating func message(
    _ event: TraceEvent, _ type: FrameType, _ state: inout StreamCauses
  ) {
    let frame = UInt32(truncatingIfNeeded: event.frame)
    if event.direction == .clientToServer {
      if let text = event.text { room.say(event.stream, text, frame, event.sequence) }
      for note in event.notes {
        switch note.id {
        case .rosterWanted: state.ask(.roster, frame, event.sequence)
        case .nicknameWanted:
          state.ask(.nickname, frame, event.sequence)
          if let nickname = note.detail { room.want(event.stream, nickname, frame) }
        case .messageInvalid where type == .data: state.ask(.refusal, frame, event.sequence)
        default: break
        }
      }
      return
    }
    if let text = event.text, let nickname = event.nickname {
      broadcast(event, text, nickname, state)
    }
    for note in event.notes {
      switch note.id {
      case .roster:
        reply(event, .reply, to: state.takeRequest(.roster), state)
      case .nicknameAccepted:
        if let nickname = note.detail { room.name(event.stream, nickname) }
        reply(event, .reply, to: state.takeRequest(.nickname), state)
      case .chatRefused:
        let request = state.takeRequest(.nickname, .refusal)
        if request == nil { linkMessage(event, state, to: state.syn, .refusal) }
        reply(event, .refusal, to: request, state)
      case .chatWelcome:
        let established = room[event.stream].established
        linkMessage(event, state, to: established, .handshake)
      case .chatShutdown: state[event.direction].announcement = frame
      case .chatJoined, .chatLeft, .chatRenamed:
        somebodyElse(event, note.id, state)
      default: break
      }
    }
  }

  private mutating func reply(
    _ event: TraceEvent, _ relation: CauseRelation, to request: StreamCauses.Request?,
    _ state: StreamCauses
  ) {
    guard let request else { return }
    let taken = state.taken(request.frame, request.sequence)
    linkMessage(event, state, to: taken, relation)
  }

  /// A client is told what another one said.
  mutating func broadcast(
    _ event: TraceEvent, _ text: String, _ nickname: String, _ state: StreamCauses
  ) {
    guard let found = room.speaker(of: text, nickname, toldTo: event.stream) else { return }
    let frame = taken(found.said, of: found.stream)
    linkMessage(event, state, to: frame, .broadcast)
  }

  /// A client is told what became of another one.
  private mutating func somebodyElse(
    _ event: TraceEvent, _ id: NoteID, _ state: StreamCauses
  ) {
    guard let nickname = event.nickname,
      let member = room.owner(of: nickname, otherThan: event.stream)
    else { return }
    switch id {
    case .chatJoined: linkMessage(event, state, to: member.established, .handshake)
    case .chatRenamed:
      guard let wanted = member.wanted, wanted.nickname == nickname else { return }
      linkMessage(event, state, to: wanted.frame, .naming)
    default:
      let isSaid = member.departure != 0
      linkMessage(
        event, state, to: isSaid ? member.departure : member.frame,
        isSaid ? .departure : .lastSign)
    }
  }
}
