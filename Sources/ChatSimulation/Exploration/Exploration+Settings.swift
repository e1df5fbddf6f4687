public import ChatWire

extension Exploration {
  /// What is explored.
  public struct Settings: Sendable, Hashable {
    /// How losses are repaired.
    public var mode = ARQMode.goBackN
    /// The window in frames.
    public var windowSize = 2
    /// Messages of one frame that the client sends.
    public var messageCount = 2
    /// Messages of one frame that the server sends.
    public var replyCount = 0
    /// Moves from the beginning.
    public var depth = 8
    /// How many of them may be faults.
    public var faultsMax = 2
    /// Begins with SYN; else when the handshake is complete.
    public var includesHandshake = false

    /// Two messages in a window of two.
    public init() {}

    /// Windows of 1 to 3 in both modes, with and without messages both ways and the handshake.
    public static func all(depth: Int) -> [Settings] {
      [ARQMode.goBackN, .selectiveRepeat].flatMap { mode in
        [(1, 2, 0, false), (2, 2, 1, false), (2, 3, 0, false), (3, 4, 0, false), (2, 2, 0, true)]
          .map { window, messages, replies, includesHandshake in
            var settings = Settings()
            settings.mode = mode
            settings.windowSize = window
            settings.messageCount = messages
            settings.replyCount = replies
            settings.includesHandshake = includesHandshake
            settings.depth = depth
            return settings
          }
      }
    }

    /// It in words.
    public var text: String {
      "\(mode.name), window \(windowSize), \(messageCount) messages, \(replyCount) replies, "
        + "\(includesHandshake ? "from SYN on" : "established"), \(depth) moves, "
        + "at most \(faultsMax) faults"
    }
  }

  /// What was found.
  public struct Findings: Sendable {
    /// States that differ.
    public var stateCount = 0
    /// States that were reached, each as often as it was.
    public var visitCount = 0
    /// Continuations that were run to their end.
    public var continuationCount = 0
    /// States in which both sessions were over before the depth was used up.
    public var overCount = 0
    /// What is wrong, and the moves that lead there.
    public var failure: String?

    /// It in words.
    public var text: String {
      "\(stateCount) states, reached \(visitCount) times, \(continuationCount) continuations"
        + (failure.map { "; WRONG: " + $0 } ?? "")
    }
  }
}
