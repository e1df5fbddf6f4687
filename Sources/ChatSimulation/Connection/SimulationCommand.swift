public import ChatWire

/// Something that a script does to a simulation.
public enum SimulationCommand: Sendable, Hashable {
  /// A side sends a message.
  case send(Session.Role, FrameType, [UInt8])
  /// A side says goodbye.
  case finish(Session.Role, reason: String)
  /// A side advertises at most so many frames; nil lifts the limit.
  case limitReceiveWindow(Session.Role, Int?)
  /// A side ends the session with an ERROR.
  case fail(Session.Role, ErrorCode, String)
  /// A side closes TCP without a goodbye.
  case close(Session.Role)
  /// From now on everything in this direction is lost.
  case cut(Direction)
  /// A cut direction works again.
  case mend(Direction)
}

/// A command and its time.
public struct TimedCommand: Sendable, Hashable {
  /// When.
  public var time: Instant
  /// What.
  public var command: SimulationCommand

  /// Makes a timed command.
  public init(at time: Instant, _ command: SimulationCommand) {
    self.time = time
    self.command = command
  }
}

extension SimulationCommand {
  /// The side that it concerns.
  public var side: Session.Role {
    switch self {
    case .send(let side, _, _), .finish(let side, _), .limitReceiveWindow(let side, _),
      .fail(let side, _, _), .close(let side):
      side
    case .cut(let direction), .mend(let direction): direction.sender
    }
  }
}
