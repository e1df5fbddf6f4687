/// One end's side of a connection on which faults act, in both directions: behind the session, in
/// front of the socket.
///
/// Frames that the session sends go in by `send`, one at a time; what the socket has read goes in
/// by `receive`, cut as it may be. After each, and when `deadline` has come, take from both
/// directions until they say `.wait`:
///
///     line.receive(bytes, at: now)
///     while case .forward = line.nextIncoming(at: now, into: &toSession) {}
///     while case .forward = line.nextOutgoing(at: now, into: &toSocket) {}
///
/// Without rules bytes come out as they went in, at once, and frames are only looked at: so the
/// initial sequence numbers are known when rules are set later. With rules, frames of the peer are
/// held until they are whole, and bytes that are no frame pass unchanged and in order.
///
/// When `isReset` is set, a rule has broken the connection: close it with a reset. Only what lies
/// between two ends can hold back the end of a direction: this does nothing for `slow_close`.
///
/// What happened to each frame is told by `takeObservations`, if `isObserved` is set.
public struct FaultyLine: Sendable {
  /// A whole frame, or bytes that are none, and what became of it.
  public struct Observation: Sendable, Hashable {
    /// Which way it goes.
    public var direction: Direction
    /// As it came, before any fault acted.
    public var bytes: [UInt8]
    /// What was done to it; nil if nothing could be, because it is no frame or there are no rules.
    public var fate: Fate?
    /// The number that outputs carry when it goes out.
    public var number: UInt64

    /// Makes an observation.
    public init(direction: Direction, bytes: [UInt8], fate: Fate?, number: UInt64 = 0) {
      self.direction = direction
      self.bytes = bytes
      self.fate = fate
      self.number = number
    }
  }

  /// Observations are kept until they are taken.
  public var isObserved = false
  /// Frames to which something was done.
  public private(set) var disturbedFrameCount = 0
  /// A rule has reset the connection; nothing passes any more.
  public private(set) var isReset = false

  private let outgoing: Direction
  private let dialect: Dialect
  private var injector: FaultInjector
  /// A ledger decides, until rules are set.
  private var isReplaying: Bool
  private var cutter: FrameCutter
  private var observations: [Observation] = []
  private var outgoingDeadline = Instant.distantFuture
  private var incomingDeadline = Instant.distantFuture
  /// Storage for a piece of what arrives.
  private var piece: [UInt8] = []

  /// A line that has carried nothing.
  ///
  /// - Parameters:
  ///   - connection: The number of the connection, part of every frame's identity.
  ///   - role: The end at which it stands.
  public init(
    rules: FaultRules, seed: UInt64, connection: Int, role: Session.Role, dialect: Dialect,
    checksum: CRC32
  ) {
    self.init(
      FaultInjector(rules: rules, seed: seed, connection: connection), isReplaying: false, role,
      dialect, checksum)
  }

  /// A line that does again what a ledger says was done to a connection, in both directions.
  public init(
    replaying ledger: FaultLedger, connection: Int, role: Session.Role, dialect: Dialect,
    checksum: CRC32
  ) {
    self.init(
      FaultInjector(replaying: ledger, connection: connection), isReplaying: true, role, dialect,
      checksum)
  }

  private init(
    _ injector: FaultInjector, isReplaying: Bool, _ role: Session.Role, _ dialect: Dialect,
    _ checksum: CRC32
  ) {
    outgoing = role == .client ? .clientToServer : .serverToClient
    self.dialect = dialect
    self.injector = injector
    self.isReplaying = isReplaying
    cutter = FrameCutter(dialect, checksum: checksum)
  }

  /// The rules in force, which can be replaced at any time; that ends the replay of a ledger.
  public var rules: FaultRules {
    get { injector.rules }
    set {
      injector.rules = newValue
      isReplaying = false
    }
  }

  /// The longest payload that this end takes: a longer frame is none (PROTOCOL.md 2.3).
  public var receiveLimit: Int {
    get { cutter.limit }
    set { cutter.limit = newValue }
  }

  /// When something is due, as known from the last outputs.
  public var deadline: Instant { min(outgoingDeadline, incomingDeadline, cutter.deadline) }

  // MARK: in

  /// Says when the connection was opened; without it, it begins with its first frame.
  public mutating func begin(at now: Instant) {
    injector.begin(at: now)
  }

  /// Takes one whole frame of this end.
  public mutating func send(_ frame: RawSpan, at now: Instant) {
    if isReset { return }
    guard let header = FrameHeader(dialect, in: frame, at: 0) else {
      let number = injector.pass(frame, direction: outgoing, at: now)
      observe(frame, outgoing, nil, number)
      return
    }
    take(frame, header, isGood: true, outgoing, at: now)
  }

  /// Takes bytes that the peer has sent.
  public mutating func receive(_ bytes: RawSpan, at now: Instant) {
    if isReset { return }
    cutter.append(bytes, at: now)
    cut(at: now)
  }

  /// Nothing more comes from the peer: what is held of it is let go.
  public mutating func finishIncoming(at now: Instant) {
    cut(at: now)
    letGo(at: now)
    injector.finish(outgoing.opposite)
  }

  /// This end sends nothing more: what is held of it is let go; due before its direction is closed.
  public mutating func finishOutgoing() {
    injector.finish(outgoing)
  }

  // MARK: out

  /// Appends what goes to the socket next.
  public mutating func nextOutgoing(at now: Instant, into bytes: inout [UInt8]) -> InjectorOutput {
    let output = injector.nextOutput(outgoing, at: now, into: &bytes)
    if case .wait(let moment) = output { outgoingDeadline = moment }
    return output
  }

  /// Appends what goes to the session next.
  public mutating func nextIncoming(at now: Instant, into bytes: inout [UInt8]) -> InjectorOutput {
    if now >= cutter.deadline { cut(at: now) }
    let output = injector.nextOutput(outgoing.opposite, at: now, into: &bytes)
    if case .wait(let moment) = output { incomingDeadline = moment }
    return output
  }

  /// Hands over what was observed since the last call, in order.
  public mutating func takeObservations(into list: inout [Observation]) {
    list += observations
    observations.removeAll(keepingCapacity: observations.count <= 64)
  }

  // MARK: cutting

  private mutating func cut(at now: Instant) {
    // Without rules nothing has to be held.
    if rules.isEmpty, !isReplaying { letGo(at: now) }
    while !isReset {
      piece.removeAll(keepingCapacity: piece.capacity <= 1 << 17)
      guard let found = cutter.next(at: now, into: &piece) else { return }
      let bytes = piece
      unsafe take(found, bytes.span.bytes, at: now)
    }
  }

  private mutating func letGo(at now: Instant) {
    piece.removeAll(keepingCapacity: true)
    cutter.takeHeld(into: &piece)
    guard !piece.isEmpty else { return }
    let bytes = piece
    let number = unsafe injector.pass(bytes.span.bytes, direction: outgoing.opposite, at: now)
    unsafe observe(bytes.span.bytes, outgoing.opposite, nil, number)
  }

  private mutating func take(_ found: FrameCutter.Piece, _ bytes: RawSpan, at now: Instant) {
    let incoming = outgoing.opposite
    if let header = found.header {
      guard found.passedByteCount > 0 else {
        take(bytes, header, isGood: found.isGood, incoming, at: now)
        return
      }
      injector.observe(
        bytes, header: header, dialect: dialect, isGood: found.isGood, direction: incoming)
    }
    let rest = bytes.extracting(droppingFirst: found.passedByteCount)
    guard rest.byteCount > 0 else { return }
    let number = injector.pass(rest, direction: incoming, at: now)
    observe(rest, incoming, nil, number)
  }

  private mutating func take(
    _ frame: RawSpan, _ header: FrameHeader, isGood: Bool, _ direction: Direction, at now: Instant
  ) {
    let fate = injector.receive(
      frame, header: header, dialect: dialect, isGood: isGood, direction: direction, at: now)
    if !fate.acts.isEmpty { disturbedFrameCount += 1 }
    if fate.resetsConnection { isReset = true }
    observe(frame, direction, fate, fate.number)
  }

  private mutating func observe(
    _ bytes: RawSpan, _ direction: Direction, _ fate: Fate?, _ number: UInt64
  ) {
    guard isObserved else { return }
    observations.append(
      Observation(
        direction: direction, bytes: bytes.copy(0..<bytes.byteCount), fate: fate, number: number))
  }
}
