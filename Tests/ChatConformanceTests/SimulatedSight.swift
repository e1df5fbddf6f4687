import ChatSimulation
import ChatTrace
import ChatWire

/// What is seen of a simulated connection at several places at once.
struct SimulatedSight: SimulationObserver {
  /// Where the faults act: what a proxy there records.
  var proxy = Sight()
  /// On the client's own machine: faults lie between it and the server.
  var atClient = PlainCapture()
  /// On the server's own machine.
  var atServer = PlainCapture()
  /// In between, before the faults of either direction: they lie before both peers.
  var between = PlainCapture()
  /// In between, behind the faults of either direction.
  var behind = PlainCapture()
  /// Frames that were lost on the way to the faults.
  var overflowCount = 0

  init() {
    proxy.add(.open, at: .zero)
    for place in [\SimulatedSight.atClient, \.atServer, \.between, \.behind] {
      self[keyPath: place].open(at: 0)
    }
  }

  mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    switch side {
    case .client: atClient.add(bytes, .clientToServer, at: now.nanoseconds)
    case .server: atServer.add(bytes, .serverToClient, at: now.nanoseconds)
    }
  }

  mutating func overflowed(
    _ frame: RawSpan, direction: Direction, connection: Int, at now: Instant
  ) {
    overflowCount += 1
  }

  mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    proxy.add(
      .arrived(
        direction, bytes, number: fate.number, TappedFate(fate.disposition, acts: fate.acts)),
      at: now)
    between.add(bytes, direction, at: now.nanoseconds)
  }

  mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    proxy.add(.sent(direction, bytes, number: number), at: now)
    behind.add(bytes, direction, at: now.nanoseconds)
    switch direction {
    case .clientToServer: atServer.add(bytes, direction, at: now.nanoseconds)
    case .serverToClient: atClient.add(bytes, direction, at: now.nanoseconds)
    }
  }

  mutating func put(
    _ output: SessionOutput, by side: Session.Role, connection: Int, at now: Instant
  ) {
    guard case .ended = output else { return }
    switch side {
    case .client: atClient.end(.clientToServer, at: now.nanoseconds)
    case .server: atServer.end(.serverToClient, at: now.nanoseconds)
    }
  }

  mutating func heldEnd(
    _ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant
  ) {
    proxy.add(.ended(direction), at: now)
    between.end(direction, at: now.nanoseconds)
  }

  mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    let direction = side.opposite.outgoing
    proxy.add(.passedEnd(direction), at: now)
    behind.end(direction, at: now.nanoseconds)
    switch side {
    case .client: atClient.end(direction, at: now.nanoseconds)
    case .server: atServer.end(direction, at: now.nanoseconds)
    }
  }

  mutating func reset(connection: Int, at now: Instant) {
    proxy.add(.reset, at: now)
    for place in [\SimulatedSight.atClient, \.atServer, \.between, \.behind] {
      self[keyPath: place].reset(at: now.nanoseconds)
    }
  }
}
