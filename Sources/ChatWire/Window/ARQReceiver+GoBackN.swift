// PROTOCOL.md section 4.1, row by row.

extension ARQReceiver {
  mutating func receiveGoBackN(_ sequence: SequenceNumber) -> Reception {
    if sequence == nextExpected {
      nextExpected = sequence.next
      deliveryPoint = nextExpected
      isNackSpent = false
      lastAheadDistance = 0
      answer(isNack: false, sequence)
      return .deliver
    }
    if sequence.precedes(nextExpected) {
      answer(isNack: false, nextExpected.advanced(by: -1))
      return .discard
    }
    let distance = nextExpected.distance(to: sequence)
    guard distance <= windowSize else { return .discard }
    // "once per value of nextExpected, and again whenever the frame is not above the out-of-order
    // frame before it"
    if !isNackSpent || distance <= lastAheadDistance {
      isNackSpent = true
      answer(isNack: true, nextExpected)
    }
    lastAheadDistance = distance
    return .discard
  }
}
