import ChatSimulation
import ChatTrace
import ChatWire

/// A client and a server with a proxy between them, in virtual time, of which one does something
/// wrong.
///
/// Both run the sessions of the programs. What the culprit sends goes through `mutate`, what it is
/// given through `intake`; what happens on the line is up to `line`. Everything is told to `sight`
/// as it happens at the proxy.
final class MisbehavingPair {
  /// Who does something wrong.
  var culprit = Session.Role.server
  var client = ClientConfiguration()
  var server = ServerConfiguration()
  var clientInitial: UInt16 = 1_000
  var serverInitial: UInt16 = 5_000
  var sessionID: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
  /// The nickname that the server gives.
  var nickname = "ana"
  /// From each peer to the proxy, and back.
  var latency = BothSides(client: Duration.milliseconds(5), server: .milliseconds(5))
  /// When it is given up.
  var limit = Duration.seconds(100)
  /// Which connection of the recording it is.
  var connection = 0

  /// What the culprit sends in the place of a frame.
  var mutate: (WireFrame) -> [WireFrame] = { [$0] }
  /// What the culprit's session is given in the place of a frame that reaches it.
  var intake: (WireFrame) -> WireFrame? = { $0 }
  /// What comes out of the line for a frame, by its number in its direction, from 1.
  var line: (Direction, Int, WireFrame) -> [WireFrame] = { [$2] }

  /// What was seen at the proxy.
  private(set) var sight = Sight()
  /// The numbers of the frames in the trace that break a rule.
  private(set) var wrongFrames: [UInt64] = []
  /// Every frame that arrived at the proxy, in order: the trace numbers them from 1.
  private(set) var frames: [(direction: Direction, frame: WireFrame)] = []

  /// Nothing has happened to any frame on the line.
  private(set) var isLineQuiet = true

  private(set) var now = Instant.zero
  private var sessions: BothSides<Session>?
  private var isOver = BothSides(client: false, server: false)
  private var deadlines = BothSides(client: Instant.zero, server: Instant.zero)
  private var arrivals = BothDirections<[Arrival]>(both: [])
  private var deliveries = BothDirections<[Arrival]>(both: [])
  private var frameCounts = BothDirections(both: 0)
  private var commands: [(time: Instant, action: (MisbehavingPair) -> Void)] = []
  private var fateNumber: UInt64 = 0

  private struct Arrival {
    var time: Instant
    /// Nil is the end of the stream.
    var frame: WireFrame?
  }

  // MARK: what is to happen

  /// Does something at a time.
  func at(_ milliseconds: Int, _ action: @escaping (MisbehavingPair) -> Void) {
    commands.append((Instant.zero.advanced(by: .milliseconds(milliseconds)), action))
  }

  func send(_ side: Session.Role, _ type: FrameType = .data, _ payload: [UInt8]) {
    guard !isOver[side] else { return }
    try? sessions?[side].send(type, payload)
    drain(side)
  }

  /// A text of the client, or a broadcast of the server.
  func say(_ side: Session.Role, _ text: String, of speaker: String = "bob") {
    guard side == .server else { return send(.client, .data, Array(text.utf8)) }
    var payload: [UInt8] = []
    _ = Broadcast(sentAtMilliseconds: 1, nickname: speaker, text: text).encode(into: &payload)
    send(.server, .data, payload)
  }

  func finish(_ side: Session.Role) {
    guard !isOver[side] else { return }
    sessions?[side].finish()
    drain(side)
  }

  func limitWindow(_ side: Session.Role, to count: Int?) {
    guard !isOver[side] else { return }
    sessions?[side].limitReceiveWindow(to: count)
    drain(side)
  }

  /// The culprit sends a frame out of the blue.
  func blurt(_ frame: WireFrame) {
    put([frame], from: culprit)
  }

  /// A side closes TCP, whatever its session thinks.
  func hangUp(_ side: Session.Role) {
    guard !isOver[side] else { return }
    isOver[side] = true
    arrivals[side.outgoing].append(Arrival(time: now.advanced(by: latency[side]), frame: nil))
  }

  // MARK: what happens

  /// Lets it all happen.
  func run() {
    sight.add(.open, at: .zero, connection: connection)
    sessions = BothSides(
      client: Session(
        client: client, initialSequence: SequenceNumber(clientInitial), checksum: CRC32(),
        at: .zero),
      server: Session(server: server, checksum: CRC32(), at: .zero))
    commands.sort { $0.time < $1.time }
    drain(.client)
    drain(.server)
    var steps = 0
    while steps < 100_000, let time = nextTime, time <= Instant.zero.advanced(by: limit) {
      steps += 1
      now = max(now, time)
      step()
    }
  }

  private var nextTime: Instant? {
    var time = commands.first?.time
    for direction in [Direction.clientToServer, .serverToClient] {
      for candidate in [arrivals[direction].first?.time, deliveries[direction].first?.time] {
        if let candidate { time = min(time ?? candidate, candidate) }
      }
    }
    for side in Session.Role.both where !isOver[side] {
      time = min(time ?? deadlines[side], deadlines[side])
    }
    return time
  }

  private func step() {
    for direction in [Direction.clientToServer, .serverToClient] {
      if let first = arrivals[direction].first, first.time <= now {
        arrivals[direction].removeFirst()
        arrive(first.frame, direction)
        return
      }
      if let first = deliveries[direction].first, first.time <= now {
        deliveries[direction].removeFirst()
        deliver(first.frame, to: direction.receiver)
        return
      }
    }
    if let command = commands.first, command.time <= now {
      commands.removeFirst()
      command.action(self)
      return
    }
    for side in Session.Role.both where !isOver[side] && deadlines[side] <= now { drain(side) }
  }

  /// A frame, or the end, comes to the proxy.
  private func arrive(_ frame: WireFrame?, _ direction: Direction) {
    let time = now.advanced(by: latency[direction.receiver])
    guard let frame else {
      sight.add(.ended(direction), at: now, connection: connection)
      sight.add(.passedEnd(direction), at: now, connection: connection)
      deliveries[direction].append(Arrival(time: time, frame: nil))
      return
    }
    frames.append((direction, frame))
    if frame.isWrong { wrongFrames.append(UInt64(frames.count)) }
    frameCounts[direction] += 1
    fateNumber += 1
    let passed = line(direction, frameCounts[direction], frame)
    let disposition: TraceEvent.Disposition =
      passed.isEmpty
      ? .dropped : passed.count > 1 ? .duplicated : passed[0] == frame ? .forwarded : .corrupted
    if disposition != .forwarded { isLineQuiet = false }
    sight.add(
      .arrived(direction, frame.bytes, number: fateNumber, TappedFate(disposition)), at: now,
      connection: connection)
    for frame in passed {
      sight.add(
        .sent(direction, frame.bytes, number: fateNumber), at: now, connection: connection)
      deliveries[direction].append(Arrival(time: time, frame: frame))
    }
  }

  private func deliver(_ frame: WireFrame?, to side: Session.Role) {
    guard !isOver[side] else { return }
    guard let frame else {
      sessions?[side].endOfStream()
      drain(side)
      return
    }
    guard let taken = side == culprit ? intake(frame) : frame else { return }
    sessions?[side].receive(taken.bytes.span.bytes)
    drain(side)
  }

  /// Takes what a session wants.
  private func drain(_ side: Session.Role) {
    while !isOver[side] {
      var buffer: [UInt8] = []
      guard let output = sessions?[side].nextOutput(at: now, into: &buffer) else { return }
      switch output {
      case .transmit:
        guard let frame = WireFrame(buffer) else { return }
        put(side == culprit ? mutate(frame) : [frame], from: side)
      case .request:
        sessions?[side].accept(
          SessionGrant(
            nickname: nickname, sessionID: sessionID,
            initialSequence: SequenceNumber(serverInitial)))
      case .established, .deliver, .oversized, .peerFinished: break
      case .wait(let deadline):
        deadlines[side] = max(deadline, now.advanced(byNanoseconds: 1))
        return
      case .ended: hangUp(side)
      }
    }
  }

  private func put(_ frames: [WireFrame], from side: Session.Role) {
    for frame in frames {
      arrivals[side.outgoing].append(
        Arrival(time: now.advanced(by: latency[side]), frame: frame))
    }
  }
}
