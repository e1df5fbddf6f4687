public import ChatWire

/// How a simulation ended.
public enum SimulationEnd: Sendable, Hashable {
  /// Both sessions are over.
  case finished
  /// The time that it was given is over.
  case timeLimit
  /// It took more steps than it was given.
  case stepLimit
  /// A checker found something.
  case violated(SimulationViolation)
}

/// A client and a server on one simulated line, with a script of commands, in virtual time.
///
///     var pair = SimulatedPair(plan)
///     let end = pair.run(until: limit, &observer)
///
/// Two runs with equal plans and commands are equal in every byte and every moment.
public struct SimulatedPair: Sendable {
  /// The moment that it has come to.
  public private(set) var now = Instant.zero
  /// The connection.
  public private(set) var connection: SimulatedConnection
  /// The nickname that the server gives to a client that asks for none.
  public var defaultNickname = "guest-1"
  /// Set when nothing can happen any more although it is not over.
  private var stuck: SimulationViolation?
  private var commands: [TimedCommand]
  private var commandIndex = 0
  private let sessionID: [UInt8]
  private var isChecked = false

  /// A pair and what is to be done with it; commands of the same time keep their order.
  public init(
    _ parameters: ConnectionParameters, commands: [TimedCommand] = [], checksum: CRC32 = CRC32()
  ) {
    connection = SimulatedConnection(parameters, checksum: checksum)
    var generator = SplitMix64(seed: SplitMix64.seed(parameters.seed, purpose: 5))
    var drawn = generator.next()
    sessionID = (0..<8).map { _ in
      defer { drawn >>= 8 }
      return UInt8(truncatingIfNeeded: drawn)
    }
    now = parameters.start
    let sorted = commands.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    self.commands = sorted.map(\.element)
  }

  /// The first thing that a checker found.
  public var violation: SimulationViolation? { connection.checks.violation ?? stuck }

  /// True once both sessions are over.
  public var isOver: Bool { connection.isOver }

  /// When something happens next; `distantFuture` if nothing will.
  public var nextEvent: Instant { min(nextCommandTime, connection.nextEvent) }

  private var nextCommandTime: Instant {
    commandIndex < commands.count ? commands[commandIndex].time : .distantFuture
  }

  /// Lets the next thing happen; false if there is nothing, or all is over.
  public mutating func step(_ observer: inout some SimulationObserver) -> Bool {
    if connection.checkOver() { return false }
    let event = connection.findNext().time
    if commandIndex < commands.count, commands[commandIndex].time <= event {
      let command = commands[commandIndex]
      commandIndex += 1
      now = max(now, command.time)
      observer.commanded(command.command, at: now)
      connection.perform(command.command, at: now)
    } else {
      guard event < .distantFuture else { return false }
      now = max(now, event)
      connection.step(at: now, &observer)
    }
    answer()
    return true
  }

  /// Runs until both sessions are over, a checker finds something, or a limit is reached.
  public mutating func run(
    until limit: Instant = .distantFuture, stepCountMax: Int = 10_000_000,
    _ observer: inout some SimulationObserver
  ) -> SimulationEnd {
    var count = 0
    while true {
      if let violation = connection.checks.violation ?? stuck { return .violated(violation) }
      if connection.checkOver() {
        finish()
        if let violation { return .violated(violation) }
        return .finished
      }
      var event = connection.findNext().time
      if commandIndex < commands.count { event = min(event, commands[commandIndex].time) }
      if event == .distantFuture {
        reportStuck()
        continue
      }
      if event > limit {
        now = max(now, limit)
        return .timeLimit
      }
      if count >= stepCountMax { return .stepLimit }
      count += 1
      _ = step(&observer)
    }
  }

  /// Runs without anybody watching.
  public mutating func run(
    until limit: Instant = .distantFuture, stepCountMax: Int = 10_000_000
  ) -> SimulationEnd {
    var nobody = NoObserver()
    return run(until: limit, stepCountMax: stepCountMax, &nobody)
  }

  private mutating func finish() {
    guard !isChecked else { return }
    isChecked = true
    connection.checks.finished(isDisturbed: connection.isDisturbed, at: now)
  }

  private mutating func reportStuck() {
    stuck = SimulationViolation(
      check: .progress, time: now,
      side: connection.counts(.client).end == nil ? .client : .server,
      sentence: "nothing will ever happen again, but the session is not over.")
  }

  /// The server lets everybody in.
  private mutating func answer() {
    guard !connection.outputs.isEmpty else { return }
    for output in connection.outputs {
      guard case .request(let options) = output.output else { continue }
      connection.accept(
        SessionGrant(
          nickname: options.nicknameText ?? defaultNickname, sessionID: sessionID,
          initialSequence: connection.serverInitialSequence), at: now)
    }
    connection.clearOutputs()
  }
}
