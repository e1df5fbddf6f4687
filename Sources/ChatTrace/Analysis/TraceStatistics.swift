import ChatWire

/// Counts a trace: per stream and overall, what `chat-inspect stats` prints.
///
/// Nothing is allocated per frame.
public struct TraceStatistics: TraceSink {
  /// Why frames were sent again.
  enum Cause: Int, CaseIterable {
    case nack, timeout, goBackN, fast, spurious, duplicate, unseen

    /// Its name in the report.
    var name: String {
      switch self {
      case .nack: "NACK"
      case .timeout: "timeout"
      case .goBackN: "Go-Back-N"
      case .fast: "fast retransmit"
      case .spurious: "spurious"
      case .duplicate: "duplicate"
      case .unseen: "first copy unseen"
      }
    }

    /// Its key in JSON.
    var key: String {
      switch self {
      case .nack: "nack"
      case .timeout: "timeout"
      case .goBackN: "go_back_n"
      case .fast: "fast"
      case .spurious: "spurious"
      case .duplicate: "duplicate"
      case .unseen: "unseen"
      }
    }
  }

  /// The counts of one direction.
  struct Flow: Sendable {
    /// By type; index 0 has extensions and unknown types, 15 the classic channel configuration.
    var types = InlineArray<16, UInt32>(repeating: 0)
    var frames: UInt64 = 0
    var badChecksums: UInt64 = 0
    var unverified: UInt64 = 0
    /// Frames that a fault acted on, by `Disposition` from `dropped` on; one that several acted on
    /// counts once, by what mattered most.
    var faults = InlineArray<5, UInt32>(repeating: 0)
    var messages: UInt64 = 0
    /// Payload of sequenced frames (classic: DATA), each counted once.
    var messageBytes: UInt64 = 0
    /// Sums over frames that were sent for the first time.
    var inFlightSum: UInt64 = 0
    var inFlightCount: UInt64 = 0
    var inFlightMax: UInt32 = 0
    var windowMax: UInt32 = 0
  }

  /// The counts of one stream.
  struct Stream: Sendable {
    var number = 0
    var dialect = Dialect.native
    var mode: Mode?
    var window: UInt64?
    var fragmentSize: UInt64?
    var end: SessionEnd?
    var client: String?
    var server: String?
    var firstTime: Int64 = .max
    var lastTime: Int64 = .min
    var clientToServer = Flow()
    var serverToClient = Flow()
    var causes = InlineArray<7, UInt32>(repeating: 0)
    var roundTrips = RoundTripHistogram()
    var ledger: TraceSummary.Stream?
  }

  var streams: [Stream] = []
  /// Where the counts of a stream are, by its number; -1 where there are none.
  private var indices: [Int32] = []
  private(set) var summary = TraceSummary()

  /// No counts.
  public init() {}

  /// Counts a record.
  @inline(__always)
  public mutating func record(_ event: inout TraceEvent, payload: RawSpan) {
    let index = index(of: event.stream)
    if event.kind == .frame {
      Self.count(&event, &streams[index])
    } else {
      Self.other(&event, &streams[index])
    }
  }

  /// Takes the byte ledgers.
  public mutating func finish(_ summary: TraceSummary) {
    self.summary = summary
    for line in summary.streams { streams[index(of: line.stream)].ledger = line }
    self.summary.streams = []
    streams.sort { $0.number < $1.number }
  }

  @inline(__always)
  private mutating func index(of stream: Int) -> Int {
    if stream < indices.count {
      let index = indices[stream]
      if index >= 0 { return Int(index) }
    }
    return add(stream)
  }

  @inline(never)
  private mutating func add(_ stream: Int) -> Int {
    while indices.count <= stream { indices.append(-1) }
    indices[stream] = Int32(truncatingIfNeeded: streams.count)
    var counts = Stream()
    counts.number = stream
    streams.append(counts)
    return streams.count - 1
  }

  @inline(__always)
  private static func count(_ event: inout TraceEvent, _ stream: inout Stream) {
    if let time = event.time?.nanoseconds {
      if time < stream.firstTime { stream.firstTime = time }
      if time > stream.lastTime { stream.lastTime = time }
    }
    if event.direction == .clientToServer {
      count(&event, &stream.clientToServer)
    } else {
      count(&event, &stream.serverToClient)
    }
    if let roundTrip = event.roundTripNanoseconds { stream.roundTrips.add(roundTrip) }
    if !event.notes.isEmpty { countNotes(&event, &stream) }
    if stream.dialect != event.dialect { stream.dialect = event.dialect }
  }

  @inline(__always)
  private static func count(_ event: inout TraceEvent, _ flow: inout Flow) {
    flow.frames &+= 1
    let slot = event.typeCode < 15 ? Int(event.typeCode) : event.typeCode == 99 ? 15 : 0
    flow.types[slot] &+= 1
    if event.checksum != .good {
      if event.checksum == .bad { flow.badChecksums &+= 1 } else { flow.unverified &+= 1 }
    }
    let isPlain = event.disposition.rawValue <= TraceEvent.Disposition.forwarded.rawValue
    if event.isRepair || !isPlain { countUnusual(&event, &flow) }
    guard event.attempt == 1, event.checksum != .bad else { return }
    flow.messageBytes &+= event.length
    if event.last { flow.messages &+= 1 }
    if let sender = event.sender {
      flow.inFlightSum &+= UInt64(sender.inFlight)
      flow.inFlightCount &+= 1
      if sender.inFlight > flow.inFlightMax { flow.inFlightMax = sender.inFlight }
      if let window = sender.window, window > flow.windowMax { flow.windowMax = window }
    }
  }

  /// Counts a fault; of a frame whose first copy does not get through, the first one that does
  /// counts as payload.
  @inline(never)
  private static func countUnusual(_ event: inout TraceEvent, _ flow: inout Flow) {
    let first = TraceEvent.Disposition.dropped.rawValue
    if event.disposition.rawValue >= first {
      flow.faults[Int(event.disposition.rawValue &- first)] &+= 1
    }
    let isLost = event.disposition == .dropped || event.disposition == .corrupted
    if event.isRepair {
      flow.messageBytes &+= event.length
      if event.last { flow.messages &+= 1 }
    } else if isLost, event.attempt == 1, event.checksum != .bad {
      // It is counted as a first copy in a moment.
      flow.messageBytes &-= event.length
      if event.last { flow.messages &-= 1 }
    }
  }

  @inline(never)
  private static func countNotes(_ event: inout TraceEvent, _ stream: inout Stream) {
    for note in event.notes {
      let cause: Cause? =
        switch note.id {
        case .retransmissionNack, .classicRetransmission: .nack
        case .retransmissionTimeout, .retransmissionUnheard, .classicRetransmissionLost: .timeout
        case .retransmissionGoBack: .goBackN
        case .retransmissionFast: .fast
        case .retransmissionSpurious: .spurious
        case .duplicate, .classicRepeated: .duplicate
        case .retransmissionUnseen: .unseen
        default: nil
        }
      if let cause { stream.causes[cause.rawValue] &+= 1 }
    }
  }

  @inline(never)
  private static func other(_ event: inout TraceEvent, _ stream: inout Stream) {
    switch event.kind {
    case .tcp:
      if let client = event.client {
        stream.client = client
        stream.server = event.server
      }
    case .session:
      stream.dialect = event.dialect
      stream.mode = event.mode ?? stream.mode
      stream.window = event.window ?? stream.window
      stream.fragmentSize = event.fragmentSize ?? stream.fragmentSize
      stream.end = event.end ?? stream.end
    case .frame, .gap, .junk, .fault, .summary: break
    }
  }
}
