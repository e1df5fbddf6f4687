import ChatWire

/// What a session has to remember once faults act on it.
struct SessionFaults: Sendable {
  /// The latest copy of a handshake frame.
  struct Copy: Sendable {
    var frame: UInt64 = 0
    var effects = FaultEffects()
  }

  /// The fate of the frame in hand.
  var current = FrameFate()
  var syn = Copy()
  var synAck = Copy()
  var handshakeAck = Copy()
}

extension NativeSession {
  /// Takes the fate of the next frame of a connection that is tapped.
  mutating func befall(_ fate: FrameFate, frame: UInt64, direction: Direction) {
    if faults.isEmpty {
      guard !fate.effects.isEmpty else { return }
      faults = [SessionFaults()]
      clientToServer.rememberFaults()
      serverToClient.rememberFaults()
    }
    faults[0].current = fate
    clientToServer.faults[0].current = fate
    serverToClient.faults[0].current = fate
    guard fate.effects.contains(.header), !fate.effects.contains(.dropped) else { return }
    // The side that gets the frame may take it for another one, and answer for that.
    switch direction {
    case .clientToServer: clientToServer.faults[0].keepHeaderDamage(frame)
    case .serverToClient: serverToClient.faults[0].keepHeaderDamage(frame)
    }
  }

  /// Takes what is done by hand to a frame that has been held.
  mutating func befallLater(_ action: TappedAction, frame: UInt64) {
    guard !faults.isEmpty else { return }
    clientToServer.befallLater(action, frame: frame, mode: mode)
    serverToClient.befallLater(action, frame: frame, mode: mode)
  }

  /// The connection is over: what was on its way has come.
  mutating func hearEverything() {
    guard !faults.isEmpty else { return }
    clientToServer.hearHeld(until: .max, mode: mode)
    serverToClient.hearHeld(until: .max, mode: mode)
  }

  /// The frame in hand does not come through.
  var isLostHere: Bool { !faults.isEmpty && faults[0].current.effects.isLost }

  // MARK: handshake

  /// Remembers what becomes of a handshake frame.
  mutating func keepFate(_ event: TraceEvent, _ kind: HandshakeFrame) {
    guard !faults.isEmpty else { return }
    let copy = SessionFaults.Copy(frame: event.frame, effects: faults[0].current.effects)
    switch kind {
    case .syn: faults[0].syn = copy
    case .synAck: faults[0].synAck = copy
    case .handshakeAck: faults[0].handshakeAck = copy
    }
  }

  /// Says why a handshake frame comes again, as far as it is known.
  mutating func noteRepeated(_ event: inout TraceEvent, _ kind: HandshakeFrame, first: UInt64) {
    guard !faults.isEmpty else {
      event.notes.append(Note(.handshakeRepeated, because: FrameList(first)))
      return
    }
    // What it repeats, what asks for it, and what answers it.
    let (copy, question, answer): (SessionFaults.Copy, SessionFaults.Copy?, SessionFaults.Copy?) =
      switch kind {
      case .syn: (faults[0].syn, nil, faults[0].synAck)
      case .synAck: (faults[0].synAck, faults[0].syn, faults[0].handshakeAck)
      case .handshakeAck: (faults[0].handshakeAck, faults[0].synAck, nil)
      }
    keepFate(event, kind)
    let repeated = copy.frame != 0 ? copy.frame : first
    var note = Note(.handshakeRepeated, because: FrameList(repeated))
    if copy.effects.mishap != nil {
      note.first = copy.effects.number
    } else if let answer, answer.frame > repeated, answer.effects.mishap != nil {
      note = Note(
        .handshakeRepeated, because: FrameList(repeated, answer.frame), answer.effects.number)
    } else if let question, question.effects.contains(.duplicated) {
      note = Note(
        .handshakeRepeated, because: FrameList(repeated, question.frame),
        FaultEffects.duplicated.number)
    }
    event.notes.append(note)
  }

  /// Says that a sequenced frame stands for the HANDSHAKE_ACK, and what became of that.
  var impliedNote: Note {
    guard !faults.isEmpty, faults[0].handshakeAck.effects.isLost else {
      return Note(.handshakeImplied, because: FrameList(synAckFrame))
    }
    let copy = faults[0].handshakeAck
    return Note(
      .handshakeImplied, because: FrameList(synAckFrame, copy.frame), copy.effects.number)
  }
}
