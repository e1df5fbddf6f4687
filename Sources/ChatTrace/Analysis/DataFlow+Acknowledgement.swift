import ChatWire

extension DataFlow {
  /// An ACK or NACK for this flow was seen: its sequence field, what it expects next, its window.
  ///
  /// See PROTOCOL.md section 4. Fills in the event's windows and notes; returns a measured round
  /// trip, if any.
  mutating func acknowledged(
    _ event: inout TraceEvent, nextExpected: UInt16, window: UInt16, isNack: Bool,
    context: Context
  ) {
    if !isStarted {
      isStarted = true
      next = 65_536 + Int64(nextExpected)
      base = next
      messages.start(at: next, isBeginning: false)
    }
    let due = position(of: nextExpected)
    if due > next {
      acknowledgeUnseen(&event, due: due)
    }
    if !isBaseKnown {
      // Mid-stream: the first statement tells where the window begins.
      isBaseKnown = true
      if due < base || due <= next { base = due }
      expected = due
    }
    let answered = position(of: event.sequence)
    if !faults.isEmpty,
      !isHeard(
        &event, answered: answered, due: due, window: window, isNack: isNack, context: context)
    {
      event.sender = senderWindow(context)
      event.receiver = faults[0].receiver
      return
    }
    if due < base {
      event.notes.append(
        Note(
          .acknowledgementStale, Int64(nextExpected), Int64(UInt16(truncatingIfNeeded: base))))
      markSelective(answered, event: &event, isNack: isNack, context: context)
    } else {
      let before = base
      noteWindow(&event, window: UInt32(window), context: context)
      advance(to: due, by: context.frame, keepsBytes: context.keepsBytes)
      if !isNack {
        acknowledge(&event, from: before, answered: answered, due: due, context: context)
      }
      expected = due
      advertisedWindow = UInt32(window)
      isReceiverKnown = true
    }
    if isNack { nack(answered, &event, due: due, isHeard: true, context: context) }
    guard faults.isEmpty else {
      hearOvertaken(&event, context: context)
      return
    }
    event.sender = senderWindow(context)
    event.receiver = receiverWindow()
  }

  /// What the ACK says that was not known.
  @inline(__always)
  private mutating func acknowledge(
    _ event: inout TraceEvent, from before: Int64, answered: Int64, due: Int64, context: Context
  ) {
    if answered >= before, answered < due || answered < next,
      let frame = sent.find(answered),
      frame.acknowledgedBy == 0 || frame.acknowledgedBy == context.frame
    {
      if frame.attempts == 1 {
        event.roundTripNanoseconds = TraceTime.elapsed(
          from: frame.lastTime, to: context.time)
      }
      if frame.transmission > acknowledgedTransmission || acknowledgedTransmissionFrame == 0 {
        acknowledgedTransmission = frame.transmission
        acknowledgedTransmissionFrame = context.frame
      }
    }
    if due > before {
      lastAcknowledgement = context.frame
      guard context.notesChat else { return }
      var causes = FrameList()
      var position = before
      while position < due, causes.count < FrameList.capacity {
        causes.append(sent.find(position)?.lastFrame ?? 0)
        position += 1
      }
      event.notes.append(Note(.acknowledges, because: causes, due - before))
      if answered > due {
        markSelective(answered, event: &event, isNack: false, context: context)
      }
    } else if answered > due {
      markSelective(answered, event: &event, isNack: false, context: context)
    } else if event.notes.isEmpty {
      noteDuplicate(&event, of: sent.find(answered))
    }
  }

  /// Selective Repeat: one frame is acknowledged by itself, while something before it is missing.
  private mutating func markSelective(
    _ position: Int64, event: inout TraceEvent, isNack: Bool, context: Context
  ) {
    guard !isNack, position >= base, position < next, context.mode != .goBackN else { return }
    var isNew = false
    var lastFrame: UInt64 = 0
    var isDoubled = false
    let frameNumber = context.frame
    let isKnown = sent.update(position) { frame in
      isNew = frame.acknowledgedBy == 0
      if isNew { frame.acknowledgedBy = frameNumber }
      lastFrame = frame.lastFrame
      isDoubled = frame.fate.contains(.duplicated)
    }
    guard isKnown else { return }
    if isNew {
      buffered &+= 1
      guard context.notesChat else { return }
      event.notes.append(Note(.acknowledgesSelectively, because: FrameList(lastFrame), 1))
    } else {
      event.notes.append(
        Note(.acknowledgementDuplicate, because: FrameList(lastFrame), isDoubled ? 2 : 1))
    }
  }

  /// Everything before `due` is acknowledged.
  @inline(__always)
  mutating func advance(to due: Int64, by frameNumber: UInt64, keepsBytes: Bool) {
    guard due > base else { return }
    if due - base > Int64(SentFrames.capacityMax) { base = due - Int64(SentFrames.capacityMax) }
    while base < due {
      var wasMarked = false
      _ = sent.update(base) { frame in
        wasMarked = frame.acknowledgedBy != 0
        if !wasMarked { frame.acknowledgedBy = frameNumber }
      }
      if wasMarked, buffered > 0 { buffered -= 1 }
      base &+= 1
    }
    if !nacks.isEmpty {
      if !faults.isEmpty { keepAnsweredNacks(before: due) }
      nacks.removeAll { $0.position < due }
    }
    // One that a fault has damaged here may still be answered, whatever it was a copy of.
    if !damaged.isEmpty { damaged.removeAll { $0.position < due && $0.effects.isEmpty } }
    // Without a gap the frame is only late here, because the capture has packets out of order.
    if hadGap, messages.position < due { fillNever(upTo: due, keepsBytes: keepsBytes) }
  }

  /// The receiver has frames that were never seen here: they will not come any more.
  @inline(never)
  mutating func fillNever(upTo due: Int64, keepsBytes: Bool) {
    var ignored: MessageTracker.Completed?
    while messages.position < due {
      if let taken = messages.takeHeld(keepsBytes: keepsBytes, completed: &ignored) {
        _ = sent.update(taken.position) { frame in
          frame.message = taken.numbers.message
          frame.fragment = taken.numbers.fragment
        }
      } else {
        messages.skip(to: due)
      }
    }
  }

  /// Acknowledges frames that were not seen: the capture missed them, or the peer is wrong.
  @inline(never)
  private mutating func acknowledgeUnseen(_ event: inout TraceEvent, due: Int64) {
    event.notes.append(Note(.acknowledgementUnseen, due - next))
    next = due
  }

  @inline(__always)
  private func noteWindow(_ event: inout TraceEvent, window: UInt32, context: Context) {
    let before = isReceiverKnown ? advertisedWindow : context.window
    guard window != before, before != 0 || isReceiverKnown else { return }
    if window == 0 {
      event.notes.append(Note(.windowZero))
    } else if context.notesChat {
      event.notes.append(Note(.windowUpdate, Int64(before), Int64(window)))
    }
  }

  /// The frame that came although one before it was missing: the nearest one behind a position, 0
  /// if there is none.
  private func frameAhead(of position: Int64) -> UInt64 {
    var ahead = position + 1
    while ahead < next, ahead - position <= Int64(Self.rememberedMax) {
      if let frame = sent.find(ahead), frame.isSeen { return frame.lastFrame }
      ahead += 1
    }
    return 0
  }

  /// Says what a NACK asks for and why.
  @inline(never)
  mutating func nack(
    _ position: Int64, _ event: inout TraceEvent, due: Int64, isHeard: Bool, context: Context
  ) {
    let sequence = Int64(event.sequence)
    guard position >= base else {
      event.notes.append(Note(.nackStale, sequence))
      return
    }
    let frame = sent.find(position)
    let earlier = nacks.last { $0.position == position }
    var report = PendingNack.Report.unclear
    let damagedIndex =
      damaged.firstIndex { $0.position == position }
      ?? (context.mode == .selectiveRepeat ? nil : damaged.indices.first)
    if let damagedIndex {
      report = .badChecksum
      let frame = damaged.remove(at: damagedIndex)
      if !frame.effects.isEmpty {
        event.notes.append(
          Note(.nackFault, because: FrameList(frame.frame), sequence, frame.effects.number))
        faults[0].headerDamagedFrames.removeAll { $0 == frame.frame }
      } else {
        event.notes.append(
          frame.frame == 0
            ? Note(.nackFramingLost, sequence)
            : Note(.nackCorrupt, because: FrameList(frame.frame), sequence))
      }
    } else if let earlier, (frame?.lastFrame ?? 0) < earlier.frame {
      report = earlier.report
      event.notes.append(Note(.nackRepeated, because: FrameList(earlier.frame), sequence))
    } else if let fault = faultBehindNack(frame, mode: context.mode) {
      report = fault.effects.contains(.corrupted) ? .badChecksum : .missing
      event.notes.append(
        Note(.nackFault, because: FrameList(fault.frame), sequence, fault.effects.number))
      faults[0].headerDamagedFrames.removeAll { $0 == fault.frame }
    } else if let frame, frame.isSeen {
      event.notes.append(Note(.nackLostLater, because: FrameList(frame.lastFrame), sequence))
    } else {
      report = .missing
      event.notes.append(
        Note(.nackMissing, because: FrameList(frameAhead(of: position)), sequence))
    }
    if nacks.count >= Self.rememberedMax { nacks.removeFirst() }
    var pending = PendingNack(position: position, frame: context.frame, report: report)
    if !faults.isEmpty {
      pending.isHeard = isHeard
      pending.isDuplicated = faults[0].current.effects.contains(.duplicated)
    }
    nacks.append(pending)
  }
}
