public import ChatWire

/// How a simulated connection is made.
public struct ConnectionParameters: Sendable {
  /// What the client asks for.
  public var client = ClientConfiguration()
  /// What the server allows.
  public var server = ServerConfiguration()
  /// The first sequence number of the client.
  public var clientInitialSequence = SequenceNumber(1_000)
  /// The first sequence number of the server.
  public var serverInitialSequence = SequenceNumber(5_000)
  /// The line, each way.
  public var links = BothDirections(both: LinkParameters())
  /// What happens to frames at the end of the line.
  public var faults = FaultRules()
  /// How bytes are cut into reads.
  public var segmentation = Segmentation.frames
  /// Decides everything that is drawn.
  public var seed: UInt64 = 0
  /// Which connection it is, from 0.
  public var number = 0
  /// When it begins.
  public var start = Instant.zero

  /// A quiet line of 20 ms round trip.
  public init() {}
}

/// A client session and a server session with a line, and faults, in each direction between them.
///
/// It has no clock: `nextEvent` says when something is due, and `step` does the one thing that is
/// due first. What the sessions want besides sending and waiting is in `outputs` afterwards.
public struct SimulatedConnection: Sendable {
  /// An output for whoever runs the connection.
  public struct Output: Sendable {
    /// Whose it is.
    public var side: Session.Role
    /// What it wants.
    public var output: SessionOutput
  }

  /// Outputs since they were taken last: `.request`, `.established`, `.deliver`, `.ended`, ...
  public internal(set) var outputs: [Output] = []
  /// The checkers, which have seen everything.
  public internal(set) var checks: SimulationChecks
  /// How often something happened.
  public internal(set) var stepCount = 0
  /// True if TCP was closed, or a direction cut, by command, or a rule has reset the connection.
  public internal(set) var isDisturbed = false
  /// Which connection it is.
  public let number: Int
  /// The first sequence number of the server.
  public let serverInitialSequence: SequenceNumber

  var endpoints: BothSides<Endpoint>
  var links: BothDirections<SimulatedLink>
  var faults: FaultStage
  var segmenters: BothDirections<SplitMix64>
  let segmentation: Segmentation
  var frame: [UInt8] = []

  /// More outputs at one moment than any session has reason for.
  static let outputsMax = 1_000_000

  /// A connection whose client is about to send SYN.
  public init(_ parameters: ConnectionParameters, checksum: CRC32 = CRC32()) {
    let seed = parameters.seed ^ UInt64(truncatingIfNeeded: parameters.number) << 32
    number = parameters.number
    serverInitialSequence = parameters.serverInitialSequence
    checks = SimulationChecks(
      client: parameters.client, server: parameters.server, checksum: checksum)
    endpoints = BothSides(
      client: Endpoint(
        Session(
          client: parameters.client, initialSequence: parameters.clientInitialSequence,
          checksum: checksum, at: parameters.start), at: parameters.start),
      server: Endpoint(
        Session(server: parameters.server, checksum: checksum, at: parameters.start),
        at: parameters.start))
    links = BothDirections(
      clientToServer: SimulatedLink(
        parameters.links.clientToServer, seed: SplitMix64.seed(seed, purpose: 1)),
      serverToClient: SimulatedLink(
        parameters.links.serverToClient, seed: SplitMix64.seed(seed, purpose: 2)))
    segmenters = BothDirections(
      clientToServer: SplitMix64(seed: SplitMix64.seed(seed, purpose: 3)),
      serverToClient: SplitMix64(seed: SplitMix64.seed(seed, purpose: 4)))
    segmentation = parameters.segmentation
    faults = FaultStage(
      parameters.faults, seed: parameters.seed, connection: parameters.number,
      at: parameters.start)
  }

  // MARK: looking at it

  /// The session of a side.
  public func session(_ side: Session.Role) -> Session { endpoints[side].session }

  /// What a side has done.
  public func counts(_ side: Session.Role) -> SideCounts { endpoints[side].counts }

  /// True once both sessions are over.
  public var isOver: Bool { endpoints.client.isClosed && endpoints.server.isClosed }

  /// `isOver`; mutating, because a build for debugging copies all of a value for a getter.
  mutating func checkOver() -> Bool { endpoints.client.isClosed && endpoints.server.isClosed }

  /// When something is due next; `distantFuture` if nothing is.
  public var nextEvent: Instant {
    var copy = self
    return copy.findNext().time
  }

  // MARK: commands

  /// Asks a side to send a message.
  public mutating func send(
    _ side: Session.Role, _ type: FrameType, _ bytes: [UInt8], at now: Instant
  ) throws(SendRefusal) {
    try endpoints[side].session.send(type, bytes)
    checks.asked(side, toSend: type, bytes)
    wake(side, at: now)
  }

  /// Answers the request of the client.
  public mutating func accept(_ grant: SessionGrant, at now: Instant) {
    endpoints.server.session.accept(grant)
    wake(.server, at: now)
  }

  /// Carries out any other command; `send` as well, where a refusal is nobody's concern.
  public mutating func perform(_ command: SimulationCommand, at now: Instant) {
    switch command {
    case .send(let side, let type, let bytes):
      try? send(side, type, bytes, at: now)
      return
    case .finish(let side, let reason): endpoints[side].session.finish(reason: reason)
    case .limitReceiveWindow(let side, let count):
      endpoints[side].session.limitReceiveWindow(to: count)
    case .fail(let side, let code, let text):
      endpoints[side].session.fail(code, text)
      checks.errorsAsked.append(code)
    case .close(let side):
      isDisturbed = true
      close(side, at: now)
      return
    case .cut(let direction):
      isDisturbed = true
      faults.isCut[direction] = true
      return
    case .mend(let direction):
      faults.isCut[direction] = false
      return
    }
    let side = command.side
    wake(side, at: now)
  }

  /// Forgets the outputs, which have been dealt with.
  public mutating func clearOutputs() {
    outputs.removeAll(keepingCapacity: true)
  }

  /// Has a session asked what it wants now, unless it is over.
  private mutating func wake(_ side: Session.Role, at now: Instant) {
    guard !endpoints[side].isClosed else { return }
    endpoints[side].deadline = min(endpoints[side].deadline, now)
  }

  mutating func close(_ side: Session.Role, at now: Instant) {
    endpoints[side].isClosed = true
    endpoints[side].deadline = .distantFuture
    endpoints[side].inboxDue = nil
    links[side.outgoing].finish(at: now)
  }
}
