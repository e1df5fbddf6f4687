public import ChatWire

/// Who watches a simulation; every call has a default that does nothing.
///
/// `connection` counts from 0; a pair has only that one.
public protocol SimulationObserver {
  /// A session sends a frame.
  mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant)

  /// A frame found the queue of its line full and is lost.
  mutating func overflowed(
    _ frame: RawSpan, direction: Direction, connection: Int, at now: Instant)

  /// A frame arrived where faults act: its bytes as they arrived, and what becomes of it.
  mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant)

  /// A frame left the place where faults act, as its receiver gets it; the number is that of its
  /// fate.
  mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant)

  /// A session wants something other than to send or to wait.
  mutating func put(
    _ output: SessionOutput, by side: Session.Role, connection: Int, at now: Instant)

  /// A command of the script is carried out.
  mutating func commanded(_ command: SimulationCommand, at now: Instant)

  /// TCP was closed by the other side: a session sees the end of the stream.
  mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant)

  /// The end of a direction has arrived where faults act, and this is done to it; maybe nothing.
  mutating func heldEnd(_ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant)

  /// A fault rule has broken the connection, in both directions.
  mutating func reset(connection: Int, at now: Instant)
}

extension SimulationObserver {
  /// Does nothing.
  public mutating func sent(
    _ transmission: Transmission, _ frame: RawSpan, by side: Session.Role, connection: Int,
    at now: Instant
  ) {}

  /// Does nothing.
  public mutating func overflowed(
    _ frame: RawSpan, direction: Direction, connection: Int, at now: Instant
  ) {}

  /// Does nothing.
  public mutating func arrived(
    _ frame: RawSpan, _ fate: SimulatedFate, direction: Direction, connection: Int,
    at now: Instant
  ) {}

  /// Does nothing.
  public mutating func forwarded(
    _ frame: RawSpan, _ number: UInt64, direction: Direction, connection: Int, at now: Instant
  ) {}

  /// Does nothing.
  public mutating func put(
    _ output: SessionOutput, by side: Session.Role, connection: Int, at now: Instant
  ) {}

  /// Does nothing.
  public mutating func commanded(_ command: SimulationCommand, at now: Instant) {}

  /// Does nothing.
  public mutating func heldEnd(
    _ acts: [FaultAct], direction: Direction, connection: Int, at now: Instant
  ) {}

  /// Does nothing.
  public mutating func reset(connection: Int, at now: Instant) {}

  /// Does nothing.
  public mutating func ended(streamTo side: Session.Role, connection: Int, at now: Instant) {}
}

/// Nobody watches.
public struct NoObserver: SimulationObserver, Sendable {
  /// Makes nobody.
  public init() {}
}
