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
  /// What would be breaches if the capture did not show that frames are disturbed between it and
  /// the peers; they are not listed.
  public var excusedCount: UInt64 = 0
  /// Where it shows that: at the client, at the server.
  public var isDisturbedAtClient = false
  /// Likewise, at the server.
  public var isDisturbedAtServer = false
  /// Why not everything can be told, as sentences without a full stop; empty if it can.
  public var doubts: [String] = []
  /// Frames that were examined.
  public var frames: UInt64 = 0

  /// Makes one with nothing found.
  public init() {}

  /// The worse of both peers', and of what was said in the room.
  public var verdict: ConformanceVerdict {
    if clientVerdict == .violated || serverVerdict == .violated { return .violated }
    if clientVerdict == .inconclusive || serverVerdict == .inconclusive { return .inconclusive }
    return .conformant
  }
}

/// Examines whether the peers of each connection keep to the protocol, from what was seen alone.
///
/// Each peer is judged by what was seen next to it. Of a recording that is its side of the proxy:
/// what it sent (the records), and what the proxy sent on to it (`passed`). Of a capture both peers
/// saw the same bytes.
public struct ConformanceCheck: TraceSink {
  /// The connections that are over, in the order of their numbers once the trace is finished.
  public private(set) var streams: [ConformanceStream] = []
  let options: ConformanceOptions
  private var open: [Int: StreamExamination] = [:]
  private var finished: [StreamExamination.Result] = []

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
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    let stream = event.stream
    switch event.kind {
    case .summary, .fault: return
    case .session where event.end != nil:
      guard var examination = open.removeValue(forKey: stream) else { return }
      finished.append(examination.finish())
    case .frame, .tcp, .gap, .junk, .session:
      if open[stream] == nil {
        open[stream] = StreamExamination(stream, dialect: event.dialect, options)
      }
      open[stream]?.record(event, payload: payload)
    }
  }

  /// Takes what a proxy has sent on.
  public mutating func passed(_ passage: Passage, bytes: RawSpan) {
    open[passage.stream]?.passed(passage, bytes: bytes)
  }

  /// Comes to its verdicts.
  public mutating func finish(_ summary: TraceSummary) {
    for stream in open.keys.sorted() {
      guard var examination = open.removeValue(forKey: stream) else { continue }
      finished.append(examination.finish())
    }
    finished.sort { $0.stream.stream < $1.stream.stream }
    var lines: [Int: TraceSummary.Stream] = [:]
    for line in summary.streams { lines[line.stream] = line }
    let room = RoomCheck.findings(finished.compactMap(\.room))
    streams = finished.map { result in
      let number = result.stream.stream
      return result.verdict(by: lines[number], room: room.filter { $0.stream == number })
    }
  }
}
