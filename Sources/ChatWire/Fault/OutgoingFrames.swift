/// What is on its way out in one direction: what goes at once, and what is held.
///
/// Each frame is held by itself. Output is in order of the time at which each may go, and of
/// arrival where that is equal, so frames overtake those that are held before them, and what was
/// not touched keeps its order.
struct OutgoingFrames: Sendable {
  /// A frame or a run of other bytes that may go at once; its bytes are in `bytes`.
  private struct Ready: Sendable {
    var number: UInt64
    var due: Instant
    var range: Range<Int>
    /// How many times it goes out.
    var copiesLeft: Int
    var isFrame: Bool
  }

  /// A frame that is held.
  private struct Held: Sendable {
    var number: UInt64
    /// When its delay is over.
    var due: Instant
    /// When it goes at the latest: its delay, and what it waits for later frames.
    var deadline: Instant
    /// Later frames that it still waits for.
    var gapLeft: Int
    var copiesLeft: Int
    var bytes: [UInt8]
  }

  private var bytes: [UInt8] = []
  private var ready: [Ready] = []
  /// How many of `ready` are done with.
  private var readyHead = 0
  /// Frames with a delay and nothing else to wait for: a heap by time and number.
  private var delayed: [Held] = []
  /// Frames that wait for later ones, in order of arrival.
  private var reordered: [Held] = []
  /// Frames that later ones have set free, or that are more than may be held; they go first.
  private var released: [Held] = []
  private var releasedHead = 0
  private(set) var heldByteCount = 0
  /// Nothing is held any more.
  private var isFinished = false
  /// Time never goes back.
  private(set) var latest = Instant(nanoseconds: .min)
  /// What limits the rate.
  var lines = PacedLines()
  /// When the last of the frames that were slowed down goes.
  var pacedUntil = Instant(nanoseconds: .min)

  /// Frames that went early because too much was held.
  private(set) var releasedEarlyCount: UInt64 = 0

  // MARK: in

  /// Takes what may go at once.
  mutating func pass(
    _ run: RawSpan, number: UInt64, copies: Int, isFrame: Bool, at now: Instant
  ) {
    latest = max(latest, now)
    if readyHead == ready.count {
      ready.removeAll(keepingCapacity: true)
      bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacityMax)
      readyHead = 0
    }
    let start = bytes.count
    unsafe run.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    ready.append(
      Ready(
        number: number, due: latest, range: start..<bytes.count, copiesLeft: copies,
        isFrame: isFrame))
  }

  /// Takes a frame that is to be held until a moment, for a number of later frames, or both.
  mutating func hold(
    _ frame: RawSpan, number: UInt64, copies: Int, due: Instant, gap: Int, at now: Instant
  ) {
    latest = max(latest, now)
    let due = max(due, latest)
    let held = Held(
      number: number, due: due,
      deadline: gap > 0 ? due.advanced(by: FaultLimits.reorderHoldMax) : due, gapLeft: gap,
      copiesLeft: copies, bytes: frame.copy(0..<frame.byteCount))
    heldByteCount &+= held.bytes.count
    if gap > 0 {
      reordered.append(held)
    } else {
      pushDelayed(held)
    }
    while heldByteCount > FaultLimits.heldBytesMax
      || delayed.count + reordered.count > FaultLimits.heldFramesMax
    {
      releaseOldest()
    }
  }

  /// True while half of what may be held is held.
  var isCongested: Bool {
    heldByteCount >= FaultLimits.heldBytesMax / 2
      || delayed.count + reordered.count >= FaultLimits.heldFramesMax / 2
  }

  /// Lets go of everything that is held; nothing is held any more.
  mutating func finish() {
    isFinished = true
  }

  /// Forgets everything that is held: the connection is broken.
  mutating func abandon() {
    delayed = []
    reordered = []
    heldByteCount = 0
    pacedUntil = Instant(nanoseconds: .min)
  }

  // MARK: out

  /// Appends what goes next, if there is anything, and gives its number; otherwise says when there
  /// will be.
  mutating func next(at time: Instant, into output: inout [UInt8]) -> InjectorOutput {
    latest = max(latest, time)
    let now = isFinished ? Instant.distantFuture : latest
    if releasedHead == released.count { releaseDue(at: now) }
    if releasedHead < released.count { return sendReleased(at: now, into: &output) }
    guard readyHead < ready.count else { return .wait(until: deadline) }
    let next = ready[readyHead]
    output.append(contentsOf: bytes[next.range])
    ready[readyHead].copiesLeft &-= 1
    if next.copiesLeft <= 1 {
      readyHead &+= 1
      if next.isFrame { passed(next.number, at: now) }
    }
    return .forward(number: next.number)
  }

  /// When the first of the held frames goes.
  private var deadline: Instant {
    var deadline = delayed.first?.due ?? .distantFuture
    for held in reordered { deadline = min(deadline, held.deadline) }
    return deadline
  }

  /// Moves the held frame whose time has come first, if it goes before what is ready.
  private mutating func releaseDue(at now: Instant) {
    if delayed.isEmpty, reordered.isEmpty { return }
    var first: (due: Instant, number: UInt64)?
    var reorderedIndex: Int?
    if let held = delayed.first { first = (held.due, held.number) }
    for index in reordered.indices {
      let held = reordered[index]
      if let earlier = first, earlier <= (held.deadline, held.number) { continue }
      first = (held.deadline, held.number)
      reorderedIndex = index
    }
    guard let first, first.due <= now else { return }
    if readyHead < ready.count, (ready[readyHead].due, ready[readyHead].number) < first { return }
    if let reorderedIndex {
      release(reordered.remove(at: reorderedIndex))
    } else {
      release(popDelayed())
    }
  }

  private mutating func sendReleased(
    at now: Instant, into output: inout [UInt8]
  ) -> InjectorOutput {
    let number = released[releasedHead].number
    output.append(contentsOf: released[releasedHead].bytes)
    released[releasedHead].copiesLeft &-= 1
    if released[releasedHead].copiesLeft <= 0 {
      releasedHead &+= 1
      if releasedHead == released.count {
        released.removeAll(keepingCapacity: true)
        releasedHead = 0
      }
      passed(number, at: now)
    }
    return .forward(number: number)
  }

  /// A frame went out for the last time: those that came before it and wait for later ones have
  /// one less to wait for.
  private mutating func passed(_ number: UInt64, at now: Instant) {
    guard !reordered.isEmpty else { return }
    var hasFree = false
    for index in reordered.indices where reordered[index].number < number {
      reordered[index].gapLeft &-= 1
      hasFree = hasFree || reordered[index].gapLeft <= 0
    }
    guard hasFree else { return }
    var kept: [Held] = []
    for held in reordered {
      if held.gapLeft > 0 {
        kept.append(held)
      } else if held.due <= now {
        release(held)
      } else {
        pushDelayed(held)
      }
    }
    reordered = kept
  }

  // MARK: holding

  private mutating func release(_ held: Held) {
    heldByteCount &-= held.bytes.count
    released.append(held)
  }

  /// Lets the frame go that came first of those that are held.
  private mutating func releaseOldest() {
    releasedEarlyCount &+= 1
    var oldest = 0
    for index in delayed.indices where delayed[index].number < delayed[oldest].number {
      oldest = index
    }
    if let first = reordered.first,
      delayed.isEmpty || first.number < delayed[oldest].number
    {
      release(reordered.removeFirst())
    } else {
      release(removeDelayed(at: oldest))
    }
  }

  /// Storage above this is given back when all of it went out.
  private static let keptCapacityMax = 256 << 10
}

// MARK: heap

extension OutgoingFrames {
  private mutating func pushDelayed(_ held: Held) {
    delayed.append(held)
    siftUp(from: delayed.count - 1)
  }

  private mutating func popDelayed() -> Held { removeDelayed(at: 0) }

  private mutating func removeDelayed(at index: Int) -> Held {
    delayed.swapAt(index, delayed.count - 1)
    let held = delayed.removeLast()
    if index < delayed.count {
      siftDown(from: index)
      siftUp(from: index)
    }
    return held
  }

  private func goesBefore(_ left: Int, _ right: Int) -> Bool {
    (delayed[left].due, delayed[left].number) < (delayed[right].due, delayed[right].number)
  }

  private mutating func siftUp(from start: Int) {
    var index = start
    while index > 0, goesBefore(index, (index - 1) / 2) {
      delayed.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func siftDown(from start: Int) {
    var index = start
    while true {
      var first = index
      for child in (2 * index + 1)...(2 * index + 2) where child < delayed.count {
        if goesBefore(child, first) { first = child }
      }
      if first == index { return }
      delayed.swapAt(index, first)
      index = first
    }
  }
}
