public import ChatWire

/// Tries everything that can happen to a pair of sessions, to a depth: every order of deliveries,
/// losses, copies, damages, overtakings and timeouts.
///
/// The checkers look at every state. From every state at the end of the depth, a fair continuation,
/// in which nothing more goes wrong, has to bring both sessions to a good end with every message
/// delivered.
///
/// States that were seen before are not looked at again. They are told apart by a hash of 64 bits.
public struct Exploration: Sendable {
  /// Steps of a fair continuation, after which it is taken for endless.
  private static let continuationMax = 5_000

  private let settings: Settings
  private var findings = Findings()
  /// The moves and faults left with which a state was looked at.
  private var seen: [Int: [SIMD2<UInt8>]] = [:]
  /// States from which a fair continuation is known to end well.
  private var good: Set<Int> = []
  private var path: [ExplorationMove] = []

  private init(_ settings: Settings) { self.settings = settings }

  /// Explores.
  public static func explore(_ settings: Settings, checksum: CRC32 = CRC32()) -> Findings {
    var exploration = Exploration(settings)
    let start = exploration.start(checksum)
    exploration.visit(start, depth: settings.depth, faults: settings.faultsMax)
    exploration.findings.stateCount = exploration.seen.count
    return exploration.findings
  }

  private func start(_ checksum: CRC32) -> ExplorationState {
    var client = ClientConfiguration()
    client.mode = settings.mode
    client.windowSize = settings.windowSize
    client.fragmentSizeMax = 4
    var tuning = SessionTuning()
    tuning.timerRetriesMax = .max
    tuning.retransmissionsMax = .max
    tuning.clientHandshakeLimit = .seconds(10_000)
    tuning.serverHandshakeLimit = .seconds(10_000)
    tuning.closingLimit = .seconds(10_000)
    tuning.idleLimit = .seconds(10_000)
    client.tuning = tuning
    var server = ServerConfiguration()
    server.tuning = tuning
    var state = ExplorationState(client: client, server: server, checksum: checksum)
    if !settings.includesHandshake {
      while !state.isEstablished, state.checks.violation == nil { Self.continueFairly(&state) }
    }
    let replies = (0..<settings.replyCount).map {
      [UInt8](repeating: 0x41 + UInt8($0 % 26), count: 2)
    }
    state.ask(.server, toSend: replies, isFinishing: false)
    let messages = (0..<settings.messageCount).map {
      [UInt8](repeating: 0x61 + UInt8($0 % 26), count: 2)
    }
    state.ask(.client, toSend: messages, isFinishing: true)
    return state
  }

  // MARK: everything

  private mutating func visit(_ state: ExplorationState, depth: Int, faults: Int) {
    findings.visitCount += 1
    if let violation = state.checks.violation { return fail(violation.line) }
    let key = Self.key(state)
    let left = SIMD2(UInt8(clamping: depth), UInt8(clamping: faults))
    if let earlier = seen[key], earlier.contains(where: { $0.x >= left.x && $0.y >= left.y }) {
      return
    }
    seen[key, default: []].append(left)
    if state.isOver {
      findings.overCount += 1
      return
    }
    guard depth > 0 else { return requireGoodEnd(state) }
    for move in moves(of: state, faults: faults) {
      var next = state
      next.make(move)
      path.append(move)
      visit(next, depth: depth - 1, faults: faults - (move.isFault ? 1 : 0))
      path.removeLast()
      if findings.failure != nil { return }
    }
  }

  private func moves(of state: ExplorationState, faults: Int) -> [ExplorationMove] {
    var moves: [ExplorationMove] = []
    for direction in [Direction.clientToServer, .serverToClient] {
      if state.isEmpty(direction) { continue }
      moves.append(.deliver(direction, 0))
      guard faults > 0, state.frameCount(direction) > 0 else { continue }
      if state.frameCount(direction) > 1 { moves.append(.deliver(direction, 1)) }
      moves += [
        .drop(direction), .duplicate(direction), .corrupt(direction), .breakFraming(direction),
      ]
    }
    if state.allows(.timeout) { moves.append(.timeout) }
    return moves
  }

  // MARK: a good end

  /// Lets everything go well from here on.
  private mutating func requireGoodEnd(_ leaf: ExplorationState) {
    var state = leaf
    var keys: [Int] = []
    for _ in 0..<Self.continuationMax {
      let key = Self.key(state)
      if good.contains(key) {
        good.formUnion(keys)
        return
      }
      keys.append(key)
      if state.isOver {
        findings.continuationCount += 1
        good.formUnion(keys)
        return
      }
      guard Self.continueFairly(&state) else {
        return fail("nothing can happen any more, but the sessions are not over.")
      }
      if let violation = state.checks.violation {
        return fail("in the fair continuation: " + violation.line)
      }
    }
    fail("a fair continuation does not end in \(Self.continuationMax) steps.")
  }

  /// The line first, then time; false if neither can go on.
  @discardableResult
  private static func continueFairly(_ state: inout ExplorationState) -> Bool {
    let moves: [ExplorationMove] = [
      .deliver(.clientToServer, 0), .deliver(.serverToClient, 0), .timeout,
    ]
    for move in moves where state.allows(move) {
      state.make(move)
      return true
    }
    return false
  }

  private static func key(_ state: ExplorationState) -> Int {
    var hasher = Hasher()
    state.hash(into: &hasher)
    return hasher.finalize()
  }

  private mutating func fail(_ sentence: String) {
    guard findings.failure == nil else { return }
    findings.failure =
      sentence + " After: " + path.map(\.text).joined(separator: ", ")
  }
}
