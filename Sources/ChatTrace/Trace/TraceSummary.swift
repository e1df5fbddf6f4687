/// What closes a trace: how many packets there were, and where every byte of every chat stream
/// went.
public struct TraceSummary: Sendable {
  /// The bytes of one direction: their sum is `bytes`.
  public struct Ledger: Sendable, Hashable {
    /// From the first byte known to the last, gaps included.
    public var bytes: UInt64 = 0
    /// In frames, good, bad or unverified.
    public var frameBytes: UInt64 = 0
    /// Never captured.
    public var gapBytes: UInt64 = 0
    /// Captured, but not part of any frame.
    public var junkBytes: UInt64 = 0
    /// Captured, too little to tell.
    public var undecidedBytes: UInt64 = 0

    /// An empty ledger.
    public init() {}
  }

  /// One chat stream.
  public struct Stream: Sendable {
    /// The number of the stream.
    public var stream = 0
    /// What the capture supports.
    public var verdict = Verdict.complete
    /// Client to server.
    public var clientToServer = Ledger()
    /// Server to client.
    public var serverToClient = Ledger()
    /// Bytes were acknowledged by TCP before they were captured: packets are not in the order in
    /// which they were sent, or not all there.
    public var isDisordered = false

    /// An empty stream.
    public init() {}
  }

  /// How much the capture of a stream supports.
  public enum Verdict: UInt8, Sendable, Hashable {
    /// Every byte from the beginning was seen, and was part of a frame.
    case complete
    /// Bytes are missing, or the beginning was not seen: the capture's fault.
    case inconclusive
    /// Frames were damaged or framing was lost: the network's fault.
    case damaged

    /// The name in NDJSON.
    public var name: String {
      switch self {
      case .complete: "complete"
      case .inconclusive: "inconclusive"
      case .damaged: "damaged"
      }
    }
  }

  /// When the trace ended, if it was read again; else the time of its last record says it.
  public var time: TraceTime?
  /// Packets read.
  public var packets: UInt64 = 0
  /// TCP connections in which no chat was found.
  public var otherStreams: UInt64 = 0
  /// The chat streams, by number.
  public var streams: [Stream] = []

  /// An empty summary.
  public init() {}
}
