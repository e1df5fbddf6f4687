import ChatWire

extension DataFlow {
  /// From now on faults act on the session.
  @inline(never)
  mutating func rememberFaults() {
    guard faults.isEmpty else { return }
    var memory = FaultMemory()
    if isReceiverKnown {
      memory.expected = expected
      memory.window = advertisedWindow
      var position = max(base, expected)
      while position < next, buffered > 0 {
        if sent.find(position)?.acknowledgedBy ?? 0 != 0 { memory.ahead.insert(position) }
        position += 1
      }
    }
    sent.passOn()
    faults = [memory]
  }

  // MARK: sequenced frames

  /// Keeps the fate of a sequenced frame with what is remembered of it, and fills in what the
  /// receiver has stated.
  @inline(never)
  mutating func keepFate(of event: inout TraceEvent, context: Context) {
    event.receiver = faults[0].receiver
    let effects = faults[0].current.effects
    let position = position(of: event.sequence)
    let frameNumber = context.frame
    let isKnown = sent.update(position) { frame in
      guard frame.lastFrame == frameNumber else { return }
      frame.fate = frame.fate.intersection(.isThrough).union(effects)
      if event.checksum == .good, !effects.isLost { frame.fate.insert(.isThrough) }
    }
    guard isKnown, effects.contains(.corrupted), !effects.contains(.dropped),
      event.checksum != .bad, damaged.count < Self.rememberedMax
    else { return }
    damaged.append(DamagedFrame(position: position, frame: context.frame, effects: effects))
  }

  /// The sender sends more than it may by what it has heard, so it has heard what is on its way.
  @inline(never)
  mutating func hearEvidence(_ context: Context) -> Int64 {
    hearHeld(until: .max, mode: context.mode)
    return next &- base
  }

  /// Takes what is done by hand to a frame that has been held: the data of this flow, or an answer
  /// to it.
  mutating func befallLater(_ action: TappedAction, frame: UInt64, mode: Mode?) {
    let effects = action.effects
    if effects.isLost {
      sent.updateFrame(frame) { copy in
        // Only an earlier copy can have come through.
        if copy.attempts == 1 { copy.fate.remove(.isThrough) }
        copy.fate.formUnion(effects)
      }
    }
    guard let index = faults[0].held.firstIndex(where: { $0.frame == frame }) else { return }
    if effects.isLost {
      let answer = faults[0].held.remove(at: index)
      faults[0].missed(answer, effects, from: base)
    } else if action == .release {
      hear(faults[0].held.remove(at: index), mode: mode)
    }
  }

  // MARK: acknowledgements

  /// Takes down what an ACK or NACK states; true if the sender hears it at once.
  ///
  /// If not, its notes are made here.
  @inline(never)
  mutating func isHeard(
    _ event: inout TraceEvent, answered: Int64, due: Int64, window: UInt16, isNack: Bool,
    context: Context
  ) -> Bool {
    hearHeld(until: context.time, mode: context.mode)
    let fate = faults[0].current
    var answer = FaultMemory.Answer(
      frame: context.frame, due: due, answered: answered, window: UInt32(window), isNack: isNack)
    let before = faults[0].expected ?? base
    let windowBefore = faults[0].expected == nil ? context.window : faults[0].window
    let isNew = faults[0].state(answer, from: base, to: next, mode: context.mode)
    forgetDamage(answer)
    guard fate.effects.isLost || fate.effects.isLate else { return true }
    if due < before {
      event.notes.append(
        Note(
          .acknowledgementStale, Int64(UInt16(truncatingIfNeeded: due)),
          Int64(UInt16(truncatingIfNeeded: before))))
    } else if answer.window != windowBefore, context.notesChat, windowBefore != 0 {
      event.notes.append(Note(.windowUpdate, Int64(windowBefore), Int64(window)))
    }
    if isNack {
      nack(answered, &event, due: due, isHeard: false, context: context)
    } else {
      noteStatement(&event, answer, from: before, isNew: isNew, context: context)
    }
    faults[0].missed(answer, fate.effects, from: max(base, min(before, due)))
    if fate.effects.isLate {
      if !isNack, let frame = sent.find(answered), frame.attempts == 1, frame.acknowledgedBy == 0 {
        event.roundTripNanoseconds = TraceTime.elapsed(from: frame.lastTime, to: context.time)
      }
      if fate.delay > 0 {
        let (time, overflow) = context.time.addingReportingOverflow(fate.delay)
        answer.heardAt = overflow ? .max : time
      }
      if faults[0].held.count >= FaultMemory.heldMax {
        hear(faults[0].held.removeFirst(), mode: context.mode)
      }
      faults[0].held.append(answer)
    }
    return false
  }

  /// An ACK for a frame shows that damaged ones before it have had their answers, or will get none.
  private mutating func forgetDamage(_ answer: FaultMemory.Answer) {
    guard !answer.isNack, !damaged.isEmpty || !faults[0].headerDamagedFrames.isEmpty else { return }
    // Of several copies it may answer any.
    guard let answered = sent.find(answer.answered), answered.attempts == 1 else { return }
    let frame = answered.lastFrame
    damaged.removeAll { !$0.effects.isEmpty && $0.frame < frame }
    faults[0].headerDamagedFrames.removeAll { $0 < frame }
  }

  /// What an ACK says that the receiver has not said before.
  private mutating func noteStatement(
    _ event: inout TraceEvent, _ answer: FaultMemory.Answer, from before: Int64, isNew: Bool,
    context: Context
  ) {
    if answer.due > before {
      guard context.notesChat else { return }
      var causes = FrameList()
      var position = before
      while position < answer.due, causes.count < FrameList.capacity {
        causes.append(sent.find(position)?.lastFrame ?? 0)
        position += 1
      }
      event.notes.append(Note(.acknowledges, because: causes, answer.due - before))
    }
    guard answer.due <= before || answer.answered > answer.due else { return }
    let frame = sent.find(answer.answered)
    if isNew {
      guard context.notesChat else { return }
      let because = FrameList(frame?.lastFrame ?? 0)
      event.notes.append(Note(.acknowledgesSelectively, because: because, 1))
    } else if answer.due == before {
      noteDuplicate(&event, of: frame)
    }
  }

  /// An ACK says nothing new: it answers a frame that came again, or repeats itself.
  mutating func noteDuplicate(_ event: inout TraceEvent, of frame: SentFrame?) {
    if let frame, frame.fate.contains(.duplicated) {
      event.notes.append(Note(.acknowledgementDuplicate, because: FrameList(frame.lastFrame), 2))
      return
    }
    let repeated = frame.map { $0.attempts > 1 ? $0.lastFrame : 0 } ?? 0
    let because = repeated != 0 ? repeated : lastAcknowledgement
    event.notes.append(
      Note(.acknowledgementDuplicate, because: FrameList(because), repeated != 0 ? 1 : 0))
  }

  /// The sender gets what was on its way up to a moment.
  mutating func hearHeld(until time: Int64, mode: Mode?) {
    guard !faults[0].held.isEmpty else { return }
    var index = 0
    while index < faults[0].held.count {
      guard faults[0].held[index].heardAt ?? .max <= time else {
        index += 1
        continue
      }
      hear(faults[0].held.remove(at: index), mode: mode)
    }
  }

  /// The sender has got an answer, and behind it those that it has overtaken.
  ///
  /// Fills in both windows.
  @inline(never)
  mutating func hearOvertaken(_ event: inout TraceEvent, context: Context) {
    while let index = faults[0].held.firstIndex(where: { $0.heardAt == nil }) {
      hear(faults[0].held.remove(at: index), mode: context.mode)
    }
    event.sender = senderWindow(context)
    event.receiver = faults[0].receiver
  }

  /// The sender gets an answer late.
  private mutating func hear(_ answer: FaultMemory.Answer, mode: Mode?) {
    if answer.isNack {
      for index in nacks.indices where nacks[index].frame == answer.frame {
        nacks[index].isHeard = true
      }
    } else if let frame = sent.find(answer.answered), frame.acknowledgedBy == 0,
      frame.transmission > acknowledgedTransmission || acknowledgedTransmissionFrame == 0
    {
      acknowledgedTransmission = frame.transmission
      acknowledgedTransmissionFrame = answer.frame
    }
    if answer.due >= base {
      if answer.due > base, !answer.isNack { lastAcknowledgement = answer.frame }
      advance(to: answer.due, by: answer.frame, keepsBytes: true)
      expected = answer.due
      advertisedWindow = answer.window
      isReceiverKnown = true
    }
    guard !answer.isNack, mode != .goBackN, answer.answered >= base, answer.answered < next
    else { return }
    var isNew = false
    _ = sent.update(answer.answered) { frame in
      isNew = frame.acknowledgedBy == 0
      if isNew { frame.acknowledgedBy = answer.frame }
    }
    if isNew { buffered &+= 1 }
  }

  // MARK: causes

  /// Puts a NACK down to a fault, if there is one that explains it: the frame it acted on.
  func faultBehindNack(
    _ frame: SentFrame?, mode: Mode?
  ) -> (frame: UInt64, effects: FaultEffects)? {
    guard !faults.isEmpty else { return nil }
    if let frame, frame.fate.mishap != nil { return (frame.lastFrame, frame.fate) }
    if let frame, mode == .goBackN, let hole = hole(before: frame) { return hole }
    return faults[0].headerDamagedFrames.first.map { ($0, [.corrupted, .header]) }
  }

  /// Go-Back-N: the frame that was missing when this one came, so that the receiver discarded it.
  private func hole(before frame: SentFrame) -> (frame: UInt64, effects: FaultEffects)? {
    for distance in 1...Self.holeDistanceMax {
      guard let earlier = sent.find(frame.position - distance) else { return nil }
      if earlier.fate.mishap != nil, earlier.lastFrame < frame.lastFrame {
        return (earlier.lastFrame, earlier.fate)
      }
    }
    return nil
  }

  /// How far before a frame a hole is looked for.
  private static var holeDistanceMax: Int64 { 64 }

  /// Explains a retransmission by an acknowledgement that a fault has kept from the sender; false
  /// if there is none.
  func explainUnheard(_ frame: SentFrame, event: inout TraceEvent, context: Context) -> Bool {
    guard !faults.isEmpty,
      let unheard = faults[0].unheard(frame.position, after: frame.lastFrame)
    else { return false }
    event.notes.append(
      Note(
        .retransmissionUnheard, because: FrameList(frame.lastFrame, unheard.frame),
        TraceTime.elapsed(from: frame.lastTime, to: context.time), unheard.effects.number))
    return true
  }

  /// The NACK that asked for a frame and did not reach the sender; 0 if there is none.
  func unheardNack(for position: Int64, after copy: UInt64, mode: Mode?) -> UInt64 {
    guard !faults.isEmpty else { return 0 }
    return nacks.last { nack in
      !nack.isHeard && nack.frame > copy
        && (nack.position == position || (mode != .selectiveRepeat && nack.position < position))
    }?.frame ?? 0
  }

  /// A retransmission was put down to a NACK.
  mutating func obey(_ nack: PendingNack) {
    for index in nacks.indices where nacks[index].frame == nack.frame {
      nacks[index].isObeyed = true
    }
  }

  /// A NACK that passed before the latest copy, and what it said: a sender obeys a second one too,
  /// and both copies of one that a fault has duplicated.
  ///
  /// It may put that off (PROTOCOL.md 4.3), or have sent the copy before it got the NACK.
  mutating func takeOlderNack(for position: Int64) -> (frame: UInt64, words: String)? {
    guard !faults.isEmpty,
      let index = nacks.lastIndex(where: {
        $0.position == position && $0.isHeard && (!$0.isObeyed || $0.isDuplicated)
      })
    else { return nil }
    let nack = nacks[index]
    guard nack.isObeyed else {
      nacks[index].isObeyed = true
      return (nack.frame, nack.words)
    }
    nacks[index].isDuplicated = false
    return (nack.frame, "asked for it, and was duplicated here")
  }

  /// Explains a needless retransmission by a NACK that came before the acknowledgement: the two
  /// crossed on their way; false if there is none.
  mutating func explainCrossing(
    _ frame: SentFrame, _ acknowledgement: UInt64, event: inout TraceEvent, mode: Mode?
  ) -> Bool {
    guard !faults.isEmpty,
      let nack = faults[0].answeredNacks.first(where: {
        $0.frame > frame.lastFrame && $0.isHeard
          && ($0.position == frame.position
            || mode != .selectiveRepeat && $0.position < frame.position)
      })
    else { return false }
    event.notes.append(
      Note(
        .retransmissionNack, because: FrameList(frame.lastFrame, nack.frame), 0,
        frame.fate.number,
        detail: nack.words + ", before frame \(acknowledgement) acknowledged it"))
    return true
  }

  /// Keeps the NACKs before a position for a while: it is acknowledged now.
  mutating func keepAnsweredNacks(before due: Int64) {
    faults[0].answeredNacks += nacks.filter { $0.position < due }
    let excess = faults[0].answeredNacks.count - FaultMemory.answeredNacksMax
    if excess > 0 { faults[0].answeredNacks.removeFirst(excess) }
  }
}
