/// What became of a frame where faults act.
public struct SimulatedFate: Sendable, Hashable {
  /// The word for it, as in a trace.
  public enum Disposition: String, Sendable, Hashable {
    case forwarded, dropped, corrupted, delayed, duplicated, reordered

    /// As part of a sentence.
    var past: String { self == .dropped ? "lost" : rawValue }
  }

  /// The word for it.
  public var disposition: Disposition
  /// What acted on it: rule and action.
  public var reason = ""

  /// True if it never arrives.
  public var isLost: Bool { disposition == .dropped }
}
