import ChatWire

extension DataFlow {
  /// A frame that takes a sequence number was seen.
  ///
  /// Fills in the event's numbers, windows and notes.
  mutating func sequenced(
    _ event: inout TraceEvent, payload: RawSpan, context: Context,
    completed: inout MessageTracker.Completed?
  ) {
    let isBad = event.checksum == .bad
    if !isStarted {
      guard !isBad else { return }
      isStarted = true
      next = 65_536 + Int64(event.sequence)
      base = next
      messages.start(at: next, isBeginning: false)
    }
    let position = position(of: event.sequence)
    if !faults.isEmpty { hearHeld(until: context.time, mode: context.mode) }
    if isBad {
      damagedFrame(&event, position: position, context: context)
    } else if position >= next {
      newFrame(
        &event, position: position, payload: payload, context: context, completed: &completed)
    } else {
      oldFrame(
        &event, position: position, payload: payload, context: context, completed: &completed)
    }
    event.sender = senderWindow(context)
    if faults.isEmpty {
      event.receiver = receiverWindow()
    } else {
      keepFate(of: &event, context: context)
    }
  }

  /// The first copy of a frame, in order of the sequence.
  @inline(__always)
  private mutating func newFrame(
    _ event: inout TraceEvent, position: Int64, payload: RawSpan, context: Context,
    completed: inout MessageTracker.Completed?
  ) {
    let skipped = position &- next
    if skipped > 0 {
      skip(&event, position: position, context: context)
    }
    if event.retransmission {
      let nack = pendingNack(for: position, after: 0, mode: context.mode)
      event.notes.append(
        Note(
          .retransmissionUnseen, because: FrameList(nack?.frame ?? 0), Int64(event.sequence)))
    }
    next = position &+ 1
    hasGap = false
    event.attempt = 1
    var frame = SentFrame()
    frame.position = position
    remember(&frame, event: &event, context: context)
    arrive(
      &frame, event: &event, payload: payload, context: context, completed: &completed)
    sent.insert(frame, span: min(next &- base, Int64(SentFrames.capacityMax)))
    var inFlight = next &- base
    if isBaseKnown, context.window > 0 {
      if !faults.isEmpty, inFlight > Int64(context.window) { inFlight = hearEvidence(context) }
      if inFlight > Int64(context.window) {
        event.notes.append(Note(.windowOverrun, inFlight, Int64(context.window)))
      } else if context.notesChat,
        inFlight == Int64(isReceiverKnown ? min(advertisedWindow, context.window) : context.window)
      {
        event.notes.append(Note(.windowFull, inFlight))
      }
    }
  }

  /// Sequence numbers before this frame were not seen.
  @inline(never)
  private mutating func skip(_ event: inout TraceEvent, position: Int64, context: Context) {
    if hasGap {
      // The capture lost them, so they will not come.
      messages.skip(to: position)
    } else {
      noteSkipped(&event, to: position)
    }
    // A sender whose window has moved past a frame never sends it again.
    let window = context.window > 0 ? Int64(context.window) : Int64(SentFrames.capacityMax / 2)
    if messages.position <= position - window {
      fillNever(upTo: position - window + 1, keepsBytes: context.keepsBytes)
    }
  }

  /// Says which sequence numbers were not seen; those whose header was found where framing was lost
  /// were.
  private func noteSkipped(_ event: inout TraceEvent, to position: Int64) {
    var count = position - next
    var first = next
    for frame in damaged where frame.position >= next && frame.position < position {
      count -= 1
      if frame.position == first { first += 1 }
    }
    guard count > 0 else { return }
    event.notes.append(Note(.skipped, count, Int64(UInt16(truncatingIfNeeded: first))))
  }

  /// Another copy, or one that comes late.
  @inline(never)
  private mutating func oldFrame(
    _ event: inout TraceEvent, position: Int64, payload: RawSpan, context: Context,
    completed: inout MessageTracker.Completed?
  ) {
    guard var frame = sent.find(position) else {
      lateFrame(
        &event, position: position, payload: payload, context: context, completed: &completed)
      return
    }
    if frame.isSeen,
      UInt64(frame.length) != event.length & 0xFFFF || frame.typeCode != event.typeCode
    {
      event.notes.append(Note(.retransmissionDiffers, because: FrameList(frame.lastFrame)))
    }
    explainCopy(of: frame, event: &event, context: context)
    frame.attempts &+= 1
    event.attempt = UInt64(frame.attempts)
    remember(&frame, event: &event, context: context)
    frame.isDamaged = false
    frame.fate.formIntersection(.isThrough)
    let isThrough = faults.isEmpty ? frame.isSeen : frame.fate.contains(.isThrough)
    event.isRepair = !isThrough && event.checksum == .good && !isLostHere
    if frame.isSeen {
      number(&event, frame)
    } else {
      arrive(&frame, event: &event, payload: payload, context: context, completed: &completed)
    }
    _ = sent.update(position) { $0 = frame }
    // The copy that a fault has damaged here gets its NACK all the same.
    if !damaged.isEmpty { damaged.removeAll { $0.position == position && $0.effects.isEmpty } }
  }

  /// The first copy that was seen of a frame that others overtook.
  private mutating func lateFrame(
    _ event: inout TraceEvent, position: Int64, payload: RawSpan, context: Context,
    completed: inout MessageTracker.Completed?
  ) {
    let nack = pendingNack(for: position, after: 0, mode: context.mode)
    if event.retransmission {
      // What is acknowledged had arrived: its copies are too far back to be remembered.
      event.notes.append(
        Note(
          .retransmissionUnseen, because: FrameList(nack?.frame ?? 0), Int64(event.sequence),
          position < base ? 1 : 0))
      beginPass(at: position, frame: context.frame, mode: context.mode)
    } else if position >= base {
      event.notes.append(Note(.outOfOrder, Int64(event.sequence)))
    }
    event.attempt = 1
    var frame = SentFrame()
    frame.position = position
    if position < base { frame.acknowledgedBy = lastAcknowledgement }
    remember(&frame, event: &event, context: context)
    arrive(&frame, event: &event, payload: payload, context: context, completed: &completed)
    if next &- position <= Int64(SentFrames.capacityMax) {
      sent.insert(frame, span: next &- position)
    }
  }

  /// A frame whose checksum fails: it gets numbers only if it fits what is in flight.
  @inline(never)
  private mutating func damagedFrame(
    _ event: inout TraceEvent, position: Int64, context: Context
  ) {
    if damaged.count < Self.rememberedMax {
      damaged.append(DamagedFrame(position: position, frame: context.frame))
    }
    if var frame = sent.find(position), position >= base, position < next {
      guard frame.typeCode == event.typeCode, UInt64(frame.length) == event.length else { return }
      explainCopy(of: frame, event: &event, context: context)
      frame.attempts &+= 1
      event.attempt = UInt64(frame.attempts)
      remember(&frame, event: &event, context: context)
      frame.isDamaged = true
      frame.fate.formIntersection(.isThrough)
      number(&event, frame)
      _ = sent.update(position) { $0 = frame }
    } else if position == next, isBaseKnown || next > base {
      // The next frame, damaged on its first way.
      next = position &+ 1
      event.attempt = 1
      var frame = SentFrame()
      frame.position = position
      remember(&frame, event: &event, context: context)
      frame.isDamaged = true
      if let numbers = messages.numbers(at: position) {
        event.message = UInt64(numbers.message)
        event.fragment = numbers.fragment > 0 ? UInt64(numbers.fragment) : nil
      }
      sent.insert(frame, span: min(next &- base, Int64(SentFrames.capacityMax)))
    }
  }

  /// Notes a transmission in what is remembered of a frame.
  @inline(__always)
  private mutating func remember(
    _ frame: inout SentFrame, event: inout TraceEvent, context: Context
  ) {
    if frame.attempts == 0 { frame.attempts = 1 }
    frame.lastFrame = context.frame
    frame.lastTime = context.time
    frame.isMarked = event.retransmission
    frame.transmission = transmissions
    transmissions &+= 1
    if !frame.isSeen {
      frame.typeCode = event.typeCode
      frame.length = UInt16(truncatingIfNeeded: event.length)
      frame.isLast = event.last
    }
  }

  /// A good copy was seen for the first time: it takes its place in its message.
  @inline(__always)
  private mutating func arrive(
    _ frame: inout SentFrame, event: inout TraceEvent, payload: RawSpan, context: Context,
    completed: inout MessageTracker.Completed?
  ) {
    frame.isSeen = true
    let type = FrameType(rawValue: event.typeCode)
    let isWhole = event.checksum == .good
    if frame.position == messages.position {
      let taken: (numbers: MessageTracker.Numbers, interrupted: FrameType?)
      if isWhole {
        taken = messages.take(
          type: type, isLast: event.last, payload: payload, keepsBytes: context.keepsBytes,
          completed: &completed)
      } else {
        taken = messages.take(
          type: type, isLast: event.last, payload: nil, keepsBytes: context.keepsBytes,
          completed: &completed)
      }
      frame.message = taken.numbers.message
      frame.fragment = taken.numbers.fragment
      event.message = UInt64(frame.message)
      if frame.fragment > 0 { event.fragment = UInt64(frame.fragment) }
      if event.last, frame.fragment > 0 { event.fragments = event.fragment }
      if taken.interrupted != nil {
        event.notes.append(Note(.messageTypeChanged, Int64(frame.message)))
      }
    } else if frame.position > messages.position {
      if isWhole {
        messages.hold(
          frame.position, type: type, isLast: event.last, payload: payload,
          keepsBytes: context.keepsBytes)
      } else {
        messages.hold(
          frame.position, type: type, isLast: event.last, payload: nil,
          keepsBytes: context.keepsBytes)
      }
      if context.keepsBytes { completed = messages.completedAhead(with: frame.position) }
    }
    if type == .fin {
      finPosition = frame.position
      finFrame = context.frame
    } else if finPosition >= 0, frame.position > finPosition {
      event.notes.append(Note(.messageAfterFin, because: FrameList(finFrame)))
    }
  }

  /// The frame in hand does not come through.
  private var isLostHere: Bool { !faults.isEmpty && faults[0].current.effects.isLost }

  /// Gives an event the numbers of a frame seen before.
  func number(_ event: inout TraceEvent, _ frame: SentFrame) {
    var frame = frame
    if frame.message == 0, let numbers = messages.numbers(at: frame.position) {
      frame.message = numbers.message
      frame.fragment = numbers.fragment
    }
    guard frame.message > 0 else { return }
    event.message = UInt64(frame.message)
    guard frame.fragment > 0 else { return }
    event.fragment = UInt64(frame.fragment)
    event.fragments = fragments(of: frame)
  }

  /// How many fragments the message of a frame has, if its last one was seen.
  func fragments(of frame: SentFrame) -> UInt64? {
    var frame = frame
    let message = frame.message
    while frame.message == message {
      if frame.isLast { return frame.fragment > 0 ? UInt64(frame.fragment) : nil }
      guard let following = sent.find(frame.position + 1) else { return nil }
      frame = following
    }
    return nil
  }
}
