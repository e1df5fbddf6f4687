import ChatSimulation
import ChatTrace
import ChatWire

/// What is seen of a simulated connection at several places at once.
struct SimulatedSight: SimulationObserver {
  /// Where a plain capture is made.
  enum Place: Int, CaseIterable {
    /// On the client's own machine: faults lie between the capture and the server.
    case atClient
    /// On the server's own machine.
    case atServer
    /// In between, before the faults of either direction: they lie before both peers.
    case between
    /// In between, behind the faults of either direction.
    case behind
  }

  /// What a proxy records where the faults act.
  var proxy = Sight()
  /// Frames that were lost on the way to the faults.
  var overflowCount = 0
  private var captures = [PlainCapture](repeating: PlainCapture(), count: Place.allCases.count)

  init() {
    proxy.add(.open, at: .zero)
    for place in Place.allCases { self[place].open(at: 0) }
  }

  /// The capture that is made somewhere.
  subscript(place: Place) -> PlainCapture {
    get { captures[place.rawValue] }
    _modify { yield &captures[place.rawValue] }
  }

  mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    switch side {
    case .client: self[.atClient].add(bytes, .clientToServer, at: now.nanoseconds)
    case .server: self[.atServer].add(bytes, .serverToClient, at: now.nanoseconds)
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
    self[.between].add(bytes, direction, at: now.nanoseconds)
  }

  mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {
    let bytes = frame.withUnsafeBytes { Array($0) }
    proxy.add(.sent(direction, bytes, number: number), at: now)
    self[.behind].add(bytes, direction, at: now.nanoseconds)
    switch direction {
    case .clientToServer: self[.atServer].add(bytes, direction, at: now.nanoseconds)
    case .serverToClient: self[.atClient].add(bytes, direction, at: now.nanoseconds)
    }
  }

  mutating func put(
    _ output: SessionOutput, by side: Session.Role, connection: Int, at now: Instant
  ) {
    guard case .ended = output else { return }
    switch side {
    case .client: self[.atClient].end(.clientToServer, at: now.nanoseconds)
    case .server: self[.atServer].end(.serverToClient, at: now.nanoseconds)
    }
  }

  mutating func heldEnd(
    _ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant
  ) {
    proxy.add(.ended(direction), at: now)
    self[.between].end(direction, at: now.nanoseconds)
  }

  mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {
    let direction = side.opposite.outgoing
    proxy.add(.passedEnd(direction), at: now)
    self[.behind].end(direction, at: now.nanoseconds)
    switch side {
    case .client: self[.atClient].end(direction, at: now.nanoseconds)
    case .server: self[.atServer].end(direction, at: now.nanoseconds)
    }
  }

  mutating func reset(connection: Int, at now: Instant) {
    proxy.add(.reset, at: now)
    for place in Place.allCases { self[place].reset(at: now.nanoseconds) }
  }
}
