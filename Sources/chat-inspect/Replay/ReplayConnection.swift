internal import ChatPosix
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// One live connection of a replay: a socket, the faults behind it, and the session.
final class ReplayConnection: TracedConnection {
  /// How far it has come.
  enum Phase {
    /// The socket is not connected yet.
    case connecting
    /// A client has come, of which it is not known which recorded one it plays.
    case unknown
    case open
    /// Everything is said; what is due is written, and the peer's end awaited, until then.
    case closing(until: Instant)
    case over
  }

  /// The session is not asked for more while so much waits to be written.
  static let pendingMax = 256 << 10
  /// What is read and not looked at while output waits: two ends that write must not wait for each
  /// other.
  private static let unreadMax = 4 << 20
  /// How long is written at the end, and then read (PROTOCOL.md 7).
  static let closingMax = Duration.seconds(2)

  let role: Session.Role
  let wire: ReplayWire
  let socket: StreamSocket
  var phase: Phase
  /// The place of its recorded connection in the plan; nil for a client that is one too many.
  var place: Int?
  /// The number of its stream in the trace.
  private(set) var number = -1
  var party: (any ReplayParty)?
  /// When the session wants to be asked again.
  var deadline = Instant.zero
  /// Which of the server's addresses it is connected to.
  var addressIndex = 0
  /// Until when the socket has to be connected, or the client known.
  var patienceEnd = Instant.distantFuture
  /// What is known about a client that has come.
  var recogniser: DialectRecogniser?
  /// The answer to the SYN is not taken yet: others come first.
  var isAnswerHeld = false
  /// How the session ended.
  var end: ReplayEnd?
  /// What broke the connection.
  private(set) var failure: SystemError?
  /// The connection is to be reset as soon as what is due is written.
  var isResetDue = false
  private(set) var isInputEnded = false
  private(set) var receivedByteCount = 0
  /// Bytes that were read since the session was asked last.
  private var unreadByteCount = 0

  private var line: FaultyLine?
  private var dialect = Dialect.native
  private var pending = PendingBytes()
  private var isOutputEnded = false
  private var isOutputBroken = false
  private var tracedByteCounts: [UInt64] = [0, 0]
  /// What was done to frames that may still go out.
  private var acts: [(number: UInt64, acts: [TappedAct])] = []
  private var observations: [FaultyLine.Observation] = []
  private var frame: [UInt8] = []
  private var piece: [UInt8] = []

  init(
    role: Session.Role, socket: consuming StreamSocket, phase: Phase, wire: ReplayWire, place: Int?
  ) {
    self.role = role
    self.socket = socket
    self.phase = phase
    self.wire = wire
    self.place = place
  }

  private var outgoing: Direction { role == .client ? .clientToServer : .serverToClient }

  var isOver: Bool { if case .over = phase { true } else { false } }
  var isOpen: Bool { if case .open = phase { true } else { false } }

  /// The socket is not connected yet, or the client not known.
  var isBeginning: Bool {
    switch phase {
    case .connecting, .unknown: true
    case .open, .closing, .over: false
    }
  }

  /// What is to be waited for.
  var pollEntry: Poll.Entry {
    if case .connecting = phase { return Poll.Entry(socket.rawValue, .writable) }
    var interest: WakeablePoll.Interest = []
    if hasOutput { interest.insert(.writable) }
    if wantsInput { interest.insert(.readable) }
    // A broken connection would wake at once and for ever, whatever is waited for.
    return Poll.Entry(interest.isEmpty ? -1 : socket.rawValue, interest)
  }

  /// Something waits to be written.
  var hasOutput: Bool { !pending.isEmpty && !isOutputBroken }

  /// Reading would do some good.
  var wantsInput: Bool {
    switch phase {
    case .connecting, .over: false
    case .unknown: !isInputEnded
    case .open where isAnswerHeld: false
    case .open: !isInputEnded && (party?.wantsInput ?? true) && unreadByteCount < Self.unreadMax
    case .closing: !isInputEnded
    }
  }

  /// When something is due.
  var nextDeadline: Instant {
    switch phase {
    case .connecting, .unknown: patienceEnd
    case .open: hasOutput ? .distantFuture : min(deadline, line?.deadline ?? .distantFuture)
    case .closing(let end): end
    case .over: .distantFuture
    }
  }

  // MARK: opening

  /// The session begins.
  func begin(
    _ party: any ReplayParty, _ dialect: Dialect, stream: Int, faults: FaultLedger?
  ) {
    let now = wire.clock.now
    var line =
      if let faults {
        FaultyLine(
          replaying: faults, connection: stream, role: role, dialect: dialect,
          checksum: .forProgram)
      } else {
        FaultyLine(
          rules: FaultRules(), seed: 0, connection: stream, role: role, dialect: dialect,
          checksum: .forProgram)
      }
    line.receiveLimit = party.receiveLimit
    line.isObserved = true
    line.begin(at: now)
    self.line = line
    self.dialect = dialect
    self.party = party
    phase = .open
    deadline = .zero
    guard place != nil, !wire.isSilent else { return }
    let (own, peer) = (Endpoint(socket.localAddress()), Endpoint(socket.peerAddress()))
    let (client, server) = role == .client ? (own, peer) : (peer, own)
    number = wire.trace.open(
      RecordingWriter.Ends(
        client: client, proxyForClient: server, proxyForServer: client, server: server),
      at: wire.clock.time)
  }

  // MARK: reading

  /// Reads what there is, once; says whether anything came.
  func read(into buffer: inout [UInt8]) -> Bool {
    switch socket.read(into: &buffer) {
    case .bytes(let count):
      let bytes = buffer
      take(bytes.span.bytes.extracting(first: count))
      return true
    case .wouldBlock: return false
    case .endOfStream: endInput(nil)
    case .failed(let error): endInput(error)
    }
    return true
  }

  /// Takes bytes that have come.
  func take(_ bytes: RawSpan) {
    receivedByteCount += bytes.byteCount
    unreadByteCount += bytes.byteCount
    deadline = .zero
    if case .unknown = phase {
      _ = recogniser?.receive(bytes)
      return
    }
    line?.receive(bytes, at: wire.clock.now)
    takeIncoming()
  }

  private func endInput(_ failure: SystemError?) {
    isInputEnded = true
    self.failure = self.failure ?? failure
    deadline = .zero
    line?.finishIncoming(at: wire.clock.now)
    takeIncoming()
    party?.endOfStream()
    guard number >= 0, !wire.isSilent else { return }
    if failure != nil {
      wire.trace.ended(self, .reset, at: wire.clock.time)
      number = -1
    } else {
      wire.trace.ended(self, .halfClose(outgoing.opposite), at: wire.clock.time)
      wire.trace.passedEnd(self, outgoing.opposite, at: wire.clock.time)
    }
  }

  /// Hands what the line lets through to the session.
  private func takeIncoming() {
    tellObservations()
    let now = wire.clock.now
    while true {
      piece.removeAll(keepingCapacity: true)
      guard case .forward(let number)? = line?.nextIncoming(at: now, into: &piece) else { break }
      let bytes = piece
      tellSent(bytes.span.bytes, outgoing.opposite, number)
      if case .open = phase { party?.receive(bytes.span.bytes) }
    }
    tellObservations()
  }

  // MARK: writing

  /// The next step of the session, whose frame goes to the output; nil if there is none now.
  func nextStep() -> ReplayStep? {
    guard isOpen, let party, pending.count < Self.pendingMax else { return nil }
    // "One write for each frame" (PROTOCOL.md 9.3).
    if dialect == .classic, !pending.isEmpty { return nil }
    frame.removeAll(keepingCapacity: true)
    unreadByteCount = 0
    let step = party.next(at: wire.clock.now, into: &frame)
    if !frame.isEmpty {
      let bytes = frame
      line?.send(bytes.span.bytes, at: wire.clock.now)
      takeOutgoing()
    }
    if case .wait(let moment) = step { deadline = moment }
    return step
  }

  /// Takes what faults have held and let go, in both directions.
  func release() {
    guard isOpen else { return }
    takeIncoming()
    takeOutgoing()
  }

  private func takeOutgoing() {
    tellObservations()
    let now = wire.clock.now
    while true {
      piece.removeAll(keepingCapacity: true)
      guard case .forward(let number)? = line?.nextOutgoing(at: now, into: &piece) else { break }
      let bytes = piece
      tellSent(bytes.span.bytes, outgoing, number)
      pending.bytes += piece
    }
    if line?.isReset == true { isResetDue = true }
  }

  /// Writes what waits, as far as the kernel takes it.
  func write() {
    guard hasOutput else { return }
    switch pending.write(to: socket) {
    case .bytes, .wouldBlock: break
    // Why is found when reading.
    case .endOfStream, .failed: isOutputBroken = true
    }
  }

  // MARK: closing

  /// Nothing more is said: what faults hold goes out, then the connection is closed.
  func startClosing() {
    guard isOpen else { return }
    line?.finishOutgoing()
    takeOutgoing()
    phase = .closing(until: wire.clock.now.advanced(by: Self.closingMax))
  }

  /// Goes on with closing, as far as that is possible now.
  func continueClosing() {
    guard case .closing(let end) = phase else { return }
    write()
    let isLate = wire.clock.now >= end
    if hasOutput, !isLate { return }
    if isResetDue {
      tellEnd(.reset)
      socket.resetOnClose()
      phase = .over
      return
    }
    if !isOutputEnded {
      isOutputEnded = true
      socket.shutDownWriting()
      tellEnd(.halfClose(outgoing))
      phase = .closing(until: wire.clock.now.advanced(by: Self.closingMax))
      if !isInputEnded { return }
    }
    guard isInputEnded || isLate else { return }
    tellEnd(.close)
    phase = .over
  }

  /// Ends at once, unless it is about to end.
  func abandonUnlessClosing() {
    if case .closing = phase { return }
    abandon()
  }

  /// Ends at once.
  func abandon() {
    guard !isOver else { return }
    tellEnd(.reset)
    socket.resetOnClose()
    phase = .over
  }

  // MARK: what is told

  func countTraced(_ direction: Direction, _ byteCount: Int) -> UInt64 {
    let index = direction == .clientToServer ? 0 : 1
    defer { tracedByteCounts[index] &+= UInt64(byteCount) }
    return tracedByteCounts[index]
  }

  private var isTold: Bool { number >= 0 && !wire.isSilent }

  private func tellObservations() {
    line?.takeObservations(into: &observations)
    guard !observations.isEmpty else { return }
    defer { observations.removeAll(keepingCapacity: observations.capacity <= 256) }
    guard isTold else { return }
    for observation in observations {
      let fate = observation.fate.map { TappedFate($0) } ?? .forwarded
      if !fate.acts.isEmpty {
        acts.append((observation.number, fate.acts))
        if acts.count > FaultLimits.heldFramesMax { acts.removeFirst(acts.count / 2) }
      }
      let bytes = observation.bytes
      _ = wire.trace.arrived(
        bytes.span.bytes, self, observation.direction, number: observation.number, fate: fate,
        at: wire.clock.time)
    }
  }

  private func tellSent(_ bytes: RawSpan, _ direction: Direction, _ number: UInt64) {
    guard isTold else { return }
    let acts = acts.first { $0.number == number }?.acts ?? []
    wire.trace.sent(bytes, self, direction, number: number, acts: acts, at: wire.clock.time)
  }

  private func tellEnd(_ closing: TappedClosing) {
    guard isTold else { return }
    wire.trace.ended(self, closing, at: wire.clock.time)
    switch closing {
    case .halfClose(let direction):
      wire.trace.passedEnd(self, direction, at: wire.clock.time)
    case .close, .reset: number = -1
    }
  }
}
