import ChatWire

/// The sequenced frames of one native direction, put together to messages.
///
/// Sequence numbers are counted without wrapping, as `DataFlow` does: the low 16 bits of a position
/// are the number on the wire. Everything before `front` has been put together; what came too early
/// waits.
struct StoryFlow: Sendable {
  /// A fragment that waits for one before it.
  private struct Part: Sendable {
    var typeCode: UInt8
    var isLast: Bool
    /// Nil if it is not known, or may not be kept.
    var payload: [UInt8]?
    var sight: StorySight
  }

  /// The message that is being put together: the last of `messages`, if that was kept.
  private struct Open: Sendable {
    var typeCode: UInt8
    var isKept: Bool
    /// Its first fragment was seen, and all after it.
    var isWhole: Bool
    var fragmentCount: Int?
    var bytes: [UInt8] = []
    /// Its latest fragment.
    var latest: StorySight
  }

  private(set) var messages: [StoryMessage] = []
  private(set) var doubts = StoryDoubts()
  private var isStarted = false
  private var isBeginningKnown = false
  private var first: Int64 = 0
  private var front: Int64 = 0
  /// Behind the last position seen.
  private var next: Int64 = 0
  private var held: [Int64: Part] = [:]
  /// Copies whose bytes are not known: they show when something was sent.
  private var mentions: [Int64: StorySight] = [:]
  private var open: Open?
  /// What stands at `front` begins a message.
  private var isHeadKnown = true
  /// Everything before is acknowledged, and by what.
  private var acknowledged = Int64.min
  private var acknowledgement = StorySight(order: 0, frame: 0, time: nil)
  /// Messages that wait for their acknowledgement: their places in `messages`, their last
  /// positions.
  private var waiting: [(index: Int, last: Int64)] = []
  private var waitingHead = 0

  /// No sender has more in flight; what lies so far back is not sent any more.
  private static let reach = Int64(HandshakeOptions.windowMax)
  private static let mentionsMax = 4_096

  /// The first sequenced frame follows this number.
  mutating func start(initialSequence: UInt16) {
    guard !isStarted else { return }
    isBeginningKnown = true
    start(at: 65_536 + Int64(initialSequence) + 1)
  }

  private mutating func start(at position: Int64) {
    isStarted = true
    first = position
    front = position
    next = position
    isHeadKnown = isBeginningKnown
  }

  /// Which frame of the direction a number is, from 1.
  func place(of sequence: UInt16) -> Int64 { position(of: sequence) - first + 1 }

  private func position(of sequence: UInt16) -> Int64 {
    next &+ Int64(Int16(bitPattern: sequence &- UInt16(truncatingIfNeeded: next)))
  }

  /// Bytes of this direction are missing.
  mutating func gap(byteCount: UInt64) { doubts.missingBytes &+= byteCount }

  /// A copy of a frame was seen whose bytes are not known.
  mutating func mention(_ sequence: UInt16, _ sight: StorySight) {
    guard isStarted else { return }
    let position = position(of: sequence)
    guard position >= front, position - front <= Self.reach, mentions[position] == nil,
      held[position] == nil, mentions.count < Self.mentionsMax
    else { return }
    mentions[position] = sight
  }

  /// Takes an undamaged frame; returns its place.
  mutating func take(
    _ event: TraceEvent, payload: RawSpan, _ sight: StorySight, budget: inout StoryBudget
  ) -> Int64 {
    if !isStarted { start(at: 65_536 + Int64(event.sequence)) }
    let position = position(of: event.sequence)
    next = max(next, position + 1)
    if position == front {
      if event.checksum == .good {
        append(event.typeCode, event.last, payload, sight, budget: &budget)
      } else {
        append(event.typeCode, event.last, nil, sight, budget: &budget)
      }
      drain(budget: &budget)
    } else if position > front, held[position] == nil {
      hold(event, at: position, payload: payload, sight, budget: &budget)
    }
    while next - front > Self.reach { skip(budget: &budget) }
    return position - first + 1
  }

  private mutating func hold(
    _ event: TraceEvent, at position: Int64, payload: RawSpan, _ sight: StorySight,
    budget: inout StoryBudget
  ) {
    var copy: [UInt8]?
    if event.checksum == .good {
      if budget.take(bytes: payload.byteCount) {
        copy = unsafe payload.withUnsafeBytes { unsafe Array($0) }
      } else {
        doubts.isTooLarge = true
      }
    }
    held[position] = Part(
      typeCode: event.typeCode, isLast: event.last, payload: copy, sight: sight)
  }

  /// Everything before a number has arrived.
  mutating func acknowledge(_ nextExpected: UInt16, _ sight: StorySight) {
    if !isStarted { start(at: 65_536 + Int64(nextExpected)) }
    let due = position(of: nextExpected)
    if due > next {
      // Only a capture that lacks something can have missed what is acknowledged.
      guard doubts.missingBytes > 0 || !isBeginningKnown, due - next <= Self.reach else { return }
      next = due
    }
    guard due > acknowledged else { return }
    acknowledged = due
    acknowledgement = sight
    settle()
  }

  /// Notes what the last acknowledgement says about messages.
  private mutating func settle() {
    while waitingHead < waiting.count, waiting[waitingHead].last < acknowledged {
      let index = waiting[waitingHead].index
      messages[index].acknowledgingFrame = acknowledgement.frame
      messages[index].acknowledgedOrder = max(
        acknowledgement.order, messages[index].completeOrder ?? 0)
      messages[index].acknowledgedTime = acknowledgement.time
      waitingHead += 1
    }
    if waitingHead == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      waitingHead = 0
    } else if waitingHead >= 64, waitingHead * 2 >= waiting.count {
      waiting.removeFirst(waitingHead)
      waitingHead = 0
    }
  }

  // MARK: putting together

  /// No more is to come.
  mutating func finish(budget: inout StoryBudget) {
    while !held.isEmpty { skip(budget: &budget) }
  }

  /// What waited for the fragment before it follows.
  private mutating func drain(budget: inout StoryBudget) {
    while !held.isEmpty, let part = held.removeValue(forKey: front) {
      if let payload = part.payload {
        budget.giveBack(bytes: payload.count)
        unsafe append(
          part.typeCode, part.isLast, payload.span.bytes, part.sight, budget: &budget)
      } else {
        append(part.typeCode, part.isLast, nil, part.sight, budget: &budget)
      }
    }
  }

  /// What stands at `front` is not going to be seen: goes on with what is there behind it.
  private mutating func skip(budget: inout StoryBudget) {
    abandon(budget: &budget)
    doubts.holeCount += 1
    isHeadKnown = false
    while front < next, held[front] == nil {
      if !mentions.isEmpty { mentions[front] = nil }
      front += 1
    }
    drain(budget: &budget)
  }

  /// The fragment at `front`.
  private mutating func append(
    _ typeCode: UInt8, _ isLast: Bool, _ payload: RawSpan?, _ sight: StorySight,
    budget: inout StoryBudget
  ) {
    if let open, open.typeCode != typeCode {
      // The type may not change before the end (section 5): the message is given up.
      abandon(budget: &budget)
      isHeadKnown = true
    }
    let earlier = mentions.isEmpty ? nil : mentions.removeValue(forKey: front)
    if open == nil { begin(typeCode, earlier ?? sight, budget: &budget) }
    front += 1
    guard var message = open else { return }
    // Not two references to the bytes.
    open = nil
    message.latest = message.latest.order < sight.order ? sight : message.latest
    message.fragmentCount? += 1
    if let payload, message.isWhole, message.isKept, budget.take(bytes: payload.byteCount) {
      unsafe payload.withUnsafeBytes { unsafe message.bytes.append(contentsOf: $0) }
    } else if message.isWhole {
      message.isWhole = false
      if payload == nil { doubts.partCount += 1 } else { doubts.isTooLarge = true }
      budget.giveBack(bytes: message.bytes.count)
      message.bytes = []
    }
    open = message
    if isLast { end() }
  }

  private mutating func begin(
    _ typeCode: UInt8, _ sight: StorySight, budget: inout StoryBudget
  ) {
    let isKept = budget.takeMessage()
    if isKept {
      var message = StoryMessage()
      message.typeCode = typeCode
      message.number = messages.count + 1
      message.place = front - first + 1
      message.firstFrame = sight.frame
      message.beginOrder = sight.order
      message.time = sight.time
      messages.append(message)
    } else {
      doubts.isTooLarge = true
    }
    open = Open(
      typeCode: typeCode, isKept: isKept, isWhole: isHeadKnown,
      fragmentCount: isHeadKnown ? 0 : nil, latest: sight)
    if !isHeadKnown { doubts.headlessCount += 1 }
    isHeadKnown = true
  }

  private mutating func end() {
    guard let message = open else { return }
    open = nil
    guard message.isKept else { return }
    let index = messages.count - 1
    messages[index].fragmentCount = message.fragmentCount
    if message.isWhole { messages[index].bytes = message.bytes }
    if message.fragmentCount != nil {
      messages[index].completingFrame = message.latest.frame
      messages[index].completeOrder = message.latest.order
      messages[index].completeTime = message.latest.time
    }
    expect(index)
  }

  /// The rest of the open message will not be seen.
  private mutating func abandon(budget: inout StoryBudget) {
    guard let message = open else { return }
    open = nil
    budget.giveBack(bytes: message.bytes.count)
    if message.isKept { expect(messages.count - 1) }
  }

  private mutating func expect(_ index: Int) {
    waiting.append((index, front - 1))
    settle()
  }
}
