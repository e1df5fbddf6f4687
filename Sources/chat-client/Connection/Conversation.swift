internal import ChatPosix
internal import ChatWire

/// One connection with its session: bytes from the socket on one side, steps on the other, and the
/// faults between the two.
///
/// While output waits to be written the session is not asked for more, so that what waits stays
/// bounded; input is still taken, up to a limit, or two ends that write would wait for each other.
struct Conversation {
  /// The session is not asked for more frames at a time.
  private static let outputMax = 256 << 10
  /// What is read and not looked at, while output waits.
  private static let unreadMax = 4 << 20

  var dialogue: Dialogue
  /// Where faults act; the classic dialect has none.
  private(set) var line: FaultyLine?
  /// The handshake is complete.
  var isEstablished = false
  /// This side has said goodbye.
  var isGoodbyeSaid = false
  /// How the session ended, once it has.
  var end: DialogueEnd?
  /// The server has been asked to pause.
  var isPausing = false
  /// When the session wants to be asked again.
  private(set) var deadline = Instant.zero
  /// Nothing more comes from the server.
  private(set) var isInputEnded = false
  /// Nothing more reaches the server.
  private(set) var isOutputBroken = false
  /// What broke the connection.
  private(set) var failure: SystemError?
  /// What went over the wire and was not told.
  private(set) var observations: [FaultyLine.Observation] = []

  private var output: [UInt8] = []
  private var writtenCount = 0
  private var unreadByteCount = 0
  /// Storage for one frame, and for what comes out of the line.
  private var frame: [UInt8] = []
  private var incoming: [UInt8] = []

  init(
    _ dialogue: Dialogue, rules: FaultRules, seed: UInt64, connection: Int, checksum: CRC32,
    at now: Instant
  ) {
    self.dialogue = dialogue
    guard dialogue.dialect == .native else { return }
    var line = FaultyLine(
      rules: rules, seed: seed, connection: connection, role: .client, dialect: .native,
      checksum: checksum)
    line.receiveLimit = dialogue.receiveLimit
    line.isObserved = true
    line.begin(at: now)
    self.line = line
  }

  /// A fault rule has broken the connection.
  var isReset: Bool { line?.isReset ?? false }

  /// Something waits to be written.
  var hasOutput: Bool { writtenCount < output.count && !isOutputBroken }

  /// Reading would do some good.
  var wantsInput: Bool {
    !isInputEnded && dialogue.wantsInput && unreadByteCount < Self.unreadMax
  }

  /// When something is due, as long as nothing waits to be written.
  var nextDeadline: Instant { min(deadline, line?.deadline ?? .distantFuture) }

  mutating func setRules(_ rules: FaultRules) {
    line?.rules = rules
  }

  // MARK: in

  mutating func receive(_ bytes: RawSpan, at now: Instant) {
    unreadByteCount += bytes.byteCount
    guard line != nil else {
      dialogue.receive(bytes)
      observe(.serverToClient, bytes)
      return
    }
    line?.receive(bytes, at: now)
    takeIncoming(at: now)
  }

  /// The server sends nothing more, perhaps because the connection broke.
  mutating func endInput(_ failure: SystemError?, at now: Instant) {
    isInputEnded = true
    self.failure = self.failure ?? failure
    line?.finishIncoming(at: now)
    takeIncoming(at: now)
    dialogue.endOfStream()
  }

  private mutating func takeIncoming(at now: Instant) {
    incoming.removeAll(keepingCapacity: true)
    while case .forward? = line?.nextIncoming(at: now, into: &incoming) {}
    let bytes = incoming
    if !bytes.isEmpty { dialogue.receive(bytes.span.bytes) }
    takeObservations()
  }

  // MARK: out

  /// The next step of the session, whose frames go to the output; nil if there is enough for now.
  mutating func next(at now: Instant) -> DialogueStep? {
    let isFull =
      switch dialogue.dialect {
      // "One write for each frame" (PROTOCOL.md 9.3).
      case .classic: hasOutput
      case .native: output.count - writtenCount >= Self.outputMax
      }
    if isFull {
      deadline = now
      return nil
    }
    unreadByteCount = 0
    frame.removeAll(keepingCapacity: true)
    let step = dialogue.next(at: now, into: &frame)
    if !frame.isEmpty { send(at: now) }
    if case .wait(let moment) = step { deadline = moment }
    return step
  }

  /// Takes what faults have held and let go, in both directions.
  mutating func release(at now: Instant) {
    takeIncoming(at: now)
    takeOutgoing(at: now)
  }

  /// The session is over: what faults hold goes before the end.
  mutating func finishOutput(at now: Instant) {
    line?.finishOutgoing()
    takeOutgoing(at: now)
  }

  private mutating func send(at now: Instant) {
    let frame = frame
    guard line != nil else {
      output += frame
      observe(.clientToServer, frame.span.bytes)
      return
    }
    line?.send(frame.span.bytes, at: now)
    takeOutgoing(at: now)
  }

  private mutating func takeOutgoing(at now: Instant) {
    while case .forward? = line?.nextOutgoing(at: now, into: &output) {}
    takeObservations()
  }

  /// Writes what waits, as far as the kernel takes it.
  mutating func write(to socket: borrowing StreamSocket) {
    while hasOutput {
      switch socket.write(output, from: writtenCount) {
      case .bytes(let count): writtenCount += count
      case .wouldBlock: return
      case .endOfStream, .failed:
        // Why is found when reading; and before it, perhaps, an ERROR.
        isOutputBroken = true
      }
    }
    output.removeAll(keepingCapacity: output.capacity <= 2 * Self.outputMax)
    writtenCount = 0
  }

  // MARK: what is told

  mutating func clearObservations() {
    observations.removeAll(keepingCapacity: observations.capacity <= 256)
  }

  private mutating func takeObservations() {
    line?.takeObservations(into: &observations)
  }

  private mutating func observe(_ direction: Direction, _ bytes: RawSpan) {
    let copy = bytes.withUnsafeBytes { Array($0) }
    observations.append(FaultyLine.Observation(direction: direction, bytes: copy, fate: nil))
  }
}
