public import ChatWire

/// How an examination takes things that can be seen in two ways.
public struct ConformanceOptions: Sendable {
  /// Whether frames may be disturbed between the capture and this peer, where nobody sees it.
  public enum HiddenFaults: Sendable, Hashable {
    /// Only where the capture itself shows that they are.
    case ifEvident
    /// They may be.
    case possible
    /// They are not.
    case none
  }

  /// Between the capture and the client.
  public var atClient = HiddenFaults.ifEvident
  /// Between the capture and the server.
  public var atServer = HiddenFaults.ifEvident
  /// The checksum, perhaps with a faster update.
  public var checksum = CRC32()
  /// Findings that are kept of each peer of a connection.
  public var findingCountMax = 1_000

  /// What suits most captures.
  public init() {}
}

/// The examination of one connection.
public struct ConformanceStream: Sendable {
  /// Its number.
  public var stream = 0
  /// The client's end, `address:port`.
  public var client: String?
  /// The server's, likewise.
  public var server: String?
  /// The framing.
  public var dialect = Dialect.native
  /// What it comes to for the client.
  public var clientVerdict = ConformanceVerdict.conformant
  /// What it comes to for the server.
  public var serverVerdict = ConformanceVerdict.conformant
  /// Findings in the order of their frames.
  public var findings: [Finding] = []
  /// Findings beyond the bound, which are not listed.
  public var findingsLeftOut: UInt64 = 0
  /// Why not everything can be told, as sentences without a full stop; empty if it can.
  public var doubts: [String] = []
  /// Frames that were examined.
  public var frames: UInt64 = 0

  /// Makes one with nothing found.
  public init() {}

  /// The worse of both peers'.
  public var verdict: ConformanceVerdict {
    if clientVerdict == .violated || serverVerdict == .violated { return .violated }
    if clientVerdict == .inconclusive || serverVerdict == .inconclusive { return .inconclusive }
    return .conformant
  }
}

/// Examines whether the peers of each connection keep to the protocol, from what was seen alone.
public struct ConformanceCheck: TraceSink {
  /// The connections that are over, in the order of their numbers once the trace is finished.
  public private(set) var streams: [ConformanceStream] = []
  let options: ConformanceOptions

  /// Makes an examination.
  public init(options: ConformanceOptions = ConformanceOptions()) {
    self.options = options
  }

  /// The worst verdict of all connections.
  public var verdict: ConformanceVerdict {
    if streams.contains(where: { $0.verdict == .violated }) { return .violated }
    if streams.contains(where: { $0.verdict == .inconclusive }) { return .inconclusive }
    return .conformant
  }

  /// Takes a record.
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {}

  /// Takes what a proxy has sent on.
  public mutating func passed(_ passage: Passage, bytes: RawSpan) {}

  /// Comes to its verdicts.
  public mutating func finish(_ summary: TraceSummary) {}
}
