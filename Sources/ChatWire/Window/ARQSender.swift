/// The sender's half of the ARQ layer, in either mode (PROTOCOL.md sections 4, 4.3 and 4.4).
///
/// It holds the frames between `base` (oldest unacknowledged) and `next` (first never sent), and
/// the messages behind them. Acknowledgements go in with `acknowledge`, time with `expire`; what is
/// to be sent comes out of `nextFrame`, one frame a call: retransmissions first, in the order in
/// which they became due, then new frames while the window lets them.
///
/// - Go-Back-N: one timer guards `base`. A timeout or a NACK sets `resendPoint`, and everything
///   from there up to `next` is sent again.
/// - Selective Repeat: every frame has its timer. Frames in flight are listed in order of their
///   last transmission, so the ones that later ones overtook are at the front of the list.
///
/// `deadline` is when `expire` has to be called at the latest. It may be early, never late: what
/// ran out is found by looking at all frames, and that only when the earliest timer that there was
/// has run out.
///
/// Invariants: `base.distance(to: next) <= windowSize`; a Selective Repeat frame that is not marked
/// is in exactly one of the lists `inFlight` and `queued`.
package struct ARQSender: Sendable, Hashable {
  /// How losses are repaired.
  package let mode: ARQMode
  /// The negotiated window, `W`.
  package let windowSize: Int
  /// The negotiated fragment size, in bytes.
  package let fragmentSizeMax: Int
  /// How often a frame is sent again by its timer, and for whatever reason.
  let timerRetriesMax: Int
  let retransmissionsMax: Int

  /// The oldest unacknowledged sequence number.
  package internal(set) var base: SequenceNumber
  /// The next sequence number to use.
  package internal(set) var next: SequenceNumber
  /// The window last advertised by the peer, `A`.
  package internal(set) var advertisedWindow: Int
  /// The timeout and the round trips behind it.
  package var timeout: RetransmissionTimeout
  /// Messages that wait.
  package var queue = OutgoingQueue()
  /// A frame was sent again as often as it may be: ERROR 8 is due.
  package internal(set) var isExhausted = false
  /// When `expire` has to be called.
  package internal(set) var deadline = Instant.distantFuture

  var frames = SentRing()
  /// Frames in flight in order of their last transmission (Selective Repeat).
  var inFlight = FrameList()
  /// Frames that wait to be sent again (Selective Repeat).
  var queued = FrameList()
  /// Go-Back-N: the next frame to be sent again; `next` if there is none.
  var resendPoint: SequenceNumber
  /// Go-Back-N: why the first frame from `resendPoint` on is sent again.
  var resendCause = Transmission.Cause.goBack
  /// Go-Back-N: when the timer of `base` runs out.
  var baseDeadline = Int64.max
  /// Go-Back-N: a NACK that was not obeyed at once, and when it is.
  var delayedNack = SequenceNumber(0)
  var delayedNackDeadline = Int64.max

  /// How often `base` has moved.
  var baseMoves: UInt32 = 0
  /// Transmissions so far.
  var transmissionNumber: UInt64 = 0

  /// Messages of which every frame was acknowledged.
  package internal(set) var acknowledgedMessageCount = 0
  /// Frames sent for the first time.
  package internal(set) var firstTransmissionCount = 0
  /// Frames sent again.
  package internal(set) var retransmissionCount = 0

  /// A sender whose first frame has this sequence number.
  package init(
    mode: ARQMode, windowSize: Int, fragmentSizeMax: Int, firstSequence: SequenceNumber,
    timeout: RetransmissionTimeout, timerRetriesMax: Int, retransmissionsMax: Int
  ) {
    self.mode = mode
    self.windowSize = windowSize
    self.fragmentSizeMax = fragmentSizeMax
    self.timerRetriesMax = timerRetriesMax
    self.retransmissionsMax = retransmissionsMax
    base = firstSequence
    next = firstSequence
    resendPoint = firstSequence
    advertisedWindow = windowSize
    self.timeout = timeout
  }

  /// Frames in flight.
  package var inFlightCount: Int { base.distance(to: next) }

  /// How many may be.
  package var sendWindow: Int { min(windowSize, advertisedWindow) }

  /// True if everything was acknowledged and nothing waits.
  package var isIdle: Bool { base == next && queue.isEmpty }

  /// True if only a closed window keeps it from sending: it has to be probed.
  package var isHeldByClosedWindow: Bool {
    advertisedWindow == 0 && base == next && !queue.isEmpty
  }

  /// True if a frame can be sent now.
  package var canSend: Bool {
    hasRetransmission || (!queue.isEmpty && inFlightCount < sendWindow)
  }

  private var hasRetransmission: Bool {
    switch mode {
    case .goBackN: resendPoint != next
    case .selectiveRepeat: queued.first != FrameList.none
    }
  }

  // MARK: sending

  /// Appends the next frame to be sent, and says what it is; nil if there is none now.
  package mutating func nextFrame(
    at now: Instant, into bytes: inout [UInt8], checksum: CRC32
  ) -> Transmission? {
    let sequence: SequenceNumber
    let place: Int32
    let cause: Transmission.Cause
    switch mode {
    case .goBackN where resendPoint != next:
      sequence = resendPoint
      place = frames.place(sequence)
      guard countRetransmission(place) else { return nil }
      cause = resendCause
      resendPoint = resendPoint.next
      resendCause = .goBack
    case .selectiveRepeat where queued.first != FrameList.none:
      place = queued.first
      sequence = sequenceNumber(at: place)
      cause = frames[place].cause
      frames.remove(place, from: &queued)
      frames[place].isQueued = false
    case .goBackN, .selectiveRepeat:
      guard inFlightCount < sendWindow, addFragment() else { return nil }
      sequence = next.advanced(by: -1)
      place = frames.place(sequence)
      cause = .first
    }
    transmitted(place, sequence: sequence, cause: cause, at: now)
    return encode(place, sequence: sequence, cause: cause, into: &bytes, checksum: checksum)
  }

  /// Takes the next fragment out of the queue and into the ring; false if there is none.
  private mutating func addFragment() -> Bool {
    guard let fragment = queue.nextFragment(sizeMax: fragmentSizeMax) else { return false }
    frames.grow(base: base, next: next, inFlight: &inFlight, queued: &queued)
    let place = frames.place(next)
    frames[place] = SentFrame()
    frames[place].bytes = fragment.bytes
    frames[place].start = UInt32(truncatingIfNeeded: fragment.start)
    frames[place].count = UInt16(truncatingIfNeeded: fragment.count)
    frames[place].type = fragment.type
    frames[place].isLast = fragment.isLast
    if resendPoint == next { resendPoint = next.next }
    next = next.next
    return true
  }

  private mutating func transmitted(
    _ place: Int32, sequence: SequenceNumber, cause: Transmission.Cause, at now: Instant
  ) {
    let isFirst = cause == .first
    frames[place].sentAt = now.nanoseconds
    frames[place].nackDeadline = .max
    frames[place].transmissionNumber = transmissionNumber
    transmissionNumber &+= 1
    if frames[place].transmissionCount < .max { frames[place].transmissionCount += 1 }
    if isFirst { firstTransmissionCount &+= 1 } else { retransmissionCount &+= 1 }
    switch mode {
    case .goBackN:
      if sequence == delayedNack { delayedNackDeadline = .max }
      if sequence == base { startBaseTimer(at: now) }
    case .selectiveRepeat:
      frames.append(place, to: &inFlight)
      let due = now.advanced(byNanoseconds: timeoutNanoseconds(place))
      frames[place].deadline = due.nanoseconds
      deadline = min(deadline, due)
    }
  }

  private func encode(
    _ place: Int32, sequence: SequenceNumber, cause: Transmission.Cause, into bytes: inout [UInt8],
    checksum: CRC32
  ) -> Transmission {
    let frame = frames[place]
    let flags =
      (frame.isLast ? FrameHeader.lastFlag : 0)
      | (cause == .first ? 0 : FrameHeader.retransmissionFlag)
    let header = FrameHeader(
      length: UInt32(frame.count), typeCode: frame.type.rawValue, sequence: sequence.rawValue,
      checksum: 0, flags: flags)
    let start = bytes.count
    unsafe encodeFrame(
      header, payload: frame.bytes.span.bytes.extracting(frame.range), into: &bytes,
      checksum: checksum)
    return Transmission(
      type: frame.type, sequence: sequence, byteCount: bytes.count - start, isLast: frame.isLast,
      cause: cause)
  }

  /// The sequence number of a frame in flight, by its place.
  func sequenceNumber(at place: Int32) -> SequenceNumber {
    // The ring is never smaller than what is in flight, so exactly one number fits.
    let first = Int(frames.place(base))
    let offset = (Int(place) - first) & (frames.count - 1)
    return base.advanced(by: offset)
  }
}
