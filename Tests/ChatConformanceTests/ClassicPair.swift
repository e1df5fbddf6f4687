import ChatSimulation
import ChatTrace
import ChatWire

/// A classic client and a classic server with a proxy between them, in virtual time.
///
/// What the culprit sends goes through `mutate`.
final class ClassicPair {
  var culprit = Session.Role.server
  /// What is sent in the place of a frame; the number counts the frames of that type, from 1.
  var mutate: (ClassicType, Int, [UInt8]) -> [[UInt8]] = { [$2] }
  /// What the client asks for.
  var fragmentCharacters = 10
  var latency = Duration.milliseconds(5)
  private(set) var sight = Sight()
  /// The frames that arrived at the proxy: who sent them, and their types.
  private(set) var frames: [(side: Session.Role, type: ClassicType)] = []

  private var now = Instant.zero
  private var client: ClassicClientSession
  private var server: ClassicServerSession
  private var counts: [UInt8: Int] = [:]
  private var deadlines = BothSides(client: Instant.zero, server: Instant.zero)
  private var isOver = BothSides(client: false, server: false)
  private var commands: [(time: Instant, action: (ClassicPair) -> Void)] = []
  private var queues = BothDirections<[Passing]>(both: [])
  private var number: UInt64 = 0

  private struct Passing {
    var time: Instant
    /// It has passed the proxy.
    var isBehind: Bool
    /// Nil is the end of the stream.
    var frame: [UInt8]?
  }

  init(seed: UInt64 = 1, fragmentCharacters: Int = 10) {
    var configuration = ClassicClientConfiguration()
    configuration.parameters.fragmentCharacters = fragmentCharacters
    client = ClassicClientSession(configuration)
    server = ClassicServerSession(seed: seed, at: .zero)
  }

  // MARK: what is to happen

  func at(_ milliseconds: Int, _ action: @escaping (ClassicPair) -> Void) {
    commands.append((Instant.zero.advanced(by: .milliseconds(milliseconds)), action))
  }

  /// Something the client is asked to do.
  func ask(_ command: (inout ClassicClientSession) -> Void) {
    guard !isOver.client else { return }
    command(&client)
    drain(.client)
  }

  func broadcast(_ text: String) {
    guard !isOver.server else { return }
    server.broadcast(name: "bob", text: text)
    drain(.server)
  }

  // MARK: what happens

  func run() {
    sight.add(.open, at: .zero)
    commands.sort { $0.time < $1.time }
    drain(.client)
    drain(.server)
    var steps = 0
    while steps < 20_000, let time = nextTime, time < Instant.zero.advanced(by: .seconds(300)) {
      steps += 1
      now = max(now, time)
      step()
    }
  }

  private var nextTime: Instant? {
    var times = Direction.both.compactMap { queues[$0].first?.time }
    times += Session.Role.both.filter { !isOver[$0] }.map { deadlines[$0] }
    if let command = commands.first { times.append(command.time) }
    return times.min()
  }

  private func step() {
    for direction in Direction.both {
      guard let first = queues[direction].first, first.time <= now else { continue }
      queues[direction].removeFirst()
      pass(first, direction)
      return
    }
    if let command = commands.first, command.time <= now {
      commands.removeFirst()
      command.action(self)
      return
    }
    for side in Session.Role.both where !isOver[side] && deadlines[side] <= now { drain(side) }
  }

  private func pass(_ passing: Passing, _ direction: Direction) {
    guard !passing.isBehind else { return deliver(passing.frame, to: direction.receiver) }
    if let frame = passing.frame {
      number += 1
      frames.append((direction.sender, ClassicType(rawValue: frame[4])))
      sight.add(.arrived(direction, frame, number: number, .forwarded), at: now)
      sight.add(.sent(direction, frame, number: number), at: now)
    } else {
      sight.add(.ended(direction), at: now)
      sight.add(.passedEnd(direction), at: now)
    }
    let later = Passing(time: now.advanced(by: latency), isBehind: true, frame: passing.frame)
    let place = queues[direction].firstIndex { $0.time > later.time } ?? queues[direction].count
    queues[direction].insert(later, at: place)
  }

  private func deliver(_ frame: [UInt8]?, to side: Session.Role) {
    guard !isOver[side] else { return }
    switch (side, frame) {
    case (.client, let frame?): client.receive(frame.span.bytes)
    case (.client, nil): client.endOfStream()
    case (.server, let frame?): server.receive(frame.span.bytes)
    case (.server, nil): server.endOfStream()
    }
    drain(side)
  }

  private func drain(_ side: Session.Role) {
    while !isOver[side] {
      var buffer: [UInt8] = []
      let deadline: Instant?
      switch side {
      case .client: deadline = drainClient(&buffer)
      case .server: deadline = drainServer(&buffer)
      }
      if !buffer.isEmpty { send(buffer, from: side) }
      if let deadline {
        deadlines[side] = max(deadline, now.advanced(byNanoseconds: 1))
        return
      }
    }
  }

  private func drainClient(_ buffer: inout [UInt8]) -> Instant? {
    switch client.nextOutput(at: now, into: &buffer) {
    case .wait(let deadline): return deadline
    case .ended:
      hangUp(.client)
      return nil
    default: return nil
    }
  }

  private func drainServer(_ buffer: inout [UInt8]) -> Instant? {
    switch server.nextOutput(at: now, into: &buffer) {
    case .opening: server.accept(sessionID: "deadbeef")
    case .nicknameWanted(let name): server.giveNickname(name)
    case .namesWanted: server.list(["ana", "bob"])
    case .wait(let deadline): return deadline
    case .ended: hangUp(.server)
    default: break
    }
    return nil
  }

  private func send(_ frame: [UInt8], from side: Session.Role) {
    let type = ClassicType(rawValue: frame[4])
    guard side == culprit else { return queue(frame, side) }
    counts[type.rawValue, default: 0] += 1
    for frame in mutate(type, counts[type.rawValue] ?? 0, frame) { queue(frame, side) }
  }

  private func hangUp(_ side: Session.Role) {
    isOver[side] = true
    queue(nil, side)
  }

  private func queue(_ frame: [UInt8]?, _ side: Session.Role) {
    let time = now.advanced(by: latency)
    let direction = side.outgoing
    let place = queues[direction].firstIndex { $0.time > time } ?? queues[direction].count
    queues[direction].insert(Passing(time: time, isBehind: false, frame: frame), at: place)
  }
}

extension Direction {
  static var both: [Direction] { [.clientToServer, .serverToClient] }
}
