public import ChatTrace
public import ChatWire

/// What the lens shows at one moment: both strips, and what has been counted.
///
/// A pure function of the records of the trace up to that moment.
public struct LensState: Sendable, Equatable {
  /// What has been counted of the frames that one side sends.
  public struct Counters: Sendable, Hashable {
    /// Frames with a number, sent for the first time.
    public var sent = 0
    /// Copies of them.
    public var again = 0
    /// Frames that were lost here.
    public var lost = 0
    /// Frames that were damaged here, or came damaged.
    public var damaged = 0
    /// Frames that were held back, doubled or put out of order here.
    public var disturbed = 0
    /// ACKs.
    public var acknowledgements = 0
    /// NACKs.
    public var nacks = 0

    /// Nothing yet.
    public init() {}
  }

  /// The data from the client.
  public private(set) var outgoing = FlowState()
  /// The data from the server.
  public private(set) var incoming = FlowState()
  /// Of the client's frames.
  public private(set) var sentByClient = Counters()
  /// Of the server's frames.
  public private(set) var sentByServer = Counters()
  /// How losses are repaired, once it is settled.
  public private(set) var mode: ARQMode?
  /// The framing of the frames seen last.
  public private(set) var dialect = Dialect.native
  /// The round trip that was measured last.
  public private(set) var latestRoundTripNanoseconds: Int64?
  /// Which way the frame seen last went.
  public private(set) var latestDirection = Direction.clientToServer

  /// Nothing yet.
  public init() {}

  /// The data of one direction.
  public subscript(direction: Direction) -> FlowState {
    direction == .clientToServer ? outgoing : incoming
  }

  /// Takes the next record of the trace.
  public mutating func apply(_ event: TraceEvent) {
    switch event.kind {
    case .tcp where event.tcpEvent == .open:
      self = LensState()
    case .session: mode = event.mode ?? mode
    case .frame: frame(event)
    case .tcp, .gap, .junk, .fault, .summary: break
    }
  }

  private mutating func frame(_ event: TraceEvent) {
    dialect = event.dialect
    latestDirection = event.direction
    if let roundTrip = event.roundTripNanoseconds { latestRoundTripNanoseconds = roundTrip }
    let name = FrameTypeName(event.typeCode, event.dialect)
    let isNumbered =
      event.dialect == .native
      ? FrameType(rawValue: event.typeCode).isSequenced : name == .data
    count(event, name, isNumbered: isNumbered)
    let isDamaged = event.disposition == .corrupted || event.checksum == .bad
    if isNumbered {
      change(event.direction) { $0.sequenced(event) }
    } else if name == .ack || name == .nack {
      let isHeard = event.disposition != .dropped && !isDamaged
      // What came damaged says nothing for certain.
      guard event.checksum != .bad || event.disposition == .corrupted else { return }
      change(event.direction.opposite) {
        $0.answered(event, isNack: name == .nack, isHeard: isHeard)
      }
    }
  }

  private mutating func change(_ direction: Direction, _ body: (inout FlowState) -> Void) {
    if direction == .clientToServer { body(&outgoing) } else { body(&incoming) }
  }

  private mutating func count(_ event: TraceEvent, _ name: FrameTypeName, isNumbered: Bool) {
    var counters = event.direction == .clientToServer ? sentByClient : sentByServer
    if isNumbered {
      if event.retransmission || (event.attempt ?? 1) > 1 {
        counters.again += 1
      } else {
        counters.sent += 1
      }
    }
    switch event.disposition {
    case .dropped: counters.lost += 1
    case .corrupted: counters.damaged += 1
    case .delayed, .duplicated, .reordered: counters.disturbed += 1
    case .seen, .forwarded: if event.checksum == .bad { counters.damaged += 1 }
    }
    if name == .ack { counters.acknowledgements += 1 }
    if name == .nack { counters.nacks += 1 }
    if event.direction == .clientToServer {
      sentByClient = counters
    } else {
      sentByServer = counters
    }
  }
}
