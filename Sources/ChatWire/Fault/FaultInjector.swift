/// Disturbs the frames of one connection, in both directions, as fault rules or a ledger say.
///
/// Hand in every frame and all bytes between frames in the order in which they come; after each of
/// these, and whenever the last deadline has come, take outputs until there is nothing to do:
///
///     let fate = injector.receive(frame, header: header, dialect: .native, isGood: true,
///       direction: direction, at: now)
///     drain: while true {
///       switch injector.nextOutput(direction, at: now, into: &bytes) {
///       case .forward: send(bytes); bytes.removeAll(keepingCapacity: true)
///       case .wait(let deadline): wakeUp = deadline; break drain
///       }
///     }
///
/// A frame that no rule touches is not changed, and goes out at once and in order. A frame that is
/// held is overtaken by those behind it. The directions do not wait for each other. Held at most
/// are `FaultLimits.heldBytesMax` bytes and `heldFramesMax` frames of a direction.
///
/// If a fate has `resetsConnection`, break the connection in both directions; nothing is held any
/// more. When the sender of a direction has closed it, ask `closing`, take outputs for as long as
/// it says, then call `finish`, take the last outputs, and close the direction.
///
/// What is done to a frame depends on the rules, the seed and the frame's identity alone; only
/// `nth`, `first` and `every` count frames as they come, and `after`, `for` and the periods of a
/// blackhole look at the time since the connection began.
public struct FaultInjector: Sendable {
  private var program: FaultProgram
  /// What to do again; nil while the rules decide.
  private var replay: FaultReplay?
  private var identifier: FrameIdentifier
  private var clientToServer = OutgoingFrames()
  private var serverToClient = OutgoingFrames()
  private var count: UInt64 = 0
  /// When the connection began; nil while no time was given.
  private var beginning: Instant?

  /// The rules in force, which can be replaced at any time.
  ///
  /// A rule with the same text as before keeps its counts. Setting rules ends the replay of a
  /// ledger.
  public var rules: FaultRules {
    didSet {
      replay = nil
      program.replace(with: rules)
    }
  }

  /// An injector that follows rules.
  ///
  /// - Parameters:
  ///   - seed: Equal seeds give equal draws.
  ///   - connection: The number of the connection, for `connection N` and for identities.
  public init(rules: FaultRules, seed: UInt64, connection: Int) {
    self.rules = rules
    program = FaultProgram(rules, seed: seed)
    identifier = FrameIdentifier(connection: connection)
  }

  /// An injector that does again what a ledger says was done to a connection.
  public init(replaying ledger: FaultLedger, connection: Int) {
    rules = FaultRules()
    program = FaultProgram(rules, seed: ledger.seed)
    replay = FaultReplay(ledger, connection: connection)
    identifier = FrameIdentifier(connection: connection)
  }

  /// Says when the connection was opened; without it, it begins with the first time that is given.
  public mutating func begin(at now: Instant) {
    if beginning == nil { beginning = now }
  }

  /// For how long the connection has been open.
  private mutating func age(at now: Instant) -> Duration {
    begin(at: now)
    return .nanoseconds(max(0, (beginning ?? now).nanoseconds(to: now)))
  }

  /// Takes a whole frame; says which it is and what becomes of it.
  ///
  /// - Parameters:
  ///   - frame: Its bytes, the header included.
  ///   - header: Its header as read.
  ///   - isGood: Its checksum is right.
  ///   - isHeld: Asked if the frame goes on: whether it waits until it is released by `release`.
  public mutating func receive(
    _ frame: RawSpan, header: FrameHeader, dialect: Dialect, isGood: Bool, direction: Direction,
    at now: Instant, isHeld: (IdentifiedFrame) -> Bool = { _ in false }
  ) -> Fate {
    count &+= 1
    let age = age(at: now)
    let layout = FrameLayout(dialect, byteCount: frame.byteCount)
    let payload = frame.extracting(last: layout.payloadCount)
    let identified = identifier.identify(
      header, payload: payload, dialect: dialect, isGood: isGood, direction: direction)
    let acts =
      if let replay {
        replay.acts(on: identified.identity)
      } else {
        program.acts(
          on: FaultSubject(identified, header, dialect, payload: payload, age: age),
          payload: payload, layout: layout)
      }
    var fate = Fate(number: count, frame: identified, acts: acts)
    if fate.disposition != .dropped, isHeld(identified) {
      fate.isHeld = true
    } else {
      release(frame, fate, direction: direction, at: now)
    }
    return fate
  }

  /// Lets a frame go on that was held, perhaps changed: what rules do to it is done now.
  public mutating func release(
    _ frame: RawSpan, _ fate: Fate, direction: Direction, at now: Instant
  ) {
    switch direction {
    case .clientToServer: clientToServer.take(frame, fate, at: now)
    case .serverToClient: serverToClient.take(frame, fate, at: now)
    }
    if fate.resetsConnection {
      clientToServer.abandon()
      serverToClient.abandon()
    }
  }

  /// Gives a number to what goes past the injector.
  mutating func skip() -> UInt64 {
    count &+= 1
    return count
  }

  /// Looks at a frame that goes past the injector, so that its place and those of later ones are
  /// known.
  public mutating func observe(
    _ frame: RawSpan, header: FrameHeader, dialect: Dialect, isGood: Bool, direction: Direction
  ) {
    let layout = FrameLayout(dialect, byteCount: frame.byteCount)
    _ = identifier.identify(
      header, payload: frame.extracting(last: layout.payloadCount), dialect: dialect,
      isGood: isGood, direction: direction)
  }

  /// Takes bytes that are no frame: they go out unchanged, and in order with the frames that are
  /// not held.
  ///
  /// - Returns: The number that their output carries.
  @discardableResult
  public mutating func pass(_ bytes: RawSpan, direction: Direction, at now: Instant) -> UInt64 {
    count &+= 1
    begin(at: now)
    switch direction {
    case .clientToServer:
      clientToServer.pass(bytes, number: count, copies: 1, isFrame: false, at: now)
    case .serverToClient:
      serverToClient.pass(bytes, number: count, copies: 1, isFrame: false, at: now)
    }
    return count
  }

  /// Appends the next frame, or the next run of other bytes, that goes out in a direction.
  public mutating func nextOutput(
    _ direction: Direction, at now: Instant, into bytes: inout [UInt8]
  ) -> InjectorOutput {
    begin(at: now)
    return switch direction {
    case .clientToServer: clientToServer.next(at: now, into: &bytes)
    case .serverToClient: serverToClient.next(at: now, into: &bytes)
    }
  }

  /// The sender of a direction has closed it: for how long that is kept from the receiver, and by
  /// which rules; to be asked once, before `finish`.
  ///
  /// The end waits for the frames that a bandwidth holds; that has no act of its own. `finish` is
  /// due when the delay is over: before, it would let these frames go too fast.
  public mutating func closing(
    _ direction: Direction, at now: Instant
  ) -> (delay: Duration, acts: [FaultAct]) {
    let age = age(at: now)
    let end = FrameIdentity(
      connection: identifier.connection, direction: direction, place: .end, attempt: 1)
    let acts = replay?.acts(on: end) ?? program.acts(onEnd: end, age: age)
    let pacedUntil =
      switch direction {
      case .clientToServer: clientToServer.pacedUntil
      case .serverToClient: serverToClient.pacedUntil
      }
    var delay = Duration.nanoseconds(max(0, now.nanoseconds(to: max(now, pacedUntil))))
    for act in acts {
      if case .slowClose(let time) = act.change { delay += time }
    }
    return (delay, acts)
  }

  /// Bytes of a direction that are held, so that its sender can be made to wait.
  public func heldByteCount(_ direction: Direction) -> Int {
    switch direction {
    case .clientToServer: clientToServer.heldByteCount
    case .serverToClient: serverToClient.heldByteCount
    }
  }

  /// Lets go of everything that is held in a direction, in the order in which it would have gone;
  /// nothing is held there any more.
  ///
  /// Due before a half-close is passed on.
  public mutating func finish(_ direction: Direction) {
    switch direction {
    case .clientToServer: clientToServer.finish()
    case .serverToClient: serverToClient.finish()
    }
  }

  /// True while half of what may be held of a direction is held: its sender should be read from no
  /// further, or frames go early.
  public func isCongested(_ direction: Direction) -> Bool {
    switch direction {
    case .clientToServer: clientToServer.isCongested
    case .serverToClient: serverToClient.isCongested
    }
  }

  /// Frames that went early because too much was held.
  public var releasedEarlyCount: UInt64 {
    clientToServer.releasedEarlyCount &+ serverToClient.releasedEarlyCount
  }
}

/// What a fault injector wants done.
public enum InjectorOutput: Sendable, Hashable {
  /// A frame, or a run of other bytes, was appended: send it.
  ///
  /// The number is that of its fate; copies have the same one.
  case forward(number: UInt64)
  /// Nothing until then, or until something comes; `distantFuture` if nothing is held.
  case wait(until: Instant)
}
