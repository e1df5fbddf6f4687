internal import ChatWire

/// A pair of sessions, the frames between them, and what the checkers have seen: a value, so that
/// all that can happen next can be tried on copies.
struct ExplorationState: Sendable {
  private struct Line: Sendable, Hashable {
    var frames: [[UInt8]] = []
    /// The end of the stream is behind the frames.
    var isEnding = false
  }

  private(set) var checks: SimulationChecks
  private(set) var now = Instant.zero
  private var sessions: BothSides<Session>
  private var deadlines = BothSides(client: Instant.zero, server: Instant.zero)
  private var lines = BothDirections(both: Line())
  private let grant = SessionGrant(
    nickname: "guest-1", sessionID: [1, 2, 3, 4, 5, 6, 7, 8],
    initialSequence: SequenceNumber(65_535))

  init(client: ClientConfiguration, server: ServerConfiguration, checksum: CRC32) {
    checks = SimulationChecks(client: client, server: server, checksum: checksum)
    sessions = BothSides(
      client: Session(
        client: client, initialSequence: SequenceNumber(65_534), checksum: checksum, at: .zero),
      server: Session(server: server, checksum: checksum, at: .zero))
    drain(.client)
    drain(.server)
  }

  // MARK: looking at it

  var isOver: Bool { sessions.client.phase == .ended && sessions.server.phase == .ended }

  var isEstablished: Bool { sessions.client.isEstablished && sessions.server.isEstablished }

  func isEmpty(_ direction: Direction) -> Bool {
    lines[direction].frames.isEmpty && !lines[direction].isEnding
  }

  func frameCount(_ direction: Direction) -> Int { lines[direction].frames.count }

  /// Tells states apart; what the checkers know follows from the rest, except for what was
  /// delivered.
  func hash(into hasher: inout Hasher) {
    sessions.client.hashState(into: &hasher)
    sessions.server.hashState(into: &hasher)
    hasher.combine(now)
    hasher.combine(lines)
    hasher.combine(checks.sides.client.delivery.deliveredCount)
    hasher.combine(checks.sides.server.delivery.deliveredCount)
  }

  // MARK: what happens

  /// Lets both sides send messages and say goodbye.
  mutating func ask(_ side: Session.Role, toSend messages: [[UInt8]], isFinishing: Bool) {
    for message in messages {
      do throws(SendRefusal) {
        try sessions[side].send(.data, message)
        checks.asked(side, toSend: .data, message)
      } catch {
        checks.report(.ending, side, at: now, "refuses a message: \(error.sentence)")
      }
    }
    if isFinishing { sessions[side].finish() }
    drain(side)
  }

  /// True if a move can be made.
  func allows(_ move: ExplorationMove) -> Bool {
    switch move {
    case .deliver(let direction, 0): !isEmpty(direction)
    case .deliver(let direction, let place): place < frameCount(direction)
    case .drop(let direction), .duplicate(let direction), .corrupt(let direction),
      .breakFraming(let direction):
      frameCount(direction) > 0
    case .timeout: min(deadlines.client, deadlines.server) < .distantFuture
    }
  }

  mutating func make(_ move: ExplorationMove) {
    switch move {
    case .deliver(let direction, let place): deliver(direction, place)
    case .drop(let direction): lines[direction].frames.removeFirst()
    case .duplicate(let direction): give(lines[direction].frames[0], to: direction.receiver)
    case .corrupt(let direction): deliverDamaged(direction, byte: 9)
    case .breakFraming(let direction): deliverDamaged(direction, byte: 1)
    case .timeout:
      now = max(now, min(deadlines.client, deadlines.server))
      for side in Session.Role.both where deadlines[side] <= now { drain(side) }
    }
    if isOver { checks.finished(isDisturbed: false, at: now) }
  }

  private mutating func deliver(_ direction: Direction, _ place: Int) {
    if lines[direction].frames.isEmpty {
      lines[direction].isEnding = false
      if sessions[direction.receiver].phase == .ended { return }
      sessions[direction.receiver].endOfStream()
      drain(direction.receiver)
    } else {
      give(lines[direction].frames.remove(at: place), to: direction.receiver)
    }
  }

  private mutating func deliverDamaged(_ direction: Direction, byte: Int) {
    var frame = lines[direction].frames.removeFirst()
    if frame.indices.contains(byte) { frame[byte] ^= 1 }
    give(frame, to: direction.receiver)
  }

  private mutating func give(_ frame: [UInt8], to side: Session.Role) {
    if sessions[side].phase == .ended { return }
    unsafe checks.received(frame.span.bytes, by: side)
    unsafe sessions[side].receive(frame.span.bytes)
    drain(side)
  }

  private mutating func drain(_ side: Session.Role) {
    for _ in 0..<10_000 {
      var frame: [UInt8] = []
      switch sessions[side].nextOutput(at: now, into: &frame) {
      case .transmit(let transmission):
        unsafe checks.sent(transmission, frame.span.bytes, by: side, at: now)
        lines[side.outgoing].frames.append(frame)
      case .request: sessions[side].accept(grant)
      case .deliver(let type, let bytes): checks.delivered(type, bytes, by: side, at: now)
      case .oversized(_, let byteCount): checks.oversized(byteCount, by: side, at: now)
      case .established, .peerFinished: break
      case .wait(let deadline):
        if deadline <= now {
          checks.report(.progress, side, at: now, "waits until a moment that is not later.")
        }
        deadlines[side] = max(deadline, now.advanced(byNanoseconds: 1))
        checks.quiet(side, sessions[side].status, at: now)
        return
      case .ended(let end):
        checks.ended(side, end, at: now)
        deadlines[side] = .distantFuture
        lines[side.outgoing].isEnding = true
        return
      }
    }
    checks.report(.progress, side, at: now, "does not come to rest.")
  }
}
