import ChatWire

/// A sender that is plainly right: dictionaries by unwrapped number, every rule of PROTOCOL.md 4.3
/// and 4.4 as it is written, nothing fast.
struct SenderModel {
  struct Frame {
    var sentAt: Int64 = 0
    /// Transmissions of all frames before its latest one.
    var transmission = 0
    var transmissionCount = 0
    var deadline: Int64 = .max
    /// When a NACK that was not obeyed at once is obeyed.
    var nackAt: Int64 = .max
    var isMarked = false
    var timerRetries = 0
    var retransmissions = 0
    var doublings = 0
  }

  let mode: ARQMode
  let window: Int
  var base = 0
  var next = 0
  var advertised: Int
  var waiting = 0
  var frames: [Int: Frame] = [:]
  var timeout = RetransmissionTimeout()
  var transmissions = 0
  var isExhausted = false
  let timerRetriesMax: Int
  let retransmissionsMax: Int

  /// Frames to be sent again, with the cause; in Go-Back-N always up to `next`.
  var again: [(number: Int, cause: Transmission.Cause)] = []
  /// Go-Back-N: the timer of `base`.
  var baseDeadline: Int64 = .max

  init(mode: ARQMode, window: Int, timerRetriesMax: Int, retransmissionsMax: Int) {
    self.mode = mode
    self.window = window
    self.timerRetriesMax = timerRetriesMax
    self.retransmissionsMax = retransmissionsMax
    advertised = window
  }

  subscript(number: Int) -> Frame {
    get { frames[number] ?? Frame() }
    set { frames[number] = newValue }
  }

  func isInFlight(_ number: Int) -> Bool { (base..<next).contains(number) }

  func isAgain(_ number: Int) -> Bool { again.contains { $0.number == number } }

  // MARK: sending

  mutating func send(at now: Int64) -> (number: Int, cause: Transmission.Cause)? {
    var sent: (number: Int, cause: Transmission.Cause)
    if let first = again.first {
      if mode == .goBackN, !countRetransmission(first.number) { return nil }
      again.removeFirst()
      sent = first
    } else if waiting > 0, next - base < min(window, advertised) {
      waiting -= 1
      sent = (next, .first)
      frames[next] = Frame()
      next += 1
    } else {
      return nil
    }
    self[sent.number].sentAt = now
    self[sent.number].nackAt = .max
    self[sent.number].transmission = transmissions
    self[sent.number].transmissionCount += 1
    transmissions += 1
    if mode == .selectiveRepeat {
      self[sent.number].deadline =
        now + timeout.nanoseconds(doubled: self[sent.number].doublings)
    } else if sent.number == base {
      restart(at: now)
    }
    return sent
  }

  private mutating func restart(at now: Int64) {
    baseDeadline =
      base == next ? .max : now + timeout.nanoseconds(doubled: self[base].doublings)
  }

  // MARK: acknowledgements

  mutating func acknowledge(
    isNack: Bool, _ number: Int, nextExpected: Int, window: Int, at now: Int64
  ) {
    guard nextExpected <= next else { return }
    let isStale = nextExpected < base
    let acknowledged = frames[number]
    let isNews = !isNack && isInFlight(number) && acknowledged?.isMarked == false
    // So soon after a copy it answers what was sent before.
    let isOfCopyBefore =
      acknowledged.map {
        $0.transmissionCount > 1 && now - $0.sentAt < (timeout.smoothedNanoseconds ?? 0) / 2
      } ?? false
    if isNews, let acknowledged, acknowledged.transmissionCount == 1 {
      timeout.sample(nanoseconds: now - acknowledged.sentAt)
    }
    if !isStale {
      advertised = window
      if nextExpected > base { move(to: nextExpected, at: now) }
    }
    if isNack {
      if !isStale || mode == .selectiveRepeat { nack(number, at: now) }
    } else if mode == .selectiveRepeat {
      if isInFlight(number) {
        self[number].isMarked = true
        again.removeAll { $0.number == number }
        if number == base { move(to: base, at: now) }
      }
      guard isNews, !isOfCopyBefore, let acknowledged else { return }
      for lost in inOrderOfTransmission
      where self[lost].transmission + 3 <= acknowledged.transmission && !isExhausted {
        retransmit(lost, .fast)
      }
    }
  }

  private mutating func move(to number: Int, at now: Int64) {
    base = number
    while mode == .selectiveRepeat, base < next, self[base].isMarked { base += 1 }
    frames = frames.filter { $0.key >= base }
    let isPass = mode == .goBackN && again.first.map { $0.number < base } == true
    again.removeAll { $0.number < base }
    if isPass, let first = again.first { again[0] = (first.number, .goBack) }
    for key in frames.keys {
      self[key].doublings = 0
      self[key].retransmissions = 0
      if mode == .goBackN { self[key].timerRetries = 0 }
    }
    if mode == .goBackN { restart(at: now) }
  }

  private mutating func nack(_ number: Int, at now: Int64) {
    guard isInFlight(number), !self[number].isMarked, !isAgain(number) else { return }
    if let smoothed = timeout.smoothedNanoseconds, now - self[number].sentAt < smoothed / 2 {
      // Which round trip a second NACK is delayed by is nobody's business; keep to the sender's.
      if mode == .goBackN, self[number].nackAt != .max { return }
      self[number].nackAt = self[number].sentAt + smoothed * 5 / 4
    } else {
      retransmit(number, .nack)
    }
  }

  /// Frames that were sent and are not received, as far as known, in order of transmission.
  private var inOrderOfTransmission: [Int] {
    frames.keys.filter { !self[$0].isMarked && !isAgain($0) }
      .sorted { self[$0].transmission < self[$1].transmission }
  }

  private mutating func retransmit(_ number: Int, _ cause: Transmission.Cause) {
    switch mode {
    case .selectiveRepeat:
      guard countRetransmission(number) else { return }
      self[number].deadline = .max
      self[number].nackAt = .max
      again.append((number, cause))
    case .goBackN:
      guard !isAgain(number) else { return }
      again = (number..<next).map { ($0, $0 == number ? cause : .goBack) }
    }
  }

  private mutating func countRetransmission(_ number: Int) -> Bool {
    if self[number].retransmissions >= retransmissionsMax { isExhausted = true }
    self[number].retransmissions += 1
    return !isExhausted
  }

  // MARK: time

  mutating func expire(at now: Int64) {
    switch mode {
    case .goBackN:
      if baseDeadline <= now {
        baseDeadline = .max
        if countTimeout(base) { retransmit(base, .timeout) }
      }
      guard !isExhausted else { return }
      for number in frames.keys.sorted() where self[number].nackAt <= now {
        self[number].nackAt = .max
        retransmit(number, .nack)
      }
    case .selectiveRepeat:
      for number in inOrderOfTransmission where !isExhausted {
        if self[number].deadline <= now {
          if countTimeout(number) { retransmit(number, .timeout) }
        } else if self[number].nackAt <= now {
          retransmit(number, .nack)
        }
      }
    }
  }

  private mutating func countTimeout(_ number: Int) -> Bool {
    if self[number].timerRetries >= timerRetriesMax { isExhausted = true }
    self[number].timerRetries += 1
    self[number].doublings += 1
    return !isExhausted
  }

  /// When something is due.
  var deadline: Int64 {
    var earliest = mode == .goBackN ? baseDeadline : .max
    for number in frames.keys where !self[number].isMarked && !isAgain(number) {
      if mode == .selectiveRepeat { earliest = min(earliest, self[number].deadline) }
      earliest = min(earliest, self[number].nackAt)
    }
    return earliest
  }
}
