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
/// `FaultLimits`. When `deadline` has come, take from both directions again. When a side sends no
/// more: `finish`, take, ask `closing`; when its delay is over `finishOutput`, take, and pass the
/// end on.
public struct FrameRelay: ~Copyable, Sendable {
  /// A whole frame, or a run of other bytes, that has arrived.
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
  struct Run: Sendable {
    var bytes: [UInt8]
    /// They have gone out already.
    var isPassed: Bool
  }

  /// One direction.
  struct Flow: Sendable {
    /// Of use once the framing is known.
    var cutter: FrameCutter
    /// When bytes that the cutter keeps cannot be waited for any longer.
    var cutterDeadline = Instant.distantFuture
    /// All bytes that came before the framing was known.
    var waiting: [UInt8] = []
    /// How many of them could not wait and have become arrivals.
    var goneCount = 0
    /// When the rest of them cannot be waited for any longer.
    var waitingDeadline = Instant.distantFuture
    /// Bytes that are arrivals of their own, since they could not be waited for or are no frames.
    var loose: [Run] = []
    /// The caller passes bytes on as they come.
    var isPassing = false
    var isFinished = false
    /// When the injector lets something go.
    var outputDeadline = Instant.distantFuture
  }

  /// What is known about the framing.
  public internal(set) var framing = Framing.undecided
  var injector: FaultInjector
  var recogniser: DialectRecogniser?
  let checksum: CRC32
  var clientToServer: Flow
  var serverToClient: Flow
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
    self.injector.begin(at: now)
    self.isReplaying = isReplaying
    self.checksum = checksum
    isDisturbing = isReplaying || !injector.rules.isEmpty
    recogniser = DialectRecogniser(checksum: checksum)
    clientToServer = Flow(cutter: FrameCutter(.native, checksum: checksum))
    serverToClient = Flow(cutter: FrameCutter(.native, checksum: checksum))
  }

  /// The rules in force, which can be replaced at any time.
  public var rules: FaultRules {
    get { injector.rules }
    set {
      injector.rules = newValue
      isDisturbing = isIntercepting || isReplaying || !newValue.isEmpty
    }
  }

  subscript(direction: Direction) -> Flow {
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
    return self[direction].isPassing
      || (self[direction].goneCount == self[direction].waiting.count
        && self[direction].cutter.heldByteCount == 0)
  }

  /// Takes bytes that one side has sent.
  ///
  /// - Parameter isPassed: They have been passed on already, as they are.
  public mutating func receive(
    _ bytes: RawSpan, _ direction: Direction, isPassed: Bool, at now: Instant
  ) {
    setPassing(isPassed, direction)
    switch framing {
    case .found: self[direction].cutter.append(bytes, at: now)
    case .nothing:
      self[direction].loose.append(
        Run(bytes: bytes.copy(0..<bytes.byteCount), isPassed: isPassed))
    case .undecided:
      if self[direction].goneCount == self[direction].waiting.count {
        self[direction].waitingDeadline = now.advanced(by: FrameCutter.holdMax)
      }
      unsafe bytes.withUnsafeBytes { unsafe self[direction].waiting.append(contentsOf: $0) }
      if direction == .clientToServer, let found = recogniser?.receive(bytes) {
        settle(found, at: now)
      } else if self[direction].waiting.count > Self.waitingMax {
        settle(.nothing, at: now)
      }
    }
  }

  /// The next frame of bytes that have been passed on, if it lies in them whole and undamaged from
  /// `position` on; nil if they have to be handed in by `receive`, from there on.
  ///
  /// The same as `receive` and `nextArrival`, without copying: for bytes that were not handed in.
  public mutating func nextPassed(
    in bytes: RawSpan, position: inout Int, _ direction: Direction
  ) -> Arrival? {
    guard case .found(let dialect) = framing, self[direction].isPassing else { return nil }
    let start = position
    guard let header = self[direction].cutter.nextWhole(in: bytes, position: &position) else {
      return nil
    }
    injector.observe(
      bytes.extracting(start..<position), header: header, dialect: dialect, isGood: true,
      direction: direction)
    return Arrival(number: injector.skip(), header: header, isPassed: true)
  }

  /// How many bytes to hand in so that the frame that has begun is whole and `nextPassed` can go on
  /// behind it; nil if that cannot be told.
  public func missingByteCount(_ direction: Direction) -> Int? {
    guard case .found = framing, self[direction].isPassing else { return nil }
    return self[direction].cutter.missingByteCount
  }

  /// The sender of a direction sends no more: what is not known to be a frame is let go.
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

  /// What faults hold of a direction is let go: its end is due.
  public mutating func finishOutput(_ direction: Direction) {
    injector.finish(direction)
  }

  // MARK: out

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

  /// When something is due, as known from the last arrivals and outputs.
  public var deadline: Instant {
    min(
      min(clientToServer.waitingDeadline, serverToClient.waitingDeadline),
      min(clientToServer.cutterDeadline, serverToClient.cutterDeadline),
      min(clientToServer.outputDeadline, serverToClient.outputDeadline))
  }

  /// Bytes of a direction that faults hold.
  public func heldByteCount(_ direction: Direction) -> Int { injector.heldByteCount(direction) }

  /// True while so much is held of a direction that its sender should be read no further.
  public func isCongested(_ direction: Direction) -> Bool { injector.isCongested(direction) }
}
