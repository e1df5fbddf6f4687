public import ChatWire

/// A command to one client of a room, or to the line to it.
public struct RoomCommand: Sendable, Hashable {
  /// When.
  public var time: Instant
  /// Which client, from 0.
  public var client: Int
  /// What; commands to the server side concern the server's end of that client's session.
  public var command: SimulationCommand

  /// Makes a command.
  public init(at time: Instant, client: Int, _ command: SimulationCommand) {
    self.time = time
    self.client = client
    self.command = command
  }
}

/// Clients around one hub, each on a line of its own and in a mode of its own, in virtual time.
///
/// The hub is the `Room` of a server: it takes whole messages from the server's ends of the
/// sessions and hands what they cause to the ends of all who are to get it.
public struct SimulatedRoom: Sendable {
  /// The moment that it has come to.
  public private(set) var now = Instant.zero
  /// The connections, one for each client.
  public private(set) var connections: [SimulatedConnection]
  /// Who is here and what is said.
  public private(set) var room: Room
  /// What every client was told, in order.
  public private(set) var heard: [[(type: FrameType, bytes: [UInt8])]]
  /// What the hub has broadcast, in order: who said what.
  public private(set) var broadcasts: [Broadcast] = []
  private var commands: [RoomCommand]
  private var commandIndex = 0
  private var hasLeft: [Bool]
  private var sessionIDs: SplitMix64
  private var stuck: SimulationViolation?

  /// A room whose clients are about to send SYN, each at the start of its parameters.
  ///
  /// Commands of the same time keep their order; those to clients that there are not are left out.
  public init(
    _ clients: [ConnectionParameters], commands: [RoomCommand] = [], welcome: String? = nil,
    checksum: CRC32 = CRC32()
  ) {
    connections = clients.enumerated().map { number, parameters in
      var parameters = parameters
      parameters.number = number
      return SimulatedConnection(parameters, checksum: checksum)
    }
    heard = Array(repeating: [], count: clients.count)
    hasLeft = Array(repeating: false, count: clients.count)
    room = Room(welcome: welcome)
    sessionIDs = SplitMix64(seed: SplitMix64.seed(clients.first?.seed ?? 0, purpose: 8))
    let possible = commands.filter { clients.indices.contains($0.client) }
    self.commands = possible.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element)
  }

  /// The first thing that a checker found.
  public var violation: SimulationViolation? {
    stuck ?? connections.lazy.compactMap(\.checks.violation).first
  }

  /// True once all sessions are over.
  public var isOver: Bool { connections.allSatisfy(\.isOver) }

  /// Runs until all sessions are over, a checker finds something, or a limit is reached.
  public mutating func run(
    until limit: Instant = .distantFuture, stepCountMax: Int = 10_000_000,
    _ observer: inout some SimulationObserver
  ) -> SimulationEnd {
    for _ in 0..<stepCountMax {
      if let violation { return .violated(violation) }
      if isOver { return finish() }
      let (index, event) = nextEvent
      let commandTime = commandIndex < commands.count ? commands[commandIndex].time : .distantFuture
      let time = min(event, commandTime)
      if time == .distantFuture {
        reportStuck()
        continue
      }
      if time > limit {
        now = max(now, limit)
        return .timeLimit
      }
      now = max(now, time)
      if commandTime <= event {
        perform(commands[commandIndex], &observer)
        commandIndex += 1
      } else {
        connections[index].step(at: now, &observer)
        answer(index)
      }
    }
    return .stepLimit
  }

  /// Runs without anybody watching.
  public mutating func run(
    until limit: Instant = .distantFuture, stepCountMax: Int = 10_000_000
  ) -> SimulationEnd {
    var nobody = NoObserver()
    return run(until: limit, stepCountMax: stepCountMax, &nobody)
  }

  /// The connection at which something is due first; the first of several.
  private var nextEvent: (index: Int, time: Instant) {
    var found = (index: 0, time: Instant.distantFuture)
    for index in connections.indices where !connections[index].isOver {
      let time = connections[index].nextEvent
      if time < found.time { found = (index, time) }
    }
    return found
  }

  private mutating func perform(
    _ command: RoomCommand, _ observer: inout some SimulationObserver
  ) {
    observer.commanded(command.command, at: now)
    connections[command.client].perform(command.command, at: now)
    if case .close(.server) = command.command { leave(command.client, reason: nil) }
  }

  private mutating func finish() -> SimulationEnd {
    for index in connections.indices {
      let isDisturbed = connections[index].isDisturbed
      connections[index].checks.finished(isDisturbed: isDisturbed, at: now)
    }
    return violation.map { .violated($0) } ?? .finished
  }

  private mutating func reportStuck() {
    let index = connections.firstIndex { !$0.isOver } ?? 0
    stuck = SimulationViolation(
      check: .progress, time: now, side: .client,
      sentence: "nothing will ever happen again, but session \(index) is not over.")
  }

  // MARK: the hub

  private mutating func answer(_ index: Int) {
    let outputs = connections[index].outputs
    guard !outputs.isEmpty else { return }
    connections[index].clearOutputs()
    for output in outputs {
      switch output.side {
      case .client:
        if case .deliver(let type, let bytes) = output.output { heard[index].append((type, bytes)) }
      case .server: serve(index, output.output)
      }
    }
  }

  private mutating func serve(_ index: Int, _ output: SessionOutput) {
    let id = RoomMemberID(rawValue: UInt64(index))
    switch output {
    case .request(let options):
      let profile = RoomProfile(
        dialect: .native, mode: options.arqMode ?? .goBackN, window: options.window ?? 1,
        fragment: options.fragment ?? 1)
      let joined = room.join(id, profile, wanted: options.nickname, at: now)
      connections[index].accept(
        SessionGrant(
          nickname: joined.nickname.value, sessionID: nextSessionID(),
          initialSequence: connections[index].serverInitialSequence), at: now)
    case .established: hand(room.established(id))
    case .deliver(.data, let bytes):
      let milliseconds = UInt64(max(0, now.nanoseconds) / 1_000_000)
      hand(room.text(from: id, bytes, sentAtMilliseconds: milliseconds))
    case .deliver(.nick, let bytes): hand(room.nickname(from: id, bytes))
    case .deliver(.who, _): hand(room.roster(for: id, at: now))
    case .peerFinished(let reason): leave(index, reason: reason)
    case .ended: leave(index, reason: nil)
    case .deliver, .oversized, .transmit, .wait: break
    }
  }

  private mutating func leave(_ index: Int, reason: String?) {
    guard !hasLeft[index] else { return }
    hasLeft[index] = true
    hand(room.leave(RoomMemberID(rawValue: UInt64(index)), reason: reason))
  }

  /// Gives messages to all who are to get them, in one order.
  private mutating func hand(_ deliveries: [RoomDelivery]) {
    for delivery in deliveries {
      if case .broadcast(let broadcast) = delivery.message { broadcasts.append(broadcast) }
      let (type, payload) = delivery.message.encoded()
      var recipients: [Int] = []
      room.forEachRecipient(of: delivery) {
        recipients.append(Int(truncatingIfNeeded: $0.id.rawValue))
      }
      for index in recipients {
        connections[index].perform(.send(.server, type, payload), at: now)
      }
    }
  }

  private mutating func nextSessionID() -> [UInt8] {
    var drawn = sessionIDs.next()
    return (0..<8).map { _ in
      defer { drawn >>= 8 }
      return UInt8(truncatingIfNeeded: drawn)
    }
  }
}
