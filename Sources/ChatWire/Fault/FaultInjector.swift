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
/// What is done to a frame depends on the rules, the seed and the frame's identity alone; only
/// `nth`, `first` and `every` count frames as they come.
public struct FaultInjector: Sendable {
  private var program: FaultProgram
  /// What to do again; nil while the rules decide.
  private var replay: FaultReplay?
  private var identifier: FrameIdentifier
  private var clientToServer = OutgoingFrames()
  private var serverToClient = OutgoingFrames()
  private var count: UInt64 = 0

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

  /// Takes a whole frame; says which it is and what becomes of it.
  ///
  /// - Parameters:
  ///   - frame: Its bytes, the header included.
  ///   - header: Its header as read.
  ///   - isGood: Its checksum is right.
  public mutating func receive(
    _ frame: RawSpan, header: FrameHeader, dialect: Dialect, isGood: Bool, direction: Direction,
    at now: Instant
  ) -> Fate {
    count &+= 1
    let layout = FrameLayout(dialect, byteCount: frame.byteCount)
    let payload = frame.extracting(last: layout.payloadCount)
    let identified = identifier.identify(
      header, payload: payload, dialect: dialect, isGood: isGood, direction: direction)
    let acts =
      if let replay {
        replay.acts(on: identified.identity)
      } else {
        program.acts(
          on: FaultSubject(identified, header, dialect, payload: payload), payload: payload,
          layout: layout)
      }
    let fate = Fate(number: count, frame: identified, acts: acts)
    switch direction {
    case .clientToServer: clientToServer.take(frame, fate, at: now)
    case .serverToClient: serverToClient.take(frame, fate, at: now)
    }
    return fate
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
    switch direction {
    case .clientToServer: clientToServer.next(at: now, into: &bytes)
    case .serverToClient: serverToClient.next(at: now, into: &bytes)
    }
  }

  /// The sender of a direction has closed it: for how long that is kept from the receiver, and by
  /// which rules; to be asked once, before `finish`.
  public mutating func closing(
    _ direction: Direction, at now: Instant
  ) -> (delay: Duration, acts: [FaultAct]) {
    (.zero, [])
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

extension OutgoingFrames {
  /// Takes a frame with what is done to it.
  fileprivate mutating func take(_ frame: RawSpan, _ fate: Fate, at now: Instant) {
    if fate.acts.isEmpty {
      pass(frame, number: fate.number, copies: 1, isFrame: true, at: now)
      return
    }
    var copies = 1
    var gap = 0
    var delay = Duration.zero
    var flipped: [UInt8]?
    for act in fate.acts {
      switch act.change {
      case .drop: return
      case .duplicate(let more): copies &+= max(0, more)
      case .reorder(let frames): gap = max(gap, frames)
      case .delay(let time): delay += time
      case .corrupt(_, let byte, let bit):
        var bytes = flipped ?? frame.copy(0..<frame.byteCount)
        if bytes.indices.contains(byte), 0..<8 ~= bit { bytes[byte] ^= 1 << UInt8(bit) }
        flipped = bytes
      }
    }
    if let flipped {
      unsafe take(
        flipped.span.bytes, number: fate.number, copies: copies, delay: delay, gap: gap, at: now)
    } else {
      take(frame, number: fate.number, copies: copies, delay: delay, gap: gap, at: now)
    }
  }

  private mutating func take(
    _ frame: RawSpan, number: UInt64, copies: Int, delay: Duration, gap: Int, at now: Instant
  ) {
    if delay == .zero, gap == 0 {
      pass(frame, number: number, copies: copies, isFrame: true, at: now)
    } else {
      hold(frame, number: number, copies: copies, delay: delay, gap: gap, at: now)
    }
  }
}
