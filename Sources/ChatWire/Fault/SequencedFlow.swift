/// What is remembered of the sequenced frames of one direction, and of the ACKs and NACKs for them.
///
/// Sequence numbers are counted without wrapping ("positions"): the low 16 bits of a position are
/// the number on the wire. Message numbers are given in order of the sequence, as in a trace: a
/// frame behind a hole has none until the hole is filled, or until the window has moved past it.
struct SequencedFlow: Sendable {
  /// A sequenced frame that was seen.
  private struct Sent: Sendable {
    /// Copies seen; 0 if none was.
    var attempts: UInt16 = 0
    var length: UInt16 = 0
    var typeCode: UInt8 = 0
    var isLast = false
    /// 0 while unknown.
    var message: UInt32 = 0
    /// 0 while unknown.
    var fragment: UInt32 = 0
  }

  /// A sequenced frame with its numbers.
  struct Numbered {
    var sequence: Int64
    var attempt: UInt32
    var message: UInt32?
    var fragment: UInt32?
  }

  /// The position of the ISN, given by the handshake or taken to lie before the first frame seen.
  private(set) var origin: Int64?
  /// The handshake gave it.
  private var isOriginKnown = false
  /// One past the foremost position seen.
  private var next: Int64 = 0
  private var hasFrames = false
  /// The most frames in flight.
  private var window: Int64 = Int64(HandshakeOptions.windowMax)
  private var sent = PositionRing(empty: Sent())
  private var acks = PositionRing<UInt16>(empty: 0)
  private var nacks = PositionRing<UInt16>(empty: 0)

  /// The position whose numbers come next, and those numbers.
  private var numbered: Int64 = 0
  private var message: UInt32 = 1
  /// 0 while unknown.
  private var fragment: UInt32 = 1

  // MARK: handshake

  /// The handshake gives the initial sequence number.
  mutating func learn(initialSequence: UInt16) {
    if hasFrames {
      // Frames came first: their numbers stay, the count is put right.
      if !isOriginKnown { origin = position(of: initialSequence) }
      isOriginKnown = true
      return
    }
    let position = 65_536 &+ Int64(initialSequence)
    if origin == position { return }
    let window = window
    self = SequencedFlow()
    remember(window: window)
    origin = position
    isOriginKnown = true
    next = position &+ 1
    numbered = next
  }

  /// The handshake gives the window, which bounds what must be remembered.
  mutating func learn(window: UInt16) {
    remember(window: Int64(max(1, min(window, HandshakeOptions.windowMax))))
  }

  private mutating func remember(window: Int64) {
    self.window = window
    let count = max(256, Int(window) * FaultLimits.rememberedWindows)
    sent.limit(to: count)
    acks.limit(to: count)
    nacks.limit(to: count)
  }

  /// The position of a sequence number, nearest to what comes next.
  private func position(of sequence: UInt16) -> Int64 {
    next &+ Int64(Int16(bitPattern: sequence &- UInt16(truncatingIfNeeded: next)))
  }

  /// A sequence number counted from the ISN; nil while nothing is known of the direction.
  func sequence(of sequence: UInt16) -> Int64? {
    origin.map { position(of: sequence) &- $0 }
  }

  // MARK: frames

  /// A sequenced frame came.
  mutating func frame(_ header: FrameHeader) -> Numbered {
    if origin == nil {
      next = 65_536 &+ Int64(header.sequence)
      origin = next &- 1
      numbered = next
      // Mid-stream: where its message began is not known.
      fragment = 0
    }
    hasFrames = true
    let position = position(of: header.sequence)
    let isNew = position >= next
    if isNew { next = position &+ 1 }
    var frame = sent.at(position) ?? Sent()
    frame.attempts = frame.attempts.saturatingNext
    if frame.attempts == 1 {
      frame.length = UInt16(truncatingIfNeeded: header.length)
      frame.typeCode = header.typeCode
      frame.isLast = header.flags & FrameHeader.lastFlag != 0
    }
    if sent.update(position, frame), frame.message == 0 {
      giveUpHoles(before: position)
      giveNumbers()
      frame = sent.at(position) ?? frame
    }
    return Numbered(
      sequence: position &- (origin ?? 0), attempt: UInt32(frame.attempts),
      message: frame.message == 0 ? nil : frame.message,
      fragment: frame.fragment == 0 ? nil : frame.fragment)
  }

  /// A frame came that claims to be a sequenced one, but its checksum is wrong.
  ///
  /// It gets numbers only if it fits what was sent or what comes next.
  func damagedFrame(_ header: FrameHeader) -> Numbered {
    guard let origin else {
      return Numbered(sequence: Int64(header.sequence), attempt: 0)
    }
    let position = position(of: header.sequence)
    var result = Numbered(sequence: position &- origin, attempt: 0)
    if let frame = sent.at(position), frame.attempts > 0 {
      if frame.typeCode == header.typeCode, UInt32(frame.length) == header.length {
        result.message = frame.message == 0 ? nil : frame.message
        result.fragment = frame.fragment == 0 ? nil : frame.fragment
      }
    } else if position == numbered {
      result.message = message
      result.fragment = fragment == 0 ? nil : fragment
    }
    return result
  }

  /// An ACK or NACK came for this direction: its sequence counted from the ISN, and how many like
  /// it there have been; nil while nothing is known of the direction.
  mutating func acknowledgement(
    _ sequence: UInt16, isNack: Bool
  ) -> (sequence: Int64, count: UInt32)? {
    guard let origin else { return nil }
    let position = position(of: sequence)
    let count = ((isNack ? nacks : acks).at(position) ?? 0).saturatingNext
    if isNack {
      _ = nacks.update(position, count)
    } else {
      _ = acks.update(position, count)
    }
    return (position &- origin, UInt32(count))
  }

  // MARK: numbers

  /// Gives numbers to the frames whose turn it is.
  private mutating func giveNumbers() {
    while var frame = sent.at(numbered), frame.attempts > 0 {
      frame.message = message
      frame.fragment = fragment
      _ = sent.update(numbered, frame)
      if frame.isLast {
        message &+= 1
        fragment = 1
      } else if fragment != 0 {
        fragment &+= 1
      }
      numbered &+= 1
    }
  }

  /// A sender whose window has moved past a frame never sends it again: what is behind it is
  /// counted on, and which fragment it is stays unknown up to the end of its message.
  private mutating func giveUpHoles(before position: Int64) {
    while numbered <= position &- window {
      if let frame = sent.at(numbered), frame.attempts > 0 {
        giveNumbers()
        continue
      }
      if fragment != 1 { message &+= 1 }
      fragment = 0
      while numbered <= position &- window, (sent.at(numbered)?.attempts ?? 0) == 0 {
        numbered = sent.firstUsed(from: numbered &+ 1, to: position &- window &+ 1)
      }
    }
  }
}
