internal import ChatTrace
internal import ChatWire

/// The frames of one direction as both ends see them: what the lens draws as a moving strip.
///
/// It is told of every frame in the order of the trace. What the sender knows moves with the
/// acknowledgements that reach it; what the receiver has is what its ACKs and NACKs have stated,
/// never a guess. So an ACK that is lost moves the receiver's side alone.
public struct FlowState: Sendable, Equatable {
  /// How the sender sees a frame.
  public enum SentMark: UInt8, Sendable, Hashable {
    /// Nothing is known: it was not seen.
    case unknown
    /// On its way.
    case sent
    /// Its latest copy was lost here.
    case lost
    /// Its latest copy was damaged here.
    case damaged
    /// Its latest copy is held back here.
    case held
    /// The receiver has asked for it.
    case asked
    /// Sent once more, and on its way.
    case again
    /// Acknowledged, with everything before it.
    case acknowledged
    /// Acknowledged, but not everything before it (Selective Repeat).
    case acknowledgedAlone
  }

  /// What the receiver has said of a frame.
  public enum ReceivedMark: UInt8, Sendable, Hashable {
    /// Nothing yet.
    case nothing
    /// It is missing.
    case missing
    /// It came damaged.
    case damaged
    /// It is kept until those before it have come.
    case kept
    /// It has come, and everything before it.
    case got
  }

  /// One frame.
  public struct Frame: Sendable, Hashable {
    /// The number in its header.
    public var sequence: UInt16
    /// How the sender sees it.
    public var sent = SentMark.unknown
    /// What the receiver has said of it.
    public var received = ReceivedMark.nothing
  }

  /// Frames before the window that are remembered.
  static let contextMax = 40
  /// No window is larger.
  static let framesMax = 16_384 + 2 * contextMax

  /// Consecutive frames, the oldest first.
  public private(set) var frames: [Frame] = []
  /// The position of the first of them, counted from the first one seen.
  public private(set) var start = 0
  /// The position of the oldest frame that is not acknowledged, as the sender knows.
  public private(set) var base = 0
  /// How many frames the sender may have on their way; nil while unknown.
  public private(set) var sendWindow: Int?
  /// The position of the frame that the receiver expects next.
  public private(set) var expected = 0
  /// How many frames the receiver is willing to take from there; nil while unknown.
  public private(set) var receiveWindow: Int?
  /// Classic: the position of the first fragment of the message, whose number is 0.
  private var messageStart = 0
  private var message: UInt64 = 0

  /// Nothing yet.
  public init() {}

  /// The position behind the newest frame.
  public var end: Int { start + frames.count }

  /// Frames between the oldest that is not acknowledged and the newest.
  public var inFlightCount: Int { max(0, end - base) }

  /// Frames that the receiver keeps because one before them is missing.
  public var keptCount: Int { frames.count { $0.received == .kept } }

  /// The frame at a position, if it is remembered.
  public subscript(position: Int) -> Frame? {
    position >= start && position < end ? frames[position - start] : nil
  }

  /// The number in the header of a frame at a position, also of one that is not sent yet.
  public func sequence(at position: Int) -> UInt16? {
    if let frame = self[position] { return frame.sequence }
    guard let last = frames.last, position >= end else { return nil }
    return last.sequence &+ UInt16(truncatingIfNeeded: position - end + 1)
  }

  // MARK: frames of the sender

  /// A frame of the data goes by.
  mutating func sequenced(_ event: TraceEvent) {
    let position =
      event.dialect == .classic ? classicPosition(of: event) : position(event.sequence)
    guard position >= start, position - end < Self.framesMax else { return }
    let isNew = position >= end
    while end <= position {
      let distance = UInt16(truncatingIfNeeded: position - end)
      frames.append(Frame(sequence: event.sequence &- distance))
    }
    let index = position - start
    switch event.disposition {
    case .dropped: frames[index].sent = .lost
    case .corrupted: frames[index].sent = .damaged
    case .delayed, .reordered: frames[index].sent = .held
    case .seen, .forwarded, .duplicated:
      if event.checksum == .bad {
        frames[index].sent = .damaged
      } else if !frames[index].sent.isAcknowledged {
        frames[index].sent = isNew || frames[index].sent == .unknown ? .sent : .again
      }
    }
    take(event.sender)
    if event.dialect == .classic, event.direction == .serverToClient {
      // Broadcasts are not acknowledged: what passes undamaged has come.
      if frames[index].sent == .sent { frames[index].received = .got }
      base = end
    }
    trim()
  }

  private mutating func classicPosition(of event: TraceEvent) -> Int {
    if let next = event.message, next != message {
      message = next
      messageStart = end
    }
    return messageStart + Int(event.sequence)
  }

  // MARK: frames of the receiver

  /// An ACK or NACK of the data goes by.
  ///
  /// - Parameter isHeard: It reaches the sender undamaged, as far as is known.
  mutating func answered(_ event: TraceEvent, isNack: Bool, isHeard: Bool) {
    guard !frames.isEmpty else { return }
    if event.dialect == .classic {
      let position = messageStart + Int(event.sequence)
      if isNack {
        asked(position, isHeard)
      } else {
        cumulative(position + 1, isHeard)
      }
      return
    }
    take(event.receiver)
    if let next = event.nextExpected { cumulative(position(next), isHeard) }
    let position = position(event.sequence)
    if isNack {
      asked(position, isHeard)
    } else if position >= expected, let index = index(position) {
      frames[index].received = .kept
      if isHeard { frames[index].sent = .acknowledgedAlone }
    }
    if isHeard { take(event.sender) }
    trim()
  }

  private mutating func cumulative(_ next: Int, _ isHeard: Bool) {
    let next = min(next, end)
    for position in max(start, min(expected, base))..<max(start, min(expected, base), next) {
      frames[position - start].received = .got
      if isHeard { frames[position - start].sent = .acknowledged }
    }
    expected = max(expected, next)
    if isHeard { base = max(base, next) }
  }

  private mutating func asked(_ position: Int, _ isHeard: Bool) {
    guard let index = index(position) else { return }
    let isDamaged = frames[index].sent == .damaged
    if frames[index].received != .got { frames[index].received = isDamaged ? .damaged : .missing }
    if isHeard, !frames[index].sent.isAcknowledged { frames[index].sent = .asked }
  }

  // MARK: positions and windows

  /// Where a number belongs: near the newest frame.
  private func position(_ sequence: UInt16) -> Int {
    guard let last = frames.last else { return 0 }
    return end - 1 + Int(Int16(bitPattern: sequence &- last.sequence))
  }

  private func index(_ position: Int) -> Int? {
    position >= start && position < end ? position - start : nil
  }

  private mutating func take(_ window: SenderWindow?) {
    guard let window else { return }
    sendWindow = window.window.map { Int($0) }
  }

  private mutating func take(_ window: ReceiverWindow?) {
    guard let window else { return }
    receiveWindow = Int(window.window)
  }

  /// Forgets what lies far behind both windows.
  private mutating func trim() {
    let count = min(base, expected, end) - start - Self.contextMax
    // Now and then, since it moves everything.
    guard count >= Self.contextMax || frames.count > Self.framesMax else { return }
    let excess = max(count, frames.count - Self.framesMax)
    frames.removeFirst(excess)
    start += excess
    base = max(base, start)
    expected = max(expected, start)
    messageStart = max(messageStart, start)
  }
}

extension FlowState.SentMark {
  /// True if the sender need not think of it any more.
  public var isAcknowledged: Bool {
    switch self {
    case .acknowledged, .acknowledgedAlone: true
    case .unknown, .sent, .lost, .damaged, .held, .asked, .again: false
    }
  }
}
