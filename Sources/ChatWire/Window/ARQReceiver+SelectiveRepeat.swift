// PROTOCOL.md section 4.2, row by row.

extension ARQReceiver {
  mutating func receiveSelectiveRepeat(
    _ sequence: SequenceNumber, type: FrameType, isLast: Bool, isRetransmission: Bool,
    payload: RawSpan
  ) -> Reception {
    if sequence.precedes(nextExpected) {
      answer(isNack: false, sequence)
      return .discard
    }
    let distance = nextExpected.distance(to: sequence)
    guard distance < capacity else { return .discard }
    if distance > 0 {
      growSlots(for: distance)
      if slots[index(sequence)].isFilled {
        answer(isNack: false, sequence)
        return .discard
      }
      // Within the limit of section 2.3, frames may be larger than negotiated.
      guard payload.byteCount <= byteCountMax - bufferedByteCount else { return .discard }
      fill(sequence, type: type, isLast: isLast, payload: payload)
      answer(isNack: false, sequence)
      nackMissing(before: sequence, again: isRetransmission)
      return .buffer
    }
    advance()
    answer(isNack: false, sequence)
    // Everything up to the frame has come, so nothing before it can be missing.
    return .deliver
  }

  mutating func receiveCorruptSelectiveRepeat(_ sequence: SequenceNumber) {
    let distance = nextExpected.distance(to: sequence)
    guard distance < capacity else { return }
    growSlots(for: distance)
    guard !slots[index(sequence)].isFilled else { return }
    slots[index(sequence)].isNacked = true
    answer(isNack: true, sequence)
  }

  /// The next frame that was kept and is in order now; nil if there is none.
  package mutating func takeBuffered() -> Slot? {
    guard deliveryPoint != nextExpected else { return nil }
    let place = index(deliveryPoint)
    deliveryPoint = deliveryPoint.next
    let slot = slots[place]
    slots[place] = Slot()
    bufferedFrameCount -= 1
    bufferedByteCount -= slot.payload.count
    return slot
  }

  /// Moves over the frame at `nextExpected` and all that were kept behind it.
  private mutating func advance() {
    let isNackPointBehind = nackPoint == nextExpected
    if !slots.isEmpty { slots[index(nextExpected)] = Slot() }
    nextExpected = nextExpected.next
    deliveryPoint = nextExpected
    if !slots.isEmpty {
      // This ends at the latest once around, at the place that was just emptied.
      while slots[index(nextExpected)].isFilled { nextExpected = nextExpected.next }
    }
    if isNackPointBehind || nackPoint.precedes(nextExpected) { nackPoint = nextExpected }
  }

  private mutating func fill(
    _ sequence: SequenceNumber, type: FrameType, isLast: Bool, payload: RawSpan
  ) {
    let place = index(sequence)
    slots[place].payload = unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }
    slots[place].type = type
    slots[place].isLast = isLast
    slots[place].isFilled = true
    bufferedFrameCount += 1
    bufferedByteCount += payload.byteCount
  }

  /// Sends the NACKs that are due for numbers before a frame that was kept.
  private mutating func nackMissing(before sequence: SequenceNumber, again: Bool) {
    var missing = again ? nextExpected : nackPoint
    if nackPoint.precedes(sequence) || nackPoint == sequence { nackPoint = sequence.next }
    while missing.precedes(sequence) {
      let place = index(missing)
      if !slots[place].isFilled, again || !slots[place].isNacked {
        slots[place].isNacked = true
        answer(isNack: true, missing)
      }
      missing = missing.next
    }
  }

  @inline(__always)
  func index(_ sequence: SequenceNumber) -> Int {
    Int(sequence.rawValue) & (slots.count - 1)
  }

  /// Makes places for frames up to so far ahead.
  private mutating func growSlots(for distance: Int) {
    guard distance >= slots.count else { return }
    var count = max(16, slots.count)
    while count <= distance { count *= 2 }
    var grown = [Slot](repeating: Slot(), count: count)
    for offset in 0..<slots.count {
      let sequence = nextExpected.advanced(by: offset)
      grown[Int(sequence.rawValue) & (count - 1)] = slots[index(sequence)]
    }
    slots = grown
  }
}
