// The middle of a connection has neither end's session: it does not know the dialect before the
// first frame has come, must not keep bytes that it does not understand, and must stay out of the
// way when there is nothing to do. So there are two ways through it. While nothing is to be done to
// anything (`isTransparent`), the caller passes bytes on as they come, at once, and hands them in
// only to be looked at. Otherwise frames are held until they are whole, and go out as the injector
// says.

/// What stands between a client and a server: finds the frames of both directions, and lets faults
/// act on them.
///
/// Hand in what each side sends, then take what has arrived until there is nothing, and what goes
/// out until the answer is `.wait`:
///
///     let isPassed = relay.isTransparent(direction)   // then send the bytes on first
///     relay.receive(bytes, direction, isPassed: isPassed, at: now)
///     while let arrival = relay.nextArrival(direction, at: now, into: &buffer) { ... }
///     while case .forward(let number) = relay.nextOutput(direction, at: now, into: &bytes) { ... }
///
/// Every byte that is handed in is in exactly one arrival, and, unless it was passed, a fault drops
/// it, or it waits for a decision, in the output. Memory is bounded by `FrameCutter` and
/// `FaultLimits`. When `deadline` has come, take from both directions again.
public struct FrameRelay: Sendable {
  /// A whole frame, or a run of other bytes, that has arrived; its bytes are in the buffer.
  public struct Arrival: Sendable {
    /// Its number in this connection, from 1, ascending; outputs carry it.
    public var number: UInt64
    /// The header of a frame; nil for other bytes, and for the rest of a frame whose beginning
    /// has passed already.
    public var header: FrameHeader?
    /// What becomes of it; nil if nothing could be done to it.
    public var fate: Fate?
    /// It does not go out until somebody decides so, by `release`.
    public var isHeld = false
    /// It has gone out already, as it came.
    public var isPassed = false
  }

  /// What is known about the framing of a connection.
  public enum Framing: Sendable, Hashable {
    /// Nothing yet.
    case undecided
    /// Frames of this dialect.
    case found(Dialect)
    /// It is no chat: everything passes as it is.
    case nothing
  }

  /// Bytes that are no frame, or not known to be one.
  private struct Run: Sendable {
    var bytes: [UInt8]
    /// They have gone out already.
    var isPassed: Bool
  }

  /// One direction.
  private struct Flow: Sendable {
    /// Nil while the framing is not known, and if there is none.
    var cutter: FrameCutter?
    /// All bytes that came before the framing was known.
    var waiting: [UInt8] = []
    /// How many of them could not wait and have become arrivals.
    var goneCount = 0
    /// When the first came of those that wait.
    var waitingSince = Instant.distantFuture
    /// Bytes that are arrivals of their own, since they could not be waited for or are no frames.
    var loose: [Run] = []
    /// The caller passes bytes on as they come.
    var isPassing = false
    var isFinished = false
    /// When the injector lets something go.
    var outputDeadline = Instant.distantFuture
  }

  /// What is known about the framing.
  public private(set) var framing = Framing.undecided
  private var injector: FaultInjector
  private var recogniser: DialectRecogniser?
  private let checksum: CRC32
  private var clientToServer = Flow()
  private var serverToClient = Flow()
  /// Something may be done to frames, by rules, by a ledger or by hand.
  private var isDisturbing: Bool
  private let isReplaying: Bool

  /// Frames may be held by hand, so none may pass before it is whole.
  public var isIntercepting = false {
    didSet { isDisturbing = isIntercepting || isReplaying || !injector.rules.isEmpty }
  }

  /// A relay in which rules decide, of a connection that begins now.
  ///
  /// - Parameter connection: The number of the connection, part of every frame's identity.
  public init(
    rules: FaultRules, seed: UInt64, connection: Int, checksum: CRC32, at now: Instant
  ) {
    self.init(
      FaultInjector(rules: rules, seed: seed, connection: connection), isReplaying: false,
      checksum, at: now)
  }

  /// A relay that does again what a ledger says was done to a connection.
  public init(
    replaying ledger: FaultLedger, connection: Int, checksum: CRC32, at now: Instant
  ) {
    self.init(
      FaultInjector(replaying: ledger, connection: connection), isReplaying: true, checksum,
      at: now)
  }

  private init(
    _ injector: FaultInjector, isReplaying: Bool, _ checksum: CRC32, at now: Instant
  ) {
    self.injector = injector
    self.isReplaying = isReplaying
    self.checksum = checksum
    isDisturbing = isReplaying || !injector.rules.isEmpty
    recogniser = DialectRecogniser(checksum: checksum)
  }

  /// The rules in force, which can be replaced at any time.
  public var rules: FaultRules {
    get { injector.rules }
    set {
      injector.rules = newValue
      isDisturbing = isIntercepting || isReplaying || !newValue.isEmpty
    }
  }

  private subscript(direction: Direction) -> Flow {
    _read {
      switch direction {
      case .clientToServer: yield clientToServer
      case .serverToClient: yield serverToClient
      }
    }
    _modify {
      switch direction {
      case .clientToServer: yield &clientToServer
      case .serverToClient: yield &serverToClient
      }
    }
  }

  // MARK: in

  /// True if bytes of a direction can be passed on as they come, before they are handed in.
  public func isTransparent(_ direction: Direction) -> Bool {
    guard !isDisturbing, injector.heldByteCount(direction) == 0 else { return false }
    // What has not been passed on goes first.
    let flow = self[direction]
    return flow.isPassing
      || (flow.goneCount == flow.waiting.count && (flow.cutter?.heldByteCount ?? 0) == 0)
  }

  /// Takes bytes that one side has sent.
  ///
  /// - Parameter isPassed: They have been passed on already, as they are.
  public mutating func receive(
    _ bytes: RawSpan, _ direction: Direction, isPassed: Bool, at now: Instant
  ) {
    if self[direction].isPassing != isPassed {
      // Of what has gone out in part, only the rest can still be treated.
      if self[direction].isPassing { letGo(direction) }
      self[direction].isPassing = isPassed
    }
    switch framing {
    case .found: self[direction].cutter?.append(bytes, at: now)
    case .nothing:
      self[direction].loose.append(
        Run(bytes: bytes.copy(0..<bytes.byteCount), isPassed: isPassed))
    case .undecided:
      if self[direction].goneCount == self[direction].waiting.count {
        self[direction].waitingSince = now
      }
      unsafe bytes.withUnsafeBytes { unsafe self[direction].waiting.append(contentsOf: $0) }
      if direction == .clientToServer, let found = recogniser?.receive(bytes) {
        settle(found, at: now)
      } else if self[direction].waiting.count > Self.waitingMax {
        settle(.nothing, at: now)
      }
    }
  }

  /// The sender of a direction sends no more: what is held of it is let go, except by hand.
  public mutating func finish(_ direction: Direction, at now: Instant) {
    self[direction].isFinished = true
    if framing == .undecided, direction == .clientToServer { settle(.nothing, at: now) }
  }

  /// For how long the end of a direction is kept from its receiver, and by which rules; to be asked
  /// once.
  public mutating func closing(
    _ direction: Direction, at now: Instant
  ) -> (delay: Duration, acts: [FaultAct]) {
    injector.closing(direction, at: now)
  }

  // MARK: out

  /// Puts the next arrival into the buffer, in place of what is there; nil if there is none now.
  ///
  /// - Parameter isHeld: Asked for each frame that goes on: whether it waits for a decision.
  public mutating func nextArrival(
    _ direction: Direction, at now: Instant, into buffer: inout [UInt8],
    isHeld: (RawSpan, FrameHeader, IdentifiedFrame, _ isGood: Bool) -> Bool = { _, _, _, _ in
      false
    }
  ) -> Arrival? {
    buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacityMax)
    if now >= deadlineOfWaiting(direction) { letGo(direction) }
    if let loose = nextLoose(direction, at: now, into: &buffer) { return loose }
    while let piece = self[direction].cutter?.next(at: now, into: &buffer) {
      if let arrival = take(piece, direction, at: now, in: &buffer, isHeld) { return arrival }
    }
    if self[direction].isPassing, self[direction].cutter?.isDeferring == true {
      // A damaged frame that its receiver has in hand already.
      letGo(direction)
    } else if self[direction].isFinished {
      if let piece = self[direction].cutter?.takeRest(into: &buffer),
        let arrival = take(piece, direction, at: now, in: &buffer, isHeld)
      {
        return arrival
      }
      letGo(direction)
    }
    if let loose = nextLoose(direction, at: now, into: &buffer) { return loose }
    if self[direction].isFinished { injector.finish(direction) }
    return nil
  }

  /// Appends what goes out next in a direction.
  public mutating func nextOutput(
    _ direction: Direction, at now: Instant, into bytes: inout [UInt8]
  ) -> InjectorOutput {
    let output = injector.nextOutput(direction, at: now, into: &bytes)
    if case .wait(let moment) = output { self[direction].outputDeadline = moment }
    return output
  }

  /// Lets a frame go on that was held by hand, perhaps changed: what rules do to it is done now.
  public mutating func release(
    _ frame: RawSpan, fate: Fate, _ direction: Direction, at now: Instant
  ) {
    injector.release(frame, fate, direction: direction, at: now)
  }

  /// When something is due, as known from the last outputs.
  public var deadline: Instant {
    min(
      deadlineOfWaiting(.clientToServer), deadlineOfWaiting(.serverToClient),
      clientToServer.cutter?.deadline ?? .distantFuture,
      serverToClient.cutter?.deadline ?? .distantFuture,
      min(clientToServer.outputDeadline, serverToClient.outputDeadline))
  }

  /// Bytes of a direction that faults hold.
  public func heldByteCount(_ direction: Direction) -> Int { injector.heldByteCount(direction) }

  // MARK: arrivals

  /// The longest of what may come before the client has said anything that is understood.
  private static let waitingMax = 16 << 10
  /// A buffer that is larger is given back.
  private static let keptCapacityMax = 128 << 10

  private func deadlineOfWaiting(_ direction: Direction) -> Instant {
    let flow = self[direction]
    guard flow.goneCount < flow.waiting.count else { return .distantFuture }
    return flow.waitingSince.advanced(by: FrameCutter.holdMax)
  }

  private mutating func settle(_ recognition: DialectRecogniser.Recognition, at now: Instant) {
    switch recognition {
    case .undecided: return
    case .nothing: framing = .nothing
    case .found(let dialect, _): framing = .found(dialect)
    }
    recogniser = nil
    for direction in [Direction.clientToServer, .serverToClient] {
      guard case .found(let dialect) = framing else {
        letGo(direction)
        self[direction].waiting = []
        self[direction].goneCount = 0
        continue
      }
      let waiting = self[direction].waiting
      let goneCount = self[direction].goneCount
      self[direction].waiting = []
      self[direction].goneCount = 0
      var cutter = FrameCutter(dialect, checksum: checksum)
      var gone: [UInt8] = []
      unsafe cutter.append(waiting.span.bytes.extracting(first: goneCount), at: now)
      cutter.takeHeld(into: &gone)
      unsafe cutter.append(waiting.span.bytes.extracting(droppingFirst: goneCount), at: now)
      self[direction].cutter = cutter
    }
  }

  /// Bytes that have gone out, or must, although it is not known what they are.
  private mutating func letGo(_ direction: Direction) {
    var bytes = Array(self[direction].waiting[self[direction].goneCount...])
    self[direction].goneCount = self[direction].waiting.count
    self[direction].cutter?.takeHeld(into: &bytes)
    guard !bytes.isEmpty else { return }
    self[direction].loose.append(Run(bytes: bytes, isPassed: self[direction].isPassing))
  }

  private mutating func nextLoose(
    _ direction: Direction, at now: Instant, into buffer: inout [UInt8]
  ) -> Arrival? {
    guard !self[direction].loose.isEmpty else { return nil }
    let run = self[direction].loose.removeFirst()
    buffer = run.bytes
    return unsafe pass(run.bytes.span.bytes, direction, isPassed: run.isPassed, at: now)
  }

  private mutating func pass(
    _ bytes: RawSpan, _ direction: Direction, isPassed: Bool, at now: Instant
  ) -> Arrival {
    Arrival(
      number: isPassed
        ? injector.skip() : injector.pass(bytes, direction: direction, at: now),
      isPassed: isPassed)
  }

  /// A piece becomes an arrival of the bytes that are new; nil if none are.
  private mutating func take(
    _ piece: FrameCutter.Piece, _ direction: Direction, at now: Instant, in buffer: inout [UInt8],
    _ isHeld: (RawSpan, FrameHeader, IdentifiedFrame, Bool) -> Bool
  ) -> Arrival? {
    guard case .found(let dialect) = framing else { return nil }
    let isPassing = self[direction].isPassing
    if let header = piece.header {
      guard piece.passedByteCount > 0 || isPassing else {
        return unsafe receive(buffer.span.bytes, header, piece, dialect, direction, at: now, isHeld)
      }
      unsafe injector.observe(
        buffer.span.bytes, header: header, dialect: dialect, isGood: piece.isGood,
        direction: direction)
    }
    buffer.removeFirst(piece.passedByteCount)
    guard !buffer.isEmpty else { return nil }
    var arrival = unsafe pass(buffer.span.bytes, direction, isPassed: isPassing, at: now)
    if piece.passedByteCount == 0 { arrival.header = piece.header }
    return arrival
  }

  private mutating func receive(
    _ frame: RawSpan, _ header: FrameHeader, _ piece: FrameCutter.Piece, _ dialect: Dialect,
    _ direction: Direction, at now: Instant,
    _ isHeld: (RawSpan, FrameHeader, IdentifiedFrame, Bool) -> Bool
  ) -> Arrival {
    let fate = injector.receive(
      frame, header: header, dialect: dialect, isGood: piece.isGood, direction: direction,
      at: now, isHeld: { isHeld(frame, header, $0, piece.isGood) })
    return Arrival(number: fate.number, header: header, fate: fate, isHeld: fate.isHeld)
  }
}
