import ChatWire

/// What a trace knows of one classic session, in the terms of that dialect: stop-and-wait, sequence
/// numbers that count the fragments of one message, broadcasts that nobody acknowledges
/// (docs/PROTOCOL.md, section 9).
struct ClassicSession: Sendable {
  /// A frame from the client that the server has not answered yet.
  struct Outstanding: Sendable {
    var sequence: UInt16
    var length: UInt64
    var frame: UInt64
    var time: Int64
    var attempts: UInt64
    var message: UInt64
    /// The NACK that refused it; 0 while none has.
    var refusedBy: UInt64 = 0
    /// What faults have done to it, in a connection that is tapped.
    var fate = FaultEffects()
  }

  /// What is known of the answers that are due.
  var outstanding: [Outstanding] = []
  /// The last DATA frame from the client, answered or not.
  var previous: Outstanding?
  /// Its payload, to tell a copy from another fragment of the same length.
  var previousPayload: [UInt8] = []

  /// Messages of the client: the one that is open or comes next, and the next fragment due in it.
  var message: UInt64 = 1
  var nextFragment: UInt64 = 0
  var isOpen = false
  /// All fragments of the open message were seen good so far.
  var isWhole = false
  var text: [UInt8] = []
  /// The message that a LAST has ended was told already.
  var lastTextMessage: UInt64 = 0
  /// Broadcasts to the client.
  var broadcasts: UInt64 = 0

  var state: SessionState?
  var protocolName: String?
  var window: UInt64?
  var fragmentSize: UInt64?
  var mode: Mode?
  var synFrame: UInt64 = 0
  var synAckFrame: UInt64 = 0
  var setNickFrame: UInt64 = 0
  var listRequestFrame: UInt64 = 0
  var disconnectFrame: UInt64 = 0
  var isDisconnected = false
  var refusalsInARow: Int64 = 0
  /// A record about the session is due after the frame.
  var change: SessionState?
  /// What faults do to the frame in hand, in a connection that is tapped.
  var fate = FaultEffects()

  /// How many unanswered frames are remembered.
  static let outstandingMax = 64
  /// How much of a payload is compared to tell copies.
  static let comparedMax = 4_096
  /// The original server gives up when this many refusals come in a row.
  static let refusalsMax: Int64 = 6

  /// Bytes of a direction are missing from the capture.
  mutating func gap(_ direction: Direction) {
    outstanding = []
    guard direction == .clientToServer else { return }
    isWhole = false
    previous = nil
  }

  /// Fills in what the analysis knows of a frame.
  mutating func frame(
    _ event: inout TraceEvent, payload: RawSpan, time: Int64, options: AnalysisOptions
  ) {
    let isReadable = event.checksum == .good
    switch ClassicType(rawValue: event.typeCode) {
    case .data:
      if event.direction == .clientToServer {
        fragment(&event, payload: payload, time: time, options: options)
      } else {
        broadcast(&event, payload: payload, options: options)
      }
    case .ack:
      guard isReadable else { return }
      acknowledgement(&event, payload: payload, time: time)
    case .nack:
      guard isReadable else { return }
      refusal(&event)
    default:
      if isReadable { control(&event, payload: payload) }
    }
  }

  /// Takes what is done by hand to a frame that has been held.
  mutating func befallLater(_ action: TappedAction, frame: UInt64) {
    for index in outstanding.indices where outstanding[index].frame == frame {
      outstanding[index].fate.formUnion(action.effects)
    }
    if previous?.frame == frame { previous?.fate.formUnion(action.effects) }
  }

  /// Fills in a session record.
  func describe(_ event: inout TraceEvent) {
    event.dialect = .classic
    event.mode = mode
    event.window = window
    event.fragmentSize = fragmentSize
  }

  /// How the session stands when its TCP connection or the capture is over.
  func end(_ closing: ConnectionEnd) -> SessionEnd {
    if isDisconnected { return .clean }
    switch closing {
    case .closed: return .abrupt
    case .reset: return .reset
    case .captureEnds: return .open
    }
  }

  /// The window of the stop-and-wait sender: one frame, whatever was negotiated.
  func senderWindow(next: UInt16) -> SenderWindow {
    SenderWindow(
      base: outstanding.first?.sequence ?? next, next: next,
      inFlight: UInt32(truncatingIfNeeded: outstanding.count), window: 1)
  }
}
