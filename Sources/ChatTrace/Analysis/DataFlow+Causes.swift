import ChatWire

extension DataFlow {
  /// A retransmission that comes again this soon was doubled on the way, in nanoseconds.
  ///
  /// The floor of the retransmission timeout is 100 ms; a fixed one may be shorter, but not so.
  static let doubledWithin: Int64 = 50_000

  /// Says why a copy of a frame was sent again.
  mutating func explainCopy(
    of frame: SentFrame, event: inout TraceEvent, context: Context
  ) {
    let copy = frame.lastFrame
    let fate = frame.fate.number
    if !event.retransmission {
      event.notes.append(Note(.duplicate, because: FrameList(copy)))
      return
    }
    if frame.acknowledgedBy != 0 || frame.position < base {
      let by = frame.acknowledgedBy != 0 ? frame.acknowledgedBy : lastAcknowledgement
      if !explainUnheard(frame, event: &event, context: context),
        !explainCrossing(frame, by, event: &event, mode: context.mode)
      {
        event.notes.append(Note(.retransmissionSpurious, because: FrameList(copy, by)))
      }
      beginPass(at: frame.position, frame: context.frame, mode: context.mode)
      return
    }
    let asksAnew = nacks.contains {
      $0.position == frame.position && $0.frame > max(copy, passFrame) && $0.isHeard
    }
    if context.mode != .selectiveRepeat, !asksAnew, passPosition >= 0, passFrame > copy,
      frame.position > passPosition, frame.position - passPosition <= 8
    {
      event.notes.append(
        Note(.retransmissionGoBack, because: FrameList(copy, passFrame), 0, fate))
      passPosition = frame.position
      return
    }
    if let nack = pendingNack(for: frame.position, after: copy, mode: context.mode) {
      event.notes.append(
        Note(
          .retransmissionNack, because: FrameList(copy, nack.frame), 0, fate, detail: nack.words))
      if !faults.isEmpty { obey(nack) }
    } else if context.mode == .selectiveRepeat,
      acknowledgedTransmission >= frame.transmission &+ 3, acknowledgedTransmissionFrame > copy
    {
      event.notes.append(
        Note(
          .retransmissionFast, because: FrameList(copy, acknowledgedTransmissionFrame), 0, fate))
    } else if let (nack, words) = takeOlderNack(for: frame.position) {
      event.notes.append(
        Note(.retransmissionNack, because: FrameList(copy, nack), 0, fate, detail: words))
    } else if frame.isMarked, context.time != 0,
      TraceTime.elapsed(from: frame.lastTime, to: context.time) < Self.doubledWithin
    {
      // No timer is that quick (section 4.4), so it is one retransmission, seen twice.
      event.notes.append(Note(.duplicate, because: FrameList(copy), 1))
      return
    } else if !explainUnheard(frame, event: &event, context: context) {
      let nack = unheardNack(for: frame.position, after: copy, mode: context.mode)
      event.notes.append(
        Note(
          .retransmissionTimeout, because: FrameList(copy, nack),
          TraceTime.elapsed(from: frame.lastTime, to: context.time), fate))
    }
    beginPass(at: frame.position, frame: context.frame, mode: context.mode)
  }

  /// Go-Back-N sends everything behind this frame again as well.
  mutating func beginPass(at position: Int64, frame: UInt64, mode: Mode?) {
    guard mode != .selectiveRepeat else { return }
    passPosition = position
    passFrame = frame
  }

  /// The first NACK that asks for a frame and came after its copy; a sender does not wait for a
  /// second one.
  func pendingNack(for position: Int64, after copy: UInt64, mode: Mode?) -> PendingNack? {
    guard !nacks.isEmpty else { return nil }
    return nacks.first { nack in
      nack.frame > copy && nack.isHeard
        && (nack.position == position || (mode != .selectiveRepeat && nack.position < position))
    }
  }
}
