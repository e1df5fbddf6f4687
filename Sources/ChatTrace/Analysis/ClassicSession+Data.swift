import ChatWire

// DATA of a classic session, and what answers it.

extension ClassicSession {
  /// A fragment from the client.
  mutating func fragment(
    _ event: inout TraceEvent, payload: RawSpan, time: Int64, options: AnalysisOptions
  ) {
    let sequence = event.sequence
    if let previous, isCopy(event, payload: payload, of: previous) {
      copy(of: previous, &event, time: time)
    } else {
      guard event.checksum != .bad || isDue(event) else { return }
      begin(&event, options: options)
      if let waiting = outstanding.last, options.notesChat || waiting.sequence != sequence {
        event.notes.append(Note(.classicPipelined, because: FrameList(waiting.frame)))
      }
      event.attempt = 1
    }
    let number = UInt64(sequence) + 1
    event.message = message
    event.fragment = number
    if event.last { event.fragments = number }
    if options.notesChat, event.attempt == 1 {
      event.notes.append(Note(.classicFragment, Int64(number), Int64(message)))
    }
    remember(event, payload: payload, time: time)
    if event.attempt == 1 || nextFragment == number - 1 {
      take(&event, payload: payload, options: options)
    }
    event.sender = senderWindow(next: sequence &+ 1)
  }

  /// "Within an unfinished message, a frame with the same sequence and bytes as the one before" is
  /// a copy; so is one that the server has refused.
  ///
  /// With no message open, sequence 0 begins one. (section 9.2)
  private func isCopy(
    _ event: TraceEvent, payload: RawSpan, of previous: Outstanding
  ) -> Bool {
    guard previous.sequence == event.sequence, previous.length == event.length else { return false }
    if event.checksum == .good, !isPrevious(payload) { return false }
    let isWaiting = outstanding.contains { $0.frame == previous.frame }
    return isWaiting || isOpen || event.sequence != 0
  }

  /// True if the payload is that of the DATA frame before, as far as it was kept.
  private func isPrevious(_ payload: RawSpan) -> Bool {
    let count = min(payload.byteCount, Self.comparedMax)
    // A damaged or incomplete copy cannot be compared.
    guard previousPayload.count == count, count > 0 else { return true }
    return unsafe payload.withUnsafeBytes { bytes in
      unsafe bytes.prefix(count).elementsEqual(previousPayload)
    }
  }

  /// True if a damaged frame fits what the client sends next.
  private func isDue(_ event: TraceEvent) -> Bool {
    UInt64(event.sequence) == (isOpen ? nextFragment : 0)
  }

  private mutating func copy(
    of previous: Outstanding, _ event: inout TraceEvent, time: Int64
  ) {
    event.attempt = previous.attempts + 1
    if previous.refusedBy != 0 {
      event.notes.append(
        Note(.classicRetransmission, because: FrameList(previous.frame, previous.refusedBy)))
    } else if previous.fate.isLost {
      event.notes.append(
        Note(
          .classicRetransmissionLost, because: FrameList(previous.frame), 0, previous.fate.number))
    } else {
      event.notes.append(Note(.classicRepeated, because: FrameList(previous.frame)))
    }
    outstanding.removeAll { $0.sequence == previous.sequence }
    if !isOpen, previous.message > 0 { message = previous.message }
  }

  /// A new fragment: continues the message or begins one.
  private mutating func begin(_ event: inout TraceEvent, options: AnalysisOptions) {
    if !isOpen, let previous, previous.message == message { message += 1 }
    if event.sequence == 0 {
      if isOpen {
        event.notes.append(Note(.classicAbandoned, Int64(message)))
        message += 1
      }
      nextFragment = 0
      isWhole = true
      text.removeAll(keepingCapacity: true)
    } else if UInt64(event.sequence) != nextFragment || !isOpen {
      if isOpen {
        event.notes.append(
          Note(.classicSequence, Int64(event.sequence), Int64(nextFragment)))
      }
      isWhole = false
      nextFragment = UInt64(event.sequence)
    }
    isOpen = true
  }

  private mutating func remember(_ event: TraceEvent, payload: RawSpan, time: Int64) {
    previousPayload.removeAll(keepingCapacity: true)
    if event.checksum == .good {
      unsafe payload.withUnsafeBytes { bytes in
        unsafe previousPayload.append(contentsOf: bytes.prefix(Self.comparedMax))
      }
    }
    let sent = Outstanding(
      sequence: event.sequence, length: event.length, frame: event.frame, time: time,
      attempts: event.attempt ?? 1, message: event.message ?? 0, fate: fate)
    previous = sent
    if outstanding.count >= Self.outstandingMax { outstanding.removeFirst() }
    outstanding.append(sent)
  }

  /// A fragment seen for the first time takes its place.
  private mutating func take(
    _ event: inout TraceEvent, payload: RawSpan, options: AnalysisOptions
  ) {
    switch event.checksum {
    case .bad, .unverified:
      // A good copy may still come.
      if event.checksum == .unverified { nextFragment = UInt64(event.sequence) + 1 }
      if event.last || event.checksum == .unverified { isWhole = false }
      if event.last { isOpen = false }
    case .good:
      if options.assemblesText, isWhole,
        text.count + payload.byteCount <= MessageTracker.messageBytesMax
      {
        unsafe payload.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
      }
      isWhole = isWhole && nextFragment == UInt64(event.sequence)
      nextFragment = UInt64(event.sequence) + 1
      guard event.last else { return }
      isOpen = false
      if options.notesChat, nextFragment > 1 {
        event.notes.append(Note(.messageComplete, Int64(message), Int64(nextFragment)))
      }
      guard isWhole, options.assemblesText else { return }
      if let whole = String(validating: text, as: UTF8.self) {
        event.text = whole
      } else {
        event.notes.append(Note(.messageInvalid, detail: "it is not valid UTF-8"))
      }
    }
  }

  /// A message from the server: nobody acknowledges it.
  mutating func broadcast(
    _ event: inout TraceEvent, payload: RawSpan, options: AnalysisOptions
  ) {
    guard event.checksum != .bad else { return }
    broadcasts += 1
    event.message = broadcasts
    event.fragment = UInt64(event.sequence) + 1
    if event.last { event.fragments = event.fragment }
    event.attempt = 1
    guard event.checksum == .good, options.assemblesText else { return }
    if let broadcast = ClassicBroadcast(decoding: payload) {
      event.nickname = broadcast.name
      event.text = broadcast.text
      event.notes.append(Note(.classicBroadcast, detail: broadcast.name))
    } else if let whole = unsafe payload.withUnsafeBytes({
      unsafe String(validating: $0, as: UTF8.self)
    }) {
      event.text = whole
      event.notes.append(Note(.classicBroadcast, detail: "?"))
    } else {
      event.notes.append(Note(.messageInvalid, detail: "it is not valid UTF-8"))
    }
  }

  /// The server has taken a fragment.
  mutating func acknowledgeFragment(_ sequence: UInt16, _ event: inout TraceEvent, time: Int64) {
    if let index = outstanding.firstIndex(where: { $0.sequence == sequence }) {
      let answered = outstanding[index]
      // The client still waits for one that does not come through.
      if !fate.isLost { outstanding.remove(at: index) }
      if !fate.isLost, answered.attempts == 1 {
        event.roundTripNanoseconds = TraceTime.elapsed(from: answered.time, to: time)
      }
      event.notes.append(Note(.classicAcknowledges, because: FrameList(answered.frame)))
    } else {
      event.notes.append(Note(.classicAcknowledgementStray, Int64(sequence)))
    }
    refusalsInARow = 0
    event.sender = senderWindow(next: previous.map { $0.sequence &+ 1 } ?? sequence &+ 1)
  }

  /// The server refuses a frame.
  mutating func refusal(_ event: inout TraceEvent) {
    refusalsInARow += 1
    let index = outstanding.firstIndex { $0.sequence == event.sequence }
    var because = FrameList(disconnectFrame)
    if let index {
      if !fate.isLost {
        outstanding[index].refusedBy = event.frame
        if previous?.frame == outstanding[index].frame { previous?.refusedBy = event.frame }
      }
      because = FrameList(outstanding[index].frame)
    }
    if let index, outstanding[index].fate.contains(.corrupted) {
      event.notes.append(
        Note(
          .classicNackFault, because: because, Int64(event.sequence),
          outstanding[index].fate.number))
    } else {
      event.notes.append(
        Note(.classicNack, because: because, Int64(event.sequence), refusalsInARow))
    }
    if refusalsInARow == Self.refusalsMax {
      event.notes.append(Note(.classicNackLimit, refusalsInARow))
    }
    if let previous { event.sender = senderWindow(next: previous.sequence &+ 1) }
  }
}
