public import ChatWire

/// What a checker found wrong: which one, when, at which side, and a sentence.
public struct SimulationViolation: Error, Sendable, Hashable {
  /// The checkers.
  public enum Check: String, Sendable, Hashable, CaseIterable {
    /// Messages arrive exactly once, in order, intact.
    case delivery
    /// Windows are not exceeded and sequence numbers not reused.
    case window
    /// Fragments, flags and copies are what they must be.
    case frames
    /// Only what has arrived is acknowledged.
    case acknowledgement
    /// Memory and answers are bounded.
    case memory
    /// Something always happens next until all is done.
    case progress
    /// A session ends in a way that its peer and the messages agree with.
    case ending
  }

  /// Which checker.
  public var check: Check
  /// When.
  public var time: Instant
  /// Whose fault it is.
  public var side: Session.Role
  /// What happened and what should have.
  public var sentence: String

  /// The whole of it in one line.
  public var line: String {
    "\(time.secondsText) \(side.name): \(check.rawValue) check: \(sentence)"
  }
}
